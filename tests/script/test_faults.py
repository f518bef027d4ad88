"""Each fault as the real google-genai sees it: what it raises, what it got, how often it asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fakegemini import Fake
from fakegemini.core import faults
from fakegemini.core.course import running_for
from fakegemini.core.faults import PRESETS, Fault

genai = pytest.importorskip("google.genai")

MODEL = "gemini-3.5-flash"
ANSWER = "Ébb and flood take turns, twice a day, wherever the sea is wide."
EVENTS = 12
"""The events of the answer's stream: two, a thought's three, an output's six, the last."""

Outcome = tuple[str, int, int]
"""The exception's name or `ok`, the events or bodies that came, the requests it took."""


def streamed_sync(fake: Fake) -> tuple[str, list[Any]]:
    """Stream the answer with the synchronous client."""
    client, got = genai.Client(), []
    try:
        for event in client.interactions.create(model=MODEL, input="x", stream=True):
            got.append(event)
    except Exception as error:
        return type(error).__name__, got
    return "ok", got


def streamed_async(fake: Fake) -> tuple[str, list[Any]]:
    """Stream the answer with the asynchronous client."""
    got: list[Any] = []

    async def run() -> str:
        client = genai.Client()
        try:
            stream = await client.aio.interactions.create(model=MODEL, input="x", stream=True)
            async for event in stream:
                got.append(event)
        except Exception as error:
            return type(error).__name__
        finally:
            await client.aio.aclose()
        return "ok"

    return asyncio.run(run()), got


def unary_sync(fake: Fake) -> tuple[str, list[Any]]:
    """Ask for the answer with the synchronous client."""
    client = genai.Client()
    try:
        return "ok", [client.interactions.create(model=MODEL, input="x")]
    except Exception as error:
        return type(error).__name__, []


def unary_async(fake: Fake) -> tuple[str, list[Any]]:
    """Ask for the answer with the asynchronous client."""

    async def run() -> tuple[str, list[Any]]:
        client = genai.Client()
        try:
            return "ok", [await client.aio.interactions.create(model=MODEL, input="x")]
        except Exception as error:
            return type(error).__name__, []
        finally:
            await client.aio.aclose()

    return asyncio.run(run())


GONE = "APIConnectionError"
STREAMS: dict[str, tuple[Fault, Outcome]] = {
    "cut_after(0)": (faults.cut_after(0), (GONE, 0, 1)),
    "cut_after(3)": (faults.cut_after(3), (GONE, 3, 1)),
    "cut_mid_frame(4)": (faults.cut_mid_frame(4), (GONE, 4, 1)),
    "cut_mid_character": (faults.cut_mid_character(), (GONE, 6, 1)),
    "drop_terminal": (faults.drop_terminal(), ("ok", EVENTS - 1, 1)),
    "repeat(6)": (faults.repeat(6), ("ok", EVENTS + 1, 1)),
    "swap(6)": (faults.swap(6), ("ok", EVENTS, 1)),
    "unknown_event": (faults.unknown_event(), ("ok", EVENTS + 1, 1)),
    "bare_line": (faults.bare_line(), ("ok", 2, 1)),
    "error_event": (faults.error_event("api_error", "No.", after=3), ("ok", 4, 1)),
    "malformed": (faults.malformed(), ("ok", EVENTS, 1)),
    "stall": (faults.stall(3, seconds=0.02), (GONE, 3, 1)),
    "cut_at": (faults.cut_at(600.0), ("ok", EVENTS, 1)),
}
BOTH: dict[str, tuple[Fault, str, int]] = {
    "refuse(400)": (faults.refuse(400), "BadRequestError", 1),
    "refuse(403)": (faults.refuse(403), "PermissionDeniedError", 1),
    "refuse(404)": (faults.refuse(404), "NotFoundError", 1),
    "refuse(408)": (faults.refuse(408), "ok", 2),
    "refuse(409)": (faults.refuse(409), "ok", 2),
    "refuse(429)": (faults.refuse(429), "ok", 2),
    "refuse(500)": (faults.refuse(500), "ok", 2),
    "refuse(503)": (faults.refuse(503), "ok", 2),
    "rate_limited": (PRESETS["rate_limited"], "ok", 2),
    "content_blocked": (PRESETS["content_blocked"], "BadRequestError", 1),
    "reset": (faults.reset(), GONE, 1),
    "time_out": (faults.time_out(0.02), GONE, 1),
    "wrong_content_type": (faults.wrong_content_type(), "APIError", 1),
    "gzip": (faults.gzip(), "ok", 1),
    "chunks(7)": (faults.chunks(7), "ok", 1),
    "slow": (faults.slow(0.001), "ok", 1),
}
CLIENTS: list[Callable[[Fake], tuple[str, list[Any]]]] = [streamed_sync, streamed_async]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", STREAMS)
def test_a_spoiled_stream(
    name: str, client: Callable[[Fake], tuple[str, list[Any]]], fakegemini: Fake
) -> None:
    """A client gets every event before the fault, then what the fault makes of it."""
    fault, expected = STREAMS[name]
    fakegemini.replies(ANSWER, fault=fault)

    outcome, got = client(fakegemini)

    assert (outcome, len(got), len(fakegemini.requests)) == expected


@pytest.mark.parametrize("client", [*CLIENTS, unary_sync, unary_async])
@pytest.mark.parametrize("name", BOTH)
def test_a_spoiled_request(
    name: str, client: Callable[[Fake], tuple[str, list[Any]]], fakegemini: Fake
) -> None:
    """One bad request, then a good one where the client tries again; a retry takes no time."""
    fault, outcome, requests = BOTH[name]
    fakegemini.faults(fault, times=1)

    assert client(fakegemini)[0] == outcome
    assert len(fakegemini.requests) == requests


def test_five_refusals_reach_the_caller(fakegemini: Fake) -> None:
    """A client gives up after five requests, and because of `retry-after-ms` at once."""
    fakegemini.faults(faults.refuse(429), on="create")

    assert unary_sync(fakegemini) == ("RateLimitError", [])
    assert len(fakegemini.requests) == 5


def test_a_refused_reply_leaves_no_trace(fakegemini: Fake) -> None:
    """A reply that is refused by its fault stores nothing."""
    fakegemini.replies("never", id=None, fault=faults.refuse(400))
    fakegemini.replies("next")

    assert unary_sync(fakegemini)[0] == "BadRequestError"
    outcome, (turn,) = unary_sync(fakegemini)
    assert (outcome, turn.output_text) == ("ok", "next")


def test_faults_meet_one_operation(fakegemini: Fake) -> None:
    """A fault on polls leaves everything else alone."""
    fakegemini.faults("poll_forbidden", times=2, on="get")
    fakegemini.replies("done", background=running_for(0))
    client = genai.Client()
    turn = client.interactions.create(model=MODEL, input="x", background=True)

    for _ in range(2):
        with pytest.raises(Exception, match="403"):
            client.interactions.get(turn.id)

    assert client.interactions.get(turn.id).output_text == "done"


def test_faults_compose(fakegemini: Fake) -> None:
    """Several faults meet one answer: cut, and in pieces of any size."""
    fakegemini.replies(ANSWER, fault=faults.both(faults.chunks(3), faults.cut_after(4)))

    outcome, got = streamed_sync(fakegemini)

    assert (outcome, len(got)) == (GONE, 4)


def test_cleared_faults_are_over(fakegemini: Fake) -> None:
    """`clear_faults` ends them all."""
    fakegemini.faults(faults.refuse(400))
    fakegemini.clear_faults()

    assert unary_sync(fakegemini)[0] == "ok"
