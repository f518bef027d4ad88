"""Read the shape of a JSON text, which is all of it but some texts and numbers, without parsing it.

Two texts of one shape differ in nothing but the texts of *open* members, such as `text` and `id`,
and, where that is asked for, in the digits of numbers. So what depends on neither need be worked
out once for each shape. A text that is no JSON may have a shape as well; it is that of no JSON.

The text is split at its quotes: every second piece is the inside of a string, and the others are
the structure. Where the strings are names, and which values are open, is worked out once for each
structure and its names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import TypeAlias

Pieces: TypeAlias = tuple[bytes, ...]
Pick: TypeAlias = Callable[[list[bytes]], Pieces]

MOST_BYTES = 16_384
"""A longer text has no shape: it is met once, and its values are most of it."""
_MOST_LAYOUTS = 512
_DIGITS = bytes.maketrans(b"123456789", b"000000000")


class Layout:
    """The structure and the names of a text; `pick` picks its values that are not open."""

    __slots__ = ("pick",)

    def __init__(self, pick: Pick) -> None:
        self.pick = pick


Shape: TypeAlias = tuple[Layout, Pieces]


class ShapeReader:
    """Reads shapes. Those of two readers are never equal.

    open_members: the members whose own texts are open
    open_objects: the members inside of which every text is open
    """

    def __init__(self, open_members: Iterable[str], open_objects: Iterable[str] = ()) -> None:
        self._open = frozenset(name.encode() for name in open_members)
        self._open_objects = frozenset(name.encode() for name in open_objects)
        self._name_picks: dict[bytes, Pick] = {}
        self._layouts: dict[tuple[bytes, Pieces], Layout] = {}

    def read(self, text: bytes, *, open_numbers: bool = False) -> Shape | None:
        """Return the shape of a text; None for a long one, and for one that may be no Unicode.

        With `open_numbers` a number is told apart by its sign, its point and roughly its length.
        """
        marked = mark_texts(text)
        return None if marked is None else self.read_marked(marked, open_numbers=open_numbers)

    def read_marked(self, text: bytes, *, open_numbers: bool = False) -> Shape:
        """Return the shape of a text whose strings are marked."""
        pieces = text.split(b'"')
        structure = b'"'.join(pieces[::2])
        if open_numbers:
            structure = shorten_numbers(structure)
        pick_names = self._name_picks.get(structure)
        if pick_names is None:
            pick_names = self._find_names(structure, pieces)
        names = pick_names(pieces)
        layout = self._layouts.get((structure, names))
        if layout is None:
            layout = self._layouts[structure, names] = Layout(self._find_words(pieces))
        return layout, layout.pick(pieces)

    def _find_names(self, structure: bytes, pieces: list[bytes]) -> Pick:
        if len(self._layouts) > _MOST_LAYOUTS:
            self._name_picks, self._layouts = {}, {}
        pick = self._name_picks[structure] = _pick(list(_name_places(pieces)))
        return pick

    def _find_words(self, pieces: list[bytes]) -> Pick:
        """Pick the values that are texts, but for those that are open."""
        names = set(_name_places(pieces))
        words: list[int] = []
        is_open, around = False, list[bool]()
        for at, piece in enumerate(pieces):
            name = pieces[at - 1] if at - 1 in names else b""
            if at % 2 and at not in names:
                is_direct = at - 2 in names and pieces[at - 1].strip() == b":"
                if not is_open and not (is_direct and pieces[at - 2] in self._open):
                    words.append(at)
            elif not at % 2:
                for sign in piece.decode("latin-1"):
                    if sign in "{[":
                        around.append(is_open)
                        is_open = is_open or name in self._open_objects
                    elif sign in "}]":
                        is_open = around.pop() if around else False
                    if sign not in ": \t\r\n":
                        name = b""
        return _pick(words)


def mark_texts(text: bytes) -> bytes | None:
    """Put signs that JSON has not for empty texts, and for backslashes and quotes inside of texts.

    Every quote that is left begins or ends a text. Returns None where a text may hold half a
    surrogate pair, and for one that is too long to be worth it.
    """
    if len(text) > MOST_BYTES:
        return None
    if b"\\" in text:
        if b"\\ud" in text or b"\\uD" in text:
            return None
        text = text.replace(b"\\\\", b"\1").replace(b'\\"', b"\2")
    return text.replace(b'""', b"~")


def shorten_numbers(structure: bytes) -> bytes:
    """Make all digits 0, and up to eight of them one."""
    structure = structure.translate(_DIGITS)
    return structure.replace(b"00", b"0").replace(b"00", b"0").replace(b"00", b"0")


def _name_places(pieces: list[bytes]) -> Iterable[int]:
    """Say which strings are names: a colon stands behind them."""
    return (at for at in range(1, len(pieces) - 1, 2) if pieces[at + 1].lstrip()[:1] == b":")


def _pick(places: list[int]) -> Pick:
    """Return the function that picks the pieces at these places, as a tuple."""
    if not places:
        return lambda _: ()
    if len(places) == 1:
        only = places[0]
        return lambda pieces: (pieces[only],)
    return itemgetter(*places)
