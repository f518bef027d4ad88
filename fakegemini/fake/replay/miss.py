"""Word what is said of a request that no recording answers: the nearest one, the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import NotOnTape
from ...recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    parent_id_of,
    request_content,
)
from ...recordings.exchange import Exchange
from ...recordings.scrub.stand_ins import match_stand_ins
from ...wire.http import Json
from ...wire.json_paths import ABSENT, find_differences
from ...wording import five_parts, readable_json, times_of
from .nearest_other import nearest_other

_MAX_CANDIDATES = 8
_MAX_DIFFERENCES = 12
_MAX_CHARACTERS = 160


def unknown_create_error(
    body: Any,
    meaning: Json,
    parent: RecordedInteraction | None,
    conversations: RecordedConversations,
) -> NotOnTape:
    """Make the error of a create that means something else than all recorded ones."""
    nearest, differences = _find_nearest(meaning, parent, conversations)
    if nearest and nearest.create and not differences:
        names = (parent_id_of(request_content(nearest.create.exchange)), parent_id_of(body))
        differences = [(_PARENT, names[0] or ABSENT, names[1] or ABSENT)]
    if nearest is None:
        return NotOnTape(
            five_parts(
                "No recording answers this request: the cassette holds no create.",
                asked=readable_json(body),
                nearest="none",
                difference="everything",
                fix="record it: fakegemini record --cassette FILE",
            )
        )
    lines = [
        line
        for name, old, new in differences[:_MAX_DIFFERENCES]
        for line in describe_difference(name, old, new)
    ]
    if len(differences) > _MAX_DIFFERENCES:
        lines.append(f"and {len(differences) - _MAX_DIFFERENCES} more")
    return NotOnTape(
        five_parts(
            "No recording answers this request: no recorded one means the same.",
            asked=readable_json(body),
            nearest=f"{describe_place(nearest)}, {_describe_turn(nearest)}",
            difference="\n".join(lines),
            fix="if the new request is right, record its conversation again:\n"
            f"fakegemini rerecord {nearest.file or 'FILE'} "
            f"--only {nearest.conversation_start.number}\n"
            "if the difference does not matter, tolerate it by name, e.g. "
            f"tolerate={_suggest_tolerance(differences)!r}\n"
            f"(tolerated now: {conversations.tolerance})",
        )
    )


def spent_create_error(body: Any, spent_interactions: Sequence[RecordedInteraction]) -> NotOnTape:
    """Make the error of a create that came more often than it was recorded."""
    return NotOnTape(
        five_parts(
            "No recording is left for this request: it was recorded "
            f"{times_of(len(spent_interactions))} and came once more.",
            asked=readable_json(body),
            nearest=", ".join(describe_place(interaction) for interaction in spent_interactions),
            difference="none: the request is the same",
            fix="find out why the code under test asks once more than it did when it was recorded, "
            "or\nlet recordings be played again with repeats=True",
        )
    )


def unknown_request_error(
    exchange: Exchange, conversations: RecordedConversations, live_ids: Sequence[str]
) -> NotOnTape:
    """Make the error of any other request that was not recorded."""
    request_line = f"{exchange.method} {'/'.join(('', *exchange.path_parts))}"
    query = f" {readable_json(exchange.query)}" if exchange.query else ""
    if exchange.targets_interactions and exchange.interaction_id in live_ids:
        nearest, difference = (
            f"the recording of {exchange.interaction_id}",
            f"it holds no {exchange.operation} of it, nor anything one could be made of",
        )
    elif exchange.targets_interactions:
        nearest = ", ".join(live_ids[-3:]) or "no interaction was replayed yet"
        difference = "no interaction of that id was replayed, or recorded"
    else:
        nearest, difference = _describe_other(exchange, conversations)
    return NotOnTape(
        five_parts(
            "No recording answers this request.",
            asked=request_line + query,
            nearest=nearest,
            difference=difference,
            fix="record the conversation again, this request included",
        )
    )


def _describe_other(exchange: Exchange, conversations: RecordedConversations) -> tuple[str, str]:
    """Describe the nearest request of another resource, and the difference from it."""
    nearest, differences = nearest_other(exchange, conversations)
    if nearest:
        return nearest, "\n".join(
            line
            for path, old, new in differences[:_MAX_DIFFERENCES]
            for line in describe_difference(path, old, new)
        )
    names = sorted({" ".join(key[:2]) for key in conversations.other_resources})
    return "\n".join(names[:_MAX_CANDIDATES]) or "no other resource was recorded", (
        "the method or the path"
    )


def describe_place(interaction: RecordedInteraction) -> str:
    """Name the place of an interaction: its number in its cassette."""
    number = interaction.create.exchange.number if interaction.create else 0
    return f"exchange {number} of {interaction.file}" if interaction.file else f"exchange {number}"


_PARENT = "previous_interaction_id"


def _find_nearest(
    meaning: Json, parent: RecordedInteraction | None, conversations: RecordedConversations
) -> tuple[RecordedInteraction | None, list[tuple[str, Any, Any]]]:
    def distance(interaction: RecordedInteraction) -> int:
        keys = meaning.keys() | interaction.meaning.keys()
        differing = [
            key for key in keys if meaning.get(key, ABSENT) != interaction.meaning.get(key, ABSENT)
        ]
        return 2 * len(differing) + (interaction.parent is not parent)

    creates = sorted(
        (interaction for interaction in conversations.interactions if interaction.create),
        key=distance,
    )[:_MAX_CANDIDATES]
    if not creates:
        return None, []
    candidates = [(interaction, _compare(interaction, meaning, parent)) for interaction in creates]
    return min(candidates, key=lambda pair: len(pair[1]))


def _compare(
    interaction: RecordedInteraction, meaning: Json, parent: RecordedInteraction | None
) -> list[tuple[str, Any, Any]]:
    differences = [
        (path, old, new)
        for path, old, new in find_differences(interaction.meaning, meaning)
        if old is ABSENT or new is ABSENT or match_stand_ins(old, new) is None
    ]
    recorded_parent, requested_parent = interaction.parent, parent
    if (recorded_parent.key if recorded_parent else "") != (
        requested_parent.key if requested_parent else ""
    ):
        differences.insert(
            0, (_PARENT, _describe_parent(recorded_parent), _describe_parent(requested_parent))
        )
    return differences


def _describe_parent(interaction: RecordedInteraction | None) -> Any:
    return f"continues {describe_place(interaction)}" if interaction else ABSENT


def describe_difference(path: str, old: Any, new: Any) -> Iterator[str]:
    """Yield a difference in three lines: the place, what was recorded, what was asked."""
    yield path
    old, new = _show_value(old), _show_value(new)
    first_change = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    start = (
        max(0, first_change - _MAX_CHARACTERS // 4)
        if max(len(old), len(new)) > _MAX_CHARACTERS
        else 0
    )
    yield f"  recorded: {_excerpt(old, start)}"
    yield f"  asked:    {_excerpt(new, start)}"


def _show_value(value: Any) -> str:
    return repr(value) if value is ABSENT else " ".join(readable_json(value, longest=None).split())


def _excerpt(text: str, start: int) -> str:
    piece = text[start : start + _MAX_CHARACTERS]
    return f"{'…' if start else ''}{piece}{'…' if start + _MAX_CHARACTERS < len(text) else ''}"


def _describe_turn(interaction: RecordedInteraction) -> str:
    turn, ancestor = 1, interaction.parent
    while ancestor:
        turn, ancestor = turn + 1, ancestor.parent
    return f"turn {turn} of its conversation"


def _suggest_tolerance(differences: Sequence[tuple[str, Any, Any]]) -> list[str]:
    return [name for name, _, _ in differences if name != _PARENT][:1] or ["…"]
