"""What holds between the exchanges of one recording: parents, calls and their results, ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...protocol.ask import steps_of
from ...protocol.status import Status
from ...protocol.step_reading import hoist_results
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .call_pairs import are_well_formed
from .ids_and_times import decode_id
from .known_interaction import KnownInteraction, check_changes, step_types_of
from .known_shapes import KnownShapes, known_shapes
from .recorder_marks import is_redacted
from .registry import (
    ANY_ANSWER,
    CHAINS,
    IDENTITY_SCOPE,
    MEASURED_DELETE,
    Evidence,
    add_rule,
    problem,
)
from .resent_signatures import SentSignatures
from .resumed_streams import StreamsBefore
from .shared_names import NO_NAMES

_BACKGROUND_DOCS = Evidence("D", "background")

add_rule(
    "deleted-id",
    "a deleted id is a 404",
    bears_on="requests after a delete",
    scope=ANY_ANSWER,
    evidence=(MEASURED_DELETE,),
    example="request.uri: get of an id that was deleted before; expected 404",
)
add_rule(
    "chain-parent",
    "a parent was recorded before, is not deleted, and does not run",
    otherwise="drift where another recording may hold the parent, or it was dropped from this one,"
    " and for one that runs",
    bears_on="chained creates",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS, MEASURED_DELETE, _BACKGROUND_DOCS),
    example="request.body.previous_interaction_id: "
    '"v1_ChZBQUFBQUFBQUFBQUFBQUFBQUFBQUFBEhZBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"; expected '
    "the id of an interaction that was recorded before",
)
add_rule(
    "id-path",
    "the answer is about the id that was asked for",
    bears_on="polls",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example="response.body.id: "
    '"v1_ChdBQlhmYWdBQUFBQUFBQUFBQUFBQUFBQRIXQUJYZmFnQUFBQUFBQUFBQUFBQUFBQUE"; '
    'expected "v1_x"',
)
add_rule(
    "id-twice",
    "a create makes an id of its own",
    bears_on="answers to a create",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example="response.body.id: "
    '"v1_ChdBQlhmYWdBQUFBQUFBQUFBQUFBQUFBQRIXQUJYZmFnQUFBQUFBQUFBQUFBQUFBQUE"; '
    "expected an id of its own",
    recordings_only=True,
)
add_rule(
    "id-root",
    "a first turn is its own root; a later one has the root of its parent",
    otherwise="drift where an environment or a token may continue an older conversation",
    bears_on="ids",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example="response.body.id: a root that is not its own; expected root and own alike on a "
    "first turn",
)
add_rule(
    "call-twice",
    "a call has one result",
    bears_on="function results",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example='request.body.input[1].call_id: "k3v9q2zt"; expected one result for each call',
)


@dataclass(slots=True)
class RecordingCheck:
    """Remembers one recording, exchange by exchange, in the order they were recorded.

    `created_ids` are those of all its creates, where they are known beforehand: recorders save an
    exchange at its end, so that a stream stands behind what happened while it ran. `is_live`: it
    is no recording but what a handler answers right now. `slowly`: no exchange is judged by what
    is known of its shape, which finds the same. `roots` are those of all ids so far.
    """

    interactions: dict[str, KnownInteraction] = field(default_factory=dict)
    is_live: bool = False
    created_ids: frozenset[str] = frozenset()
    signatures: SentSignatures = field(default_factory=SentSignatures)
    streams: StreamsBefore = field(default_factory=StreamsBefore)
    roots: set[str] = field(default_factory=set)
    slowly: bool = False

    @property
    def known_shapes(self) -> KnownShapes | None:
        """Return what is known of the shapes of exchanges; None where it is not to be used."""
        return None if self.slowly else known_shapes(is_live=self.is_live)

    def check_request(self, exchange: Exchange) -> Iterator[Problem]:
        """Find what a request contradicts of what came before; nothing of one that was refused."""
        if exchange.status != 200:
            return
        if exchange.operation == "create":
            request_body = exchange.request_json
            if isinstance(request_body, dict):
                steps = _input_steps(request_body)
                yield from self._check_parent(exchange, request_body, steps)
                if steps:
                    yield from self.signatures.check(steps, str(request_body.get("model")))
        elif (
            exchange.interaction_id in self.interactions
            and self.interactions[exchange.interaction_id].deleted
        ):
            observed = f"{exchange.operation} of an id that was deleted before"
            yield problem("deleted-id", "uri", observed, "404")

    def check_response(
        self, exchange: Exchange, body: Json, steps: list[Json]
    ) -> Iterator[Problem]:
        """Find what an interaction contradicts of what came before, and remember it.

        `body` is the resource, or what the last event of its stream says of it; `steps` are the
        steps it made.
        """
        self.signatures.remember(steps)
        identifier = body.get("id")
        if not identifier or not isinstance(identifier, str):
            return
        if exchange.is_stream:
            self.streams.remember(identifier, exchange)
        if exchange.operation == "create":
            yield from self._check_root(identifier, exchange.request_json)
        elif exchange.operation and identifier != exchange.interaction_id:
            expected = brief_json(exchange.interaction_id)
            yield problem("id-path", "id", brief_json(identifier), expected)
        previous = self.interactions.get(identifier)
        if previous and exchange.operation == "create":
            # One word for all ids tells nothing; a poll may stand before its create, see there.
            if previous.created_before and not is_redacted(identifier):
                yield problem("id-twice", "id", brief_json(identifier), "an id of its own")
        elif previous:
            yield from check_changes(previous, body, steps, exchange)
        self._remember(exchange, identifier, body, steps, previous)

    def mark_deleted(self, identifier: str) -> None:
        """Remember that an interaction is gone."""
        if identifier in self.interactions:
            self.interactions[identifier].deleted = True

    def _check_parent(
        self, exchange: Exchange, request_body: Json, steps: list[Json]
    ) -> Iterator[Problem]:
        parent_id = request_body.get("previous_interaction_id")
        if parent_id and not isinstance(parent_id, str):
            return
        parent = self.interactions.get(parent_id) if parent_id else None
        path = "body.previous_interaction_id"
        if parent_id and parent is None and parent_id in self.created_ids:
            return
        if parent_id and parent is None:
            yield from self._check_unknown_parent(parent_id, path, exchange)
            return
        if parent and parent.deleted:
            observed = "an interaction that was deleted"
            yield problem("chain-parent", path, observed, "404", evidence=MEASURED_DELETE)
        if parent and parent.status == Status.IN_PROGRESS:
            observed = "an interaction that still runs"
            yield problem(
                "chain-parent", path, observed, "400", kind=Kind.DRIFT, evidence=_BACKGROUND_DOCS
            )
        if steps:
            yield from _check_results(steps, parent)

    def _check_unknown_parent(
        self, parent_id: str, path: str, exchange: Exchange
    ) -> Iterator[Problem]:
        """Find a parent that is not in the recording.

        Where the ids agree, another recording may hold it, or somebody dropped it from this one.
        """
        expected = "the id of an interaction that was recorded before"
        parent, child = decode_id(parent_id), decode_id(exchange.created_id)
        is_placeholder = is_redacted(parent_id) and not self.interactions
        is_of_known_root = parent and parent.root in self.roots
        roots_agree = not child or bool(parent and parent.root == child.root)
        may_be_elsewhere = is_placeholder or (parent and roots_agree)
        observed = brief_json(parent_id)
        if is_placeholder:
            observed += ", which says nothing"
        elif is_of_known_root and may_be_elsewhere:
            observed += ", of a conversation that is recorded in part"
        elif may_be_elsewhere:
            observed += ", of another recording by its root"
        kind = Kind.DRIFT if may_be_elsewhere else Kind.VIOLATION
        yield problem("chain-parent", path, observed, expected, kind=kind)

    def _check_root(self, identifier: str, request_body: Any) -> Iterator[Problem]:
        """Hold the root of a new id against that of its parent."""
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
                yield problem("id-root", "id", observed, expected, kind=kind)
            return
        parent = decode_id(parent_id) if isinstance(parent_id, str) else None
        if parent and own_id.root != parent.root:
            yield problem("id-root", "id", "another root", "the root of its parent")
        elif parent and own_id.own_half == own_id.root:
            yield problem("id-root", "id", "its own root", "the root of its parent")

    def _remember(
        self,
        exchange: Exchange,
        identifier: str,
        body: Json,
        steps: list[Json],
        previous: KnownInteraction | None,
    ) -> None:
        call_ids = previous.call_ids if previous else NO_NAMES
        answered_ids = previous.answered_ids if previous else NO_NAMES
        history_known = previous.history_known if previous else exchange.operation == "create"
        if exchange.operation == "create" and isinstance(exchange.request_json, dict):
            parent_id = exchange.request_json.get("previous_interaction_id")
            parent = self.interactions.get(parent_id) if isinstance(parent_id, str) else None
            if parent:
                answered_ids, earlier_ids = parent.answered_ids, call_ids
                call_ids = parent.call_ids.with_more(earlier_ids)
            input_steps = _input_steps(exchange.request_json)
            if input_steps:
                answered_ids = answered_ids.with_more(_result_call_ids(input_steps))
                call_ids = call_ids.with_more(_call_ids(input_steps))
            history_known = not parent_id or bool(parent and parent.history_known)
        elif exchange.operation == "create":
            history_known = False  # nobody knows what was asked
        if steps:
            call_ids = call_ids.with_more(_call_ids(steps))
        if not previous and (own_id := decode_id(identifier)):
            self.roots.add(own_id.root)
        self.interactions[identifier] = KnownInteraction(
            str(body.get("status")),
            body.get("created"),
            step_types_of(steps),
            call_ids,
            answered_ids,
            history_known,
            exchange.is_stream,
            body=body,
            steps=steps,
            created_before=exchange.operation == "create"
            or bool(previous and previous.created_before),
        )


def _input_steps(request_body: Json) -> list[Json]:
    """Return the steps of a request's input; none where it is text or its shape is wrong."""
    if isinstance(request_body.get("input"), str):
        return []  # words: neither calls nor results, which is what is looked for
    try:
        steps = hoist_results(steps_of(request_body.get("input")))
    except (AttributeError, TypeError):
        return []  # a wrong shape, which the shapes already say
    return steps if are_well_formed(steps) else []


def _check_results(steps: list[Json], parent: KnownInteraction | None) -> Iterator[Problem]:
    """Find results for calls that nobody made, and second results for one call."""
    own_ids = set(_call_ids(steps))
    earlier_ids = parent.call_ids if parent else NO_NAMES
    answered_earlier = parent.answered_ids if parent else NO_NAMES
    history_known = parent is None or parent.history_known
    # A client that repeats its history beside a parent repeats old results as well.
    repeats_history = any(call_id in earlier_ids for call_id in own_ids)
    answered_now: set[str] = set()
    for position, step in enumerate(steps):
        if step.get("type") != "function_result":
            continue
        call_id = str(step.get("call_id"))
        path = f"body.input[{position}].call_id"
        if is_redacted(call_id):
            continue
        if call_id not in own_ids and call_id not in earlier_ids and history_known:
            call_ids = sorted({*own_ids, *earlier_ids})
            expected = ", ".join(map(brief_json, call_ids)) or "an answer to a recorded call"
            yield problem("call-unknown", path, brief_json(call_id), expected, evidence=CHAINS)
        elif call_id in answered_now or (call_id in answered_earlier and not repeats_history):
            yield problem("call-twice", path, brief_json(call_id), "one result for each call")
        answered_now.add(call_id)


def _call_ids(steps: list[Json]) -> list[str]:
    return [step.get("id", "") for step in steps if step.get("type") == "function_call"]


def _result_call_ids(steps: list[Json]) -> list[str]:
    return [step.get("call_id", "") for step in steps if step.get("type") == "function_result"]
