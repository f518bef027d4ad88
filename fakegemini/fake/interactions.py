"""Serve the interactions family: create, get (poll and resume), cancel, delete."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.refusals import check_client
from ..protocol.refusals import lookups as refusals
from ..protocol.status import Move, Status, is_running, status_after
from ..wire.http import Reply, Request, is_true
from ..wire.replies import json_reply, stream_reply
from .create import Creator
from .routes import AnswerPlan, Route
from .state.state import State
from .state.store import follow


@dataclass(frozen=True, slots=True)
class Interactions:
    """The family's endpoints around the interactions that are stored."""

    creator: Creator
    state: State

    def routes(self) -> tuple[Route, ...]:
        """List the routes of the family."""
        return (
            Route("POST", "interactions", self.creator.plan),
            Route("GET", "interactions/{*}", self.get),
            Route("DELETE", "interactions/{*}", self.delete),
            Route("POST", "interactions/{*}/cancel", self.cancel),
            Route("POST", "interactions/{}", self.colon_cancel),
        )

    def get(self, request: Request, identifier: str) -> Reply | AnswerPlan:
        """Answer `GET /interactions/{id}`, as JSON or as the stream from `last_event_id` on.

        A get as JSON is a poll: it moves a running interaction on, so that a test need not sleep.
        """
        stream = is_true(request.param("stream"))
        refusal = check_client(request) or refusals.malformed_id(identifier)
        if refusal:
            return AnswerPlan.of_refusal(refusal, stream=stream)
        if stream:
            return self._resume(identifier, request.param("last_event_id"))
        with self.state.changes:
            interaction = self.state.find_interaction(identifier)
            if interaction is None:
                return AnswerPlan.of_refusal(refusals.not_found())
            if is_running(interaction.status):
                interaction.poll(self.state.clock())
                self.state.store.write_back(interaction)
        shows_input = interaction.ask.era.does("input is shown")
        wants_input = is_true(request.param("include_input"))
        reply = json_reply(
            interaction.resource(timeline=shows_input, include_input=shows_input and wants_input)
        )
        interaction.let_go()
        return reply

    def delete(self, request: Request, identifier: str) -> Reply | AnswerPlan:
        """Answer `DELETE /interactions/{id}` with `{}`; afterwards the id is unknown."""
        refusal = refusals.malformed_id(identifier)
        if refusal:
            return AnswerPlan.of_refusal(refusal)
        is_deleted = self.state.store.delete(identifier)
        return json_reply({}) if is_deleted else AnswerPlan.of_refusal(refusals.not_found())

    def cancel(self, request: Request, identifier: str) -> Reply | AnswerPlan:
        """Answer `POST /interactions/{id}/cancel`; only what still runs can be cancelled."""
        refusal = refusals.malformed_id(identifier)
        if refusal:
            return AnswerPlan.of_refusal(refusal)
        with self.state.changes:
            interaction = self.state.find_interaction(identifier)
            if interaction is None:
                return AnswerPlan.of_refusal(refusals.not_found())
            refusal = refusals.not_running(identifier, interaction.status)
            if refusal:
                return AnswerPlan.of_refusal(refusal)
            interaction.status = status_after(Status(interaction.status), Move.CANCEL)
            self.state.store.write_back(interaction)
            return json_reply(interaction.resource())

    def colon_cancel(self, request: Request, name: str) -> Reply | AnswerPlan:
        """Answer `POST /interactions/{id}:cancel`, which some clients send, as `/cancel`."""
        identifier, colon, verb = name.rpartition(":")
        if not colon or verb != "cancel":
            return AnswerPlan.of_refusal(refusals.malformed_id(name) or refusals.not_found())
        return self.cancel(request, identifier)

    def _resume(self, identifier: str, last_event_id: str | None) -> Reply | AnswerPlan:
        """Stream an interaction from behind the event of that id, or from its beginning."""
        interaction = self.state.find_interaction(identifier)
        if interaction is None:
            return AnswerPlan.of_refusal(refusals.not_found(), stream=True)
        position = interaction.position_after(last_event_id) if last_event_id else 0
        if position is None:
            return AnswerPlan.of_refusal(refusals.unknown_event(), stream=True)
        state = self.state
        frames = follow(state, interaction, state.clock, resumable=True, skip=position)
        return stream_reply(frames)
