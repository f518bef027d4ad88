"""A careful client passes; a careless one fails for its own fault and no other."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from fakegemini import Fake
from fakegemini.resilience import DAYS, NotResilient

from .careful import Calling, Http, Polling, Stateless, Streaming
from .careless import CARELESS

ALWAYS = {"retry_storm", "retry_after_ignored", "blocked", "unknown_step", "unknown_status"}
ASKED = {"continuation"}
STREAMED = {"cut_stream", "no_terminal", "error_event", "duplicated_text", "unknown_event"}
POLLED = {"polling_too_fast", "polling_for_ever", "never_cancelled", "poll_fails_once"}
SIGNED = {"signature_dropped", "signature_edited"}

CAREFUL: list[tuple[type[Http], set[str]]] = [
    (Http, ALWAYS | ASKED),
    (Streaming, ALWAYS | STREAMED),
    (Polling, ALWAYS | POLLED),
    (Calling, ALWAYS | ASKED | {"parallel_calls"}),
    (Stateless, ALWAYS | ASKED | SIGNED | {"parallel_calls"}),
]


@pytest.mark.parametrize(("kind", "played"), CAREFUL)
def test_a_careful_client_passes(kind: type[Http], played: set[str], fakegemini: Fake) -> None:
    """Every day that applies to what it does goes well, and no other is played."""
    sleep = fakegemini.clock.advance
    with closing(kind(fakegemini.url, sleep)) as client:
        verdicts = fakegemini.assert_resilient(client)

    assert set(verdicts.of("good")) == played
    assert verdicts.bad == ()


@pytest.mark.parametrize("kind", [Http, Polling])
def test_a_careful_client_passes_in_real_time(kind: type[Http], fakegemini: Fake) -> None:
    """The same where its sleep is sleep."""
    with closing(kind(fakegemini.url, time.sleep)) as client:
        assert fakegemini.assert_resilient(client).bad == ()


def test_every_day_is_played_for_someone() -> None:
    """No day of the catalogue is without a client that passes it and one that fails it."""
    passed = set().union(*(played for _, played in CAREFUL))
    failed = {day for _, day in CARELESS}

    assert passed == failed == {day.name for day in DAYS}


@pytest.mark.parametrize(("kind", "day"), CARELESS, ids=lambda one: getattr(one, "__name__", one))
def test_a_careless_client_fails(kind: type[Http], day: str, fakegemini: Fake) -> None:
    """It fails on the day of its own fault, and on no other. Its sleep takes no time."""
    sleep = fakegemini.clock.advance
    with closing(kind(fakegemini.url, sleep)) as client, pytest.raises(NotResilient) as caught:
        fakegemini.assert_resilient(client)

    assert caught.value.verdicts.bad == (day,), str(caught.value)
