"""What holds between the exchanges of one recording: parents, polls, calls and their results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...protocol.ask import FROM_THE_USER, hoist_results, steps_of
from ...protocol.status import MOVES, Status, is_running
from ...recordings.exchange import Exchange
from ...recordings.server_names import REDACTED
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .one_interaction import STATUSES, are_well_formed, decode_id

_LIVE = "C: recorded chains, 2026-05 to 2026-10"
_NO_IDS: frozenset[str] = frozenset()


@dataclass(slots=True)
class KnownInteraction:
    """What a recording has told of one interaction so far.

    `history_known`: the calls of all turns before it are known too.
    """

    status: str
    created: str | None
    step_types: tuple[str, ...]
    call_ids: frozenset[str]
    answered_ids: frozenset[str]
    history_known: bool = True
    streamed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class RecordingCheck:
    """The memory of one recording, exchange by exchange, in the order they were recorded."""

    interactions: dict[str, KnownInteraction] = field(default_factory=dict)

    def check_request(self, exchange: Exchange) -> Iterator[Problem]:
        """The faults of a request against what came before; only of one that was granted."""
        if exchange.status != 200:
            return
        if exchange.operation == "create":
            yield from self._check_parent(exchange)
        elif (
            exchange.interaction_id in self.interactions
            and self.interactions[exchange.interaction_id].deleted
        ):
            observed = f"{exchange.operation} of an id that was deleted before"
            yield Problem("uri", "deleted-id", observed, "404", "L: measured, 2026-08")

    def check_response(
        self, exchange: Exchange, body: Json, steps: list[Json]
    ) -> Iterator[Problem]:
        """The faults of an interaction against what came before; remembers it.

        `body` is the resource, or what the last event of its stream says of it; `steps` are the
        steps it made.
        """
        identifier = body.get("id")
        if not identifier or not isinstance(identifier, str):
            return
        if exchange.operation == "create":
            yield from self._check_root(identifier, exchange.request_json)
        elif exchange.operation and identifier != exchange.interaction_id:
            yield Problem(
                "id", "id-path", brief_json(identifier), brief_json(exchange.interaction_id), _LIVE
            )
        previous = self.interactions.get(identifier)
        if previous and exchange.operation == "create":
            if not REDACTED.search(identifier):  # one word for all ids tells nothing
                yield Problem("id", "id-twice", brief_json(identifier), "an id of its own", _LIVE)
        elif previous:
            yield from _check_changes(previous, body, steps, exchange)
        self._remember(exchange, identifier, body, steps, previous)

    def mark_deleted(self, identifier: str) -> None:
        """Remember that an interaction is gone."""
        if identifier in self.interactions:
            self.interactions[identifier].deleted = True

    def _check_parent(self, exchange: Exchange) -> Iterator[Problem]:
        request_body = exchange.request_json
        if not isinstance(request_body, dict):
            return
        parent_id = request_body.get("previous_interaction_id")
        if parent_id and not isinstance(parent_id, str):
            return
        parent = self.interactions.get(parent_id) if parent_id else None
        path = "body.previous_interaction_id"
        if parent_id and parent is None:
            yield from self._check_unknown_parent(parent_id, path, exchange)
            return
        if parent and parent.deleted:
            yield Problem(
                path, "chain-parent", "an interaction that was deleted", "404", "L: 2026-08"
            )
        if parent and parent.status == Status.IN_PROGRESS:
            observed = "an interaction that still runs"
            yield Problem(path, "chain-parent", observed, "400", "D: background", Kind.DRIFT)
        yield from _check_results(_input_steps(request_body), parent)

    def _check_unknown_parent(
        self, parent_id: str, path: str, exchange: Exchange
    ) -> Iterator[Problem]:
        """A parent that is not in the recording: another one may hold it, if the ids agree."""
        expected = "the id of an interaction that was recorded before"
        parent, child = decode_id(parent_id), decode_id(_created_id(exchange))
        is_placeholder = REDACTED.search(parent_id) and not self.interactions
        has_other_root = parent and not any(
            known_id and known_id.root == parent.root
            for known_id in map(decode_id, self.interactions)
        )
        roots_agree = not child or bool(parent and parent.root == child.root)
        may_be_elsewhere = is_placeholder or (has_other_root and roots_agree)
        observed = brief_json(parent_id)
        if may_be_elsewhere:
            observed += ", of another recording by its root" if parent else ", which says nothing"
        kind = Kind.DRIFT if may_be_elsewhere else Kind.VIOLATION
        yield Problem(path, "chain-parent", observed, expected, _LIVE, kind)

    def _check_root(self, identifier: str, request_body: Any) -> Iterator[Problem]:
        own_id = decode_id(identifier)
        if own_id is None or not isinstance(request_body, dict):
            return
        parent_id = request_body.get("previous_interaction_id")
        if not parent_id:
            if own_id.root != own_id.own_half:
                observed = "a root that is not its own"
                # What else continues a conversation was never recorded.
                continues = request_body.get("environment") or request_body.get(
                    "continuation_token"
                )
                kind = Kind.DRIFT if continues else Kind.VIOLATION
                expected = "root and own alike on a first turn"
                yield Problem("id", "id-root", observed, expected, _LIVE, kind)
            return
        parent = decode_id(parent_id) if isinstance(parent_id, str) else None
        if parent and own_id.root != parent.root:
            yield Problem("id", "id-root", "another root", "the root of its parent", _LIVE)
        elif parent and own_id.own_half == own_id.root:
            yield Problem("id", "id-root", "its own root", "the root of its parent", _LIVE)

    def _remember(
        self,
        exchange: Exchange,
        identifier: str,
        body: Json,
        steps: list[Json],
        previous: KnownInteraction | None,
    ) -> None:
        call_ids = frozenset(_call_ids(steps)) if steps else _NO_IDS
        answered_ids = previous.answered_ids if previous else _NO_IDS
        history_known = previous.history_known if previous else exchange.operation == "create"
        if exchange.operation == "create" and isinstance(exchange.request_json, dict):
            parent_id = exchange.request_json.get("previous_interaction_id")
            parent = self.interactions.get(parent_id) if isinstance(parent_id, str) else None
            if parent:
                answered_ids, call_ids = parent.answered_ids, call_ids | parent.call_ids
            input_steps = _input_steps(exchange.request_json)
            if input_steps:
                answered_ids |= frozenset(_result_call_ids(input_steps))
                call_ids |= frozenset(_call_ids(input_steps))
            history_known = not parent_id or bool(parent and parent.history_known)
        elif exchange.operation == "create":
            history_known = False  # nobody knows what was asked
        if previous:
            call_ids |= previous.call_ids
        self.interactions[identifier] = KnownInteraction(
            str(body.get("status")),
            body.get("created"),
            _step_types(steps),
            call_ids,
            answered_ids,
            history_known,
            exchange.is_stream,
        )


def _created_id(exchange: Exchange) -> str:
    """The id that the answer to a create gives, or an empty string."""
    body: Any = None
    try:
        if not exchange.is_stream:
            body = exchange.response_json
        else:
            first_frame = exchange.frames[0][0] if exchange.frames[0] else None
            body = first_frame.json().get("interaction") if first_frame else None
    except (ValueError, AttributeError):
        return ""
    value = body.get("id") if isinstance(body, dict) else ""
    return value if isinstance(value, str) else ""


def _input_steps(request_body: Json) -> list[Json]:
    if isinstance(request_body.get("input"), str):
        return []  # words: neither calls nor results, which is what is looked for
    try:
        steps = hoist_results(steps_of(request_body.get("input")))
    except (AttributeError, TypeError):
        return []  # a wrong shape, which the shapes already say
    return steps if are_well_formed(steps) else []


def _check_results(steps: list[Json], parent: KnownInteraction | None) -> Iterator[Problem]:
    if not steps:
        return
    call_ids = set(_call_ids(steps)) | (set(parent.call_ids) if parent else set())
    history_known = parent is None or parent.history_known
    answered_earlier = set(parent.answered_ids) if parent else set()
    # A client that repeats its history beside a parent repeats old results as well.
    repeats_history = bool(parent and set(_call_ids(steps)) & set(parent.call_ids))
    answered_now: set[str] = set()
    for position, step in enumerate(steps):
        if step.get("type") != "function_result":
            continue
        call_id = str(step.get("call_id"))
        path = f"body.input[{position}].call_id"
        if REDACTED.search(call_id):
            continue
        if call_id not in call_ids and history_known:
            expected = (
                ", ".join(map(brief_json, sorted(call_ids))) or "an answer to a recorded call"
            )
            yield Problem(path, "call-unknown", brief_json(call_id), expected, _LIVE)
        elif call_id in answered_now or (call_id in answered_earlier and not repeats_history):
            yield Problem(
                path, "call-twice", brief_json(call_id), "one result for each call", _LIVE
            )
        answered_now.add(call_id)


def _check_changes(
    previous: KnownInteraction, body: Json, steps: list[Json], exchange: Exchange
) -> Iterator[Problem]:
    status = str(body.get("status"))
    statuses_known = previous.status in STATUSES and status in STATUSES
    if statuses_known and status != previous.status and not _is_reachable(previous.status, status):
        was_running = is_running(Status(previous.status))
        expected = "a final one" if was_running else f"{previous.status}, as before"
        kind = Kind.DRIFT if was_running else Kind.VIOLATION
        yield Problem("status", "status-move", brief_json(status), expected, _LIVE, kind)
    if _times_differ(previous.created, body.get("created")):
        observed = brief_json(body.get("created"))
        yield Problem("created", "created-moved", observed, brief_json(previous.created), _LIVE)
    step_types, is_final = _step_types(steps), statuses_known and not is_running(Status(status))
    if (
        is_final
        and previous.status == status
        and previous.step_types
        and step_types
        and step_types != previous.step_types
    ):
        expected = ", ".join(previous.step_types)
        # How a GET shows what was streamed was never recorded.
        was_streamed = previous.streamed or exchange.is_stream
        kind = Kind.DRIFT if was_streamed or "agent" in body else Kind.VIOLATION
        observed = ", ".join(step_types)
        yield Problem("steps", "steps-moved", observed, f"{expected}, as before", _LIVE, kind)


def _is_reachable(old: str, new: str) -> bool:
    return is_running(Status(old)) and (
        new in MOVES[Status(old)].values()
        or any(new in MOVES[step].values() for step in MOVES[Status(old)].values())
    )


def _times_differ(old: Any, new: Any) -> bool:
    from datetime import datetime

    if old == new:
        return False
    try:
        difference = datetime.fromisoformat(str(old)) - datetime.fromisoformat(str(new))
    except (ValueError, TypeError):
        return False
    return abs(difference.total_seconds()) > 1  # one second apart is recorded


def _step_types(steps: list[Json]) -> tuple[str, ...]:
    return tuple(
        [step_type for step in steps if (step_type := step.get("type", "")) not in FROM_THE_USER]
    )


def _call_ids(steps: list[Json]) -> list[str]:
    return [step.get("id", "") for step in steps if step.get("type") == "function_call"]


def _result_call_ids(steps: list[Json]) -> list[str]:
    return [step.get("call_id", "") for step in steps if step.get("type") == "function_result"]
