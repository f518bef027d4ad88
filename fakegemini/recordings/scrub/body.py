"""Where the strings and numbers of a body stand: its JSON, its stream, JSON inside strings.

Nothing is parsed into values and written again: an edit leaves every other byte as it was, and a
body that is cut in the middle has leaves like any other.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_CHAR = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_DATA = re.compile(r"^data: ?([^\r\n]*)", re.MULTILINE)
_LINE = re.compile(r"^([^\r\n]+)", re.MULTILINE)
_LINES = re.compile(r"\{[^\r\n]*\}\r?\n\{")
_STREAM = re.compile(r"\ufeff?\s*(?:event|data|id|retry)?:")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string (without its quotes) or a number, `true`, `null`: its path, its place, its text."""

    path: Path
    start: int
    end: int
    raw: str
    string: bool = True

    @property
    def value(self) -> str:
        """The text that the leaf spells."""
        return decoded(self.raw) if self.string else self.raw


@dataclass(slots=True)
class Thread:
    """A text that a stream delivers in pieces: `at` and `to` are where each character stands."""

    path: Path
    text: str = ""
    at: list[int] = field(default_factory=list)
    to: list[int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)

    def add(self, leaf: Leaf) -> None:
        """The next piece."""
        text, starts = spelled_out(leaf.raw)
        self.breaks.append(len(self.text))
        self.text += text
        self.at += [leaf.start + start for start in starts[:-1]]
        self.to += [leaf.start + start for start in starts[1:]]

    def pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where a part of the text stands, piece by piece."""
        cuts = [start, *(cut for cut in self.breaks if start < cut < end), end]
        return [(self.at[a], self.to[b - 1]) for a, b in pairwise(cuts)]


class Body:
    """A text and its leaves; `threads` are the texts of a stream that came in several deltas.

    `woven` are the places of leaves that are pieces of a thread, `outside` is what holds no leaf.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.leaves: list[Leaf] = []
        self.threads: list[Thread] = []
        self.woven: set[int] = set()
        self.outside = text
        if _STREAM.match(text) and _DATA.search(text):
            self.outside = _DATA.sub("", text)
            self._stream(_DATA)
        elif _LINES.match(text):
            self.outside = ""
            self._stream(_LINE)
        elif looks_json(text):
            self.outside = ""
            self.leaves = list(leaves(text))
        self._starts = [leaf.start for leaf in self.leaves]

    def at(self, position: int) -> Leaf | None:
        """The leaf that holds a position."""
        number = bisect_right(self._starts, position) - 1
        if number < 0 or position >= self.leaves[number].end:
            return None
        return self.leaves[number]

    def _stream(self, event: re.Pattern[str]) -> None:
        threads: dict[tuple[str, str, Path], list[Leaf]] = {}
        for line in event.finditer(self.text):
            found = list(leaves(line[1], line.start(1)))
            self.leaves += found
            said = {leaf.path: leaf.raw for leaf in found if len(leaf.path) < 3}
            key = (said.get(("index",), ""), said.get(("delta", "type"), ""))
            for leaf in found:
                if leaf.path[:1] == ("delta",) and leaf.string and leaf.path[-1] != "type":
                    threads.setdefault((*key, leaf.path), []).append(leaf)
        for (_, _, path), parts in threads.items():
            if len(parts) > 1:
                thread = Thread(path)
                for leaf in parts:
                    thread.add(leaf)
                    self.woven.add(leaf.start)
                self.threads.append(thread)


def looks_json(text: str) -> bool:
    """Whether a text may be an object or a list."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def leaves(text: str, offset: int = 0) -> Iterator[Leaf]:
    """The leaves of JSON text in order, as far as it goes; `offset` is added to their places."""
    path: list[str | int] = []
    kinds: list[str] = []
    naming = False
    for token in _TOKEN.finditer(text):
        sign = token[0][0]
        if sign == '"':
            if naming:
                path[-1], naming = decoded(token[1]), False
            else:
                start, end = token.span(1)
                yield Leaf(tuple(path), start + offset, end + offset, token[1])
        elif sign in "{[":
            kinds.append(sign)
            path.append("" if sign == "{" else 0)
            naming = sign == "{"
        elif sign in "}]":
            naming = False
            if kinds:
                kinds.pop()
                path.pop()
        elif sign == "," and kinds:
            last = path[-1]
            naming = kinds[-1] == "{"
            path[-1] = last if isinstance(last, str) else last + 1
        elif sign not in ",:":
            yield Leaf(tuple(path), token.start() + offset, token.end() + offset, token[0], False)


def decoded(raw: str) -> str:
    """What the inside of a JSON string spells; itself where it is cut in an escape."""
    if "\\" not in raw:
        return raw
    try:
        text: str = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return spelled_out(raw)[0]
    return text


def spelled_out(raw: str) -> tuple[str, list[int]]:
    """What the inside of a JSON string spells, and where each character begins; and the end."""
    if "\\" not in raw:
        return raw, list(range(len(raw) + 1))
    chars, starts = [], []
    for found in _CHAR.finditer(raw):
        one = found[0]
        starts.append(found.start())
        if len(one) == 6:
            chars.append(chr(int(one[2:], 16)))
        else:
            chars.append(_SHORT.get(one[1], one[1]) if len(one) == 2 else one)
    return "".join(chars), [*starts, len(raw)]


def shown(path: Path) -> str:
    """A path as `$.tools[0].name`."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
