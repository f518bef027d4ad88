"""What holds between the exchanges of one recording: parents, polls, calls and their results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...protocol.ask import FROM_THE_USER, hoisted, steps_of
from ...protocol.status import MOVES, Status, running
from ...recordings.exchange import Exchange
from ...recordings.server_names import REDACTED
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Fault, Kind
from .one_interaction import STATES, decoded, sound

_LIVE = "C: recorded chains, 2026-05 to 2026-10"
_NONE: frozenset[str] = frozenset()


@dataclass(slots=True)
class Known:
    """What a recording has told of one interaction so far.

    `whole`: the calls of all turns before it are known too.
    """

    status: str
    created: str | None
    kinds: tuple[str, ...]
    calls: frozenset[str]
    answered: frozenset[str]
    whole: bool = True
    streamed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Tape:
    """The memory of one recording, exchange by exchange, in the order they were recorded."""

    known: dict[str, Known] = field(default_factory=dict)

    def request(self, exchange: Exchange) -> Iterator[Fault]:
        """The faults of a request against what came before; only of one that was granted."""
        if exchange.status != 200:
            return
        if exchange.operation == "create":
            yield from self._chain(exchange)
        elif exchange.identifier in self.known and self.known[exchange.identifier].deleted:
            found = f"{exchange.operation} of an id that was deleted before"
            yield Fault("uri", "deleted-id", found, "404", "L: measured, 2026-08")

    def response(self, exchange: Exchange, body: Json, steps: list[Json]) -> Iterator[Fault]:
        """The faults of an interaction against what came before; remembers it.

        `body` is the resource, or what the last event of its stream says of it; `steps` are the
        steps it made.
        """
        identifier = body.get("id")
        if not identifier or not isinstance(identifier, str):
            return
        if exchange.operation == "create":
            yield from self._link(identifier, exchange.asked)
        elif exchange.operation and identifier != exchange.identifier:
            yield Fault(
                "id", "id-path", brief_json(identifier), brief_json(exchange.identifier), _LIVE
            )
        before = self.known.get(identifier)
        if before and exchange.operation == "create":
            if not REDACTED.search(identifier):  # one word for all ids tells nothing
                yield Fault("id", "id-twice", brief_json(identifier), "an id of its own", _LIVE)
        elif before:
            yield from _since(before, body, steps, exchange)
        self._remember(exchange, identifier, body, steps, before)

    def deleted(self, identifier: str) -> None:
        """Remember that an interaction is gone."""
        if identifier in self.known:
            self.known[identifier].deleted = True

    def _chain(self, exchange: Exchange) -> Iterator[Fault]:
        asked = exchange.asked
        if not isinstance(asked, dict):
            return
        parent_id = asked.get("previous_interaction_id")
        if parent_id and not isinstance(parent_id, str):
            return
        parent = self.known.get(parent_id) if parent_id else None
        path = "body.previous_interaction_id"
        if parent_id and parent is None:
            yield from self._stranger(parent_id, path, exchange)
            return
        if parent and parent.deleted:
            yield Fault(
                path, "chain-parent", "an interaction that was deleted", "404", "L: 2026-08"
            )
        if parent and parent.status == Status.IN_PROGRESS:
            found = "an interaction that still runs"
            yield Fault(path, "chain-parent", found, "400", "D: background", Kind.DRIFT)
        yield from _results(_input(asked), parent)

    def _stranger(self, parent_id: str, path: str, exchange: Exchange) -> Iterator[Fault]:
        """A parent that is not in the recording: another one may hold it, if the ids agree."""
        expected = "the id of an interaction that was recorded before"
        parent, child = decoded(parent_id), decoded(_identifier(exchange))
        hidden = REDACTED.search(parent_id) and not self.known
        apart = parent and not any(
            own and own.root == parent.root for own in map(decoded, self.known)
        )
        agrees = not child or bool(parent and parent.root == child.root)
        outside = hidden or (apart and agrees)
        found = brief_json(parent_id)
        if outside:
            found += ", of another recording by its root" if parent else ", which says nothing"
        kind = Kind.DRIFT if outside else Kind.VIOLATION
        yield Fault(path, "chain-parent", found, expected, _LIVE, kind)

    def _link(self, identifier: str, asked: Any) -> Iterator[Fault]:
        own = decoded(identifier)
        if own is None or not isinstance(asked, dict):
            return
        parent_id = asked.get("previous_interaction_id")
        if not parent_id:
            if own.root != own.own:
                found = "a root that is not its own"
                # What else continues a conversation was never recorded.
                other = asked.get("environment") or asked.get("continuation_token")
                kind = Kind.DRIFT if other else Kind.VIOLATION
                expected = "root and own alike on a first turn"
                yield Fault("id", "id-root", found, expected, _LIVE, kind)
            return
        parent = decoded(parent_id) if isinstance(parent_id, str) else None
        if parent and own.root != parent.root:
            yield Fault("id", "id-root", "another root", "the root of its parent", _LIVE)
        elif parent and own.own == own.root:
            yield Fault("id", "id-root", "its own root", "the root of its parent", _LIVE)

    def _remember(
        self,
        exchange: Exchange,
        identifier: str,
        body: Json,
        steps: list[Json],
        before: Known | None,
    ) -> None:
        calls = frozenset(_calls(steps)) if steps else _NONE
        answered = before.answered if before else _NONE
        whole = before.whole if before else exchange.operation == "create"
        if exchange.operation == "create" and isinstance(exchange.asked, dict):
            parent_id = exchange.asked.get("previous_interaction_id")
            parent = self.known.get(parent_id) if isinstance(parent_id, str) else None
            if parent:
                answered, calls = parent.answered, calls | parent.calls
            brought = _input(exchange.asked)
            if brought:
                answered |= frozenset(_answers(brought))
                calls |= frozenset(_calls(brought))
            whole = not parent_id or bool(parent and parent.whole)
        elif exchange.operation == "create":
            whole = False  # nobody knows what was asked
        if before:
            calls |= before.calls
        self.known[identifier] = Known(
            str(body.get("status")),
            body.get("created"),
            _kinds(steps),
            calls,
            answered,
            whole,
            exchange.streamed,
        )


def _identifier(exchange: Exchange) -> str:
    """The id that the answer to a create gives, or an empty string."""
    body: Any = None
    try:
        if not exchange.streamed:
            body = exchange.answered
        else:
            first = exchange.frames[0][0] if exchange.frames[0] else None
            body = first.json().get("interaction") if first else None
    except (ValueError, AttributeError):
        return ""
    value = body.get("id") if isinstance(body, dict) else ""
    return value if isinstance(value, str) else ""


def _input(asked: Json) -> list[Json]:
    if isinstance(asked.get("input"), str):
        return []  # words: neither calls nor results, which is what is looked for
    try:
        steps = hoisted(steps_of(asked.get("input")))
    except (AttributeError, TypeError):
        return []  # a wrong shape, which the shapes already say
    return steps if sound(steps) else []


def _results(steps: list[Json], parent: Known | None) -> Iterator[Fault]:
    if not steps:
        return
    calls = set(_calls(steps)) | (set(parent.calls) if parent else set())
    complete = parent is None or parent.whole
    before = set(parent.answered) if parent else set()
    # A client that repeats its history beside a parent repeats old results as well.
    repeats = bool(parent and set(_calls(steps)) & set(parent.calls))
    seen: set[str] = set()
    for at, step in enumerate(steps):
        if step.get("type") != "function_result":
            continue
        call_id = str(step.get("call_id"))
        path = f"body.input[{at}].call_id"
        if REDACTED.search(call_id):
            continue
        if call_id not in calls and complete:
            expected = ", ".join(map(brief_json, sorted(calls))) or "an answer to a recorded call"
            yield Fault(path, "call-unknown", brief_json(call_id), expected, _LIVE)
        elif call_id in seen or (call_id in before and not repeats):
            yield Fault(path, "call-twice", brief_json(call_id), "one result for each call", _LIVE)
        seen.add(call_id)


def _since(before: Known, body: Json, steps: list[Json], exchange: Exchange) -> Iterator[Fault]:
    status = str(body.get("status"))
    known = before.status in STATES and status in STATES
    if known and status != before.status and not _reachable(before.status, status):
        old_runs = running(Status(before.status))
        expected = "a final one" if old_runs else f"{before.status}, as before"
        kind = Kind.DRIFT if old_runs else Kind.VIOLATION
        yield Fault("status", "status-move", brief_json(status), expected, _LIVE, kind)
    if _far(before.created, body.get("created")):
        found = brief_json(body.get("created"))
        yield Fault("created", "created-moved", found, brief_json(before.created), _LIVE)
    kinds, final = _kinds(steps), known and not running(Status(status))
    if final and before.status == status and before.kinds and kinds and kinds != before.kinds:
        expected = ", ".join(before.kinds)
        # How a GET shows what was streamed was never recorded.
        mixed = before.streamed or exchange.streamed
        kind = Kind.DRIFT if mixed or "agent" in body else Kind.VIOLATION
        found = ", ".join(kinds)
        yield Fault("steps", "steps-moved", found, f"{expected}, as before", _LIVE, kind)


def _reachable(old: str, new: str) -> bool:
    return running(Status(old)) and (
        new in MOVES[Status(old)].values()
        or any(new in MOVES[step].values() for step in MOVES[Status(old)].values())
    )


def _far(old: Any, new: Any) -> bool:
    from datetime import datetime

    if old == new:
        return False
    try:
        apart = datetime.fromisoformat(str(old)) - datetime.fromisoformat(str(new))
    except (ValueError, TypeError):
        return False
    return abs(apart.total_seconds()) > 1  # one second apart is recorded


def _kinds(steps: list[Json]) -> tuple[str, ...]:
    return tuple([kind for step in steps if (kind := step.get("type", "")) not in FROM_THE_USER])


def _calls(steps: list[Json]) -> list[str]:
    return [step.get("id", "") for step in steps if step.get("type") == "function_call"]


def _answers(steps: list[Json]) -> list[str]:
    return [step.get("call_id", "") for step in steps if step.get("type") == "function_result"]
