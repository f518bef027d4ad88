"""Decide what is a secret: by its name, by its place, by its shape, by the user's rules.

What is done with a secret is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import BadRule, SlowPattern
from ...wire.bounded_patterns import FILE_SECONDS, iterate_bounded, search_bounded
from ...wire.json_paths import JsonPath
from .body import (
    Scalar,
    ScannedBody,
    decode_string,
    decode_with_starts,
    find_scalars,
    looks_like_json,
)
from .packed_texts import MAX_DEPTH, OpenedText, open_texts
from .patterns import find_secret_shapes, is_placeholder
from .secret_names import (
    is_only_a_word,
    is_secret_path,
    is_secret_place,
    names_doubtful_value,
    names_secret_number,
    names_secret_parameter,
    normalize_name,
    sounds_secret,
)
from .secret_shape import looks_random
from .spellings import spellings_pattern

_SCHEME = re.compile(r"(?i)(?:bearer|basic|token|apikey|digest|negotiate)\s+")
_MIN_LENGTH = 16
_MIN_NAMED = 8


@dataclass(frozen=True, slots=True)
class PlacedSecret:
    """A secret that is known by its name or place.

    start, end: where it stands in its text
    path: the members and positions that lead to it
    is_sure: False where only the place tells: environments hold more than secrets
    is_string: False for a number
    """

    start: int
    end: int
    value: str
    path: JsonPath
    is_sure: bool = True
    is_string: bool = True


@dataclass(frozen=True, slots=True)
class ShapedSecret:
    """A secret that is known by its shape.

    kind: what a report calls it
    path: the members and positions that lead to the text that holds it
    between: what is before and behind it, if it may be as short as a word
    at_any_length: whether it is replaced everywhere all the same
    is_doubt: whether it only may hold a secret, as nobody can look inside
    """

    kind: str
    value: str
    path: JsonPath
    between: tuple[str, str] | None = None
    at_any_length: bool = False
    is_doubt: bool = False


@dataclass(frozen=True)
class ScrubRules:
    """What the user adds to what we know.

    fields: further names of secrets, normalized
    patterns: what else is a secret by its shape; where one has a group, the group is the secret
    allowed_patterns: what is no secret
    """

    fields: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    allowed_patterns: tuple[re.Pattern[str], ...] = field(default=())

    @classmethod
    def from_options(
        cls,
        fields: Iterable[str] = (),
        patterns: Iterable[str] = (),
        allowed: Iterable[str] = (),
        *,
        named: str = "",
    ) -> ScrubRules:
        """Build the rules from the values of options.

        named: what an error calls a pattern; by default the option of a command

        Raises `BadRule` for what is no regular expression.
        """
        return cls(
            frozenset(map(normalize_name, fields)),
            tuple(_compile_pattern(named or "--scrub-pattern", pattern) for pattern in patterns),
            tuple(_compile_pattern(named or "--allow-secret", pattern) for pattern in allowed),
        )

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any]) -> ScrubRules:
        """Build the rules from `scrub`, `scrub_pattern` and `allow_secret`, each one or several.

        Raises `BadRule` for what is no regular expression.
        """
        values = [options.get(name) or () for name in ("scrub", "scrub_pattern", "allow_secret")]
        fields, patterns, allowed = (
            (value,) if isinstance(value, str) else tuple(value) for value in values
        )
        return cls.from_options(fields, patterns, allowed, named="the pattern")

    def is_secret_name(self, name: str, *, query: bool = False) -> bool:
        """Tell whether a member or a header of that name is a secret, or a query parameter."""
        plain = normalize_name(name)
        by_name = plain in self.fields or sounds_secret(plain)
        return by_name or (query and names_secret_parameter(name))

    def is_harmless(self, value: str) -> bool:
        """Tell whether a value is surely no secret: a placeholder, or allowed by the user."""
        return is_placeholder(value) or any(
            search_bounded(pattern, value, seconds=FILE_SECONDS)
            for pattern in self.allowed_patterns
        )

    def find_shaped(self, text: str, path: JsonPath = (), depth: int = 0) -> Iterator[ShapedSecret]:
        """Yield the secrets in a text that are known by their shapes.

        Looks into what is packed in it too. `path` is where the text stands, `depth` in how many
        packings.
        """
        for shape, value in find_secret_shapes(text):
            if not self.is_harmless(value):
                yield ShapedSecret(shape.kind, value, path, shape.between)
        for pattern in self.patterns:
            for match in iterate_bounded(pattern, text):
                value = next((group for group in match.groups() if group), match[0])
                if not self.is_harmless(value):
                    yield ShapedSecret("your pattern", value, path, at_any_length=True)
        for opened in open_texts(text):
            yield from self._find_in_opened(opened, path, depth)

    def _find_in_opened(
        self, opened: OpenedText, path: JsonPath, depth: int
    ) -> Iterator[ShapedSecret]:
        """Yield the secrets in what is packed in a text, and all that is packed if need be.

        That is needed where a secret cannot be replaced inside, and where nobody can look inside.
        """
        problem = opened.problem
        if not problem and depth >= MAX_DEPTH:
            problem = f"it is packed more than {MAX_DEPTH} times"
        if problem:
            if not self.is_harmless(opened.run):
                kind = f"{opened.way} that cannot be looked into: {problem}"
                yield ShapedSecret(kind, opened.run, path, is_doubt=True)
            return
        kinds = []
        for secret in self._find_in_inner(opened, path, depth + 1):
            yield secret
            if not spellings_pattern(secret.value).search(opened.run):
                kinds.append(secret.kind)
        if kinds and not self.is_harmless(opened.run):
            yield ShapedSecret(f"{kinds[0]} in {opened.way}", opened.run, path)

    def _find_in_inner(
        self, opened: OpenedText, path: JsonPath, depth: int
    ) -> Iterator[ShapedSecret]:
        yield from self.find_shaped(opened.inner, path, depth)
        if opened.run is not opened.inner and looks_like_json(opened.inner):
            for scalar in find_scalars(opened.inner):
                for secret in self.find_in_scalar(scalar, path, depth):
                    if isinstance(secret, ShapedSecret):
                        yield secret
                    elif secret.is_sure and len(secret.value) >= _MIN_NAMED:
                        yield ShapedSecret("a secret by its name", secret.value, path)

    def find_in_body(self, body: ScannedBody) -> Iterator[PlacedSecret | ShapedSecret]:
        """Yield the secrets of a body, with places in its text, but for those of joined texts."""
        for scalar in body.scalars:
            if scalar.start not in body.joined_starts:
                yield from self.find_in_scalar(scalar)
        yield from self.find_shaped(body.text_outside)

    def find_in_joined_text(
        self, text: str, path: JsonPath
    ) -> Iterator[PlacedSecret | ShapedSecret]:
        """Yield the secrets of a text that came in deltas, with places in the joined text."""
        if looks_like_json(text):
            for scalar in find_scalars(text):
                yield from self.find_in_scalar(scalar, path, 1)
        if is_secret_path(path, self.fields) is not None and not self.is_harmless(text):
            yield PlacedSecret(0, len(text), text, path)
        yield from self.find_shaped(text, path)

    def find_in_scalar(
        self, scalar: Scalar, above: JsonPath = (), depth: int = 0
    ) -> Iterator[PlacedSecret | ShapedSecret]:
        """Yield the secrets of a scalar, of the names that lead to it, and of JSON inside it.

        above: the path to the text that holds the scalar
        depth: in how many texts of JSON that text stands
        """
        path = above + scalar.path
        sure = is_secret_path(path, self.fields)
        if sure is not None and (scalar.is_string or self._is_secret_number(scalar)):
            scheme = _SCHEME.match(scalar.raw) if scalar.is_string else None
            start = scalar.start + (scheme.end() if scheme else 0)
            value = decode_string(scalar.raw[start - scalar.start :])
            if sure and scalar.is_string and is_only_a_word(path, value, self.fields):
                sure = False if is_secret_place(path) else None
            if sure is not None and not self.is_harmless(value):
                yield PlacedSecret(start, scalar.end, value, path, sure, scalar.is_string)
        for part in scalar.path:
            if isinstance(part, str) and len(part) >= _MIN_LENGTH:
                yield from self.find_shaped(part)
        if not scalar.is_string:
            if len(scalar.raw) >= _MIN_LENGTH:  # too long for a number: not JSON at all
                yield from self.find_shaped(scalar.raw, path)
            return
        text = scalar.value
        yield from self.find_shaped(text, path, depth)
        if looks_like_json(text) and depth >= MAX_DEPTH:
            if not self.is_harmless(text):
                kind = f"JSON that cannot be looked into: it is in more than {MAX_DEPTH} texts"
                yield ShapedSecret(kind, text, path, is_doubt=True)
        elif looks_like_json(text):
            _, starts = decode_with_starts(scalar.raw)
            for inner_scalar in find_scalars(text):
                for secret in self.find_in_scalar(inner_scalar, path, depth + 1):
                    if isinstance(secret, PlacedSecret):
                        begin, end = (
                            scalar.start + starts[index] for index in (secret.start, secret.end)
                        )
                        secret = PlacedSecret(
                            begin, end, secret.value, secret.path, secret.is_sure, secret.is_string
                        )
                    yield secret

    def _is_secret_number(self, scalar: Scalar) -> bool:
        """Tell whether a scalar is a number that is a secret by its name."""
        last_name = next((part for part in reversed(scalar.path) if isinstance(part, str)), "")
        secret = normalize_name(last_name) in self.fields or names_secret_number(last_name)
        return secret and scalar.raw not in ("true", "false", "null")

    def find_doubtful(self, body: ScannedBody) -> Iterator[Scalar]:
        """Yield the texts of a body that look random under a name that may be a secret's."""
        for scalar in body.scalars:
            name = next((part for part in reversed(scalar.path) if isinstance(part, str)), "")
            if scalar.is_string and self.is_doubtful(name, scalar.value):
                yield scalar

    def is_doubtful(self, name: str, value: str) -> bool:
        """Tell whether a value looks random under a name that may be a secret's."""
        return names_doubtful_value(name) and looks_random(value) and not self.is_harmless(value)


def _compile_pattern(option: str, pattern: str) -> re.Pattern[str]:
    """Compile a user's pattern; raises `BadRule`, which names the option."""
    try:
        compiled = re.compile(pattern)
        search_bounded(compiled, "")
    except (re.error, OverflowError, RecursionError, FutureWarning, SlowPattern) as error:
        raise BadRule(f"{option} {pattern!r} is no regular expression: {error}") from None
    return compiled
