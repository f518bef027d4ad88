"""Every public name as a user writes it: type-checked, never run.

What is wrong here is wrong in an editor. A law demands that these are all public names, no others.
"""

from __future__ import annotations

import re
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, assert_type

import httpx

from fakegemini import (
    Agent,
    Ask,
    BadScript,
    ContractBreach,
    Cut,
    Fake,
    FakeGeminiError,
    FakeMixin,
    FakeOptions,
    Handler,
    IllegalMove,
    LeftOver,
    Model,
    NotOnTape,
    Refused,
    Reply,
    Request,
    Unscripted,
    VirtualClock,
    Wait,
    adopt,
    call,
    fake_fixture,
    faults,
    never_ending,
    recording,
    running,
    running_for,
    say,
    step,
    think,
    transport,
    turbo,
)


def construct() -> Fake:
    """All that a fake can be given."""
    clock = VirtualClock()
    clock.advance(10)
    clock.tick()
    return Fake(
        seed="typed",
        clock=clock,
        models={"gemini-next": Model("Gemini Next")},
        agents={"an-agent": Agent("An agent")},
        any_model=True,
        timer=lambda: 0.0,
        decode_limit=100,
        era="2026-06",
    )


def script(fake: Fake) -> None:
    """Replies, rules, functions that are the model, faults."""
    fake.replies("Hello")
    fake.replies(
        think("Hm."), say("Hello", {"type": "text", "text": "again"}), call("weather", city="Paris")
    )
    fake.replies(step("teleport_call", id="1", arguments={}), status="incomplete", id="v1_typed")
    fake.replies(say("Later"), background=running_for(2, seconds=10, queued=1))
    fake.replies(say("Never"), background=never_ending(), times=2)
    fake.replies(say("in three answers"), hops=3, usage={"total_tokens": 3})
    fake.replies(say("cut off"), fault=faults.cut_after(3))
    fake.when(input=re.compile("weather"), model="gemini-3.5-flash").replies(call("weather"))
    fake.when(where=lambda ask: ask.turn == 2, times=1).answers(echo)
    fake.answers(stream_of_steps, times=3)
    fake.faults(faults.slow(0.1), "overloaded", times=1, on="create")
    fake.faults(fake.faults.refuse(429))
    fake.replies(fake.say("Hi"), fake.call("f", x=1), fake.think(), fake.step("thought"))
    fake.faults(faults.both(faults.refuse(503), faults.chunks(7)))
    fake.clear_faults()
    fake.allow("unscripted", "leftover")
    fake.trust("a signature")
    fake.reset()


def run() -> None:
    """A block with a fake, defaults, and what need not be asked for."""
    with recording("cassettes/tides.yaml", "new_episodes", scrub="badge") as url:
        assert url.startswith("http")
    with turbo() as state, running(seed=1, era="2026-06", any_model=True) as fake:
        assert_type(state.notes, list[str])
        assert_type(fake, Fake)
        fake.default(say("By default"))
        with fake.defaults():
            fake.when(input="ping").replies("pong")
        fake.replies("maybe", optional=True)
        fake.answers(echo, optional=True)
        with fake.expects_refusal("not_found", status=404) as refusals:
            assert_type(refusals[0].message, str)


shop = fake_fixture(scope="session", seed=7, era="2026-08")


class ShopTest(FakeMixin, unittest.TestCase):
    """One of unittest."""

    fake_options: ClassVar[FakeOptions] = {"seed": 7, "any_model": True}

    def test_it(self) -> None:
        """What the fake is there."""
        assert_type(self.fake, Fake)
        with adopt(httpx.Client()):
            self.fake.replies("Hello")


def echo(ask: Ask) -> str:
    """A function that is the model, and what it sees."""
    assert_type(ask.turn, int)
    assert_type(ask.stream, bool)
    assert_type(ask.model, str | None)
    assert_type(ask.parent, str | None)
    assert_type(ask.said, tuple[str, ...])
    assert_type(ask.results, tuple[dict[str, Any], ...])
    return ask.text


def stream_of_steps(ask: Ask) -> Iterator[dict[str, Any] | str]:
    """One that yields."""
    yield think()
    yield ask.text


def handle(fake: Fake) -> Handler:
    """The waist: a handler around a fake."""

    def handler(request: Request) -> Reply:
        assert_type(request.header("x-goog-api-key"), str | None)
        reply = fake.handle(Request(request.method, request.path, body=request.body))
        return Reply(reply.status, reply.headers, (Wait(0.5), b"{", Cut(reset=True)))

    return handler


def look_back(fake: Fake) -> list[float]:
    """What was asked."""
    assert_type(fake.url, str)
    assert_type(fake.era, Literal["2026-05", "2026-06", "2026-08", "2026-10"])
    assert_type(fake.requests[0].json(), Any)
    assert_type(fake.requests[0].operation, str | None)
    assert_type(fake.requests[0].header("accept"), str | None)
    assert_type(len(fake.requests.creates), int)
    assert_type(len(fake.requests.polls), int)
    assert_type(len(fake.requests.retries), int)
    return fake.requests.pauses


def replay(fake: Fake, folder: Path) -> None:
    """A cassette as the server."""
    fake.play(folder / "chain.yaml", tolerate=["dates", re.compile("x")], missing="model")
    fake.play("cassettes", chunks=17, real_pace=True, repeats=True)
    assert_type(fake.unplayed, list[str])


def without_sockets(fake: Fake) -> httpx.Client:
    """A client that needs no socket, and one whose address is written in."""
    client = httpx.Client(transport=transport(fake, httpx), base_url="http://gemini.invalid")
    fake.adopt(client)
    fake.release()
    return client


def resilience(fake: Fake) -> str:
    """Bad days, by name."""
    return str(fake.assert_resilient(lambda: None, only=["cut_stream"], skip=(), timeout=5.0))


def failures(fake: Fake) -> FakeGeminiError | None:
    """Whatever it raises, by who must act."""
    try:
        fake.check()
    except (BadScript, IllegalMove) as error:  # the test
        return error
    except (Unscripted, LeftOver, NotOnTape, Refused) as error:  # the code under test
        return error
    except ContractBreach as error:  # the server
        return error
    return None
