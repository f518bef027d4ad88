"""Each fault as the real google-genai sees it: what it raises, what it got, how often it asked."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from fakegemini import BadScript, Fake, faults
from fakegemini.faults import PRESETS
from fakegemini.faults.registry import fault_rows
from fakegemini.protocol.background import running_for
from fakegemini.wire.http import Reply, Request, Wait
from tests.every_fault import ALL, ANSWER, CASES, GONE, OBSERVED, asked, script

genai = pytest.importorskip("google.genai")

MODEL = "gemini-3.5-flash"

Outcome = tuple[str, list[Any]]
"""The exception's name or `ok`, and the events or bodies that came."""


def streamed_sync(text: str) -> Outcome:
    """Stream the answer with the synchronous client."""
    client, got = genai.Client(), []
    try:
        for event in client.interactions.create(model=MODEL, input=text, stream=True):
            got.append(event)
    except Exception as error:
        return type(error).__name__, got
    return "ok", got


def streamed_async(text: str) -> Outcome:
    """Stream the answer with the asynchronous client."""
    got: list[Any] = []

    async def run() -> str:
        client = genai.Client()
        try:
            stream = await client.aio.interactions.create(model=MODEL, input=text, stream=True)
            async for event in stream:
                got.append(event)
        except Exception as error:
            return type(error).__name__
        finally:
            await client.aio.aclose()
        return "ok"

    return asyncio.run(run()), got


def unary_sync(text: str) -> Outcome:
    """Ask for the answer with the synchronous client."""
    client = genai.Client()
    try:
        return "ok", [client.interactions.create(model=MODEL, input=text)]
    except Exception as error:
        return type(error).__name__, []


def unary_async(text: str) -> Outcome:
    """Ask for the answer with the asynchronous client."""

    async def run() -> Outcome:
        client = genai.Client()
        try:
            return "ok", [await client.aio.interactions.create(model=MODEL, input=text)]
        except Exception as error:
            return type(error).__name__, []
        finally:
            await client.aio.aclose()

    return asyncio.run(run())


Client = Callable[[str], Outcome]


@pytest.mark.parametrize("client", [streamed_sync, streamed_async])
@pytest.mark.parametrize("name", ALL)
def test_a_spoiled_stream(name: str, client: Client, fakegemini: Fake) -> None:
    """A client gets every event before the fault, then what the fault makes of it."""
    script(fakegemini, name, ALL[name])

    outcome, got = client(f"stream {name}")

    assert (outcome, len(got), asked(fakegemini, f"stream {name}")) == ALL[name].streamed


@pytest.mark.parametrize("client", [unary_sync, unary_async])
@pytest.mark.parametrize("name", ALL)
def test_a_spoiled_answer(name: str, client: Client, fakegemini: Fake) -> None:
    """One bad answer, then a good one where the client tries again; a retry takes no time."""
    script(fakegemini, name, ALL[name])

    outcome, got = client(f"whole {name}")

    assert (outcome, asked(fakegemini, f"whole {name}")) == ALL[name].whole
    assert [turn.output_text for turn in got] == [ANSWER] * (outcome == "ok")


def test_every_fault_has_a_row() -> None:
    """A new constructor or preset goes into the table."""
    makers = {row.make.__name__ for row in fault_rows()}

    assert {name.split()[0] for name in CASES} == makers | {"both"}
    assert set(OBSERVED) == set(PRESETS)


def test_every_fault_is_public() -> None:
    """The files of the room name their own in `__all__`, and the room names all of them."""
    rows = fault_rows()
    public = {getattr(faults, name) for name in faults.__all__ if name.islower()}

    assert public == {row.make for row in rows} | {faults.both}
    assert sorted(set(faults.__all__)) == sorted(faults.__all__)


def test_every_fault_can_be_drawn() -> None:
    """The ranges are of arguments that there are, and of all that have no default."""
    for row in fault_rows():
        parameters = inspect.signature(row.make).parameters.values()
        without_default = {one.name for one in parameters if one.default is one.empty}
        assert without_default <= set(row.ranges) <= {one.name for one in parameters}, row.make


def test_no_search_library_is_loaded() -> None:
    """What a search draws is plain data to the registry."""
    code = "import sys, fakegemini.faults.registry; print('hypothesis' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_five_refusals_reach_the_caller(fakegemini: Fake) -> None:
    """A client gives up after five requests, and because of `retry-after-ms` at once."""
    fakegemini.faults(faults.refuse(429), on="create")

    assert unary_sync("x") == ("RateLimitError", [])
    assert len(fakegemini.requests) == 5


def test_a_refused_reply_leaves_no_trace(fakegemini: Fake) -> None:
    """A reply that is refused by its fault stores nothing."""
    fakegemini.replies("never", id=None, fault=faults.refuse(400))
    fakegemini.replies("next")

    assert unary_sync("x")[0] == "BadRequestError"
    outcome, (turn,) = unary_sync("x")
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

    outcome, got = streamed_sync("x")

    assert (outcome, len(got)) == (GONE, 4)


WHOLE_FAULTS: dict[str, tuple[faults.Fault, Callable[[Reply, list[Any]], bool]]] = {
    "malformed": (
        faults.malformed(),
        lambda _, beats: (
            not b"".join(one for one in beats if isinstance(one, bytes)).endswith(b"}")
        ),
    ),
    "chunks": (faults.chunks(3), lambda *_: True),
    "slow": (faults.slow(0.5), lambda _, beats: Wait(0.5, real=True) in beats),
    "wrong_content_type": (
        faults.wrong_content_type(),
        lambda reply, _: ("content-type", "text/html") in reply.headers,
    ),
    "stall": (faults.stall(0), lambda *_: True),
    "cut_after": (faults.cut_after(0), lambda *_: True),
}
"""Faults that meet a whole answer, and two that pass it by: how each is seen."""


@pytest.mark.parametrize("outer", WHOLE_FAULTS)
@pytest.mark.parametrize("inner", WHOLE_FAULTS)
def test_two_faults_of_a_whole_answer_both_act(outer: str, inner: str) -> None:
    """Whichever is the outer one; and what is for streams still leaves it alone."""
    first, second = WHOLE_FAULTS[outer], WHOLE_FAULTS[inner]
    body = Reply(200, (("content-type", "application/json"),), (b'{"beg":"in"}',))

    reply = faults.both(first[0], second[0])(lambda _: body)(Request("POST", "/v1/interactions"))
    beats = [*reply.beats]

    pieces = [one for one in beats if isinstance(one, bytes)]
    assert b"".join(pieces).startswith(b'{"beg":"in')
    if "chunks" in (outer, inner):
        assert max(map(len, pieces)) <= 3
    for name, (_, is_seen) in ((outer, first), (inner, second)):
        assert is_seen(reply, beats), name


def test_cleared_faults_are_over(fakegemini: Fake) -> None:
    """`clear_faults` ends them all."""
    fakegemini.faults(faults.refuse(400))
    fakegemini.clear_faults()

    assert unary_sync("x")[0] == "ok"


def pauses(fault: faults.Fault, stream: list[bytes]) -> list[Wait | bytes]:
    """The beats of a stream under a fault."""
    request = Request("POST", "/v1/interactions")
    return list(fault(lambda _: Reply(200, (), iter(stream)))(request).beats)  # type: ignore[arg-type]


DELTA = b'event: step.delta\ndata: {"event_type":"step.delta","delta":{"text":"12345678"}}\n\n'
START = b'event: step.start\ndata: {"event_type":"step.start"}\n\n'
OPEN = b'event: interaction.created\ndata: {"event_type":"interaction.created"}\n\n'


def test_pace() -> None:
    """The first step waits once, each delta as long as its tokens take."""
    beats = pauses(faults.pace(0.5, 10.0), [OPEN, START, DELTA, START, DELTA])

    assert beats == [OPEN, Wait(0.5), START, Wait(0.2), DELTA, START, Wait(0.2), DELTA]


def test_pace_by_chance() -> None:
    """Jitter stays in its share, and comes from the seed alone."""
    stream = [OPEN, START, *[DELTA] * 50]

    def seconds(seed: int) -> list[float]:
        beats = pauses(faults.pace(1.0, 2.0, jitter=0.25, seed=seed, real=True), stream)
        assert all(beat.real for beat in beats if isinstance(beat, Wait))
        return [beat.seconds for beat in beats if isinstance(beat, Wait)]

    assert seconds(1) == seconds(1) != seconds(2)
    assert all(0.75 <= pause <= 1.25 for pause in seconds(1))
    assert len(set(seconds(1))) == 51


@pytest.mark.parametrize(
    "wrong", [{"first": -1}, {"tokens_per_second": 0}, {"jitter": 1.5}, {"jitter": -0.1}], ids=str
)
def test_no_pace(wrong: dict[str, float]) -> None:
    """One sentence."""
    with pytest.raises(BadScript, match=r"pace\(\) takes|jitter= is a share"):
        faults.pace(**wrong)  # type: ignore[arg-type]
