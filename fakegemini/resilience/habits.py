"""What the code under test does at all, as the good day showed it."""

from __future__ import annotations

from collections.abc import Callable

from ..protocol.ask import Ask
from ..protocol.request_log import Asked, Requests
from ..protocol.status import running


def asks(requests: Requests) -> list[Ask]:
    """What the granted creates asked."""
    return [one.made.ask for one in requests.creates if one.made]


def is_stream(asked: Asked) -> bool:
    """Whether a get asks for a stream."""
    return dict(asked.query).get("stream", "").lower() == "true"


def runs(requests: Requests) -> list[Asked]:
    """The creates that made a background run."""
    return [one for one in requests.creates if one.made and one.made.ask.background]


def _streams(requests: Requests) -> bool:
    return any(ask.stream for ask in asks(requests)) or any(map(is_stream, requests.polls))


def _polls(requests: Requests) -> bool:
    # Only runs that the code follows to their end by polls alone: whoever leaves one behind on a
    # good day, or streams it, is not to be judged by how often it asks.
    made = [one.made for one in runs(requests) if one.made]
    polled = {one.id for one in requests.polls}
    followed = all(str(one.id) in polled and not running(one.status) for one in made)
    return bool(made) and followed and not _streams(requests)


def _calls(requests: Requests) -> bool:
    return any(ask.results for ask in asks(requests))


def _resends(requests: Requests) -> bool:
    return any(one.resent and one.made and not one.made.ask.parent for one in requests.creates)


def _converses(requests: Requests) -> bool:
    return any(not (ask.background or ask.agent) for ask in asks(requests))


HABITS: dict[str, tuple[Callable[[Requests], bool], str]] = {
    "converses": (_converses, "it asks no model in the foreground"),
    "streams": (_streams, "it reads no stream"),
    "polls": (_polls, "it polls no background run to its end"),
    "calls": (_calls, "it answers no function call"),
    "resends": (_resends, "it resends no history of its own"),
}
"""What a day may need: whether the good day showed it, and what to say where it did not."""
