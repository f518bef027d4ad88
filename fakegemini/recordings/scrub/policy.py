"""What is a secret: by the name it goes by, by where it stands, by its shape.

Pure. Nothing here says what is done with one; `find_secrets` gives places and kinds, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from ...errors import BadRule
from .body import Body, Leaf, Path, decoded, leaves, looks_json, shown, spelled_out
from .patterns import IN_ADDRESS, is_blob, is_placeholder, random_looking, shaped, unpacked
from .secret_names import (
    guarded,
    names_a_number,
    names_a_parameter,
    names_in_doubt,
    normal,
    sounds_secret,
)

_SCHEME = re.compile(r"(?i)(?:bearer|basic|token|apikey|digest|negotiate)\s+")
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
            frozenset(map(normal, fields)),
            tuple(_compiled("--scrub-pattern", pattern) for pattern in patterns),
            tuple(_compiled("--allow-secret", pattern) for pattern in allowed),
        )

    def named(self, name: str, *, query: bool = False) -> bool:
        """Whether what goes by that name is a secret: a member, a header, a query parameter."""
        plain = normal(name)
        by_name = plain in self.fields or sounds_secret(plain)
        return by_name or (query and names_a_parameter(name))

    def harmless(self, value: str) -> bool:
        """Whether a value is no secret for sure: a placeholder, or what the user allows."""
        return is_placeholder(value) or any(one.search(value) for one in self.allowed)

    def shapes(self, text: str, path: Path = ()) -> Iterator[Shape]:
        """The secrets in a text that its shape gives away."""
        for kind, value in shaped(text):
            if not self.harmless(value):
                yield Shape(kind, value, path, kind == IN_ADDRESS)
        for pattern in self.patterns:
            for match in pattern.finditer(text):
                value = next((one for one in match.groups() if one), match[0])
                if not self.harmless(value):
                    yield Shape("your pattern", value, path, True)
        if is_blob(text) and (inner := unpacked(text)) is not None:
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
        if guarded(path, self.fields) is not None and not self.harmless(text):
            yield Spot(0, len(text), text, path)
        yield from self.shapes(text, path)

    def _of_leaf(self, leaf: Leaf, above: Path, depth: int) -> Iterator[Spot | Shape]:
        path = above + leaf.path
        sure = guarded(path, self.fields)
        if sure is not None and (leaf.string or self._number(leaf)):
            scheme = _SCHEME.match(leaf.raw) if leaf.string else None
            start = leaf.start + (scheme.end() if scheme else 0)
            value = decoded(leaf.raw[start - leaf.start :])
            if not self.harmless(value):
                yield Spot(start, leaf.end, value, path, sure, leaf.string)
        for part in leaf.path:
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
        secret = normal(last) in self.fields or names_a_number(last)
        return secret and leaf.raw not in ("true", "false", "null")

    def doubtful(self, name: str, value: str) -> bool:
        """Whether a value looks random and its name sounds like a secret's."""
        return names_in_doubt(name) and random_looking(value) and not self.harmless(value)


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


def _told(one: Spot | Shape) -> str:
    kind = one.kind if isinstance(one, Shape) else "a secret by its name"
    return f"{kind} at {shown(one.path)}" if one.path else kind


def _compiled(option: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise BadRule(f"{option} {pattern!r} is no regular expression: {error}") from None
