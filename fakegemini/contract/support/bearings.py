"""Say which exchanges a rule bears on: those that could break it, and support it by not doing so.

A rule names one of `BEARINGS`. Its support is counted by `count_support` over recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...protocol.ids import InteractionId
from ...protocol.status import Status, is_running
from ...wire.http import Json
from ..rules.recorder_marks import is_blanked_time, is_redacted
from .answer_parts import AnswerParts

Bearing = Callable[[AnswerParts, list[AnswerParts]], bool]
"""Takes the parts of an exchange, and those before it in its recording."""

_STATUSES = frozenset(map(str, Status))


def _is_create(parts: AnswerParts) -> bool:
    return parts.exchange.operation == "create" and parts.exchange.status == 200


def _has_ended(parts: AnswerParts) -> bool:
    status = str(parts.body.get("status"))
    return status in _STATUSES and not is_running(Status(status))


def _runs(parts: AnswerParts) -> bool:
    status = str(parts.body.get("status"))
    return not parts.exchange.is_stream and status in _STATUSES and is_running(Status(status))


def _is_poll(parts: AnswerParts, earlier: list[AnswerParts]) -> bool:
    identifier = parts.body.get("id")
    return parts.exchange.operation == "get" and any(
        each.body.get("id") == identifier for each in earlier if identifier
    )


def _follows_delete(parts: AnswerParts, earlier: list[AnswerParts]) -> bool:
    return any(
        each.exchange.operation == "delete"
        and each.exchange.interaction_id == parts.exchange.interaction_id
        for each in earlier
    )


def _has_live_id(parts: AnswerParts) -> bool:
    identifier = parts.body.get("id")
    return isinstance(identifier, str) and InteractionId.parse(identifier) is not None


def _has_live_times(parts: AnswerParts) -> bool:
    created = parts.body.get("created")
    return isinstance(created, str) and not is_blanked_time(created)


def _input_steps(parts: AnswerParts) -> Iterator[Json]:
    entries = parts.request.get("input")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield entry
            content = entry.get("content")
            yield from (
                block for block in (content if isinstance(content, list) else ()) if _is_json(block)
            )


def _is_json(value: object) -> bool:
    return isinstance(value, dict)


def _has_type(steps: Iterator[Json] | list[Json], ending: str, other_than: str = "") -> bool:
    types = (str(step.get("type")) for step in steps)
    return any(name.endswith(ending) and name != other_than for name in types)


def _has_call(parts: AnswerParts) -> bool:
    return _has_type(parts.steps, "_call")


def _calls_function(parts: AnswerParts) -> bool:
    return any(step.get("type") == "function_call" for step in parts.steps)


def _has_signature(parts: AnswerParts) -> bool:
    signatures = (step.get("signature") for step in parts.steps)
    return any(isinstance(each, str) and each and not is_redacted(each) for each in signatures)


def _wants_json(parts: AnswerParts) -> bool:
    return bool(parts.request.get("response_format") or parts.request.get("response_mime_type"))


def _usage(parts: AnswerParts) -> Json:
    usage = parts.body.get("usage")
    return usage if isinstance(usage, dict) else {}


def _resends_signatures(parts: AnswerParts) -> bool:
    return _is_create(parts) and any(step.get("signature") for step in _input_steps(parts))


def _is_refusal(parts: AnswerParts) -> bool:
    return bool(parts.exchange.status and parts.exchange.status >= 400) or "error" in parts.body


BEARINGS: dict[str, Bearing] = {
    "exchanges": lambda parts, _: True,
    "answers": lambda parts, _: bool(parts.body),
    "answers with headers": lambda parts, _: bool(parts.exchange.response_headers),
    "creates": lambda parts, _: _is_create(parts),
    "answers to a create": lambda parts, _: _is_create(parts) and bool(parts.body),
    "answers that ended": lambda parts, _: _has_ended(parts),
    "answers that run": lambda parts, _: _runs(parts),
    "streams": lambda parts, _: parts.exchange.is_stream,
    "events with an id": lambda parts, _: any("event_id" in each for each in parts.events),
    "streams of a foreground create": lambda parts, _: (
        parts.exchange.is_stream and _is_create(parts) and not parts.request.get("background")
    ),
    "resumed streams": lambda parts, _: "last_event_id" in parts.exchange.query,
    "token counts": lambda parts, _: bool(_usage(parts)),
    "token counts of media": lambda parts, _: "output_tokens_by_modality" in _usage(parts),
    "token counts under a limit": lambda parts, _: (
        "max_output_tokens" in parts.config and bool(_usage(parts))
    ),
    "thoughts": lambda parts, _: any(each.get("type") == "thought" for each in parts.steps),
    "signatures": lambda parts, _: _has_signature(parts),
    "calls": lambda parts, _: _has_call(parts),
    "function calls": lambda parts, _: _calls_function(parts),
    "steps of built-in tools": lambda parts, _: (
        _has_type(parts.steps, "_call", "function_call")
        or _has_type(parts.steps, "_result", "function_result")
    ),
    "answers under a tool_choice": lambda parts, _: (
        "tool_choice" in parts.config and _has_ended(parts)
    ),
    "function results": lambda parts, _: (
        _is_create(parts) and _has_type(_input_steps(parts), "function_result")
    ),
    "resent signatures": lambda parts, _: _resends_signatures(parts),
    "citations": lambda parts, _: any(block.get("annotations") for block in parts.blocks),
    "inline media": lambda parts, _: any("data" in block for block in parts.blocks),
    "answers in JSON": lambda parts, _: _wants_json(parts) and _has_ended(parts),
    "ids": lambda parts, _: _has_live_id(parts),
    "ids beside times": lambda parts, _: _has_live_id(parts) and _has_live_times(parts),
    "times": lambda parts, _: _has_live_times(parts),
    "times beside a Date header": lambda parts, _: (
        _has_live_times(parts) and "date" in parts.exchange.response_headers
    ),
    "answers that are not stored": lambda parts, _: (
        parts.request.get("store") is False and bool(parts.body)
    ),
    "chained creates": lambda parts, _: (
        _is_create(parts) and bool(parts.request.get("previous_interaction_id"))
    ),
    "polls": _is_poll,
    "cancels": lambda parts, _: parts.exchange.operation == "cancel",
    "deletes": lambda parts, _: parts.exchange.operation == "delete",
    "requests after a delete": _follows_delete,
    "refusals": lambda parts, _: _is_refusal(parts),
}
"""What a rule may bear on, in the words of `check --explain`: each is counted in exchanges."""
