"""Find the recorded creates that are nearest to one that is asked, and how each differs."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from ...recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    parent_id_of,
    request_content,
)
from ...recordings.difference_rules import PARENT_PATH, Difference
from ...recordings.scrub.stand_ins import match_stand_ins
from ...wire.http import Json
from ...wire.json_paths import ABSENT, find_differences
from ...wording import spell_json

_MAX_CANDIDATES = 8
_MAX_COMPARED = 200
_MAX_LETTERS = 300


def rank_creates(
    body: Any,
    meaning: Json,
    parent: RecordedInteraction | None,
    conversations: RecordedConversations,
) -> list[tuple[RecordedInteraction, list[Difference]]]:
    """Return the nearest recorded creates with their differences from a request, nearest first.

    body, meaning: the request, and what it means
    parent: the recorded interaction that it continues
    """

    matcher = SequenceMatcher(None, "", _spell_input(meaning), autojunk=False)

    def distance(interaction: RecordedInteraction) -> int:
        keys = meaning.keys() | interaction.meaning.keys()
        differing = [
            key for key in keys if meaning.get(key, ABSENT) != interaction.meaning.get(key, ABSENT)
        ]
        return 2 * len(differing) + (interaction.parent is not parent)

    def likeness(interaction: RecordedInteraction) -> float:
        matcher.set_seq1(_spell_input(interaction.meaning))
        return matcher.quick_ratio()

    creates = sorted((one for one in conversations.interactions if one.create), key=distance)
    creates = sorted(creates[:_MAX_COMPARED], key=lambda one: (distance(one), -likeness(one)))
    candidates = [
        (interaction, _find_differences(interaction, body, meaning, parent))
        for interaction in creates[:_MAX_CANDIDATES]
    ]
    return sorted(candidates, key=lambda pair: len(pair[1]))


def _spell_input(meaning: Json) -> str:
    """Write the end of what a request says, to see how like another it is."""
    return spell_json(meaning.get("input"), compact=True)[-_MAX_LETTERS:]


def _find_differences(
    interaction: RecordedInteraction, body: Any, meaning: Json, parent: RecordedInteraction | None
) -> list[Difference]:
    """Return where a request differs from a recorded create; what it continues stands first."""
    differences: list[Difference] = [
        (path, old, new)
        for path, old, new in find_differences(interaction.meaning, meaning)
        if old is ABSENT or new is ABSENT or match_stand_ins(old, new) is None
    ]
    recorded_parent = interaction.parent
    if (recorded_parent.key if recorded_parent else "") != (parent.key if parent else ""):
        asked_place = describe_parent(parent) if parent else _describe_stranger(parent_id_of(body))
        return [(PARENT_PATH, describe_parent(recorded_parent), asked_place), *differences]
    if parent is None and interaction.create:
        names = (parent_id_of(request_content(interaction.create.exchange)), parent_id_of(body))
        if names[0] != names[1]:
            places = (
                f"continues {names[0]}, which is not in the recording" if names[0] else ABSENT,
                _describe_stranger(names[1]),
            )
            return [(PARENT_PATH, *places), *differences]
    return differences


def _describe_stranger(name: str) -> Any:
    """Say which interaction is continued that this replay does not know."""
    return f"continues {name}, which this replay does not know" if name else ABSENT


def describe_parent(interaction: RecordedInteraction | None) -> Any:
    """Say which recorded interaction is continued, `ABSENT` for none."""
    return f"continues {describe_place(interaction)}" if interaction else ABSENT


def describe_place(interaction: RecordedInteraction) -> str:
    """Name the place of an interaction: its number in its cassette."""
    place = f"exchange {interaction.number}"
    return f"{place} of {interaction.file}" if interaction.file else place


def describe_turn(interaction: RecordedInteraction) -> str:
    """Name the place of an interaction in its conversation."""
    turn, ancestor = 1, interaction.parent
    while ancestor:
        turn, ancestor = turn + 1, ancestor.parent
    return f"turn {turn} of its conversation"
