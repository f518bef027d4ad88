"""Turns in hops through the real google-genai, which continues them by itself."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.genai")

from fakegemini import Fake, faults, say
from fakegemini.doors.loopback import serve
from tests.conformance.ways import WAYS, Api
from tests.record.upstream import recorder

MODEL = "gemini-3.5-flash"
TEXT = "High tide is at two, low tide is at eight, and at nine the moon comes up."


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1].__name__.lower()}")
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a client of the SDK in each of the ways; it finds the fake in the environment."""
    library, kind = request.param
    pytest.importorskip(library)
    monkeypatch.setenv("GOOGLE_GENAI_HTTP_CLIENT", library)
    made: list[Api] = []

    def make(url: str | None = None) -> Api:
        options = {"http_options": {"base_url": url}} if url else {}
        made.append(kind(**options))
        return made[-1]

    yield make
    for api in made:
        api.close()


def spoken(events: list[Any]) -> str:
    """The text of a stream."""
    deltas = (event.delta for event in events if event.event_type == "step.delta")
    return "".join(delta.text for delta in deltas if delta.type == "text")


@pytest.mark.parametrize("store", [True, False], ids=["stored", "unstored"])
def test_a_turn_comes_whole(client: Callable[[], Api], fakegemini: Fake, store: bool) -> None:
    """The SDK merges the hops: steps in order, usage summed, the last one's id."""
    fakegemini.replies(say(TEXT), hops=3)

    turn = client().create(model=MODEL, input="The tides?", store=store)

    one, two, three = fakegemini.requests.creates
    assert (turn.status, turn.output_text) == ("completed", TEXT)
    assert turn.continuation_ids == ([one.id, two.id, three.id] if store else [])
    assert (turn.id or None) == three.id
    made = [asked.interaction for asked in (one, two, three)]
    assert turn.usage.total_output_tokens == sum(
        each.usage["total_output_tokens"] for each in made if each
    )
    assert ("input" in two.json()) is not store


@pytest.mark.parametrize("store", [True, False], ids=["stored", "unstored"])
def test_a_stream_comes_whole(client: Callable[[], Api], fakegemini: Fake, store: bool) -> None:
    """The events of all hops, one hop after the other."""
    fakegemini.replies(say(TEXT), hops=3)

    events = client().stream(model=MODEL, input="The tides?", store=store)

    ends = [event.interaction.status for event in events if "completed" in event.event_type]
    assert ends == ["requires_continuation", "requires_continuation", "completed"]
    assert spoken(events) == TEXT


def test_a_cut_behind_a_checkpoint(client: Callable[[], Api], fakegemini: Fake) -> None:
    """The SDK opens the stream anew from there, and nothing is lost or there twice."""
    fakegemini.replies(say("one "), say("two "), say("three "), say("four"), hops=2)
    whole = client().stream(model=MODEL, input="Count!")
    at = [number for number, event in enumerate(whole) if _checkpoint(event)][1] + 1
    fakegemini.replies(
        say("one "), say("two "), say("three "), say("four"), hops=2, fault=faults.cut_after(at)
    )

    events = client().stream(model=MODEL, input="Count!")

    assert spoken(events) == "one two three four"
    assert len(fakegemini.requests.creates) == 2 + 3


def _checkpoint(event: Any) -> bool:
    return event.event_type == "interaction.status_update" and bool(
        getattr(event, "continuation_token", None)
    )


def test_whoever_does_not_want_it(client: Callable[[], Api], fakegemini: Fake) -> None:
    """Gets the first hop and its token; the rest is missed at the end of the test."""
    fakegemini.replies(say(TEXT), hops=2)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        turn = client().create(model=MODEL, input="The tides?", automatic_continuation=False)

    assert turn.status == "requires_continuation"
    assert turn.continuation_token
    assert TEXT.startswith(turn.output_text)
    fakegemini.allow("leftover")


def test_what_was_recorded_in_hops_replays(
    client: Callable[[str], Api], fakegemini: Fake, tmp_path: Path
) -> None:
    """With fresh ids, stored and unstored, whole and streamed."""
    live = Fake(seed="recorded", decode_limit=5)

    def scene(api: Api) -> list[Any]:
        turn = api.create(model=MODEL, input="The tides?")
        again = api.create(model=MODEL, input="And then?", previous_interaction_id=turn.id)
        loose = api.create(model=MODEL, input="The tides?", store=False)
        events = api.stream(model=MODEL, input="A story")
        return [turn.output_text, again.output_text, loose.output_text, spoken(events), turn]

    with serve(live.handle) as upstream, recorder(tmp_path / "t.yaml", upstream) as (url, made):
        recorded = scene(client(url))
        saved = made.save()
    fakegemini.play(tmp_path / "t.yaml", chunks=9)

    seen = scene(client(fakegemini.url))

    assert (list(saved.violations), list(saved.drift)) == ([], [])
    assert seen[:-1] == recorded[:-1]
    assert len(seen[-1].continuation_ids) == len(recorded[-1].continuation_ids) > 2
    assert set(seen[-1].continuation_ids).isdisjoint(recorded[-1].continuation_ids)
