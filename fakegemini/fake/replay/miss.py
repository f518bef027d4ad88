"""What to say of a request that no recording answers: the nearest one, and the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import NotOnTape
from ...recordings.conversations import Take, Takes
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wire.json_paths import ABSENT, differences
from ...wording import five_parts, readable_json, times_of

_LOOKED_AT = 8
_SHOWN = 12
_LONG = 160


def missing(body: Any, means: Json, parent: Take | None, takes: Takes) -> NotOnTape:
    """A create that means something no recorded one does."""
    near, differences = _nearest(means, parent, takes)
    if near is None:
        return NotOnTape(
            five_parts(
                "No recording answers this request: the cassette holds no create.",
                asked=readable_json(body),
                nearest="none",
                difference="everything",
                fix="record it: fakegemini record --cassette FILE",
            )
        )
    lines = [line for name, old, new in differences[:_SHOWN] for line in lines_of(name, old, new)]
    if len(differences) > _SHOWN:
        lines.append(f"and {len(differences) - _SHOWN} more")
    return NotOnTape(
        five_parts(
            "No recording answers this request: no recorded one means the same.",
            asked=readable_json(body),
            nearest=f"{where(near)}, {_place(near)}",
            difference="\n".join(lines),
            fix="if the new request is right, record its conversation again:\n"
            f"fakegemini rerecord {near.file or 'FILE'} --only {_root(near)}\n"
            "if the difference does not matter, tolerate it by name, e.g. "
            f"tolerate={_suggested(differences)!r}\n"
            f"(tolerated now: {takes.tolerance})",
        )
    )


def nothing_left(body: Any, spent: Sequence[Take]) -> NotOnTape:
    """A create that was recorded, but less often than it came."""
    return NotOnTape(
        five_parts(
            f"No recording is left for this request: it was recorded {times_of(len(spent))} and came once more.",
            asked=readable_json(body),
            nearest=", ".join(where(take) for take in spent),
            difference="none: the request is the same",
            fix="find out why the code under test asks once more than it did when it was recorded, "
            "or\nlet recordings be played again with repeats=True",
        )
    )


def unknown(exchange: Exchange, takes: Takes, live: Sequence[str]) -> NotOnTape:
    """Anything but a create that was not recorded."""
    what = f"{exchange.method} {'/'.join(('', *exchange.parts))}"
    query = f" {readable_json(exchange.query)}" if exchange.query else ""
    if exchange.ours and exchange.identifier in live:
        nearest, difference = (
            f"the recording of {exchange.identifier}",
            f"it holds no {exchange.operation} of it, nor anything one could be made of",
        )
    elif exchange.ours:
        nearest = ", ".join(live[-3:]) or "no interaction was replayed yet"
        difference = "no interaction of that id was replayed, or recorded"
    else:
        nearest = "\n".join(sorted(" ".join(key[:2]) for key in takes.others)[:_LOOKED_AT])
        nearest, difference = nearest or "no other resource was recorded", "the method or the path"
    return NotOnTape(
        five_parts(
            "No recording answers this request.",
            asked=what + query,
            nearest=nearest,
            difference=difference,
            fix="record the conversation again, this request included",
        )
    )


def where(take: Take) -> str:
    """The place of a take: its number in its cassette."""
    number = take.create.exchange.number if take.create else 0
    return f"exchange {number} of {take.file}" if take.file else f"exchange {number}"


_PARENT = "previous_interaction_id"


def _nearest(
    means: Json, parent: Take | None, takes: Takes
) -> tuple[Take | None, list[tuple[str, Any, Any]]]:
    def apart(take: Take) -> int:
        keys = means.keys() | take.means.keys()
        members = [key for key in keys if means.get(key, ABSENT) != take.means.get(key, ABSENT)]
        return 2 * len(members) + (take.parent is not parent)

    creates = sorted((take for take in takes.all if take.create), key=apart)[:_LOOKED_AT]
    if not creates:
        return None, []
    compared = [(take, _compared(take, means, parent)) for take in creates]
    return min(compared, key=lambda pair: len(pair[1]))


def _compared(take: Take, means: Json, parent: Take | None) -> list[tuple[str, Any, Any]]:
    found = list(differences(take.means, means))
    one, other = take.parent, parent
    if (one.key if one else "") != (other.key if other else ""):
        found.insert(0, (_PARENT, _named(one), _named(other)))
    return found


def _named(take: Take | None) -> Any:
    return f"continues {where(take)}" if take else ABSENT


def lines_of(path: str, old: Any, new: Any) -> Iterator[str]:
    """A difference as people read it: the place, what was recorded, what was asked."""
    yield path
    old, new = _shown(old), _shown(new)
    at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    cut = max(0, at - _LONG // 4) if max(len(old), len(new)) > _LONG else 0
    yield f"  recorded: {_cut(old, cut)}"
    yield f"  asked:    {_cut(new, cut)}"


def _shown(value: Any) -> str:
    return repr(value) if value is ABSENT else " ".join(readable_json(value, longest=None).split())


def _cut(text: str, start: int) -> str:
    piece = text[start : start + _LONG]
    return f"{'…' if start else ''}{piece}{'…' if start + _LONG < len(text) else ''}"


def _place(take: Take) -> str:
    turn, above = 1, take.parent
    while above:
        turn, above = turn + 1, above.parent
    return f"turn {turn} of its conversation"


def _root(take: Take) -> int:
    while take.parent and take.parent.create:
        take = take.parent
    return take.create.exchange.number if take.create else 0


def _suggested(found: Sequence[tuple[str, Any, Any]]) -> list[str]:
    return [name for name, _, _ in found if name != _PARENT][:1] or ["…"]
