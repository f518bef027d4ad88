"""A recorded stream is played event by event, in the recorded chunks or in any others."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import BadScript, Cut, Fake, Request, Wait, running_for, say, think
from fakegemini.fake.replay.beats import ReplayPace, replay_reply
from fakegemini.recordings.cassette import dump_cassette, load_cassette
from fakegemini.recordings.exchange import RecordedExchange
from fakegemini.wire.sse import Decoder
from tests.http.door import MODEL, Door
from tests.replay.conftest import Played
from tests.scenarios import Client

TEXT = "Ebbe und Flut: das Meer atmet 🌊 – zweimal am Tag, jeden Tag, seit immer."


def tides(client: Client) -> None:
    """A stream with a thought and text of several bytes a character."""
    client.fake.replies(think("Hm."), say(TEXT))
    client.create(input="Tides?", stream=True)


def text_of(events: list[Any]) -> str:
    """The text of a stream."""
    deltas = (event["delta"] for event in events if event["event_type"] == "step.delta")
    return "".join(delta["text"] for delta in deltas if delta["type"] == "text")


def one_stream() -> RecordedExchange:
    """The recording of a stream."""
    client = Client()
    tides(client)
    return RecordedExchange(client.exchanges[0])


@pytest.mark.parametrize("chunks", ["recorded", "events", 1, 7, 100_000])
def test_any_chunks_make_the_same_events(chunks: str | int, played: Played) -> None:
    """Cut inside an event, inside a character, or not at all."""
    _, door = played(tides, chunks=chunks)

    answer = door.create("Tides?", stream=True)

    assert text_of(answer.events) == TEXT
    assert answer.done


@pytest.mark.parametrize("chunks", ["record", 0, -1, True, 1.5, None])
def test_chunks_that_are_none(chunks: Any, tmp_path: Path) -> None:
    """One sentence."""
    with pytest.raises(BadScript, match='chunks is "recorded", "events" or a number of bytes'):
        ReplayPace(chunks)


@given(st.data())
def test_recorded_chunks_are_kept(data: st.DataObject) -> None:
    """As many chunks as recorded; an end of an event stays one although its ids are others."""
    stream = one_stream()
    size = len(stream.exchange.response_body)
    cuts = sorted(data.draw(st.sets(st.integers(1, size - 1), max_size=20)))
    ends = [*cuts, size]
    sizes = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    chunks = tuple((0.1 * number, size) for number, size in enumerate(sizes, start=1))
    longer = Path("x" * 40).name

    def change(body: Any) -> Any:
        return body | {"note": longer}

    beats = list(replay_reply(replace(stream, chunks=chunks), change, ReplayPace()).beats)
    made = [beat for beat in beats if isinstance(beat, bytes)]

    assert len(made) == len(chunks)
    frames = stream.exchange.response_body.split(b"\n\n")
    whole = set(accumulate(len(frame) + 2 for frame in frames[:-1]))
    body = b"".join(made)
    for cut, end in zip(ends, accumulate(map(len, made)), strict=True):
        assert (cut in whole) == body[:end].endswith(b"\n\n")
    assert len(Decoder().feed(body)) == len(Decoder().feed(stream.exchange.response_body))


def test_the_recorded_pace() -> None:
    """The pauses between the recorded chunks, for real; without being asked, none."""
    stream = one_stream()
    half = len(stream.exchange.response_body) // 2
    rest = len(stream.exchange.response_body) - half
    timed = replace(stream, chunks=((0.5, half), (0.75, rest)))

    slow = [*replay_reply(timed, lambda body: body, ReplayPace(real=True)).beats]
    shared = [*replay_reply(timed, lambda body: body, ReplayPace("events", real=True)).beats]
    fast = [*replay_reply(timed, lambda body: body, ReplayPace()).beats]

    assert [beat for beat in slow if isinstance(beat, Wait)] == [Wait(0.5, True), Wait(0.25, True)]
    pauses = [beat.seconds for beat in shared if isinstance(beat, Wait)]
    assert len(pauses) > 2
    assert pauses == pytest.approx([0.75 / len(pauses)] * len(pauses))
    assert not any(isinstance(beat, Wait) for beat in fast)


def test_a_cut_stream_is_cut_again(tmp_path: Path, plug: Callable[..., Door]) -> None:
    """Where the server broke off; what came before it is delivered, and a resume has the rest."""

    def resumed(client: Client) -> None:
        client.fake.replies(say(TEXT), background=running_for(polls=1))
        client.create(input="Tides?", stream=True, background=True)

    client = Client()
    resumed(client)
    whole = client.exchanges[0]
    frames = whole.response_body.split(b"\n\n")
    head = b"\n\n".join(frames[:5]) + b"\n\n" + frames[5][:10]
    last = Decoder().feed(head)[-1].json()["event_id"]
    first = Decoder().feed(head)[0].json()["interaction"]["id"]
    rest = replace(
        whole,
        number=2,
        method="GET",
        uri=f"{whole.uri}/{first}?stream=true&last_event_id={last}",
        request_body=b"",
        response_body=b"\n\n".join(frames[5:]),
    )
    path = tmp_path / "cut.yaml"
    text, _ = dump_cassette(
        [RecordedExchange(replace(whole, response_body=head), (), "cut"), RecordedExchange(rest)]
    )
    path.write_text(text, encoding="utf-8")
    fake = Fake()
    fake.play(path)
    door = plug(fake.handle)

    with (
        door.live("Tides?", stream=True, background=True) as live,
        pytest.raises(http.client.IncompleteRead) as cut,
    ):
        live.rest()
    events = [frame.json() for frame in Decoder().feed(cut.value.partial)]
    fresh = events[0]["interaction"]["id"]
    with door.follow(fresh, last_event_id=last) as live:
        resumed_events = live.rest().events
    with door.follow(fresh, last_event_id=events[-2]["event_id"]) as live:
        earlier = live.rest().events

    assert fresh != first
    assert text_of([*events, *resumed_events]) == TEXT
    assert earlier == [events[-1], *resumed_events]


def test_an_event_nobody_recorded_is_unknown(played: Played) -> None:
    """The refusal of the live server, not an invented stream."""
    _, door = played(tides)
    events = door.create("Tides?", stream=True).events

    with door.follow(events[0]["interaction"]["id"], last_event_id="never") as live:
        answer = live.rest()
    assert answer.status == 404
    assert [event["error"]["code"] for event in answer.events] == ["not_found"]


def test_the_cassette_keeps_the_chunks(tmp_path: Path) -> None:
    """What was measured is read again; a body that was edited by hand has no chunks any more."""
    stream = one_stream()
    size = len(stream.exchange.response_body)
    timed = replace(stream, chunks=((0.125, 10), (2.5, size - 10)), ending="cut")
    path = tmp_path / "timed.yaml"
    text, _ = dump_cassette([timed])
    path.write_text(text, encoding="utf-8")
    edited = tmp_path / "edited.yaml"
    edited.write_text(text.replace("atmet", "atmet auf"), encoding="utf-8")

    again, other = load_cassette(path).exchanges[0], load_cassette(edited).exchanges[0]

    assert (again.chunks, again.ending) == (timed.chunks, "cut")
    assert (other.chunks, other.ending) == ((), "cut")


def test_a_cut_is_a_beat() -> None:
    """The door drops the connection; nothing pretends that the stream was whole."""
    beats = list(
        replay_reply(replace(one_stream(), ending="cut"), lambda body: body, ReplayPace()).beats
    )

    assert beats[-1] == Cut()


@pytest.mark.parametrize(
    ("spoil", "cut"),
    [
        (lambda body: body, False),
        (lambda body: body.rstrip(b"\n"), False),
        (lambda body: body.replace(b"\n", b"\r\n"), False),
        (lambda body: body[: body.index(b"step.stop") + 3], True),
    ],
    ids=["whole", "trimmed by an editor", "CRLF", "truncated"],
)
def test_the_end_of_a_stream(spoil: Callable[[bytes], bytes], cut: bool) -> None:
    """What ends inside an event was cut, whatever the note says; a lost blank line is not."""
    stream = one_stream()
    body = spoil(stream.exchange.response_body)
    recorded = RecordedExchange(replace(stream.exchange, response_body=body))

    beats = list(replay_reply(recorded, lambda body: body, ReplayPace()).beats)

    sent = b"".join(beat for beat in beats if isinstance(beat, bytes))
    frames = [frame for frame in Decoder().feed(sent) if not frame.is_done]
    assert (beats[-1] == Cut()) == cut
    assert ("interaction.completed" in {frame.name for frame in frames}) == (not cut)


def test_names_are_fresh_in_every_event(played: Played) -> None:
    """The id of the interaction is one, and none of the recording's names is left."""
    recorded = one_stream().exchange.response_body.decode()
    fake, _ = played(tides)

    body = {"model": MODEL, "input": "Tides?", "stream": True}
    request = Request("POST", "/v1/interactions", body=Client.payload(body))
    reply = fake.handle(request)
    events = [
        frame.json()
        for beat in reply.beats
        if isinstance(beat, bytes)
        for frame in Decoder().feed(beat)
        if not frame.is_done
    ]

    ids = {event["interaction"]["id"] for event in events if "interaction" in event}
    told = {event["interaction_id"] for event in events if "interaction_id" in event}
    assert len(ids | told) == 1
    assert not any(name in recorded for name in ids)
