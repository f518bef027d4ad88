"""Two cassettes compared by what they mean: requests, answers, and what became of both.

Ids and signatures are other in every recording; so are times, and usage unless it is asked for.
How a stream was cut into events and chunks is not compared, only what it makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from ..protocol.ask import text_of
from ..recordings.answers import RecordedAnswer, read_answer
from ..recordings.cassette import Cassette, load_cassette
from ..recordings.conversations import RecordedConversations, RecordedInteraction, parent_id_of
from ..recordings.exchange import RecordedExchange
from ..recordings.server_names import is_constant_name, swap_names
from ..wire.http import Json
from ..wire.json_paths import ABSENT, find_differences, join_path
from .pairing import match_by_text, pair_interactions

Difference: TypeAlias = tuple[str, Any, Any]
"""A JSON path from `request` or `answer`, and what stands there; `ABSENT` for nothing."""

_VOLATILE = frozenset({"id", "created", "updated", "event_type", "event_id", "input"})
"""Members of an interaction that no two recordings share, or that repeat the request."""


@dataclass(frozen=True)
class TurnComparison:
    """Two turns; one is None where a turn stands alone. Each side is its exchange's number."""

    first_number: int | None
    second_number: int | None
    title: str
    differences: tuple[Difference, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both are there and mean the same."""
        return (
            self.first_number is not None
            and self.second_number is not None
            and not self.differences
        )


def diff_cassettes(
    first_path: Path, second_path: Path, *, usage: bool = False
) -> list[TurnComparison]:
    """Every turn of two cassettes, in the order of the first; raises `Unreadable`.

    With `usage` the counts of tokens are compared too.
    """
    cassettes = [load_cassette(path) for path in (first_path, second_path)]
    conversations = [_read_conversations(cassette) for cassette in cassettes]
    roots = [
        [interaction for interaction in group.interactions if interaction.parent is None]
        for group in conversations
    ]
    comparisons = [
        _compare_turns(first, second, usage=usage) for first, second in pair_interactions(*roots)
    ]
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


def _read_conversations(cassette: Cassette) -> RecordedConversations:
    conversations = RecordedConversations()
    conversations.add_cassette(
        "", (recorded for recorded in cassette.exchanges if recorded.exchange.uri)
    )
    return conversations


def _find_loose_exchanges(
    cassette: Cassette, conversations: RecordedConversations
) -> list[RecordedExchange]:
    """What is no part of a conversation: other resources, and answers without their requests."""
    loose_ids = {
        id(recorded)
        for exchanges in conversations.other_resources.values()
        for recorded in exchanges
    }
    return [
        recorded
        for recorded in cassette.exchanges
        if not recorded.exchange.uri or id(recorded) in loose_ids
    ]


def _compare_turns(
    first: RecordedInteraction | None, second: RecordedInteraction | None, *, usage: bool
) -> TurnComparison:
    if first is None or second is None:
        return TurnComparison(
            _number_of(first), _number_of(second), _question_text(first or second)
        )
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
    return TurnComparison(
        _number_of(first), _number_of(second), _question_text(first), tuple(changes)
    )


def _parent_differences(
    first: RecordedInteraction, second: RecordedInteraction
) -> Iterator[Difference]:
    """Parents that were not recorded are told apart only by whether there is one."""
    parent_ids = [
        parent_id_of(interaction.create.exchange.request_json) if interaction.create else ""
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
    """Texts of errors speak of the interaction by its id."""
    if isinstance(value, list):
        return [_hide_id(element, interaction) for element in value]
    return (
        value.replace(interaction.id, "⟨id⟩")
        if isinstance(value, str) and interaction and interaction.id
        else value
    )


def _other_members(answer: RecordedAnswer) -> Json:
    """What an answer says besides status and steps, without what differs every time."""
    skipped = _VOLATILE | {"status", "error", "errors"}
    members = {key: value for key, value in answer.members.items() if key not in skipped}
    return {key: _align_names(value) for key, value in _align_names(members).items()}


def _step_differences(first: RecordedAnswer, second: RecordedAnswer) -> Iterator[Difference]:
    """Steps side by side by their type and name; one more or less does not shift the others."""
    sides = [[_align_names(step) for step in answer.output_steps] for answer in (first, second)]
    keys = [[(step.get("type"), step.get("name")) for step in side] for side in sides]
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
    changes = [(join_path(place, path), a, b) for path, a, b in find_differences(old, new)]
    if any(path.endswith(".text") for path, _, _ in changes):
        # Where a citation stands in another text follows from the text.
        changes = [
            change for change in changes if not change[0].endswith(("start_index", "end_index"))
        ]
    return iter(sorted(changes, key=lambda change: not change[0].endswith(".text")))


def _answered_calls(answer: RecordedAnswer) -> list[str]:
    """For each step the call that it answers, by name and number."""
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
    """A value whose names are all the same, for each recording has its own."""
    return swap_names(value, lambda key, name: name if is_constant_name(name) else f"⟨{key}⟩")


def _follow_up_differences(
    first: RecordedInteraction,
    second: RecordedInteraction,
    answers: list[RecordedAnswer],
    *,
    usage: bool,
) -> Iterator[Difference]:
    """What was asked afterwards, and the end; how often was polled does not count."""
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
    """The operations and statuses after the create, without those that only come again."""
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
    """The last whole state of an interaction, where that is another than its create told."""
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
    exchange = recorded.exchange
    path = "/".join(exchange.path_parts[1:])
    return f"{exchange.method} {path} {exchange.request_body.decode('utf-8', 'replace')}"


def _number_of(interaction: RecordedInteraction | None) -> int | None:
    if interaction is None:
        return None
    first = interaction.create or interaction.follow_ups[0]
    return first.exchange.number


def _question_text(interaction: RecordedInteraction | None) -> str:
    """The text of the user, to know a turn by."""
    steps = interaction.meaning.get("input") if interaction else None
    input_steps = steps if isinstance(steps, list) else []
    texts = [text_of(step) for step in input_steps if isinstance(step, dict)]
    return next((text for text in reversed(texts) if text), "")
