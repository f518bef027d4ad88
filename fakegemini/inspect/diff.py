"""Compare two cassettes by what they mean: requests, answers, and how interactions went on.

Ids, signatures and times differ in every recording, so they are not compared; token counts only on
demand. Of a stream its result is compared, not how it was cut into events and chunks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from ..protocol.step_reading import text_of
from ..recordings.answers import RecordedAnswer, read_answer
from ..recordings.cassette import Cassette, load_cassette
from ..recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    parent_id_of,
    request_content,
)
from ..recordings.exchange import RecordedExchange
from ..recordings.server_names import is_constant_name, swap_names
from ..wire.http import Json
from ..wire.json_paths import ABSENT, find_differences, join_path
from .pairing import match_by_text, pair_interactions
from .turns import read_conversations

Difference: TypeAlias = tuple[str, Any, Any]
"""A JSON path that begins with `request` or `answer`, and both values; `ABSENT` for none."""

_VOLATILE = frozenset({"id", "created", "updated", "event_type", "event_id", "input"})
"""Members of an interaction that no two recordings share, or that repeat the request."""


@dataclass(frozen=True)
class TurnComparison:
    """Two turns, by the numbers of their exchanges; None where only one side has the turn."""

    first_number: int | None
    second_number: int | None
    title: str
    differences: tuple[Difference, ...] = ()

    @property
    def is_same(self) -> bool:
        """Tell whether both sides have the turn, and mean the same."""
        return (
            self.first_number is not None
            and self.second_number is not None
            and not self.differences
        )


def diff_cassettes(
    first_path: Path, second_path: Path, *, usage: bool = False
) -> list[TurnComparison]:
    """Compare every turn of two cassettes, in the order of the first; raises `Unreadable`.

    `usage` is whether token counts are compared, too.
    """
    cassettes = [load_cassette(path) for path in (first_path, second_path)]
    conversations = [read_conversations(cassette) for cassette in cassettes]
    pairs = pair_interactions(conversations[0].roots, conversations[1].roots)
    comparisons = [_compare_turns(first, second, usage=usage) for first, second in pairs]
    loose_exchanges = [
        _find_loose_exchanges(cassette, group)
        for cassette, group in zip(cassettes, conversations, strict=True)
    ]
    loose_pairs = match_by_text(loose_exchanges[0], loose_exchanges[1], _exchange_text)
    comparisons += [_compare_exchanges(first, second, usage=usage) for first, second in loose_pairs]
    return sorted(
        comparisons,
        key=lambda comparison: (
            comparison.first_number is None,
            comparison.first_number or comparison.second_number or 0,
        ),
    )


def _find_loose_exchanges(
    cassette: Cassette, conversations: RecordedConversations
) -> list[RecordedExchange]:
    """Return what is in no conversation: other resources, and answers without their requests."""
    bare = [recorded for recorded in cassette.exchanges if not recorded.exchange.uri]
    loose = [*bare, *conversations.other_exchanges]
    return sorted(loose, key=lambda recorded: recorded.exchange.number)


def _compare_turns(
    first: RecordedInteraction | None, second: RecordedInteraction | None, *, usage: bool
) -> TurnComparison:
    numbers = [interaction.number if interaction else None for interaction in (first, second)]
    title = _question_text(first or second)
    if first is None or second is None:
        return TurnComparison(numbers[0], numbers[1], title)
    changes = [
        (join_path("request", path), a, b)
        for path, a, b in find_differences(first.meaning, second.meaning)
    ]
    if not first.parent and not second.parent:
        changes += _parent_differences(first, second)
    answers = [
        read_answer(interaction.create) if interaction.create else RecordedAnswer(None)
        for interaction in (first, second)
    ]
    changes += _answer_differences(answers[0], answers[1], first, second, usage=usage)
    changes += _follow_up_differences(first, second, answers, usage=usage)
    return TurnComparison(numbers[0], numbers[1], title, tuple(changes))


def _parent_differences(
    first: RecordedInteraction, second: RecordedInteraction
) -> Iterator[Difference]:
    """Yield a difference if only one side continues a conversation that was not recorded."""
    parent_ids = [
        parent_id_of(request_content(interaction.create.exchange)) if interaction.create else ""
        for interaction in (first, second)
    ]
    if bool(parent_ids[0]) != bool(parent_ids[1]):
        place = "request.previous_interaction_id"
        yield place, parent_ids[0] or ABSENT, parent_ids[1] or ABSENT


def _answer_differences(
    first: RecordedAnswer,
    second: RecordedAnswer,
    first_interaction: RecordedInteraction | None,
    second_interaction: RecordedInteraction | None,
    *,
    usage: bool,
) -> Iterator[Difference]:
    pairs: list[Difference] = [("http", first.http, second.http)]
    pairs.append(("status", first.status, second.status))
    pairs.append(("text", first.text, second.text))
    pairs.append(("errors", list(first.errors), list(second.errors)))
    pairs.append(("ends", "cut" if first.cut else "whole", "cut" if second.cut else "whole"))
    for name, a, b in pairs:
        for path, old, new in find_differences(
            _hide_id(a, first_interaction), _hide_id(b, second_interaction)
        ):
            yield f"answer.{name}{path}", old, new
    yield from _step_differences(first, second)
    yield from (
        (f"answer.{path}", old, new)
        for path, old, new in find_differences(_other_members(first), _other_members(second))
    )
    if usage:
        for path, old, new in find_differences(first.usage, second.usage):
            yield join_path("answer.usage", path), old, new


def _hide_id(value: Any, interaction: RecordedInteraction | None) -> Any:
    """Replace the interaction's own id in the texts of errors, which name it."""
    if isinstance(value, list):
        return [_hide_id(element, interaction) for element in value]
    return (
        value.replace(interaction.id, "⟨id⟩")
        if isinstance(value, str) and interaction and interaction.id
        else value
    )


def _other_members(answer: RecordedAnswer) -> Json:
    """Return the members of an answer besides status and steps that can be compared."""
    skipped = _VOLATILE | {"status", "error", "errors"}
    members = {key: value for key, value in answer.members.items() if key not in skipped}
    return {key: _align_names(value) for key, value in _align_names(members).items()}


def _step_differences(first: RecordedAnswer, second: RecordedAnswer) -> Iterator[Difference]:
    """Compare steps by type and name: one that only one side has does not shift the others."""
    sides = [[_align_names(step) for step in answer.output_steps] for answer in (first, second)]
    keys = [[(str(step.get("type")), str(step.get("name"))) for step in side] for side in sides]
    ids = [_answered_calls(answer) for answer in (first, second)]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], False).get_opcodes():
        shared = min(i2 - i1, j2 - j1) if tag == "equal" else 0
        for position in range(shared):
            yield from _value_differences(
                f"answer.steps[{i1 + position}]", sides[0][i1 + position], sides[1][j1 + position]
            )
            if (links := (ids[0][i1 + position], ids[1][j1 + position]))[0] != links[1]:
                yield f"answer.steps[{i1 + position}].call_id", *links
        for position in range(i1 + shared, i2):
            yield f"answer.steps[{position}]", sides[0][position], ABSENT
        for position in range(j1 + shared, j2):
            yield f"answer.steps[{position}]", ABSENT, sides[1][position]


def _value_differences(place: str, old: Any, new: Any) -> Iterator[Difference]:
    """Yield the differences of two steps, those of texts first."""
    changes = [(join_path(place, path), a, b) for path, a, b in find_differences(old, new)]
    if any(path.endswith(".text") for path, _, _ in changes):
        # In a text that differs, the positions of citations differ as well.
        changes = [
            change for change in changes if not change[0].endswith(("start_index", "end_index"))
        ]
    return iter(sorted(changes, key=lambda change: not change[0].endswith(".text")))


def _answered_calls(answer: RecordedAnswer) -> list[str]:
    """Return for each step the call that it answers, by name and number, such as `f 2`, or ``."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    calls = []
    for step in answer.output_steps:
        if step.get("id"):
            name = str(step.get("name") or step.get("type"))
            counts[name] += 1
            names[str(step["id"])] = f"{name} {counts[name]}"
        calls.append(names.get(str(step.get("call_id", "")), ""))
    return calls


def _align_names(value: Any) -> Any:
    """Replace the server's ids in a value by what they are, for each recording has its own."""
    return swap_names(value, lambda key, name: name if is_constant_name(name) else f"⟨{key}⟩")


def _follow_up_differences(
    first: RecordedInteraction,
    second: RecordedInteraction,
    answers: list[RecordedAnswer],
    *,
    usage: bool,
) -> Iterator[Difference]:
    """Compare what was asked afterwards, and the last state; the number of polls does not count."""
    histories = [
        _status_history(interaction, answer)
        for interaction, answer in zip((first, second), answers, strict=True)
    ]
    if histories[0] != histories[1]:
        old, new = (", ".join(history) or ABSENT for history in histories)
        yield "answer.later", old, new
    end_states = [
        _end_state(interaction, answer)
        for interaction, answer in zip((first, second), answers, strict=True)
    ]
    if any(end_states) and histories[0] == histories[1]:
        blank = RecordedAnswer(None)
        for path, old, new in _answer_differences(
            end_states[0] or blank, end_states[1] or blank, first, second, usage=usage
        ):
            yield f"{path.replace('answer', 'answer.end', 1)}", old, new


def _status_history(interaction: RecordedInteraction, answer: RecordedAnswer) -> list[str]:
    """Return the operations and statuses after the create, each run of equal ones once."""
    first_status = answer.status or str(answer.http or "")
    events = [("get", first_status)]
    for recorded in interaction.follow_ups:
        later_answer, exchange = read_answer(recorded), recorded.exchange
        refusal = exchange.status if (exchange.status or 0) >= 400 else ""
        events.append(
            (str(exchange.operation), str(refusal or later_answer.status or exchange.status))
        )
    runs = [key for key, _ in groupby(events)][1:]
    return [
        status if operation == "get" else f"{operation}: {status}" for operation, status in runs
    ]


def _end_state(interaction: RecordedInteraction, answer: RecordedAnswer) -> RecordedAnswer | None:
    """Return the last state that a get gave, None where its steps are those of the create."""
    for recorded in reversed(interaction.follow_ups):
        later_answer = read_answer(recorded)
        if recorded.exchange.operation == "get" and later_answer.http == 200:
            return (
                later_answer
                if later_answer.output_steps and later_answer.output_steps != answer.output_steps
                else None
            )
    return None


def _compare_exchanges(
    first: RecordedExchange | None, second: RecordedExchange | None, *, usage: bool
) -> TurnComparison:
    numbers = [recorded.exchange.number if recorded else None for recorded in (first, second)]
    present = first or second
    exchange = present.exchange if present else None
    title = (
        f"{exchange.method} /{'/'.join(exchange.path_parts)}"
        if exchange and exchange.uri
        else "a body"
    )
    if first is None or second is None:
        return TurnComparison(numbers[0], numbers[1], title)
    changes = _answer_differences(read_answer(first), read_answer(second), None, None, usage=usage)
    return TurnComparison(numbers[0], numbers[1], title, tuple(changes))


def _exchange_text(recorded: RecordedExchange) -> str:
    """Return what a loose exchange asked as text, by which it is paired."""
    exchange = recorded.exchange
    path = "/".join(exchange.path_parts[1:])
    return f"{exchange.method} {path} {exchange.request_body.decode('utf-8', 'replace')}"


def _question_text(interaction: RecordedInteraction | None) -> str:
    """Return the last text of the user, which is the title of a turn."""
    steps = interaction.meaning.get("input") if interaction else None
    input_steps = steps if isinstance(steps, list) else []
    texts = [text_of(step) for step in input_steps if isinstance(step, dict)]
    return next((text for text in reversed(texts) if text), "")
