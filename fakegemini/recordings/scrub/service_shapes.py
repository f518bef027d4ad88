"""List the tokens of services by their shapes; a new one is a row.

How a token begins is what its service documents; the examples are zeros. Where words begin so too,
what follows is a token only if it is no word.

The table was held against the rules of gitleaks (November 2026) and has every token there that its
own beginning gives away, but for ClickHouse's and Square's older ones, which hexadecimal digits and
base64 have by chance. What is left of those rules needs a name before the value, which
`generic_shapes.py` and `secret_names.py` cover for every service.
"""

from __future__ import annotations

from collections.abc import Callable

from .secret_shape import ZEROS, SecretShape, is_no_words, word_pattern

_HEX = "0" * 32
_UUID = "00000000-0000-0000-0000-000000000000"
_UUID_PATTERN = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_END = r"(?![0-9A-Za-z])"


def _token(
    service: str,
    pattern: str,
    *examples: str,
    needles: tuple[str, ...] = (),
    is_secret: Callable[[str], bool] | None = None,
) -> SecretShape:
    """Make the row of a service; what is before the zeros of an example is a needle."""
    starts = (example.partition("0000")[0].lower() for example in examples)
    return SecretShape(
        f"a token of {service}",
        word_pattern(f"(?:{pattern}){_END}"),
        needles or tuple(dict.fromkeys(starts)),
        examples,
        is_secret,
    )


SERVICE_SHAPES: tuple[SecretShape, ...] = (
    _token(
        "1Password",
        r"ops_eyJ[0-9A-Za-z+/_-]{40,}={0,3}|A3(?:-[0-9A-Z]{5,11}){5,6}",
        f"ops_eyJ{ZEROS}",
        "A3-000000-00000000000-00000-00000-00000",
    ),
    _token("Adafruit", r"aio_[0-9A-Za-z]{28}", f"aio_{ZEROS[:28]}"),
    _token("Adobe", r"p8e-[0-9A-Za-z]{32}", f"p8e-{_HEX}"),
    _token("age", r"AGE-SECRET-KEY-1[0-9A-Z]{58}", f"AGE-SECRET-KEY-1{'0' * 58}"),
    _token("Airtable", r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}", f"pat{'0' * 14}.{'0' * 64}"),
    _token("Alibaba Cloud", r"LTAI[0-9A-Za-z]{12,26}", f"LTAI{ZEROS[:20]}"),
    _token("Apify", r"apify_api_[0-9A-Za-z]{30,}", f"apify_api_{ZEROS}"),
    _token(
        "Atlassian",
        r"AT[AC]TT3[0-9A-Za-z_=-]{30,}|ATBB[0-9A-Za-z]{32}",
        f"ATATT3{ZEROS}",
        f"ATCTT3{ZEROS}",
        f"ATBB{ZEROS[:32]}",
    ),
    _token("Amazon Bedrock", r"ABSK[0-9A-Za-z+/]{60,}={0,2}", f"ABSK{ZEROS}{ZEROS}"),
    _token(
        "Authress",
        r"(?:sc|ext|scauth|authress)_[0-9a-z]{5,30}\.[0-9a-z]{4,6}\.acc[_-][0-9a-z-]{10,32}"
        r"\.[0-9A-Za-z+/_=-]{30,120}",
        f"sc_{ZEROS[:20]}.0000.acc_{ZEROS[:12]}.{ZEROS}",
        needles=(".acc",),
    ),
    _token(
        "Azure",
        r"[0-9A-Za-z_~.]{3}\dQ~[0-9A-Za-z_~.-]{31,34}",
        f"aaa8Q~{ZEROS[:34]}",
        needles=("q~",),
    ),
    _token("Brevo", r"xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}", f"xkeysib-{'0' * 64}-{'0' * 16}"),
    _token("Browserbase", r"bb_live_[0-9A-Za-z_-]{20,}", f"bb_live_{ZEROS}"),
    _token("Cerebras", r"csk-[0-9a-z]{40,}", f"csk-{ZEROS}"),
    _token("CircleCI", r"CCI(?:PAT|PRJ)_[0-9A-Za-z_-]{40,}", f"CCIPAT_{ZEROS}", f"CCIPRJ_{ZEROS}"),
    _token("Clojars", r"CLOJARS_[0-9A-Za-z]{60}", f"CLOJARS_{'0' * 60}"),
    _token("Cloudflare", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}", f"v1.0-{'0' * 24}-{'0' * 146}"),
    _token("Contentful", r"CFPAT-[0-9A-Za-z_-]{40,}", f"CFPAT-{ZEROS}"),
    _token("crates.io", r"cio[0-9A-Za-z]{32}", f"cio{_HEX}"),
    _token("Databricks", r"dapi[0-9a-f]{32}(?:-\d)?", f"dapi{_HEX}"),
    _token(
        "Defined Networking",
        r"dnkey-[0-9A-Za-z_=-]{26}-[0-9A-Za-z_=-]{52}",
        f"dnkey-{'0' * 26}-{'0' * 52}",
    ),
    _token("DigitalOcean", r"do[opr]_v1_[0-9a-f]{40,}", f"dop_v1_{ZEROS}", f"doo_v1_{ZEROS}"),
    _token(
        "Discord",
        r"[MNO][0-9A-Za-z_-]{23,25}\.G[0-9A-Za-z_-]{5}\.[0-9A-Za-z_-]{27,}",
        f"M{'a' * 23}.G{'a' * 5}.{ZEROS[:27]}",
        needles=(".g",),
    ),
    _token("Docker", r"dckr_[po]at_[0-9A-Za-z_-]{20,}", f"dckr_pat_{ZEROS}", f"dckr_oat_{ZEROS}"),
    _token("Doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[0-9A-Za-z.]{40,}", f"dp.pt.{ZEROS}"),
    _token("Duffel", r"duffel_(?:test|live)_[0-9A-Za-z_=-]{40,}", f"duffel_live_{ZEROS}"),
    _token("Dynatrace", r"dt0c01\.[0-9A-Z]{24}\.[0-9A-Z]{64}", f"dt0c01.{'0' * 24}.{'0' * 64}"),
    _token("E2B", r"e2b_[0-9a-f]{30,}", f"e2b_{ZEROS}"),
    _token("EasyPost", r"EZ[AT]K[0-9A-Za-z]{54}", f"EZAK{'0' * 54}", f"EZTK{'0' * 54}"),
    _token("Facebook", r"EAA[MC][0-9A-Za-z]{100,}", f"EAAM{'0' * 100}", f"EAAC{'0' * 100}"),
    _token("Figma", r"fig[dor]_[0-9A-Za-z_-]{30,}", f"figd_{ZEROS}"),
    _token("Firecrawl", r"fc-[0-9a-f]{32}", f"fc-{_HEX}"),
    _token("Fireworks", r"fw_[0-9A-Za-z]{20,}", f"fw_{ZEROS}", is_secret=is_no_words),
    _token(
        "Flutterwave",
        r"FLWSECK(?:_TEST)?-[0-9A-Za-z]{12,}(?:-X)?",
        f"FLWSECK_TEST-{_HEX}-X",
        f"FLWSECK-{_HEX}-X",
    ),
    _token("Fly.io", r"f[om][12][ar]?_[0-9A-Za-z+/=_-]{40,}", f"fo1_{ZEROS}", f"fm2_{ZEROS}"),
    _token("Frame.io", r"fio-u-[0-9A-Za-z_=-]{60,}", f"fio-u-{ZEROS}{ZEROS}"),
    _token(
        "GitLab",
        r"gl(?:pat|dt|rt|ft|ffct|cbt|imt|ptt|oas|soat|agent)-[0-9A-Za-z_-]{20,}(?:\.[0-9a-z]{9})?",
        *(f"gl{name}-{ZEROS}" for name in ("pat", "dt", "rt", "ptt", "cbt", "soat", "agent")),
    ),
    _token(
        "Grafana",
        r"glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}|gl(?:sa|c)_[0-9A-Za-z_+/=]{30,}"
        r"|eyJrIjoi[0-9A-Za-z]{40,}={0,2}",
        f"glsa_{ZEROS}",
        f"glc_{ZEROS}",
        f"eyJrIjoi{ZEROS}",
    ),
    _token("GitLab's runners", r"GR1348941[0-9A-Za-z_-]{20}", f"GR1348941{ZEROS[:20]}"),
    _token(
        "Harness",
        r"[ps]at\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}",
        *(f"{kind}.{'0' * 22}.{'0' * 24}.{'0' * 20}" for kind in ("pat", "sat")),
    ),
    _token("Heroku", r"HRKU-AA[0-9A-Za-z_-]{50,}", f"HRKU-AA{'0' * 58}"),
    _token("HubSpot", rf"pat-(?:na|eu)\d-{_UUID_PATTERN}", f"pat-na1-{_UUID}", f"pat-eu1-{_UUID}"),
    _token("Hugging Face's organisations", r"api_org_[0-9A-Za-z]{34}", f"api_org_{ZEROS[:34]}"),
    _token("Infracost", r"ico-[0-9A-Za-z]{32}", f"ico-{_HEX}"),
    _token(
        "Intra 42",
        r"s-s4t2(?:ud|af)-[0-9a-f]{64}",
        f"s-s4t2ud-{_HEX}{_HEX}",
        f"s-s4t2af-{_HEX}{_HEX}",
    ),
    _token(
        "JFrog",
        r"AKCp[0-9A-Za-z]{60,}|cmVmd[0-9A-Za-z]{59}",
        f"AKCp{ZEROS}{ZEROS}",
        f"cmVmd{'0' * 59}",
    ),
    _token("Jina", r"jina_[0-9a-f]{30,}[0-9A-Za-z_-]*", f"jina_{ZEROS}"),
    _token(
        "LangSmith", r"lsv2_(?:pt|sk)_[0-9A-Za-z_]{30,}", f"lsv2_pt_{ZEROS}", f"lsv2_sk_{ZEROS}"
    ),
    _token("LaunchDarkly", rf"(?:api|sdk)-{_UUID_PATTERN}", f"api-{_UUID}", f"sdk-{_UUID}"),
    _token("Linear", r"lin_(?:api|oauth)_[0-9A-Za-z]{30,}", f"lin_api_{ZEROS}"),
    _token("LlamaCloud", r"llx-[0-9A-Za-z]{40,}", f"llx-{ZEROS}"),
    _token("Mailchimp", r"[0-9a-f]{32}-us\d{1,2}", f"{_HEX}-us12", needles=("-us",)),
    _token("Mailgun", r"key-[0-9a-f]{32}", f"key-{_HEX}"),
    _token("Mapbox", r"sk\.eyJ[0-9A-Za-z_-]{20,}\.[0-9A-Za-z_-]{20,}", f"sk.eyJ{ZEROS}.{ZEROS}"),
    _token(
        "MaxMind",
        r"[0-9A-Za-z]{6}_[0-9A-Za-z]{29}_mmk",
        f"{ZEROS[:6]}_{ZEROS[:29]}_mmk",
        needles=("_mmk",),
    ),
    _token("Netlify", r"nf[pcou]_[0-9A-Za-z]{36,}", f"nfp_{ZEROS}"),
    _token("New Relic", r"NR(?:AK|II|JS)-[0-9A-Za-z_-]{19,}", f"NRAK-{ZEROS}", f"NRII-{ZEROS}"),
    _token(
        "Notion", r"ntn_[0-9A-Za-z]{30,}|secret_[0-9A-Za-z]{40,}", f"ntn_{ZEROS}", f"secret_{ZEROS}"
    ),
    _token("NuGet", r"oy2[0-9a-z]{43}", f"oy2{'0' * 43}"),
    _token("NVIDIA", r"nvapi-[0-9A-Za-z_-]{40,}", f"nvapi-{ZEROS}"),
    _token("Octopus Deploy", r"API-[0-9A-Z]{26}", f"API-{ZEROS[:26]}"),
    _token("OpenShift", r"sha256~[0-9A-Za-z_-]{43}", f"sha256~{'0' * 43}"),
    _token("Perplexity", r"pplx-[0-9A-Za-z]{40,}", f"pplx-{ZEROS}"),
    _token("Pinecone", r"pcsk_[0-9A-Za-z_]{30,}", f"pcsk_{ZEROS}"),
    _token(
        "Plaid",
        rf"access-(?:sandbox|development|production)-{_UUID_PATTERN}",
        f"access-sandbox-{_UUID}",
    ),
    _token(
        "PlanetScale",
        r"pscale_(?:tkn|pw|oauth)_[0-9A-Za-z_.=-]{30,}",
        f"pscale_tkn_{ZEROS}",
        f"pscale_pw_{ZEROS}",
    ),
    _token("PostHog", r"phx_[0-9A-Za-z]{40,}", f"phx_{ZEROS}"),
    _token("Postman", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", f"PMAK-{'0' * 24}-{'0' * 34}"),
    _token("Prefect", r"pn[ub]_[0-9A-Za-z]{36}", f"pnu_{ZEROS[:36]}"),
    _token("Pulumi", r"pul-[0-9a-f]{40}", f"pul-{ZEROS}"),
    _token("ReadMe", r"rdme_[0-9a-z]{60,}", f"rdme_{ZEROS}{ZEROS}"),
    _token("Replicate", r"r8_[0-9A-Za-z]{30,}", f"r8_{ZEROS}"),
    _token(
        "Resend",
        r"re_[0-9A-Za-z]{8}_[0-9A-Za-z]{20,}",
        f"re_{'0' * 8}_{ZEROS[:24]}",
        is_secret=is_no_words,
    ),
    _token("RubyGems", r"rubygems_[0-9a-f]{48}", f"rubygems_{'0' * 48}"),
    _token("Scalingo", r"tk-us-[0-9A-Za-z_-]{48}", f"tk-us-{'0' * 48}"),
    _token("Sentry", r"sntry[su]_[0-9A-Za-z_+/=.-]{30,}", f"sntrys_{ZEROS}", f"sntryu_{ZEROS}"),
    _token(
        "SettleMint",
        r"sm_[aps]at_[0-9A-Za-z]{16}",
        *(f"sm_{kind}_{ZEROS[:16]}" for kind in ("aat", "pat", "sat")),
    ),
    _token("Shippo", r"shippo_(?:live|test)_[0-9a-f]{40}", f"shippo_live_{ZEROS}"),
    _token("Shopify", r"shp(?:at|ca|pa|ss)_[0-9A-Za-z]{32,}", f"shpat_{ZEROS}", f"shpss_{ZEROS}"),
    _token("Snyk", r"snyk_[us]at\.[0-9A-Za-z._-]{20,}", f"snyk_uat.{ZEROS}", f"snyk_sat.{ZEROS}"),
    _token("Sourcegraph", r"sgp_(?:[0-9A-Fa-f]{16}_|local_)?[0-9A-Fa-f]{40}", f"sgp_{ZEROS}"),
    _token("Square", r"sq0[a-z]{3}-[0-9A-Za-z_-]{22,}", f"sq0atp-{ZEROS}", f"sq0csp-{ZEROS}"),
    _token(
        "Supabase",
        r"sbp_[0-9a-f]{40}|sb_secret_[0-9A-Za-z_-]{20,}",
        f"sbp_{ZEROS}",
        f"sb_secret_{ZEROS}",
    ),
    _token("Tailscale", r"tskey-[a-z]+-[0-9A-Za-z-]{15,}", f"tskey-auth-{ZEROS}"),
    _token("Tavily", r"tvly-[0-9A-Za-z-]{20,}", f"tvly-{ZEROS}"),
    _token(
        "Telegram",
        r"(?:bot)?(?P<secret>[0-9]{8,10}:AA[0-9A-Za-z_-]{33})(?![_-])",
        f"bot{ZEROS[:9]}:AA{ZEROS[:33]}",
        f"{ZEROS[:9]}:AA{ZEROS[:33]}",
        needles=(":aa",),
    ),
    _token("Tencent Cloud", r"AKID[0-9A-Za-z]{32}", f"AKID{_HEX}"),
    _token(
        "Terraform",
        r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,}",
        f"{'0' * 14}.atlasv1.{ZEROS}{ZEROS}",
        needles=(".atlasv1.",),
    ),
    _token("Together", r"tgp_v1_[0-9A-Za-z_-]{30,}", f"tgp_v1_{ZEROS}"),
    _token("Twilio", r"SK[0-9a-f]{32}", f"SK{_HEX}"),
    _token("Typeform", r"tfp_[0-9A-Za-z_.=-]{40,}", f"tfp_{ZEROS}"),
    _token("Vault", r"hv[sbr]\.[0-9A-Za-z_-]{24,}", f"hvs.{ZEROS}", f"hvb.{ZEROS}", f"hvr.{ZEROS}"),
    _token("older Vaults", r"s\.[0-9A-Za-z]{24}", f"s.{ZEROS[:20]}aB1c", is_secret=is_no_words),
    _token("Voyage", r"pa-[0-9A-Za-z_-]{40,}", f"pa-{ZEROS}", is_secret=is_no_words),
    _token(
        "Yandex",
        r"AQVN[0-9A-Za-z_-]{35,38}|t1\.[0-9A-Za-z_-]+={0,2}\.[0-9A-Za-z_-]{86}={0,2}",
        f"AQVN{ZEROS[:36]}",
        f"t1.{ZEROS}.{'0' * 86}",
    ),
)
"""Every service whose tokens are known by their shape."""
