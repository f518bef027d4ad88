"""A comparison as text: the turns that differ, each place with both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..wire.json_paths import ABSENT
from ..wording import count_of
from .diff import Compared, Difference
from .step_lines import Paint, plain, safe
from .word_diff import words

_MARKS = {"old": ("[-", "-]"), "new": ("{+", "+}"), "same": ("", "")}
_TITLE = 60
_MOST = 20


def text(turns: Sequence[Compared], left: str, right: str, paint: Paint) -> str:
    """What differs, and the count; nothing but the count where all is the same."""
    lines: list[str] = []
    for turn in turns:
        if not turn.same:
            lines += [*_turn(turn, left, right, paint), ""]
    if lines:
        lines = [paint(f"- {left}", "old"), paint(f"+ {right}", "new"), "", *lines]
    return "\n".join([*lines, _count(turns, left, right)])


def _turn(turn: Compared, left: str, right: str, paint: Paint) -> Iterator[str]:
    line = turn.asked.partition("\n")[0]
    asked = safe(line if len(line) <= _TITLE else f"{line[:_TITLE]}…")
    if turn.left is None or turn.right is None:
        number, file = (turn.right, right) if turn.left is None else (turn.left, left)
        what = "new" if turn.left is None else "old"
        yield f"{paint(f'#{number}', 'head')} {asked} {paint(f'only in {file}', what)}"
        return
    place = f"#{turn.left}" if turn.left == turn.right else f"#{turn.left} ↔ #{turn.right}"
    yield f"{paint(place, 'head')} {asked}"
    for difference in turn.differences[:_MOST]:
        yield from _difference(difference, paint)
    if len(turn.differences) > _MOST:
        yield f"  and {len(turn.differences) - _MOST} more places"


def _difference(difference: Difference, paint: Paint) -> Iterator[str]:
    path, old, new = difference
    yield f"  {path}"
    if isinstance(old, str) and isinstance(new, str):
        joined = "".join(
            paint(f"{_MARKS[kind][0]}{safe(said)}{_MARKS[kind][1]}", kind)
            for kind, said in words(old, new)
        )
        yield from (f"    {line}" for line in joined.split("\n"))
        return
    for mark, kind, value in (("-", "old", old), ("+", "new", new)):
        if value is not ABSENT:
            yield "    " + paint(safe(f"{mark} {plain(value)}"), kind)


def _count(turns: Sequence[Compared], left: str, right: str) -> str:
    pairs = [turn for turn in turns if turn.left is not None and turn.right is not None]
    different = sum(not turn.same for turn in pairs)
    one = sum(turn.right is None for turn in turns)
    other = sum(turn.left is None for turn in turns)
    parts = [f"{count_of(len(pairs), 'turn')} compared"]
    parts.append(f"{different} different" if different else "all the same")
    parts += [f"{one} only in {left}"] if one else []
    parts += [f"{other} only in {right}"] if other else []
    return f"diff: {', '.join(parts)}"
