"""The table, what narrows the catalogue, and what is told where nothing can be judged."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from typing import Any

import httpx
import pytest

from fakegemini import BadScript, Fake, say
from fakegemini.resilience import GoodDayFailed, NotResilient, Verdicts

from .careful import MODEL, Calling, Http, Polling, Streaming
from .careless import Racing, TakingTheEnd, WalkingAway

TABLE = """\
The code under test did badly: no_terminal.

day                  verdict     what was done                 what the client did           what a good client does
-------------------  ----------  ----------------------------  ----------------------------  ----------------------------
cut_stream           good        the connection drops in the   came back after 2 requests    raises, resumes or asks
                                 middle of the text                                          again; never gives the part
                                                                                             for the whole
no_terminal          bad         a stream ends in the middle   came back with a text that    knows that a stream without
                                 of the text, without          stops or has a hole after     interaction.completed is not
                                 interaction.completed         'fakegemini speaking'         complete
parallel_calls       not         the model calls two           it answers no function call   answers every call, all in
                     applicable  functions in one turn                                       one request
resilience: 3 days, 1 good, 1 bad, 1 not applicable"""  # noqa: E501


def test_the_table_says_all(fakegemini: Fake) -> None:
    """A bad verdict raises the table: what was done, what the client did, what a good one does."""
    with closing(TakingTheEnd(fakegemini.url)) as client, pytest.raises(NotResilient) as caught:
        fakegemini.assert_resilient(client, only=["cut_stream", "no_terminal", "parallel_calls"])

    assert str(caught.value) == TABLE


def test_what_is_scripted_is_said_on_every_day(fakegemini: Fake) -> None:
    """The reply of the test drives the client on the good day and on the bad ones."""
    fakegemini.replies(say("High water at noon."))
    texts: list[str] = []

    with closing(Http(fakegemini.url, fakegemini.clock.advance)) as client:
        verdicts = fakegemini.assert_resilient(
            lambda: texts.append(client()), only=["unknown_step", "retry_after_ignored"]
        )

    assert texts == ["High water at noon."] * 3
    assert [(one.day, one.verdict, one.client_did) for one in verdicts] == [
        ("retry_after_ignored", "good", "came back after 2 requests"),
        ("unknown_step", "good", "came back after 1 request"),
    ]


def test_the_fake_is_itself_again(fakegemini: Fake) -> None:
    """Nothing of the bad days is left: no requests, no faults, no complaints."""
    with closing(Calling(fakegemini.url, fakegemini.clock.advance)) as client:
        fakegemini.assert_resilient(client)

        assert fakegemini.requests == []
        assert client() == client()


def test_three_at_once(fakegemini: Fake) -> None:
    """A run that asks the same several times at once does not try again by that."""

    def run() -> list[str]:
        with ThreadPoolExecutor(3) as pool:
            return [one.result() for one in [pool.submit(client) for _ in range(3)]]

    with closing(Http(fakegemini.url, fakegemini.clock.advance)) as client:
        assert fakegemini.assert_resilient(run).bad == ()


def test_one_retry_among_several(fakegemini: Fake) -> None:
    """What is sent several times anyway may not be sent once more where it is blocked."""
    body = {"model": MODEL, "input": "x"}

    def run() -> None:
        answers = [httpx.post(f"{fakegemini.url}/v1/interactions", json=body) for _ in range(3)]
        if answers[-1].status_code >= 400:
            httpx.post(f"{fakegemini.url}/v1/interactions", json=body)

    with pytest.raises(NotResilient) as caught:
        fakegemini.assert_resilient(run, only=["blocked", "retry_storm"])

    assert [(one.day, one.client_did) for one in caught.value.verdicts] == [
        ("retry_storm", "came back after 4 requests"),
        ("blocked", "sent the blocked request 2 times"),
    ]


def test_an_asynchronous_run(fakegemini: Fake) -> None:
    """A run may be a coroutine function, and be judged from inside an event loop."""

    async def run() -> str:
        async with httpx.AsyncClient(base_url=f"{fakegemini.url}/v1") as http:
            answer = await http.post("/interactions", json={"model": MODEL, "input": "x"})
            answer.raise_for_status()
            return answer.text

    async def test() -> Verdicts:
        return fakegemini.assert_resilient(run, skip="retry_storm")

    assert len(asyncio.run(test()).of("good")) == 5


def nothing() -> None:
    """A run that asks nothing."""


def broken() -> None:
    """A run that fails by itself."""
    raise ValueError("no harbour")


MISTAKES: list[tuple[Callable[[], Any], dict[str, Any], type[Exception], str]] = [
    (nothing, {"only": ["cut_streem"]}, BadScript, "did you mean 'cut_stream'?"),
    (nothing, {"skip": "polling"}, BadScript, "there is no bad day 'polling' (there are retry_"),
    (nothing, {"only": "blocked", "skip": "blocked"}, BadScript, "no bad day is left"),
    (nothing, {}, GoodDayFailed, "created no interaction: does it use fakegemini.url?"),
    (broken, {}, GoodDayFailed, "nothing was done to the run yet, and it raised ValueError: no ha"),
    (lambda: time.sleep(0.2), {"timeout": 0.05}, GoodDayFailed, "did not come back within 0.05 s"),
]


@pytest.mark.parametrize(("run", "how", "error", "text"), MISTAKES)
def test_a_mistake_is_one_sentence(
    run: Callable[[], Any], how: dict[str, Any], error: type[Exception], text: str, fakegemini: Fake
) -> None:
    """What cannot be judged is told, with the exception of the run behind it."""
    with pytest.raises(error) as caught:
        fakegemini.assert_resilient(run, **how)

    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (type(caught.value.__cause__) is ValueError) == (run is broken)


def test_no_day_that_applies_is_no_pass(fakegemini: Fake) -> None:
    """A catalogue of which nothing could be played does not pass."""
    with closing(Http(fakegemini.url)) as client, pytest.raises(BadScript) as caught:
        fakegemini.assert_resilient(client, only=["cut_stream"])

    assert str(caught.value) == (
        "none of these days applies to what the run does: cut_stream (it reads no stream)"
    )


def test_a_run_that_does_not_come_back(fakegemini: Fake) -> None:
    """It is bad, and no further day is played while it still goes on."""
    told, days = threading.Event(), []

    def run() -> None:
        answer = httpx.post(
            f"{fakegemini.url}/v1/interactions", json={"model": MODEL, "input": "x"}
        )
        days.append(answer.status_code)
        if answer.status_code == 503:
            told.wait(10)

    with pytest.raises(NotResilient) as caught:
        fakegemini.assert_resilient(run, only=["retry_storm", "blocked"], timeout=0.3)
    told.set()

    assert days == [200, 503]
    assert [one.client_did for one in caught.value.verdicts] == [
        "did not come back within 0.3 s",
        "not played: the run of an earlier day still goes on",
    ]


def test_a_patched_sleep_accuses_nobody(fakegemini: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test has taken the pauses away, nobody is judged by them."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    days: Any = ["polling_too_fast", "retry_after_ignored"]

    for kind in (Polling, Racing):
        with closing(kind(fakegemini.url, time.sleep)) as client:
            assert fakegemini.assert_resilient(client, only=days).of("good") == tuple(days[::-1])


def test_a_run_that_returns_nothing_is_not_judged_by_it(fakegemini: Fake) -> None:
    """Whoever keeps the text to itself shows neither that it is whole nor that it is not."""

    with closing(TakingTheEnd(fakegemini.url)) as client:
        verdicts = fakegemini.assert_resilient(
            lambda: print(client()), only=["no_terminal", "unknown_event"]
        )

    assert [(one.verdict, one.client_did) for one in verdicts] == [
        ("not applicable", "came back after 1 request, with no text that tells"),
        ("good", "came back after 1 request"),
    ]


def test_a_run_that_remembers_is_not_judged(fakegemini: Fake) -> None:
    """A run that asks nothing the second time has passed nothing."""
    with closing(Http(fakegemini.url)) as client, pytest.raises(BadScript) as caught:
        fakegemini.assert_resilient(cache(client.__call__))

    assert "retry_storm (it asked nothing this time)" in str(caught.value)


def test_what_the_good_day_leaves_behind_is_no_fault(fakegemini: Fake) -> None:
    """A run that starts work and does not wait for it is not judged by how it waits."""

    with closing(WalkingAway(fakegemini.url)) as client:
        verdicts = fakegemini.assert_resilient(
            lambda: client.ask(input="x", background=True)["id"], skip=["retry_after_ignored"]
        )

    assert "never_cancelled" in verdicts.of("not applicable")


def test_a_fallback_is_no_shortened_text(fakegemini: Fake) -> None:
    """A client that notices and gives something else instead does well."""

    with closing(Noticing(fakegemini.url)) as client:
        verdicts = fakegemini.assert_resilient(client, only=["cut_stream", "no_terminal"])

    assert verdicts.of("good") == ("cut_stream", "no_terminal")


class Noticing(Streaming):
    """Says that the text is not whole."""

    def cut(self) -> bool:
        """A note behind the text."""
        self.parts.append(" [interrupted]")
        return True

    ended = cut
