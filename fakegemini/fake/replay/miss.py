"""Word what is said of a request that no recording answers: the nearest one, the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import NotOnTape
from ...recordings.conversations import RecordedConversations, RecordedInteraction
from ...recordings.decisions import Decision
from ...recordings.difference_rules import plain_form
from ...recordings.exchange import Exchange
from ...recordings.tolerance import Tolerance
from ...wire.json_paths import ABSENT
from ...wording import five_parts, readable_json, shorten, spell_json, spell_unsafe, times_of
from .explain_create import USED_UP, Candidate
from .find_create import AskedCreate
from .nearest_create import describe_place, describe_turn
from .nearest_other import nearest_other

_MAX_CANDIDATES = 8
_MAX_DIFFERENCES = 12
_MAX_CHARACTERS = 160
_MAX_BRIEF = 60
_FOLLOW_UP_RULE = (
    "rule: interaction: a get, a cancel and a delete are found by the interaction, whose id is "
    "that of this replay"
)
_OTHER_RULE = (
    "rule: resource: what is no interaction is found by its method, path, query and body, in which "
    "numbers count by their value"
)


def unknown_create_error(
    asked: AskedCreate, nearest: Candidate | None, tolerance: Tolerance
) -> NotOnTape:
    """Make the error of a create that means something else than all recorded ones."""
    if nearest is None:
        return NotOnTape(
            five_parts(
                "No recording answers this request: the cassette holds no create with an answer.",
                asked=readable_json(asked.body),
                nearest="none",
                difference="everything",
                fix="record it: fakegemini record --cassette FILE",
            )
        )
    interaction = nearest.interaction
    decisions = [decision for decision in nearest.decisions if not decision.settles]
    return NotOnTape(
        five_parts(
            "No recording answers this request: no recorded one means the same.",
            asked=readable_json(asked.body),
            nearest=f"{describe_place(interaction)}, {describe_turn(interaction)}",
            difference="\n".join(describe_decisions(decisions)),
            fix="if the new request is right, record its conversation again:\n"
            f"fakegemini rerecord {interaction.file or 'FILE'} "
            f"--only {interaction.conversation_start.number}\n"
            f"{_suggest_tolerance(decisions)}\n"
            f"(tolerated now: {tolerance})",
        ),
        _summarize(interaction, decisions),
    )


def _summarize(interaction: RecordedInteraction, decisions: Sequence[Decision]) -> str:
    """Say in one line how the nearest recording differs."""
    head = f"no recording means the same; the nearest is {describe_place(interaction)}"
    first = next(iter(decisions), None)
    if first is None or not first.path:
        return head
    old, new = (shorten(text, _MAX_BRIEF) for text in show_values(first.recorded, first.requested))
    more = f", and {len(decisions) - 1} more" if decisions[1:] else ""
    return (
        f"{head}, which has at {first.path} {old} where {new} was asked{more} "
        f"({first.rule}: {first.text})"
    )


def spent_create_error(body: Any, spent_interactions: Sequence[RecordedInteraction]) -> NotOnTape:
    """Make the error of a create that came more often than it was recorded."""
    return NotOnTape(
        five_parts(
            "No recording is left for this request: it was recorded "
            f"{times_of(len(spent_interactions))} and came once more.",
            asked=readable_json(body),
            nearest=", ".join(describe_place(interaction) for interaction in spent_interactions),
            difference="\n".join(["none: the request is the same", *describe_decision(USED_UP)]),
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
            f"it holds no {exchange.operation} of it, nor anything one could be made of\n"
            f"{_FOLLOW_UP_RULE}",
        )
    elif exchange.targets_interactions:
        nearest = ", ".join(live_ids[-3:]) or "no interaction was replayed yet"
        difference = f"no interaction of that id was replayed, or recorded\n{_FOLLOW_UP_RULE}"
    else:
        nearest, difference = _describe_other(exchange, conversations)
        difference += f"\n{_OTHER_RULE}"
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


def describe_decisions(decisions: Sequence[Decision]) -> Iterator[str]:
    """Yield what some rules say, the first ones in full."""
    for decision in decisions[:_MAX_DIFFERENCES]:
        yield from describe_decision(decision)
    if len(decisions) > _MAX_DIFFERENCES:
        yield f"and {len(decisions) - _MAX_DIFFERENCES} more"


def describe_decision(decision: Decision) -> Iterator[str]:
    """Yield a decision: the place, what was recorded and asked, the rule."""
    if decision.path:
        yield from describe_difference(*decision.difference)
        yield f"  rule:     {decision.rule}: {decision.text}"
    else:
        yield f"{decision.rule}: {decision.text}"


def describe_difference(path: str, old: Any, new: Any) -> Iterator[str]:
    """Yield a difference in three lines: the place, what was recorded, what was asked."""
    yield path
    old, new = show_values(old, new)
    first_change = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    start = (
        max(0, first_change - _MAX_CHARACTERS // 4)
        if max(len(old), len(new)) > _MAX_CHARACTERS
        else 0
    )
    yield f"  recorded: {_excerpt(old, start)}"
    yield f"  asked:    {_excerpt(new, start)}"


def show_values(old: Any, new: Any) -> tuple[str, str]:
    """Write two values so that they can be told apart: in ASCII where they look the same."""
    texts = _show_value(old), _show_value(new)
    if old is ABSENT or new is ABSENT or plain_form(texts[0]) != plain_form(texts[1]):
        return texts
    return _show_value(old, ascii_only=True), _show_value(new, ascii_only=True)


def _show_value(value: Any, *, ascii_only: bool = False) -> str:
    if value is ABSENT:
        return repr(value)
    try:
        text = spell_unsafe(spell_json(value), keep="")
    except RecursionError:
        return "(nested too deep to show)"
    return text.encode("ascii", "backslashreplace").decode() if ascii_only else text


def _excerpt(text: str, start: int) -> str:
    piece = text[start : start + _MAX_CHARACTERS]
    return f"{'…' if start else ''}{piece}{'…' if start + _MAX_CHARACTERS < len(text) else ''}"


def _suggest_tolerance(decisions: Sequence[Decision]) -> str:
    """Say how the first difference is tolerated, or that there is one that always counts."""
    strict_rules = [decision.rule for decision in decisions if not decision.remedy]
    if strict_rules or not decisions:
        rules = ", ".join(dict.fromkeys(strict_rules)) or "this"
        return f"no tolerance helps: {rules} always counts"
    name = decisions[0].remedy
    return f"if the difference does not matter, tolerate it by name, e.g. tolerate={[name]!r}"
