"""In which order a request passes what may answer it, or spoil its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakegemini import Fake, Handler, Request, Wait, call, faults, say
from fakegemini.wire.http import Json
from tests.scenarios import Client, dump

from .door import Door


def ask(fake: Fake, method: str, path: str, **body: Any) -> Any:
    """The JSON of one answer, without a socket."""
    payload = json.dumps(body).encode() if body else b""
    reply = fake.handle(Request(method, path, (), (), payload))
    return json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))


def test_a_fault_in_force_is_above_the_cassettes(
    tmp_path: Path, plug: Callable[[Handler], Door]
) -> None:
    """It refuses what a cassette holds, and what it refuses is not played."""
    client = Client()
    client.fake.replies(say("Hello."))
    client.create(input="Hi")
    (tmp_path / "tape.yaml").write_text(dump(client.exchanges), "utf-8")
    fake = Fake()
    door = plug(fake.handle)
    fake.play(tmp_path / "tape.yaml")
    fake.faults(faults.refuse(503), times=1)

    first, unplayed, second = door.create("Hi"), fake.unplayed, door.create("Hi")

    assert (first.status, len(unplayed), second.text) == (503, 1, "Hello.")
    assert [one.status for one in fake.requests] == [503, 200]


def test_a_stand_in_is_above_all(fake: Fake) -> None:
    """On each day of `assert_resilient`, the control routes are those of the day's own fake."""
    logs: list[list[Json]] = []

    def run() -> Any:
        logs.append(ask(fake, "GET", "/__fakegemini__/requests"))
        return ask(fake, "POST", "/v1/interactions", model="gemini-3.5-flash", input="Hi")

    ask(fake, "POST", "/v1/interactions", model="gemini-3.5-flash", input="Before")
    fake.assert_resilient(run, only=["unknown_status"])

    assert logs == [[], []]
    assert len(ask(fake, "GET", "/__fakegemini__/requests")) == 1


def test_a_replys_own_fault_is_below_those_in_force(fake: Fake) -> None:
    """Both spoil a stream: the one in force what the reply's own has left."""
    fake.replies(call("tide"), fault=faults.drop_terminal())
    fake.faults(faults.slow(0.5), times=1)
    body = {"model": "gemini-3.5-flash", "input": "Hi", "stream": True}

    reply = fake.handle(Request("POST", "/v1/interactions", body=json.dumps(body).encode()))

    beats = list(reply.beats)
    waits = [beat for beat in beats if isinstance(beat, Wait)]
    frames = [beat for beat in beats if isinstance(beat, bytes)]
    assert len(waits) == len(frames) > 2
    assert not any(b"interaction.completed" in frame for frame in frames)
