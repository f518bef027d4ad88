"""What is a secret: by the name it goes by, by where it stands, by its shape.

Pure. Nothing here says what is done with one; `find_secrets` gives places and kinds, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from ...errors import BadRule
from .body import (
    JsonPath,
    Scalar,
    ScannedBody,
    decode_string,
    decode_with_starts,
    find_scalars,
    looks_like_json,
    path_text,
)
from .patterns import (
    IN_ADDRESS,
    decode_base64_text,
    find_secret_shapes,
    is_blob,
    is_placeholder,
    looks_random,
)
from .secret_names import (
    is_secret_path,
    names_doubtful_value,
    names_secret_number,
    names_secret_parameter,
    normalize_name,
    sounds_secret,
)

_SCHEME = re.compile(r"(?i)(?:bearer|basic|token|apikey|digest|negotiate)\s+")
_MAX_DEPTH = 5
_MIN_LENGTH = 16


@dataclass(frozen=True, slots=True)
class PlacedSecret:
    """A secret that is known by its name or place: where it stands in its text, and what it is.

    `is_sure` is False where the place alone says so: an environment has more than secrets.
    """

    start: int
    end: int
    value: str
    path: JsonPath
    is_sure: bool = True
    is_string: bool = True


@dataclass(frozen=True, slots=True)
class ShapedSecret:
    """A secret that is known by its shape; replaced however short where `at_any_length`."""

    kind: str
    value: str
    path: JsonPath
    at_any_length: bool = False


@dataclass(frozen=True)
class ScrubRules:
    """What the user says besides: names of fields, patterns, and what is no secret."""

    fields: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    allowed_patterns: tuple[re.Pattern[str], ...] = field(default=())

    @classmethod
    def from_options(
        cls, fields: Iterable[str] = (), patterns: Iterable[str] = (), allowed: Iterable[str] = ()
    ) -> ScrubRules:
        """From what was typed; raises `BadRule` for a pattern that is none."""
        return cls(
            frozenset(map(normalize_name, fields)),
            tuple(_compile_pattern("--scrub-pattern", pattern) for pattern in patterns),
            tuple(_compile_pattern("--allow-secret", pattern) for pattern in allowed),
        )

    def is_secret_name(self, name: str, *, query: bool = False) -> bool:
        """Whether what goes by that name is a secret: a member, a header, a query parameter."""
        plain = normalize_name(name)
        by_name = plain in self.fields or sounds_secret(plain)
        return by_name or (query and names_secret_parameter(name))

    def is_harmless(self, value: str) -> bool:
        """Whether a value is no secret for sure: a placeholder, or what the user allows."""
        return is_placeholder(value) or any(
            pattern.search(value) for pattern in self.allowed_patterns
        )

    def find_shaped(self, text: str, path: JsonPath = ()) -> Iterator[ShapedSecret]:
        """The secrets in a text that its shape gives away."""
        for kind, value in find_secret_shapes(text):
            if not self.is_harmless(value):
                yield ShapedSecret(kind, value, path, kind == IN_ADDRESS)
        for pattern in self.patterns:
            for match in pattern.finditer(text):
                value = next((group for group in match.groups() if group), match[0])
                if not self.is_harmless(value):
                    yield ShapedSecret("your pattern", value, path, True)
        if is_blob(text) and (inner := decode_base64_text(text)) is not None:
            yield from self.find_shaped(inner, path)
        if "%" in text and (plain := unquote(text)) != text:
            yield from self.find_shaped(plain, path)

    def find_in_body(self, body: ScannedBody) -> Iterator[PlacedSecret | ShapedSecret]:
        """The secrets of a body; places are those of its text. Not those of deltas."""
        for scalar in body.scalars:
            if scalar.start not in body.joined_starts:
                yield from self._find_in_scalar(scalar, (), 0)
        yield from self.find_shaped(body.text_outside)

    def find_in_joined_text(
        self, text: str, path: JsonPath
    ) -> Iterator[PlacedSecret | ShapedSecret]:
        """The secrets of a text that came in deltas; places are those of the joined text."""
        if looks_like_json(text):
            for scalar in find_scalars(text):
                yield from self._find_in_scalar(scalar, path, 1)
        if is_secret_path(path, self.fields) is not None and not self.is_harmless(text):
            yield PlacedSecret(0, len(text), text, path)
        yield from self.find_shaped(text, path)

    def _find_in_scalar(
        self, scalar: Scalar, above: JsonPath, depth: int
    ) -> Iterator[PlacedSecret | ShapedSecret]:
        path = above + scalar.path
        sure = is_secret_path(path, self.fields)
        if sure is not None and (scalar.is_string or self._is_secret_number(scalar)):
            scheme = _SCHEME.match(scalar.raw) if scalar.is_string else None
            start = scalar.start + (scheme.end() if scheme else 0)
            value = decode_string(scalar.raw[start - scalar.start :])
            if not self.is_harmless(value):
                yield PlacedSecret(start, scalar.end, value, path, sure, scalar.is_string)
        for part in scalar.path:
            if isinstance(part, str) and len(part) >= _MIN_LENGTH:
                yield from self.find_shaped(part)
        if not scalar.is_string:
            if len(scalar.raw) >= _MIN_LENGTH:  # no JSON at all
                yield from self.find_shaped(scalar.raw, path)
            return
        text = scalar.value
        yield from self.find_shaped(text, path)
        if looks_like_json(text) and depth < _MAX_DEPTH:
            _, starts = decode_with_starts(scalar.raw)
            for inner_scalar in find_scalars(text):
                for secret in self._find_in_scalar(inner_scalar, path, depth + 1):
                    if isinstance(secret, PlacedSecret):
                        begin, end = (
                            scalar.start + starts[index] for index in (secret.start, secret.end)
                        )
                        secret = PlacedSecret(
                            begin, end, secret.value, secret.path, secret.is_sure, secret.is_string
                        )
                    yield secret

    def _is_secret_number(self, scalar: Scalar) -> bool:
        last_name = next((part for part in reversed(scalar.path) if isinstance(part, str)), "")
        secret = normalize_name(last_name) in self.fields or names_secret_number(last_name)
        return secret and scalar.raw not in ("true", "false", "null")

    def is_doubtful(self, name: str, value: str) -> bool:
        """Whether a value looks random and its name sounds like a secret's."""
        return names_doubtful_value(name) and looks_random(value) and not self.is_harmless(value)


def find_secrets(text: str, rules: ScrubRules | None = None) -> list[str]:
    """What in a text (JSON, a stream, or any) still looks like a secret: kinds and places."""
    rules = rules or ScrubRules()
    body = ScannedBody(text)
    findings = [_describe_secret(secret) for secret in rules.find_in_body(body)]
    for joined_text in body.joined_texts:
        findings += [
            _describe_secret(secret)
            for secret in rules.find_in_joined_text(joined_text.text, joined_text.path)
        ]
    for scalar in body.scalars:
        name = next((part for part in reversed(scalar.path) if isinstance(part, str)), "")
        if scalar.is_string and rules.is_doubtful(name, scalar.value):
            findings.append(f"a random text under the name of a key at {path_text(scalar.path)}")
    return list(dict.fromkeys(findings))


def _describe_secret(secret: PlacedSecret | ShapedSecret) -> str:
    kind = secret.kind if isinstance(secret, ShapedSecret) else "a secret by its name"
    return f"{kind} at {path_text(secret.path)}" if secret.path else kind


def _compile_pattern(option: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise BadRule(f"{option} {pattern!r} is no regular expression: {error}") from None
