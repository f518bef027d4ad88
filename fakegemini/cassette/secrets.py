"""What is a secret: by the name it goes by, by where it stands, by its shape.

Pure. Nothing here says what is done with one; `find_secrets` gives places and kinds, never values.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from ..errors import FakeGeminiError
from .leaves import Body, Leaf, Path, decoded, leaves, looks_json, shown, spelled_out
from .spelling import PLACEHOLDER


class BadRule(FakeGeminiError):
    """A pattern that the user gave is none."""


_NO_SECRET = frozenset(
    "continuation_token page_token next_page_token widget_context_token raw_prompt_token".split()
)
"""Tokens of the protocol: they say where a reader is, and a replay needs them."""

_ENDS = frozenset(
    "apikey authorization authkey cookie cookies credential credentials jwt passcode passphrase "
    "passwd password passwords privatekey pwd secret secrets secretkey token whsec".split()
)
_PAIRS = frozenset(
    "access_key account_key api_key api_keys auth_key connection_string encryption_key "
    "master_key private_key secret_key secret_value shared_key signing_key subscription_key "
    "function_key service_key".split()
)
_NUMBERS = frozenset("passcode passphrase passwd password pin pwd secret".split())
_QUERY = frozenset("key sig signature auth code".split())
_DOUBTFUL = frozenset("key keys auth pass sig cert pin otp salt csrf signing login".split())
_PLACES: tuple[tuple[str | None, ...], ...] = (
    ("tools", None, "headers", None),  # what an MCP server is sent
    ("env", None),  # an agent's environment variables
    ("env", None, "value"),
    ("env", None, "credential"),
    ("allowlist", None, "credential"),
    ("allowlist", None, "transform", None),  # headers that an egress proxy adds
    ("allowlist", None, "transform", None, None),
)
"""Where whatever stands is treated as a secret; None is any name or number."""

_EDGE = r"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=%[0-9A-Fa-f]{2}))"
_ASSIGNED = (
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
    "a password in an address": r"[a-z][a-z0-9+.-]*://[^\s/:@\"'<>]*:(?P<v4>[^\s/@\"'<>]+)@",
    "a secret beside its name": _ASSIGNED + r"\\*[\"']?\s*[:=]\s*\\*[\"']?"
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
    "a password in an address": "://",
    "a secret beside its name": "key pass secret token pwd",
}
"""What a text has to hold (in lower case) before it is worth looking for each shape."""

_KINDS = [
    ("a private key", re.compile(_PRIVATE_KEY, re.DOTALL)),
    *(
        (kind, re.compile(f"{'' if '[?&]' in shape else _EDGE}(?:{shape})"))
        for kind, shape in _SHAPES.items()
    ),
]
_SEARCHES = [
    (kind, _NEEDLES[kind].split("|" if kind == "a private key" else " "), pattern)
    for kind, pattern in _KINDS
]
_ANY = re.compile("|".join(re.escape(one) for _, needles, _ in _SEARCHES for one in needles))

_HARMLESS = re.compile(
    r"(?i)[*x.…_-]+|<[^<>]*>|\$?\{.*\}|\$\w+|your[_-].*|(none|null|true|false|undefined)"
    r"|(scrubbed|redacted|filtered|removed|placeholder|dummy)([-_ ]?\w{0,12})"
)
_BLOB = re.compile(r"[0-9A-Za-z+/_-]{64,}={0,2}")
_SCHEME = re.compile(r"(?i)(?:bearer|basic|token|apikey|digest|negotiate)\s+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DEEP = 5
_LONG = 16


@dataclass(frozen=True, slots=True)
class Spot:
    """A secret that is known by its name or place: where it stands in its text, and what it is.

    `sure` is False where the place alone says so: an environment has more than secrets.
    """

    start: int
    end: int
    value: str
    path: Path
    sure: bool = True
    string: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """A secret that is known by its shape; `whole` ones are replaced however short they are."""

    kind: str
    value: str
    path: Path
    whole: bool = False


@dataclass(frozen=True)
class Rules:
    """What the user says besides: names of fields, patterns, and what is no secret."""

    fields: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    allowed: tuple[re.Pattern[str], ...] = field(default=())

    @classmethod
    def of(
        cls, fields: Iterable[str] = (), patterns: Iterable[str] = (), allowed: Iterable[str] = ()
    ) -> Rules:
        """From what was typed; raises `BadRule` for a pattern that is none."""
        return cls(
            frozenset(map(_normal, fields)),
            tuple(_compiled("--scrub-pattern", pattern) for pattern in patterns),
            tuple(_compiled("--allow-secret", pattern) for pattern in allowed),
        )

    def named(self, name: str, *, query: bool = False) -> bool:
        """Whether what goes by that name is a secret: a member, a header, a query parameter."""
        normal = _normal(name)
        by_name = normal in self.fields or _sounds_secret(normal)
        return by_name or (query and normal.split("_")[-1] in _QUERY)

    def harmless(self, value: str) -> bool:
        """Whether a value is no secret for sure: a placeholder, or what the user allows."""
        return is_placeholder(value) or any(one.search(value) for one in self.allowed)

    def shapes(self, text: str, path: Path = ()) -> Iterator[Shape]:
        """The secrets in a text that its shape gives away."""
        # Media and signatures hold every short text by chance: there it has to be at the start.
        blob = _BLOB.fullmatch(text) is not None
        lower = text.lower()
        for kind, needles, pattern in _SEARCHES if _ANY.search(lower) else ():
            if not any(needle in lower for needle in needles):
                continue
            for found in [pattern.match(text)] if blob else pattern.finditer(text):
                value = next((one for one in found.groups() if one), found[0]) if found else ""
                if self.harmless(value) or (kind == "a password" and not _pair(value)):
                    continue
                yield Shape(kind, value, path, kind == "a password in an address")
        for pattern in self.patterns:
            for match in pattern.finditer(text):
                value = next((one for one in match.groups() if one), match[0])
                if not self.harmless(value):
                    yield Shape("your pattern", value, path, True)
        if blob and (inner := unpacked(text)) is not None:
            yield from self.shapes(inner, path)
        if "%" in text and (plain := unquote(text)) != text:
            yield from self.shapes(plain, path)

    def spots(self, body: Body) -> Iterator[Spot | Shape]:
        """The secrets of a body; places are those of its text. Deltas have `thread_spots`."""
        for leaf in body.leaves:
            if leaf.start not in body.woven:
                yield from self._of_leaf(leaf, (), 0)
        yield from self.shapes(body.outside)

    def thread_spots(self, text: str, path: Path) -> Iterator[Spot | Shape]:
        """The secrets of a text that came in deltas; places are those of the joined text."""
        if looks_json(text):
            for leaf in leaves(text):
                yield from self._of_leaf(leaf, path, 1)
        if _guarded(path, self.fields) is not None and not self.harmless(text):
            yield Spot(0, len(text), text, path)
        yield from self.shapes(text, path)

    def _of_leaf(self, leaf: Leaf, above: Path, depth: int) -> Iterator[Spot | Shape]:
        path = above + leaf.path
        sure = _guarded(path, self.fields)
        if sure is not None and (leaf.string or self._number(leaf)):
            scheme = _SCHEME.match(leaf.raw) if leaf.string else None
            start = leaf.start + (scheme.end() if scheme else 0)
            value = decoded(leaf.raw[start - leaf.start :])
            if not self.harmless(value):
                yield Spot(start, leaf.end, value, path, sure, leaf.string)
        for part in path:
            if isinstance(part, str) and len(part) >= _LONG:
                yield from self.shapes(part)
        if not leaf.string:
            if len(leaf.raw) >= _LONG:  # no JSON at all
                yield from self.shapes(leaf.raw, path)
            return
        text = leaf.value
        yield from self.shapes(text, path)
        if looks_json(text) and depth < _DEEP:
            _, starts = spelled_out(leaf.raw)
            for inner in leaves(text):
                for found in self._of_leaf(inner, path, depth + 1):
                    if isinstance(found, Spot):
                        begin, end = (leaf.start + starts[at] for at in (found.start, found.end))
                        found = Spot(begin, end, found.value, found.path, found.sure, found.string)
                    yield found

    def _number(self, leaf: Leaf) -> bool:
        last = next((part for part in reversed(leaf.path) if isinstance(part, str)), "")
        normal = _normal(last)
        secret = normal in self.fields or normal.split("_")[-1] in _NUMBERS
        return secret and leaf.raw not in ("true", "false", "null")

    def doubtful(self, name: str, value: str) -> bool:
        """Whether a value looks random and its name sounds like a secret's."""
        words = _normal(name).split("_")
        known = words[-1] in _DOUBTFUL and _normal(name) not in _NO_SECRET
        return known and random_looking(value) and not self.harmless(value)


def find_secrets(text: str, rules: Rules | None = None) -> list[str]:
    """What in a text (JSON, a stream, or any) still looks like a secret: kinds and places."""
    rules = rules or Rules()
    body = Body(text)
    found = [_told(one) for one in rules.spots(body)]
    for thread in body.threads:
        found += [_told(one) for one in rules.thread_spots(thread.text, thread.path)]
    for leaf in body.leaves:
        name = next((part for part in reversed(leaf.path) if isinstance(part, str)), "")
        if leaf.string and rules.doubtful(name, leaf.value):
            found.append(f"a random text under the name of a key at {shown(leaf.path)}")
    return list(dict.fromkeys(found))


def random_looking(value: str) -> bool:
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
    rest = PLACEHOLDER.sub("", text)
    return bool(_HARMLESS.fullmatch(text)) or not text or (rest != text and len(rest) < 8)


@lru_cache(4096)
def _guarded(path: Path, fields: frozenset[str]) -> bool | None:
    """Whether a leaf is a secret by its path: True for sure, False maybe, None no."""
    names = [part for part in path if isinstance(part, str)]
    normal = [_normal(name) for name in names]
    if not names:
        return None
    if not fields.isdisjoint(normal) or _sounds_secret(normal[-1]):
        return True
    if names[-1] == "value" and (path == ("value",) or _sounds_secret("".join(normal[-2:-1]))):
        return True
    if "properties" not in names and any(_fits(path, place) for place in _PLACES):
        return False
    return None


def _sounds_secret(normal: str) -> bool:
    if normal in _NO_SECRET:
        return False
    words = normal.split("_")
    return words[-1] in _ENDS or "_".join(words[-2:]) in _PAIRS


def _told(one: Spot | Shape) -> str:
    kind = one.kind if isinstance(one, Shape) else "a secret by its name"
    return f"{kind} at {shown(one.path)}" if one.path else kind


def _fits(path: Path, place: tuple[str | None, ...]) -> bool:
    tail = path[-len(place) :]
    return len(tail) == len(place) and all(
        wanted is None or wanted == part for part, wanted in zip(tail, place, strict=True)
    )


@lru_cache(4096)
def _normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", name).lower()).strip("_")


def _compiled(option: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise BadRule(f"{option} {pattern!r} is no regular expression: {error}") from None


def _pair(value: str) -> bool:
    """Whether base64 text is a user and a password."""
    inner = unpacked(value)
    return inner is not None and ":" in inner


def unpacked(value: str) -> str | None:
    """The text that base64 text holds, None where it holds something else."""
    plain = value.translate(_URLSAFE).rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if all(char.isprintable() or char.isspace() for char in text) else None


_URLSAFE: Any = str.maketrans("-_", "+/")
