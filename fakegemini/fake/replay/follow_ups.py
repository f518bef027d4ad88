"""Answer gets, cancels and deletes of one interaction with what was recorded after its create.

The client may poll more or less often than it did when it was recorded: the last answer is given
again. A get that nobody recorded is answered from what the create, or its stream, told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, TypeAlias

from ...protocol.refusals import lookups as refusals
from ...protocol.refusals.refuse import refusal_reply
from ...recordings.answers import fold_interaction, fold_steps, response_objects
from ...recordings.conversations import RecordedInteraction
from ...recordings.exchange import Exchange, RecordedExchange
from ...wire.http import Reply, is_true
from ...wire.replies import json_reply
from ...wording import spell_json
from .beats import event_id, split_frames

AnswerAfterEvent: TypeAlias = tuple[RecordedExchange, str | None]
"""A recorded answer, and the event after which it begins."""

_CHANGING_OPERATIONS = ("cancel", "delete")


class FollowUps:
    """One interaction's later life, as often as a client asks for it."""

    def __init__(self, interaction: RecordedInteraction) -> None:
        self._interaction = interaction
        self._counts: Counter[tuple[int, Any]] = Counter()
        self._change_count = 0
        self._is_deleted = False

    def answer(self, exchange: Exchange) -> Reply | AnswerAfterEvent | None:
        """Return the recorded answer, or one made of what was recorded; None where nothing was."""
        if exchange.operation == "cancel":
            return self._cancel()
        if exchange.operation == "delete":
            return self._delete()
        return self._stream(exchange) if _asks_for_stream(exchange) else self._poll(exchange)

    def _poll(self, exchange: Exchange) -> Reply | AnswerAfterEvent | None:
        recorded = self._next_get(_variant_of_get(exchange))
        if recorded is None and self._is_deleted:
            return refusal_reply(refusals.not_found())
        recorded = recorded or self._newest_state()
        return (recorded, None) if recorded else None

    def _stream(self, exchange: Exchange) -> Reply | AnswerAfterEvent | None:
        recorded = self._next_get(_variant_of_get(exchange))
        if recorded:
            return recorded, None
        if self._is_deleted:
            return refusal_reply(refusals.not_found(), stream=True)
        stream = self._whole_stream()
        last_event_id = exchange.query.get("last_event_id") or None
        if stream is None:
            return None
        if last_event_id and not any(
            event_id(frame) == last_event_id
            for frame in split_frames(stream.exchange.response_body)
        ):
            return refusal_reply(refusals.unknown_event(), stream=True)
        return stream, last_event_id

    def _cancel(self) -> AnswerAfterEvent | None:
        recorded = self._next_change("cancel")
        return (recorded, None) if recorded else None

    def _delete(self) -> Reply | AnswerAfterEvent:
        if self._is_deleted and not self._recorded_of("delete")[1:]:
            return refusal_reply(refusals.not_found())
        recorded = self._next_change("delete")
        self._is_deleted = True
        return (recorded, None) if recorded else json_reply({})

    def _next_change(self, operation: str) -> RecordedExchange | None:
        """Return the next recorded cancel or delete; the last one again where there are no more."""
        candidates = self._recorded_of(operation)
        count = self._counts[-1, operation]
        self._counts[-1, operation] += 1
        if not candidates:
            return None
        recorded = candidates[min(count, len(candidates) - 1)]
        changes = [
            change
            for change in self._interaction.follow_ups
            if change.exchange.operation in _CHANGING_OPERATIONS
        ]
        self._change_count = changes.index(recorded) + 1
        return recorded

    def _recorded_of(self, operation: str) -> list[RecordedExchange]:
        return [
            recorded
            for recorded in self._interaction.follow_ups
            if recorded.exchange.operation == operation
        ]

    def _next_get(self, variant: Any) -> RecordedExchange | None:
        """Return the next recorded get of this kind since the last change; the last one again."""
        gets = [
            recorded
            for recorded in self._gets_since_change()
            if _variant_of_get(recorded.exchange) == variant
        ]
        count = self._counts[self._change_count, variant]
        self._counts[self._change_count, variant] += 1
        return gets[min(count, len(gets) - 1)] if gets else None

    def _gets_since_change(self) -> list[RecordedExchange]:
        change_count, gets = 0, []
        for recorded in self._interaction.follow_ups:
            if recorded.exchange.operation in _CHANGING_OPERATIONS:
                change_count += 1
            elif change_count == self._change_count:
                gets.append(recorded)
        return gets

    def _newest_state(self) -> RecordedExchange | None:
        """Return the newest whole state of the interaction that was recorded."""
        for recorded in reversed(self._gets_since_change()):
            if not recorded.exchange.is_stream and recorded.exchange.status == 200:
                return recorded
        cancels = self._recorded_of("cancel")
        if self._change_count and cancels:
            return cancels[-1]
        create = self._interaction.create
        if create is None or create.exchange.status != 200:
            return None
        return _interaction_from_stream(create) if create.exchange.is_stream else create

    def _whole_stream(self) -> RecordedExchange | None:
        """Return every event that was recorded of the interaction's streams, each once."""
        create = [self._interaction.create] if self._interaction.create else []
        streams = [
            recorded
            for recorded in (*create, *self._interaction.follow_ups)
            if recorded.exchange.is_stream
        ]
        if not streams:
            return None
        seen_ids: set[str] = set()
        frames: list[bytes] = []
        for stream in streams:
            for frame in split_frames(stream.exchange.response_body):
                identifier = event_id(frame)
                if identifier in seen_ids or (
                    not frame.endswith(b"\n\n") and stream is not streams[-1]
                ):
                    continue
                seen_ids |= {identifier} if identifier else set()
                frames.append(frame)
        exchange = replace(streams[-1].exchange, response_body=b"".join(_drop_early_done(frames)))
        return RecordedExchange(exchange, (), streams[-1].ending)


def _drop_early_done(frames: list[bytes]) -> list[bytes]:
    last = len(frames) - 1
    return [
        frame for number, frame in enumerate(frames) if b"[DONE]" not in frame or number == last
    ]


def _asks_for_stream(exchange: Exchange) -> bool:
    return is_true(exchange.query.get("stream"))


def _variant_of_get(exchange: Exchange) -> tuple[bool, bool, str]:
    query = exchange.query
    wants_input = is_true(query.get("include_input"))
    return _asks_for_stream(exchange), wants_input, query.get("last_event_id", "")


def _interaction_from_stream(create: RecordedExchange) -> RecordedExchange:
    """Build the interaction from its stream, as a get shows it."""
    events = response_objects(create.exchange)
    interaction, steps = fold_interaction(events), fold_steps(events)
    if steps is not None:  # else the stream is spoiled, and its interaction is all there is
        interaction = {**interaction, "steps": steps}
    body = spell_json(interaction).encode()
    headers = {"content-type": "application/json"}
    return RecordedExchange(replace(create.exchange, response_body=body, response_headers=headers))
