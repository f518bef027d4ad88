"""What a recording knows of one interaction after its create: answers to gets, cancels, deletes.

The client may poll more or less often than it did when it was recorded: the last answer is given
again. A get that nobody recorded is answered from what the create, or its stream, told.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from ...protocol.events import to_steps
from ...protocol.refusals import refusal
from ...protocol.refusals.refuse import refused
from ...recordings.conversations import Take, bodies
from ...recordings.exchange import Exchange, Recorded
from ...wire.http import Json, Reply
from ...wire.replies import json_reply
from .beats import event_id, frames_of

Found: TypeAlias = tuple[Recorded, str | None]
"""A recorded answer, and the event after which it begins."""

_CHANGES = ("cancel", "delete")


class Known:
    """One interaction's later life, as often as a client asks for it."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._polls: Counter[tuple[int, Any]] = Counter()
        self._changes = 0
        self._deleted = False

    def answer(self, asked: Exchange) -> Reply | Found | None:
        """The recorded answer, one made of what is known, or None where nothing is."""
        if asked.operation == "cancel":
            return self._cancel()
        if asked.operation == "delete":
            return self._delete()
        return self._stream(asked) if _streams(asked) else self._poll(asked)

    def _poll(self, asked: Exchange) -> Reply | Found | None:
        recorded = self._counted(_group(asked))
        if recorded is None and self._deleted:
            return refused(refusal.not_found())
        recorded = recorded or self._last()
        return (recorded, None) if recorded else None

    def _stream(self, asked: Exchange) -> Reply | Found | None:
        recorded = self._counted(_group(asked))
        if recorded:
            return recorded, None
        if self._deleted:
            return refused(refusal.not_found(), stream=True)
        whole = self._whole()
        after = asked.query.get("last_event_id") or None
        if whole is None:
            return None
        if after and not any(event_id(f) == after for f in frames_of(whole.exchange.response_body)):
            return refused(refusal.unknown_event(), stream=True)
        return whole, after

    def _cancel(self) -> Found | None:
        found = self._change("cancel")
        return (found, None) if found else None

    def _delete(self) -> Reply | Found:
        if self._deleted and not self._recorded("delete")[1:]:
            return refused(refusal.not_found())
        found = self._change("delete")
        self._deleted = True
        return (found, None) if found else json_reply({})

    def _change(self, operation: str) -> Recorded | None:
        """The next recorded cancel or delete; the last one again where there is no more."""
        recorded = self._recorded(operation)
        done = self._polls[-1, operation]
        self._polls[-1, operation] += 1
        if not recorded:
            return None
        found = recorded[min(done, len(recorded) - 1)]
        changes = [item for item in self._take.later if item.exchange.operation in _CHANGES]
        self._changes = changes.index(found) + 1
        return found

    def _recorded(self, operation: str) -> list[Recorded]:
        return [item for item in self._take.later if item.exchange.operation == operation]

    def _counted(self, group: Any) -> Recorded | None:
        """The next recorded get of this kind since the last cancel or delete, or the last one."""
        gets = [item for item in self._gets() if _group(item.exchange) == group]
        done = self._polls[self._changes, group]
        self._polls[self._changes, group] += 1
        return gets[min(done, len(gets) - 1)] if gets else None

    def _gets(self) -> list[Recorded]:
        changes, found = 0, []
        for item in self._take.later:
            if item.exchange.operation in _CHANGES:
                changes += 1
            elif changes == self._changes:
                found.append(item)
        return found

    def _last(self) -> Recorded | None:
        """The newest whole state of the interaction that the recording has."""
        for item in reversed(self._gets()):
            if not item.exchange.streamed and item.exchange.status == 200:
                return item
        cancels = self._recorded("cancel")
        if self._changes and cancels:
            return cancels[-1]
        create = self._take.create
        if create is None or create.exchange.status != 200:
            return None
        return _folded(create) if create.exchange.streamed else create

    def _whole(self) -> Recorded | None:
        """Every event that was recorded of this interaction's stream, each once."""
        create = [self._take.create] if self._take.create else []
        streams = [item for item in (*create, *self._take.later) if item.exchange.streamed]
        if not streams:
            return None
        seen: set[str] = set()
        frames: list[bytes] = []
        for stream in streams:
            for frame in frames_of(stream.exchange.response_body):
                name = event_id(frame)
                if name in seen or (not frame.endswith(b"\n\n") and stream is not streams[-1]):
                    continue
                seen |= {name} if name else set()
                frames.append(frame)
        exchange = replace(streams[-1].exchange, response_body=b"".join(_once_done(frames)))
        return Recorded(exchange, (), streams[-1].ended)


def _once_done(frames: list[bytes]) -> list[bytes]:
    last = len(frames) - 1
    return [f for number, f in enumerate(frames) if b"[DONE]" not in f or number == last]


def _streams(exchange: Exchange) -> bool:
    return exchange.query.get("stream", "").lower() == "true"


def _group(exchange: Exchange) -> tuple[bool, bool, str]:
    query = exchange.query
    asked_for_input = query.get("include_input", "").lower() == "true"
    return _streams(exchange), asked_for_input, query.get("last_event_id", "")


def _folded(create: Recorded) -> Recorded:
    """The interaction that a stream told, as a get shows it."""
    events = [event for event in bodies(create.exchange) if isinstance(event, dict)]
    interaction: Json = {}
    for event in events:
        if isinstance(event.get("interaction"), dict):
            interaction = event["interaction"]
    # Of a stream that was cut, or spoiled, what its interaction says is all there is.
    with suppress(ValueError, KeyError, TypeError):
        interaction = {**interaction, "steps": to_steps(events)}
    body = json.dumps(interaction, ensure_ascii=False).encode()
    headers = {"content-type": "application/json"}
    return Recorded(replace(create.exchange, response_body=body, response_headers=headers))
