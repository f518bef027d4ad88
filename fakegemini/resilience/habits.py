"""What the code under test does at all, as the good day showed it."""

from __future__ import annotations

from collections.abc import Callable

from ..protocol.ask import Ask
from ..protocol.request_log import LoggedRequest, Requests
from ..protocol.status import is_running


def granted_asks(requests: Requests) -> list[Ask]:
    """What the granted creates asked."""
    return [request.interaction.ask for request in requests.creates if request.interaction]


def asks_for_stream(request: LoggedRequest) -> bool:
    """Whether a get asks for a stream."""
    return dict(request.query).get("stream", "").lower() == "true"


def background_runs(requests: Requests) -> list[LoggedRequest]:
    """The creates that made a background run."""
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
    # Only runs that the code follows to their end by polls alone: whoever leaves one behind on a
    # good day, or streams it, is not to be judged by how often it asks.
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
"""What a day may need: whether the good day showed it, and what to say where it did not."""
