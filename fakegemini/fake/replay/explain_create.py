"""Explain what becomes of a create that is looked up: each near recording, and the rules it met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ...recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    parent_id_of,
    request_content,
)
from ...recordings.decisions import Decision, deciding_rules, settling_rules
from ...recordings.difference_rules import PARENT_PATH, Difference
from ...wire.http import Json
from ...wire.json_paths import ABSENT
from .find_create import AskedCreate, said_the_same
from .nearest_create import describe_parent, rank_creates

USED_UP = Decision(
    "used up",
    "it was played already, and each recording is played once, unless repeats=True",
    *("", ABSENT, ABSENT, False),
)
_NOT_ITS_TURN = Decision(
    "turn",
    "of recordings that mean the same, first goes that of this conversation with these secrets, "
    "then the earliest that is left",
    *("", ABSENT, ABSENT, False),
)

Verdict: TypeAlias = Literal["plays", "later", "used up", "another branch", "differs"]
"""What becomes of a recording: it is played; it waits for its turn; it is not for this request."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recorded create near to one that is asked.

    verdict: what becomes of it
    decisions: the rules that made it equal at some place, or keep it apart
    """

    interaction: RecordedInteraction
    verdict: Verdict
    decisions: tuple[Decision, ...]


def explain_create(
    asked: AskedCreate,
    parent: RecordedInteraction | None,
    conversations: RecordedConversations,
    *,
    is_played: Callable[[RecordedInteraction], bool],
    chosen: RecordedInteraction | None = None,
) -> list[Candidate]:
    """Say of each near recording what becomes of it for a request, nearest first.

    asked: the request without its secrets, since people read what is said of it
    parent: the recorded interaction that it continues
    is_played: tells whether a recording was played already
    chosen: the recording that is played for the request, if any is
    """
    candidates = []
    for interaction, differences in rank_creates(asked.body, asked.meaning, parent, conversations):
        if interaction is chosen:
            candidate = Candidate(interaction, "plays", ())
        else:
            candidate = _judge(interaction, differences, asked, parent, conversations, is_played)
        settled = _settle(interaction, asked, parent, conversations)
        candidates.append(replace(candidate, decisions=(*candidate.decisions, *settled)))
    return sorted(candidates, key=lambda candidate: candidate.interaction is not chosen)


def explain_nearest(
    asked: AskedCreate,
    parent: RecordedInteraction | None,
    conversations: RecordedConversations,
    *,
    is_played: Callable[[RecordedInteraction], bool],
) -> Candidate | None:
    """Say what keeps the nearest recording that is left apart from a request, and no more."""
    first: Candidate | None = None
    for interaction, differences in rank_creates(asked.body, asked.meaning, parent, conversations):
        candidate = _judge(interaction, differences, asked, parent, conversations, is_played)
        if candidate.verdict != "used up":
            return candidate
        first = first or candidate
    return first


def _judge(
    interaction: RecordedInteraction,
    differences: list[Difference],
    asked: AskedCreate,
    parent: RecordedInteraction | None,
    conversations: RecordedConversations,
    is_played: Callable[[RecordedInteraction], bool],
) -> Candidate:
    """Say of a recording that is not played for a request why it is not."""
    if not differences:
        verdict, reason = _judge_equal(interaction, asked, parent, is_played)
        return Candidate(interaction, verdict, (reason,))
    decided = deciding_rules(
        interaction.meaning, asked.meaning, differences, conversations.tolerance
    )
    return Candidate(interaction, "differs", tuple(decided))


def _settle(
    interaction: RecordedInteraction,
    asked: AskedCreate,
    parent: RecordedInteraction | None,
    conversations: RecordedConversations,
) -> list[Decision]:
    assert interaction.create is not None
    recorded_parent = interaction.parent
    return settling_rules(
        request_content(interaction.create.exchange),
        asked.body,
        as_recorded=asked.in_recorded_names,
        recorded_places=recorded_parent.name_places if recorded_parent else {},
        asked_places=parent.name_places if parent else {},
        tolerance=conversations.tolerance,
    )


def _judge_equal(
    interaction: RecordedInteraction,
    asked: AskedCreate,
    parent: RecordedInteraction | None,
    is_played: Callable[[RecordedInteraction], bool],
) -> tuple[Verdict, Decision]:
    """Say why a recording that means the same is not played for a request."""
    if is_played(interaction):
        return "used up", USED_UP
    recorded_parent = interaction.parent
    if recorded_parent is not parent and not said_the_same(recorded_parent, parent):
        return "another branch", _branch(interaction, asked.body, parent)
    return "later", _NOT_ITS_TURN


def _branch(
    interaction: RecordedInteraction, body: Any, parent: RecordedInteraction | None
) -> Decision:
    assert interaction.create is not None
    names: Json = {
        "recorded": parent_id_of(request_content(interaction.create.exchange)),
        "asked": parent_id_of(body),
    }
    places = (
        (describe_parent(interaction.parent), describe_parent(parent))
        if interaction.parent and parent
        else (names["recorded"] or ABSENT, names["asked"] or ABSENT)
    )
    return Decision(
        "branch",
        "what was said before counts, and there the model answered with other calls",
        *(PARENT_PATH, *places, False),
    )
