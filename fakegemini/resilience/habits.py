"""Find out what the code under test does at all, from the requests of the good day."""

from __future__ import annotations

from collections.abc import Callable

from ..protocol.ask import Ask
from ..protocol.request_log import LoggedRequest, Requests
from ..protocol.status import is_running
from ..wire.http import is_true


def granted_asks(requests: Requests) -> list[Ask]:
    """Return what the creates asked that were answered with an interaction."""
    return [request.interaction.ask for request in requests.creates if request.interaction]


def asks_for_stream(request: LoggedRequest) -> bool:
    """Return whether a get asks for a stream."""
    return is_true(dict(request.query).get("stream"))


def background_runs(requests: Requests) -> list[LoggedRequest]:
    """Return the creates that started a background run."""
    return [
        request
        for request in requests.creates
        if request.interaction and request.interaction.ask.background
    ]


def _reads_streams(requests: Requests) -> bool:
    return any(ask.stream for ask in granted_asks(requests)) or any(
        map(asks_for_stream, requests.polls)
    )


def _polls_to_the_end(requests: Requests) -> bool:
    # Code that leaves a run behind on a good day, or streams it, is not judged by how often it
    # polls.
    interactions = [
        request.interaction for request in background_runs(requests) if request.interaction
    ]
    polled_ids = {poll.id for poll in requests.polls}
    all_followed = all(
        str(interaction.id) in polled_ids and not is_running(interaction.status)
        for interaction in interactions
    )
    return bool(interactions) and all_followed and not _reads_streams(requests)


def _answers_calls(requests: Requests) -> bool:
    return any(ask.results for ask in granted_asks(requests))


def _resends_history(requests: Requests) -> bool:
    return any(
        request.resent and request.interaction and not request.interaction.ask.parent
        for request in requests.creates
    )


def _asks_models(requests: Requests) -> bool:
    return any(not (ask.background or ask.agent) for ask in granted_asks(requests))


HABITS: dict[str, tuple[Callable[[Requests], bool], str]] = {
    "converses": (_asks_models, "it asks no model in the foreground"),
    "streams": (_reads_streams, "it reads no stream"),
    "polls": (_polls_to_the_end, "it polls no background run to its end"),
    "calls": (_answers_calls, "it answers no function call"),
    "resends": (_resends_history, "it resends no history of its own"),
}
"""The habits that a day may need: how to find one in the good day, and what to say where it is not
there."""
