"""Find where the strings and numbers of a body stand: in JSON, in a stream, in JSON in strings.

Nothing is parsed into values and written again, so an edit leaves every other byte as it was, and
a body that is cut in the middle has scalars like any other.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from ...wire.json_paths import JsonPath, join_path
from ...wording import spell_json_path

_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_STRING_CHAR = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_DATA_LINE = re.compile(r"^data: ?([^\r\n]*)", re.MULTILINE)
_ANY_LINE = re.compile(r"^([^\r\n]+)", re.MULTILINE)
_JSON_LINES = re.compile(r"\{[^\r\n]*\}\r?\n\{")
_STREAM_START = re.compile(r"\ufeff?\s*(?:event|data|id|retry)?:")
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string (without its quotes), number, `true`, `false` or `null` of a text.

    path: the members and positions that lead to it
    start, end: its place in the text
    raw: what stands there, with its escapes
    """

    path: JsonPath
    start: int
    end: int
    raw: str
    is_string: bool = True

    @property
    def value(self) -> str:
        """Return what the scalar spells, without escapes."""
        return decode_string(self.raw) if self.is_string else self.raw


@dataclass(slots=True)
class JoinedText:
    """A text that a stream delivers in pieces, one a delta.

    path: where the pieces stand in their events
    starts, ends: of each character its place in the body
    piece_starts: where in the text each piece begins
    """

    path: JsonPath
    text: str = ""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    piece_starts: list[int] = field(default_factory=list)

    def add_piece(self, scalar: Scalar) -> None:
        """Append the next piece."""
        text, starts = decode_with_starts(scalar.raw)
        self.piece_starts.append(len(self.text))
        self.text += text
        self.starts += [scalar.start + start for start in starts[:-1]]
        self.ends += [scalar.start + start for start in starts[1:]]

    def spans_of(self, start: int, end: int) -> list[tuple[int, int]]:
        """List the places in the body, piece by piece, of a part of the text."""
        cuts = [start, *(cut for cut in self.piece_starts if start < cut < end), end]
        return [(self.starts[a], self.ends[b - 1]) for a, b in pairwise(cuts)]


class ScannedBody:
    """A body and its scalars, in order.

    joined_texts: the texts that a stream delivers in several deltas
    joined_starts: the places of their pieces, which are among the scalars too
    text_outside: what is not JSON: all of the body, or a stream without its data
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.scalars: list[Scalar] = []
        self.joined_texts: list[JoinedText] = []
        self.joined_starts: set[int] = set()
        self.text_outside = text
        if _STREAM_START.match(text) and _DATA_LINE.search(text):
            self.text_outside = _DATA_LINE.sub("", text)
            self._scan_lines(_DATA_LINE)
        elif _JSON_LINES.match(text):
            self.text_outside = ""
            self._scan_lines(_ANY_LINE)
        elif looks_like_json(text):
            self.text_outside = ""
            self.scalars = list(find_scalars(text))
        self._starts = [scalar.start for scalar in self.scalars]

    def scalar_at(self, position: int) -> Scalar | None:
        """Return the scalar that holds a position, None between scalars."""
        index = bisect_right(self._starts, position) - 1
        if index < 0 or position >= self.scalars[index].end:
            return None
        return self.scalars[index]

    def _scan_lines(self, event_line: re.Pattern[str]) -> None:
        """Find the scalars of each line of JSON, and join the texts of deltas.

        Pieces belong together if index and type of their deltas and their paths are equal.
        """
        scalars_by_key: dict[tuple[str, str, JsonPath], list[Scalar]] = {}
        for line in event_line.finditer(self.text):
            scalars = list(find_scalars(line[1], line.start(1)))
            self.scalars += scalars
            raw_by_path = {scalar.path: scalar.raw for scalar in scalars if len(scalar.path) < 3}
            key = (raw_by_path.get(("index",), ""), raw_by_path.get(("delta", "type"), ""))
            for scalar in scalars:
                if scalar.path[:1] == ("delta",) and scalar.is_string and scalar.path[-1] != "type":
                    scalars_by_key.setdefault((*key, scalar.path), []).append(scalar)
        for (_, _, path), parts in scalars_by_key.items():
            if len(parts) > 1:
                joined_text = JoinedText(path)
                for scalar in parts:
                    joined_text.add_piece(scalar)
                    self.joined_starts.add(scalar.start)
                self.joined_texts.append(joined_text)


def looks_like_json(text: str) -> bool:
    """Tell whether a text begins as a JSON object or list does."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def find_scalars(text: str, offset: int = 0) -> Iterator[Scalar]:
    """Yield the scalars of JSON text in order, also of one that is cut.

    offset: what to add to their places
    """
    path: list[str | int] = []
    brackets: list[str] = []
    expects_key = False
    for token in _TOKEN.finditer(text):
        first_char = token[0][0]
        if first_char == '"':
            if expects_key:
                path[-1], expects_key = decode_string(token[1]), False
            else:
                start, end = token.span(1)
                yield Scalar(tuple(path), start + offset, end + offset, token[1])
        elif first_char in "{[":
            brackets.append(first_char)
            path.append("" if first_char == "{" else 0)
            expects_key = first_char == "{"
        elif first_char in "}]":
            expects_key = False
            if brackets:
                brackets.pop()
                path.pop()
        elif first_char == "," and brackets:
            last = path[-1]
            expects_key = brackets[-1] == "{"
            path[-1] = last if isinstance(last, str) else last + 1
        elif first_char not in ",:":
            yield Scalar(tuple(path), token.start() + offset, token.end() + offset, token[0], False)


def decode_string(raw: str) -> str:
    """Decode the inside of a JSON string, also where it is cut in an escape."""
    if "\\" not in raw:
        return raw
    try:
        text: str = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return decode_with_starts(raw)[0]
    return text


def decode_with_starts(raw: str) -> tuple[str, list[int]]:
    """Decode the inside of a JSON string; also return where each character begins, and the end."""
    if "\\" not in raw:
        return raw, list(range(len(raw) + 1))
    chars, starts = [], []
    for match in _STRING_CHAR.finditer(raw):
        spelling = match[0]
        starts.append(match.start())
        if len(spelling) == 6:
            chars.append(chr(int(spelling[2:], 16)))
        else:
            chars.append(
                _SHORT_ESCAPES.get(spelling[1], spelling[1]) if len(spelling) == 2 else spelling
            )
    return "".join(chars), [*starts, len(raw)]


def path_text(path: JsonPath) -> str:
    """Spell a path as `$.tools[0].name`."""
    return join_path("$", spell_json_path(path))
