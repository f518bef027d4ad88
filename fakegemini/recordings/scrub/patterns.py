"""What its shape gives away as a secret, and what only stands for one."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from .spellings import PLACEHOLDER

IN_ADDRESS = "a password in an address"
_WORD_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=%[0-9A-Fa-f]{2}))"
_ASSIGNED_NAME = (
    r"(?i:api[_-]?key|access[_-]?key|secret[_-]?key|account[_-]?key|private[_-]?key|passwd"
    r"|pass(?:word|phrase)|client[_-]?secret|(?:access|refresh|id|auth|bearer)[_-]?token"
    r"|secret|pwd)"
)
_SHAPES: dict[str, str] = {
    "a Google API key": r"AIza[0-9A-Za-z_-]{35,}|AQ\.[0-9A-Za-z_-]{20,}",
    "a Google token": r"ya29\.[0-9A-Za-z_.-]{10,}|1//0[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}",
    "an API key": r"(?:sk|rk|xai|gsk)[-_](?=[0-9A-Za-z_-]*\d)[0-9A-Za-z_-]{16,}",
    "a GitHub token": r"gh[pousr]_[0-9A-Za-z]{20,}|github_pat_\w{20,}",
    "a GitLab token": r"glpat-[0-9A-Za-z_-]{20,}",
    "an AWS key": r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])",
    "a Slack token": r"xox[a-z]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}",
    "a registry token": r"npm_[0-9A-Za-z]{36}|pypi-[0-9A-Za-z_-]{40,}|hf_[0-9A-Za-z]{30,}",
    "a webhook secret": r"whsec_[0-9A-Za-z+/_-]{16,}={0,2}",
    "a mail key": r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}",
    "a JSON Web Token": r"eyJ[0-9A-Za-z_-]{5,}\.eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]{5,}",
    "a bearer token": r"(?i:bearer)\s+(?P<v1>(?=[^\s\"']*\d)[0-9A-Za-z._~+/=-]{8,})",
    "a password": r"(?i:basic)\s+(?P<v2>[0-9A-Za-z+/]{8,}={0,2})(?![0-9A-Za-z])",
    "a key in an address": r"[?&](?i:key|api_key|apikey|access_token|token)="
    r"(?P<v3>[^&\s\"'#<>\\]{8,})",
    IN_ADDRESS: r"[a-z][a-z0-9+.-]*://[^\s/:@\"'<>]*:(?P<v4>[^\s/@\"'<>]+)@",
    "a secret beside its name": _ASSIGNED_NAME + r"\\*[\"']?\s*[:=]\s*\\*[\"']?"
    r"(?P<v5>(?=[^\s\"'&,;<>\\]*\d)[^\s\"'&,;<>\\]{8,})",
}
_PRIVATE_KEY = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"(?:.*?-----END [A-Z ]*PRIVATE KEY-----|[0-9A-Za-z+/=\s\\]*)"
)
_NEEDLES: dict[str, str] = {
    "a private key": "private key-----",
    "a Google API key": "aiza aq.",
    "a Google token": "ya29. 1//0 gocspx-",
    "an API key": "sk- sk_ rk- rk_ xai- xai_",
    "a GitHub token": "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
    "a GitLab token": "glpat-",
    "an AWS key": "akia asia abia acca",
    "a Slack token": "xox xapp-",
    "a registry token": "npm_ pypi- hf_",
    "a webhook secret": "whsec_",
    "a mail key": "sg.",
    "a JSON Web Token": "eyj",
    "a bearer token": "bearer",
    "a password": "basic",
    "a key in an address": "key= token=",
    IN_ADDRESS: "://",
    "a secret beside its name": "key pass secret token pwd",
}
"""What a text has to hold (in lower case) before it is worth looking for each shape."""

_PATTERNS = [
    ("a private key", re.compile(_PRIVATE_KEY, re.DOTALL)),
    *(
        (kind, re.compile(f"{'' if '[?&]' in shape else _WORD_START}(?:{shape})"))
        for kind, shape in _SHAPES.items()
    ),
]
_SEARCHES = [
    (kind, _NEEDLES[kind].split("|" if kind == "a private key" else " "), pattern)
    for kind, pattern in _PATTERNS
]
_ANY_NEEDLE = re.compile(
    "|".join(re.escape(needle) for _, needles, _ in _SEARCHES for needle in needles)
)

_HARMLESS = re.compile(
    r"(?i)[*x.…_-]+|<[^<>]*>|\$?\{{1,2}[\w. -]*\}{1,2}|(?-i:\$[A-Z][A-Z0-9_]*)|your[_-][\w-]{0,30}"
    r"|(none|null|true|false|undefined)"
    r"|(scrubbed|redacted|filtered|removed|placeholder|dummy)([-_ ]?\w{0,12})"
)
_BLOB = re.compile(r"[0-9A-Za-z+/_-]{64,}={0,2}")


def find_secret_shapes(text: str) -> Iterator[tuple[str, str]]:
    """The kind and the value of whatever in a text looks like a secret."""
    # Media and signatures hold every short text by chance: there it has to be at the start.
    blob = is_blob(text)
    lower_text = text.lower()
    for kind, needles, pattern in _SEARCHES if _ANY_NEEDLE.search(lower_text) else ():
        if not any(needle in lower_text for needle in needles):
            continue
        for match in [pattern.match(text)] if blob else pattern.finditer(text):
            value = next((group for group in match.groups() if group), match[0]) if match else ""
            if value and (kind != "a password" or _is_user_and_password(value)):
                yield kind, value


def is_blob(text: str) -> bool:
    """Whether a text is nothing but base64."""
    return _BLOB.fullmatch(text) is not None


def looks_random(value: str) -> bool:
    """Whether a text has no words: long, with digits and letters, and no letter prevails."""
    if len(value) < 16 or re.search(r"\s|://", value):
        return False
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy > 3


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a secret and is none: ours, other recorders', `<your key>`."""
    text = value.strip()
    remainder = PLACEHOLDER.sub("", text)
    return bool(_HARMLESS.fullmatch(text)) or not text or (remainder != text and len(remainder) < 8)


def _is_user_and_password(value: str) -> bool:
    """Whether base64 text is a user and a password."""
    inner = decode_base64_text(value)
    return inner is not None and ":" in inner


def decode_base64_text(value: str) -> str | None:
    """The text that base64 text holds, None where it holds something else."""
    plain = value.translate(_URLSAFE).rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if all(char.isprintable() or char.isspace() for char in text) else None


_URLSAFE: Any = str.maketrans("-_", "+/")
