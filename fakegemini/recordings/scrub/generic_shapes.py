"""List the secrets that are known by their shape whoever made them; a new one is a row."""

from __future__ import annotations

import base64
import re

from .secret_shape import (
    ZEROS,
    SecretShape,
    is_no_words,
    looks_random,
    reads_like_words,
    word_pattern,
)
from .spellings import decode_base64_text


def _is_user_and_password(value: str) -> bool:
    """Tell whether base64 text is a user and a password, as in `Authorization: Basic`."""
    inner = decode_base64_text(value)
    return inner is not None and ":" in inner


_CODE = re.compile(
    r"[A-Za-z_]\w*(?:\.\w+)*[(\[{].*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+"
    r"|\w*(?i:token|secret|key|password|passwd|pwd)_?\d{0,2}(?:_\w+)?|[$%].*",
    re.DOTALL,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")
_MIXED = "a0b1c2d3e4f5" * 3
"""What is no word in an example of a shape that words may have too."""


def _is_no_reference(value: str) -> bool:
    """Tell whether what stands behind `password=` is a value, not code: `config.NAME`, `get(1)`."""
    is_code = _CODE.fullmatch(value) is not None and reads_like_words(value)
    return not is_code and _DATE.fullmatch(value) is None


_ASSIGNED_NAME = (
    r"(?i:api[_-]?key|access[_-]?key|secret[_-]?key|account[_-]?key|private[_-]?key|passwd"
    r"|pass(?:word|phrase)|client[_-]?secret|(?:access|refresh|id|auth|bearer)[_-]?token"
    r"|secret|pwd)"
)
GENERIC_SHAPES: tuple[SecretShape, ...] = (
    SecretShape(
        "a private key",
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
            r"(?:(?:[^-]|-(?!----BEGIN))*?-----END [A-Z ]*PRIVATE KEY-----|[0-9A-Za-z+/=\s\\]*)",
            re.DOTALL,
        ),
        ("private key-----",),
        (f"-----BEGIN PRIVATE KEY-----\n{ZEROS}\n-----END PRIVATE KEY-----",),
    ),
    SecretShape(
        "a Google API key",
        word_pattern(r"AIza[0-9A-Za-z_-]{35,}|AQ\.[0-9A-Za-z_-]{20,}"),
        ("aiza", "aq."),
        (f"AIza{ZEROS}", f"AQ.{ZEROS}"),
    ),
    SecretShape(
        "a Google token",
        word_pattern(r"ya29\.[0-9A-Za-z_.-]{10,}|1//0[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}"),
        ("ya29.", "1//0", "gocspx-"),
        (f"ya29.{ZEROS}", f"1//0{ZEROS}", f"GOCSPX-{ZEROS}"),
    ),
    SecretShape(
        "an API key",
        word_pattern(r"(?:sk|rk|xai|gsk)[-_](?=[0-9A-Za-z_-]{0,200}\d)[0-9A-Za-z_-]{16,}"),
        ("sk-", "sk_", "rk-", "rk_", "xai-", "xai_"),
        tuple(f"{name}{dash}{ZEROS}" for name in ("sk", "rk", "xai", "gsk") for dash in "-_"),
        is_secret=is_no_words,
    ),
    SecretShape(
        "a GitHub token",
        word_pattern(r"gh[pousr]_[0-9A-Za-z]{20,}|github_pat_\w{20,}"),
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        (*(f"gh{letter}_{ZEROS}" for letter in "pousr"), f"github_pat_{ZEROS}"),
    ),
    SecretShape(
        "an AWS key",
        word_pattern(r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("akia", "asia", "abia", "acca"),
        tuple(f"{name}{ZEROS[:16]}" for name in ("AKIA", "ASIA", "ABIA", "ACCA")),
    ),
    SecretShape(
        "a Slack token",
        word_pattern(r"xox[a-z]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}"),
        ("xox", "xapp-"),
        (f"xoxb-{ZEROS}", f"xapp-{ZEROS}"),
    ),
    SecretShape(
        "a registry token",
        word_pattern(r"npm_[0-9A-Za-z]{36}|pypi-[0-9A-Za-z_-]{40,}|hf_[0-9A-Za-z]{30,}"),
        ("npm_", "pypi-", "hf_"),
        (f"npm_{ZEROS}", f"pypi-{ZEROS}", f"hf_{ZEROS}"),
    ),
    SecretShape(
        "a webhook secret",
        word_pattern(r"whsec_[0-9A-Za-z+/_-]{16,}={0,2}"),
        ("whsec_",),
        (f"whsec_{ZEROS}",),
    ),
    SecretShape(
        "a mail key",
        word_pattern(r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}"),
        ("sg.",),
        (f"SG.{ZEROS}.{ZEROS}",),
    ),
    SecretShape(
        "a JSON Web Token",
        word_pattern(r"eyJ[0-9A-Za-z_-]{5,}\.eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]{5,}"),
        ("eyj",),
        (f"eyJ{ZEROS}.eyJ{ZEROS}.{ZEROS}",),
    ),
    SecretShape(
        "a bearer token",
        word_pattern(r"(?i:bearer)\s+(?P<secret>(?=[^\s\"']*\d)[0-9A-Za-z._~+/=-]{8,})"),
        ("bearer",),
        (f"Bearer {ZEROS}",),
        is_secret=is_no_words,
    ),
    SecretShape(
        "a password",
        word_pattern(r"(?i:basic)\s+(?P<secret>[0-9A-Za-z+/]{8,}={0,2})(?![0-9A-Za-z])"),
        ("basic",),
        (f"Basic {base64.b64encode(b'user:password').decode()}",),
        is_secret=_is_user_and_password,
    ),
    SecretShape(
        "a PGP key",
        re.compile(
            r"-----BEGIN PGP PRIVATE KEY BLOCK-----"
            r"(?:(?:[^-]|-(?!----BEGIN))*?-----END PGP PRIVATE KEY BLOCK-----|[0-9A-Za-z+/=\s\\]*)",
            re.DOTALL,
        ),
        ("pgp private key block",),
        (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{ZEROS}\n-----END PGP PRIVATE KEY BLOCK-----",),
    ),
    SecretShape(
        "an encrypted token",
        word_pattern(
            r"eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]*\.[0-9A-Za-z_-]{5,}(?:\.[0-9A-Za-z_-]{5,}){2}"
        ),
        ("eyj",),
        (f"eyJ{ZEROS}..{ZEROS}.{ZEROS}.{ZEROS}",),
    ),
    SecretShape(
        "a signed address",
        re.compile(
            r"[?&;](?:X-Goog-Signature|X-Amz-Signature|X-Amz-Security-Token|Signature|sig)="
            r"(?P<secret>[^&\s\"'#<>\\]{16,})",
            re.IGNORECASE,
        ),
        ("signature=", "security-token=", "sig="),
        tuple(
            f"?{name}={ZEROS}"
            for name in ("X-Goog-Signature", "X-Amz-Security-Token", "Signature", "sig")
        ),
    ),
    SecretShape(
        "a webhook address",
        re.compile(
            r"(?:hooks\.slack\.com/(?:services|workflows|triggers)"
            r"|discord(?:app)?\.com/api(?:/v\d+)?/webhooks|hooks\.zapier\.com/hooks/catch"
            r"|webhook\.office\.com/webhookb2|maker\.ifttt\.com/(?:trigger|use)"
            r"|chat\.googleapis\.com/v1/spaces/\w+/messages\?key=)/?(?P<secret>[0-9A-Za-z/_@-]{16,})"
        ),
        (
            *("hooks.slack.com/", "/webhooks/", "hooks.zapier.com/", "webhook.office.com/"),
            *("maker.ifttt.com/", "chat.googleapis.com/"),
        ),
        (
            f"https://hooks.slack.com/services/{ZEROS}",
            f"https://discord.com/api/webhooks/{ZEROS}",
            f"https://hooks.zapier.com/hooks/catch/{ZEROS}",
            f"https://a.webhook.office.com/webhookb2/{ZEROS}",
            f"https://maker.ifttt.com/use/{ZEROS}",
            f"https://chat.googleapis.com/v1/spaces/a/messages?key={ZEROS}",
        ),
    ),
    SecretShape(
        "a key in an address",
        re.compile(
            r"[?&](?i:key|api_key|apikey|access_token|token|auth|secret)="
            r"(?P<secret>[^&\s\"'#<>\\]{8,})"
        ),
        ("key=", "token=", "auth=", "secret="),
        tuple(f"?{name}={ZEROS}" for name in ("key", "access_token", "auth", "secret")),
        is_secret=_is_no_reference,
    ),
    SecretShape(
        "a password in an address",
        word_pattern(r"[a-z][a-z0-9+.-]{0,30}://[^\s/:@\"'<>]*:(?P<secret>[^\s/@\"'<>]+)@"),
        ("://",),
        ("https://user:password@example.com",),
        between=(":", "@"),
    ),
    SecretShape(
        "a token in an address",
        word_pattern(
            r"[a-z][a-z0-9+.-]{0,30}://(?P<login>[^\s/:@\"'<>?#]{16,})@"
            r"|[a-z][a-z0-9+.-]{0,30}://(?:(?!://)[^\s\"'<>])*?/(?:key|api[_-]?key|token|secret|auth|bot|webhook|hook)s?/"
            r"(?P<secret>[^\s/\"'<>?#\\]{16,})"
        ),
        ("://",),
        (f"https://{_MIXED}@example.com", f"https://example.com/hooks/{_MIXED}"),
        is_secret=looks_random,
    ),
    SecretShape(
        "a secret beside its name",
        word_pattern(
            _ASSIGNED_NAME + r"\\*[\"']?\s*[:=]\s*\\*[\"']?"
            r"(?P<secret>(?=[^\s\"'&,;<>\\]{0,200}\d)[^\s\"'&,;<>\\]{8,})"
        ),
        ("key", "pass", "secret", "token", "pwd"),
        tuple(
            f"{name}={ZEROS}"
            for name in ("api_key", "password", "client_secret", "auth_token", "pwd")
        ),
        is_secret=_is_no_reference,
    ),
    SecretShape(
        "a secret in a variable",
        re.compile(
            r"(?<![A-Za-z0-9_])(?:[A-Z][A-Z0-9]*_)*"
            r"(?:TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD|CREDENTIALS?|PAT|(?:API|AUTH|ACCESS|PRIVATE)_?KEY)"
            r"\s?=\s?\\*[\"']?(?P<secret>(?=[^\s\"'&,;<>\\]{0,200}\d)[^\s\"'&,;<>\\]{8,})"
        ),
        ("token", "secret", "pass", "pwd", "credential", "pat", "key"),
        (
            *(f"export X_{name}={ZEROS}" for name in ("TOKEN", "SECRET", "PASS", "PWD", "PAT")),
            f"MY_API_KEY='{ZEROS}'",
            f"CREDENTIALS={ZEROS}",
        ),
        is_secret=_is_no_reference,
    ),
    SecretShape(
        "a secret in a sentence",
        word_pattern(
            r"(?i:(?:api|access|secret|auth|license) key|token|secret|credentials?|passcode"
            r"|passphrase)"
            r"(?:\s+(?:is|was))?\s*[:=]?\s+\\*[\"'`]?(?P<secret>[0-9A-Za-z._~+/=-]{16,})"
        ),
        ("key", "token", "secret", "credential", "passcode", "passphrase"),
        tuple(
            f"my {name}: {_MIXED}"
            for name in ("api key", "token", "secret", "credential", "passcode", "passphrase")
        ),
        is_secret=looks_random,
    ),
)
"""Every secret that is known by its shape, in the order in which they are looked for."""
