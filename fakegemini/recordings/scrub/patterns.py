"""Recognise secrets by their shape, and values that only stand for one."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .spellings import SCRUBBED_VALUE


@dataclass(frozen=True)
class SecretShape:
    """One kind of secret that is known by its shape; a row of `SECRET_SHAPES`.

    kind: what a report calls it
    pattern: finds it; where it has a group, the group is the secret
    needles: in lower case; a text that holds none of them is not searched
    examples: made-up texts with such a secret, one for each form that it has
    is_secret: tells the secrets among the matches, where the pattern alone cannot
    at_any_length: whether it is replaced everywhere although it may be as short as a word
    """

    kind: str
    pattern: re.Pattern[str]
    needles: tuple[str, ...]
    examples: tuple[str, ...]
    is_secret: Callable[[str], bool] | None = None
    at_any_length: bool = False


def decode_base64_text(value: str) -> str | None:
    """Decode base64, URL-safe or not, to readable text; None where it holds anything else."""
    plain = value.translate(_FROM_URL_SAFE).rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if all(char.isprintable() or char.isspace() for char in text) else None


_FROM_URL_SAFE = str.maketrans("-_", "+/")


def _is_user_and_password(value: str) -> bool:
    """Tell whether base64 text is a user and a password, as in `Authorization: Basic`."""
    inner = decode_base64_text(value)
    return inner is not None and ":" in inner


def _word(pattern: str) -> re.Pattern[str]:
    """Compile a pattern so that it matches at the start of a word, also behind an escape."""
    return re.compile(rf"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=%[0-9A-Fa-f]{{2}}))(?:{pattern})")


_ASSIGNED_NAME = (
    r"(?i:api[_-]?key|access[_-]?key|secret[_-]?key|account[_-]?key|private[_-]?key|passwd"
    r"|pass(?:word|phrase)|client[_-]?secret|(?:access|refresh|id|auth|bearer)[_-]?token"
    r"|secret|pwd)"
)
_ZEROS = 40 * "0"
"""What the examples are filled with, so that nobody takes them for real."""

SECRET_SHAPES: tuple[SecretShape, ...] = (
    SecretShape(
        "a private key",
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
            r"(?:.*?-----END [A-Z ]*PRIVATE KEY-----|[0-9A-Za-z+/=\s\\]*)",
            re.DOTALL,
        ),
        ("private key-----",),
        (f"-----BEGIN PRIVATE KEY-----\n{_ZEROS}\n-----END PRIVATE KEY-----",),
    ),
    SecretShape(
        "a Google API key",
        _word(r"AIza[0-9A-Za-z_-]{35,}|AQ\.[0-9A-Za-z_-]{20,}"),
        ("aiza", "aq."),
        (f"AIza{_ZEROS}", f"AQ.{_ZEROS}"),
    ),
    SecretShape(
        "a Google token",
        _word(r"ya29\.[0-9A-Za-z_.-]{10,}|1//0[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}"),
        ("ya29.", "1//0", "gocspx-"),
        (f"ya29.{_ZEROS}", f"1//0{_ZEROS}", f"GOCSPX-{_ZEROS}"),
    ),
    SecretShape(
        "an API key",
        _word(r"(?:sk|rk|xai|gsk)[-_](?=[0-9A-Za-z_-]*\d)[0-9A-Za-z_-]{16,}"),
        ("sk-", "sk_", "rk-", "rk_", "xai-", "xai_"),
        tuple(f"{name}{dash}{_ZEROS}" for name in ("sk", "rk", "xai", "gsk") for dash in "-_"),
    ),
    SecretShape(
        "a GitHub token",
        _word(r"gh[pousr]_[0-9A-Za-z]{20,}|github_pat_\w{20,}"),
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        (*(f"gh{letter}_{_ZEROS}" for letter in "pousr"), f"github_pat_{_ZEROS}"),
    ),
    SecretShape(
        "a GitLab token",
        _word(r"glpat-[0-9A-Za-z_-]{20,}"),
        ("glpat-",),
        (f"glpat-{_ZEROS}",),
    ),
    SecretShape(
        "an AWS key",
        _word(r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("akia", "asia", "abia", "acca"),
        tuple(f"{name}{_ZEROS[:16]}" for name in ("AKIA", "ASIA", "ABIA", "ACCA")),
    ),
    SecretShape(
        "a Slack token",
        _word(r"xox[a-z]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}"),
        ("xox", "xapp-"),
        (f"xoxb-{_ZEROS}", f"xapp-{_ZEROS}"),
    ),
    SecretShape(
        "a registry token",
        _word(r"npm_[0-9A-Za-z]{36}|pypi-[0-9A-Za-z_-]{40,}|hf_[0-9A-Za-z]{30,}"),
        ("npm_", "pypi-", "hf_"),
        (f"npm_{_ZEROS}", f"pypi-{_ZEROS}", f"hf_{_ZEROS}"),
    ),
    SecretShape(
        "a webhook secret",
        _word(r"whsec_[0-9A-Za-z+/_-]{16,}={0,2}"),
        ("whsec_",),
        (f"whsec_{_ZEROS}",),
    ),
    SecretShape(
        "a mail key",
        _word(r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}"),
        ("sg.",),
        (f"SG.{_ZEROS}.{_ZEROS}",),
    ),
    SecretShape(
        "a JSON Web Token",
        _word(r"eyJ[0-9A-Za-z_-]{5,}\.eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]{5,}"),
        ("eyj",),
        (f"eyJ{_ZEROS}.eyJ{_ZEROS}.{_ZEROS}",),
    ),
    SecretShape(
        "a bearer token",
        _word(r"(?i:bearer)\s+(?P<secret>(?=[^\s\"']*\d)[0-9A-Za-z._~+/=-]{8,})"),
        ("bearer",),
        (f"Bearer {_ZEROS}",),
    ),
    SecretShape(
        "a password",
        _word(r"(?i:basic)\s+(?P<secret>[0-9A-Za-z+/]{8,}={0,2})(?![0-9A-Za-z])"),
        ("basic",),
        (f"Basic {base64.b64encode(b'user:password').decode()}",),
        is_secret=_is_user_and_password,
    ),
    SecretShape(
        "a PGP key",
        re.compile(
            r"-----BEGIN PGP PRIVATE KEY BLOCK-----"
            r"(?:.*?-----END PGP PRIVATE KEY BLOCK-----|[0-9A-Za-z+/=\s\\]*)",
            re.DOTALL,
        ),
        ("pgp private key block",),
        (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{_ZEROS}\n-----END PGP PRIVATE KEY BLOCK-----",),
    ),
    SecretShape(
        "an encrypted token",
        _word(r"eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]*\.[0-9A-Za-z_-]{5,}(?:\.[0-9A-Za-z_-]{5,}){2}"),
        ("eyj",),
        (f"eyJ{_ZEROS}..{_ZEROS}.{_ZEROS}.{_ZEROS}",),
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
            f"?{name}={_ZEROS}"
            for name in ("X-Goog-Signature", "X-Amz-Security-Token", "Signature", "sig")
        ),
    ),
    SecretShape(
        "a webhook address",
        re.compile(
            r"(?:hooks\.slack\.com/(?:services|workflows|triggers)"
            r"|discord(?:app)?\.com/api(?:/v\d+)?/webhooks)/(?P<secret>[0-9A-Za-z/_-]{16,})"
        ),
        ("hooks.slack.com/", "/webhooks/"),
        (
            f"https://hooks.slack.com/services/{_ZEROS}",
            f"https://discord.com/api/webhooks/{_ZEROS}",
        ),
    ),
    SecretShape(
        "a bot's token",
        _word(r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}(?![0-9A-Za-z_-])"),
        (":aa",),
        (f"{_ZEROS[:9]}:AA{_ZEROS[:33]}",),
    ),
    SecretShape(
        "a service's token",
        _word(
            r"(?:dapi[0-9a-f]{32}|SK[0-9a-f]{32}|r8_[0-9A-Za-z]{30,}|lsv2_(?:pt|sk)_[0-9A-Za-z_]{30,}"
            r"|pcsk_[0-9A-Za-z_]{30,}|tvly-[0-9A-Za-z-]{20,}|shp(?:at|ca|pa|ss)_[0-9A-Za-z]{32,}"
            r"|do[opr]_v1_[0-9a-f]{40,}|hv[sbr]\.[0-9A-Za-z_-]{24,}|gl(?:sa|c)_[0-9A-Za-z_+/=]{30,}"
            r"|sntry[su]_[0-9A-Za-z_+/=.-]{30,}|sbp_[0-9a-f]{40}|ATATT3[0-9A-Za-z_=-]{30,}"
            r"|figd_[0-9A-Za-z_-]{30,}|lin_api_[0-9A-Za-z]{30,}|ntn_[0-9A-Za-z]{30,}"
            r"|secret_[0-9A-Za-z]{40,})(?![0-9A-Za-z])"
        ),
        (
            *("dapi", "sk", "r8_", "lsv2_", "pcsk_", "tvly-", "shp"),
            *("_v1_", "hvs.", "hvb.", "hvr.", "glsa_", "glc_", "sntry", "sbp_", "atatt3"),
            *("figd_", "lin_api_", "ntn_", "secret_"),
        ),
        (
            f"dapi{_ZEROS[:32]}",
            f"SK{_ZEROS[:32]}",
            *(
                f"{name}{_ZEROS}"
                for name in (
                    *(
                        "r8_",
                        "lsv2_pt_",
                        "pcsk_",
                        "tvly-",
                        "shpat_",
                        "dop_v1_",
                        "hvs.",
                        "hvb.",
                        "hvr.",
                    ),
                    *("glsa_", "glc_"),
                    *("sntrys_", "sbp_", "ATATT3", "figd_", "lin_api_", "ntn_", "secret_"),
                )
            ),
        ),
    ),
    SecretShape(
        "a key in an address",
        re.compile(
            r"[?&](?i:key|api_key|apikey|access_token|token)=(?P<secret>[^&\s\"'#<>\\]{8,})"
        ),
        ("key=", "token="),
        (f"?key={_ZEROS}", f"&access_token={_ZEROS}"),
    ),
    SecretShape(
        "a password in an address",
        _word(r"[a-z][a-z0-9+.-]*://[^\s/:@\"'<>]*:(?P<secret>[^\s/@\"'<>]+)@"),
        ("://",),
        ("https://user:password@example.com",),
        at_any_length=True,
    ),
    SecretShape(
        "a secret beside its name",
        _word(
            _ASSIGNED_NAME + r"\\*[\"']?\s*[:=]\s*\\*[\"']?"
            r"(?P<secret>(?=[^\s\"'&,;<>\\]*\d)[^\s\"'&,;<>\\]{8,})"
        ),
        ("key", "pass", "secret", "token", "pwd"),
        tuple(
            f"{name}={_ZEROS}"
            for name in ("api_key", "password", "client_secret", "auth_token", "pwd")
        ),
    ),
)
"""Every secret that is known by its shape, in the order in which they are looked for."""

_ANY_NEEDLE = re.compile(
    "|".join(re.escape(needle) for shape in SECRET_SHAPES for needle in shape.needles)
)
_HARMLESS = re.compile(
    r"(?i)[*x.…_-]+|<[^<>]*>|\$?\{{1,2}[\w. -]*\}{1,2}|(?-i:\$[A-Z][A-Z0-9_]*)|your[_-][\w-]{0,30}"
    r"|(none|null|true|false|undefined)"
    r"|(scrubbed|redacted|filtered|removed|placeholder|dummy)([-_ ]?\w{0,12})"
)
_BASE64_ONLY = re.compile(r"[0-9A-Za-z+/_-]{64,}={0,2}")


def find_secret_shapes(text: str) -> Iterator[tuple[SecretShape, str]]:
    """Yield the shape and the value of whatever in a text looks like a secret.

    Long base64, such as media and signatures, holds every short text by chance: there only its
    start is looked at.
    """
    is_long_base64 = is_blob(text)
    lower_text = text.lower()
    for shape in SECRET_SHAPES if _ANY_NEEDLE.search(lower_text) else ():
        if not any(needle in lower_text for needle in shape.needles):
            continue
        for match in (
            [shape.pattern.match(text)] if is_long_base64 else shape.pattern.finditer(text)
        ):
            value = match[match.lastgroup or 0] if match else ""
            if value and (shape.is_secret is None or shape.is_secret(value)):
                yield shape, value


def is_blob(text: str) -> bool:
    """Tell whether a text is base64 from end to end, of 64 characters or more."""
    return _BASE64_ONLY.fullmatch(text) is not None


def looks_random(value: str) -> bool:
    """Tell whether a text has no words in it.

    That is one of 16 characters or more, with digits and letters and no white space, whose
    characters have an entropy of more than 3 bits.
    """
    if len(value) < 16 or re.search(r"\s|://", value):
        return False
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy > 3


def is_placeholder(value: str) -> bool:
    """Tell whether a value only stands for a secret: ours, another recorder's, `<your key>`."""
    text = value.strip()
    remainder = SCRUBBED_VALUE.sub("", text)
    return bool(_HARMLESS.fullmatch(text)) or not text or (remainder != text and len(remainder) < 8)
