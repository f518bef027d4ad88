"""Write a comparison as text: the turns that differ, and each place with both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..wire.json_paths import ABSENT
from ..wording import count_of, spell_unsafe
from .diff import Difference, TurnComparison
from .step_lines import Paint, compact_json
from .word_diff import diff_words

_MARKS = {"old": ("[-", "-]"), "new": ("{+", "+}"), "same": ("", "")}
_MAX_TITLE = 60
_MAX_DIFFERENCES = 20


def render_comparison(
    turns: Sequence[TurnComparison], first_name: str, second_name: str, paint: Paint
) -> str:
    """Return the turns that differ, and a line with the counts, as text for people."""
    lines: list[str] = []
    for turn in turns:
        if not turn.is_same:
            lines += [*_turn_lines(turn, first_name, second_name, paint), ""]
    if lines:
        lines = [paint(f"- {first_name}", "old"), paint(f"+ {second_name}", "new"), "", *lines]
    return "\n".join([*lines, _count_line(turns, first_name, second_name)])


def _turn_lines(
    turn: TurnComparison, first_name: str, second_name: str, paint: Paint
) -> Iterator[str]:
    line = turn.title.partition("\n")[0]
    title = spell_unsafe(line if len(line) <= _MAX_TITLE else f"{line[:_MAX_TITLE]}…")
    if turn.first_number is None or turn.second_number is None:
        number, file = (
            (turn.second_number, second_name)
            if turn.first_number is None
            else (turn.first_number, first_name)
        )
        kind = "new" if turn.first_number is None else "old"
        yield f"{paint(f'#{number}', 'head')} {title} {paint(f'only in {file}', kind)}"
        return
    place = (
        f"#{turn.first_number}"
        if turn.first_number == turn.second_number
        else f"#{turn.first_number} ↔ #{turn.second_number}"
    )
    yield f"{paint(place, 'head')} {title}"
    for difference in turn.differences[:_MAX_DIFFERENCES]:
        yield from _difference_lines(difference, paint)
    if len(turn.differences) > _MAX_DIFFERENCES:
        yield f"  and {len(turn.differences) - _MAX_DIFFERENCES} more places"


def _difference_lines(difference: Difference, paint: Paint) -> Iterator[str]:
    """Yield a path, then two texts merged into one, or both values on lines of their own."""
    path, old, new = difference
    yield f"  {path}"
    if isinstance(old, str) and isinstance(new, str):
        marked_text = "".join(
            paint(f"{_MARKS[kind][0]}{spell_unsafe(span_text)}{_MARKS[kind][1]}", kind)
            for kind, span_text in diff_words(old, new)
        )
        yield from (f"    {line}" for line in marked_text.split("\n"))
        return
    for mark, kind, value in (("-", "old", old), ("+", "new", new)):
        if value is not ABSENT:
            yield "    " + paint(spell_unsafe(f"{mark} {compact_json(value)}"), kind)


def _count_line(turns: Sequence[TurnComparison], first_name: str, second_name: str) -> str:
    pairs = [
        turn for turn in turns if turn.first_number is not None and turn.second_number is not None
    ]
    different = sum(not turn.is_same for turn in pairs)
    only_first = sum(turn.second_number is None for turn in turns)
    only_second = sum(turn.first_number is None for turn in turns)
    parts = [f"{count_of(len(pairs), 'turn')} compared"]
    parts.append(f"{different} different" if different else "all the same")
    parts += [f"{only_first} only in {first_name}"] if only_first else []
    parts += [f"{only_second} only in {second_name}"] if only_second else []
    return f"diff: {', '.join(parts)}"
