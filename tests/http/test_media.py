"""Media over HTTP: every answer held against the contract, every file fetched."""

from __future__ import annotations

import base64

import pytest

from fakegemini import Fake, say
from fakegemini.protocol.events import to_steps
from fakegemini.protocol.steps import fold, unfold
from tests.every_medium import ASKS

from .door import Door

KEY = {"x-goog-api-key": "fake-key"}


@pytest.mark.parametrize("name", ASKS)
def test_a_medium_is_the_same_every_way(name: str, door: Door) -> None:
    """Whole, stored, folded from the stream of the stored one; a stream of its own has as many."""
    turn = door.create(None, **ASKS[name]).json
    found = door.get(turn["id"]).json
    events = door.get(turn["id"], stream="true").events
    told = to_steps(door.create(None, stream=True, **ASKS[name]).events)

    assert found["steps"][1:] == turn["steps"] == to_steps(events)
    assert [block["type"] for block in told[-1]["content"]] == [
        block["type"] for block in turn["steps"][-1]["content"]
    ]


def test_speech_comes_in_pieces(door: Door) -> None:
    """More than half a second of samples are several deltas, each whole samples by itself."""
    events = door.create(None, stream=True, **ASKS["long speech"]).events
    deltas = [event["delta"] for event in events if event["event_type"] == "step.delta"]
    [step] = to_steps(events)

    assert len(deltas) > 3
    assert {delta["type"] for delta in deltas} == {"audio"}
    data = [base64.b64decode(delta["data"], validate=True) for delta in deltas]
    assert all(len(piece) % 2 == 0 for piece in data)
    assert base64.b64decode(step["content"][0]["data"]) == b"".join(data)


@pytest.mark.parametrize(
    "pair",
    [
        [("audio/l16", 24000, "AAAA"), ("audio/l16", 8000, "AAAA")],
        [("audio/wav", 24000, "AAAA"), ("audio/wav", 24000, "AAAA")],
        [("audio/l16", 24000, "AAAA"), ("audio/l16", 24000, None)],
    ],
)
def test_other_sounds_stay_apart(pair: list[tuple[str, int, str | None]]) -> None:
    """Only samples of one kind are joined: files and other rates are blocks of their own."""
    blocks = [
        {
            "mime_type": kind,
            "sample_rate": rate,
            "type": "audio",
            **({"data": data} if data else {}),
        }
        for kind, rate, data in pair
    ]

    whole = say(*blocks)
    assert fold(*unfold(whole)) == whole


def test_a_film_is_fetched(door: Door) -> None:
    """From the address in the block, with a key; without one it is forbidden (measured)."""
    [block] = door.create(None, **ASKS["video by address"]).json["steps"][-1]["content"]
    path, _, query = block["uri"].partition("/v1beta")[2].partition("?")

    film = door.ask("GET", f"/v1beta{path}", None, KEY, alt="media")
    bare = door.ask("GET", f"/v1beta{path}", alt="media")
    by_query = door.ask("GET", f"/v1/{path.strip('/')}", key="fake-key")
    about = door.ask("GET", f"/v1beta{path.removesuffix(':download')}").json

    assert query == "alt=media"
    assert (film.status, film.headers["content-type"]) == (200, "video/mp4")
    assert film.body[4:8] == b"ftyp"
    assert by_query.body == film.body
    assert (bare.status, bare.json["error"]["code"]) == (403, "permission_denied")
    assert about["sizeBytes"] == str(len(film.body))
    assert about["downloadUri"] == block["uri"]


def test_films_are_forgotten(door: Door, fake: Fake) -> None:
    """After a reset no file is there; nor was there ever one of another name. It says so."""
    [block] = door.create(None, **ASKS["video by address"]).json["steps"][-1]["content"]
    path = "/v1beta" + block["uri"].partition("/v1beta")[2].partition("?")[0]

    fake.reset()

    for gone in (path, "/v1beta/files/abc", "/v1beta/files/abc:download"):
        answer = door.ask("GET", gone, None, KEY)
        assert answer.status == 404
        assert "fakegemini does not emulate" in answer.json["error"]["message"]


@pytest.mark.parametrize("name", sorted(set(ASKS) - {"music"}))
def test_a_conversation_goes_on_after_a_medium(name: str, door: Door) -> None:
    """A text model takes what another one made; music alone breaks a chain (measured)."""
    turn = door.create(None, **ASKS[name]).json

    assert "turn 2" in door.create("And now?", previous_interaction_id=turn["id"]).text
