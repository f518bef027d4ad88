"""Every control route over a real socket, as a test in another language uses it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from fakegemini import Fake, Reply, Request, VirtualClock, say
from fakegemini.doors.loopback import serve
from fakegemini.protocol.clock import START, OffsetClock
from fakegemini.wire.http import Json
from tests.control.telling import BASE, told
from tests.http.door import MODEL, Answer, Door, invalid


def test_what_was_asked_is_told(door: Door, fakegemini: Fake) -> None:
    """Every request with what became of it, and no secret."""
    fakegemini.allow("refused")
    secret = {"X-Goog-Api-Key": "s3cret", "Authorization": "Bearer s3cret", "X-Odd": "kept"}
    secret |= {"X-Shop-Token": "s3cret", "X-Api-Key": "s3cret"}
    made = door.ask("POST", "/v1/interactions", {"model": MODEL, "input": "Hi"}, secret)
    door.ask("GET", f"/v1/interactions/{made.json['id']}", None, None, key="s3cret", stream="false")
    door.ask("POST", "/v1/interactions", b"not JSON")

    listed = told(door, "GET /requests")

    create, get, broken = listed
    assert b"s3cret" not in json.dumps(listed).encode()
    assert create["headers"]["x-goog-api-key"] == create["headers"]["authorization"] == "***"
    assert create["headers"]["x-odd"] == "kept"
    assert create["body"] == {"model": MODEL, "input": "Hi"}
    assert (create["operation"], create["method"], create["status"]) == ("create", "POST", 200)
    assert create["path"] == "/v1/interactions"
    assert create["id"] == get["id"] == made.json["id"]
    assert (get["operation"], get["query"]) == ("get", {"key": "***", "stream": "false"})
    assert get["body"] is None
    assert (broken["body"], broken["status"], broken["id"]) == ("not JSON", 400, None)
    assert create["at"] <= get["at"] <= broken["at"]


def test_reset_makes_it_new(door: Door, fakegemini: Fake) -> None:
    """The same requests get the same ids again, and nothing else is left."""
    told(door, "POST /faults", {"cut_after_events": 1, "on": "create"})
    first = door.create("Hi").json
    told(door, "POST /replies", {"say": "scripted"})
    told(door, "POST /allow", {"kinds": ["leftover"]})
    door.create("Hi")
    door.create("once too often")

    assert told(door, "POST /reset") == {}

    assert told(door, "GET /requests") == told(door, "GET /complaints") == []
    assert door.get(first["id"]).status == 404
    fakegemini.reset()
    assert door.create("Hi").json == first
    with door.live("Hi") as stream:
        assert stream.rest().done


def test_complaints_are_told_and_stay(door: Door, fakegemini: Fake) -> None:
    """What `check()` would raise; what is allowed is not among it."""
    told(door, "POST /replies", [{"say": "one"}])
    told(door, "POST /rules", {"when": {"input": "never"}, "replies": [{"say": "x"}]})
    door.create()
    door.create()
    door.create(odd=1)

    complaints = told(door, "GET /complaints")

    assert [one["kind"] for one in complaints] == ["unscripted", "refused", "leftover"]
    assert complaints[0]["text"].startswith("fakegemini has no scripted reply")
    assert told(door, "GET /complaints") == complaints
    assert told(door, "POST /allow", {"kinds": ["unscripted", "leftover"]}) == {}
    assert told(door, "GET /complaints") == complaints[1:2]
    fakegemini.allow("refused")


@pytest.mark.parametrize("form", [{"signatures": ["REDACTED"]}, {}], ids=["that one", "any"])
def test_signatures_may_be_trusted(door: Door, form: Json) -> None:
    """For a history whose signatures were replaced; a reset ends it."""
    history = [
        {"type": "user_input", "content": "When is low tide?"},
        {"type": "thought", "signature": "REDACTED"},
        {"type": "function_call", "id": "a", "name": "tide", "arguments": {}},
        {"type": "function_result", "call_id": "a", "name": "tide", "result": "low"},
    ]
    told(door, "POST /trust", form)
    assert door.create(history).status == 200
    told(door, "POST /reset")

    answer = door.create(history)

    assert (answer.status, answer.json) == (400, invalid("Corrupted thought signature."))
    (complaint,) = told(door, "GET /complaints")
    assert "input[1] (thought): 'REDACTED' is no signature" in complaint["text"]
    told(door, "POST /allow", {"kinds": ["refused"]})


def test_health_and_a_trailing_slash(door: Door) -> None:
    """Both spellings, and nothing of it counts as a request."""
    assert told(door, "GET /health") == told(door, "GET /health/") == {"status": "ok"}
    assert told(door, "GET /requests/") == []


@pytest.mark.parametrize(
    ("client", "status"),
    [
        ("127.0.0.1", 200),
        ("127.8.9.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("", 200),
        ("192.168.0.7", 403),
        ("::ffff:10.0.0.1", 403),
        ("fe80::1", 403),
        ("somewhere", 403),
    ],
)
def test_only_callers_on_this_machine(client: str, status: int) -> None:
    """Everybody may ask for the health, nobody else for anything."""
    fake = Fake()

    def ask(method: str, name: str) -> Reply:
        return fake.handle(Request(method, f"{BASE}{name}", client=client))

    assert ask("GET", "/requests").status == status
    assert ask("POST", "/reset").status == status
    assert ask("GET", "/nothing").status == (404 if status == 200 else 403)
    assert ask("GET", "/health").status == 200


def test_a_door_tells_who_calls() -> None:
    """The address is that of the peer, whatever its headers claim."""
    callers: list[str] = []

    def handler(request: Request) -> Reply:
        callers.append(request.client)
        return Reply(200, (), (b"{}",))

    with serve(handler) as url:
        Door(url).ask("GET", "/", None, {"X-Forwarded-For": "192.168.0.7"})

    assert callers == ["127.0.0.1"]


def test_a_clock_of_the_wall_can_be_ahead() -> None:
    """The offset comes on top, and time goes on below it."""
    now = [1000.0]
    clock = OffsetClock(lambda: now[0])
    clock.advance(60)
    now[0] += 1
    clock.tick()

    assert clock() == 1066.0
    assert clock.at.timestamp() == 1066.0
    assert Fake(clock=clock).clock is clock
    assert VirtualClock()() == START


def test_a_clock_of_the_caller_cannot_be_moved() -> None:
    """Only ours can."""
    fake = Fake(clock=lambda: 5.0)
    request = Request("POST", f"{BASE}/clock", body=b'{"tick": 1}')

    reply = fake.handle(request)

    assert reply.status == 400
    assert b"this fake was given a clock that cannot be moved" in b"".join(reply.beats)  # type: ignore[arg-type]


def test_python_and_http_are_one_script(door: Door, fakegemini: Fake) -> None:
    """What either says is in one line."""
    fakegemini.replies(say("from Python"))
    told(door, "POST /replies", {"say": "from HTTP"})

    assert [door.create().text for _ in range(2)] == ["from Python", "from HTTP"]
    assert [asked.status for asked in fakegemini.requests] == [200, 200]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_shell_can_do_it(fakegemini: Fake) -> None:
    """A language without any client: three commands."""

    def curl(path: str, body: str) -> Answer:
        done = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", fakegemini.url + path, "-d", body],
            capture_output=True,
            check=True,
            timeout=10,
        )
        return Answer(200, {}, done.stdout)

    assert curl(f"{BASE}/replies", '{"say": "Bonjour"}').json == {"added": 1}
    assert curl(f"{BASE}/faults", '{"status": 429, "times": 1}').json == {"added": 1}
    body = json.dumps({"model": MODEL, "input": "Hi"})
    refused = curl("/v1/interactions", body)

    assert refused.json["error"]["code"] == "too_many_requests"
    assert curl("/v1/interactions", body).text == "Bonjour"
