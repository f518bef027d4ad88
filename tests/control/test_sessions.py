"""Sessions: a fake for each test of another language, behind one address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.fake.state import sessions
from fakegemini.wire.http import Json
from tests.http.door import Answer, Door

CONTROL = "/__fakegemini__"


def opened(door: Door, **form: object) -> tuple[Door, Json]:
    """A session: a client of its address, and what opening it said."""
    answer = door.ask("POST", f"{CONTROL}/sessions", form)
    assert answer.status == 200, answer.body
    session: Json = answer.json
    return Door(session["url"]), session


def control(door: Door, method: str, route: str, body: object = None) -> Answer:
    """Ask a control route of a session, or of the server."""
    return door.ask(method, f"{CONTROL}/{route}", body)


def test_a_session_is_a_fake_of_its_own(door: Door, fakegemini: Fake) -> None:
    """Script, store, requests and complaints are not those of others."""
    first, _ = opened(door, script={"replies": [{"say": "One"}, {"say": "More"}]})
    second, _ = opened(door, name="the second", seed="2")
    control(second, "POST", "replies", {"say": "Two"})
    own = door.create()

    one, two = first.create(), second.create()

    assert (one.text, two.text) == ("One", "Two")
    assert own.text not in ("One", "Two")
    assert second.get(one.json["id"]).status == 404
    assert first.get(one.json["id"]).json["id"] == one.json["id"]
    assert [entry["operation"] for entry in control(first, "GET", "requests").json] == [
        "create",
        "get",
    ]
    kinds = [entry["kind"] for entry in control(first, "GET", "complaints").json]
    assert kinds == ["leftover"]
    assert [entry["kind"] for entry in control(second, "GET", "complaints").json] == ["refused"]
    assert len(fakegemini.requests) == 1


WAYS: dict[str, Callable[[Door, Json], Door]] = {
    "its address": lambda door, session: Door(session["url"]),
    "its address, other version": lambda door, session: Door(session["url"], "v1beta"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_session_is_asked_by_its_address(door: Door, way: Callable[[Door, Json], Door]) -> None:
    """Below it are all paths of the API; addresses in answers lead back into it."""
    _, session = opened(door, script={"replies": [{"say": "Mine"}]})

    assert way(door, session).create().text == "Mine"


def test_a_session_is_asked_by_its_header(door: Door) -> None:
    """At the address that everybody has, the control routes as well."""
    _, session = opened(door)
    header = session["header"]

    door.ask("POST", f"{CONTROL}/replies", {"say": "Mine"}, header)
    body = {"model": "gemini-3.5-flash", "input": "Hi"}
    answer = door.ask("POST", "/v1/interactions", body, header)

    assert answer.text == "Mine"
    assert len(door.ask("GET", f"{CONTROL}/requests", None, header).json) == 1


def test_a_clock_is_of_its_session(door: Door) -> None:
    """Moving one moves no other."""
    (first, _), (second, _) = opened(door), opened(door)
    before = control(second, "GET", "clock").json["now"]

    control(first, "POST", "clock", {"advance": 1000})

    assert control(second, "GET", "clock").json["now"] < before + 500


def test_the_end_of_a_session_tells_its_complaints(door: Door) -> None:
    """What would fail a pytest test; then it is forgotten."""
    session, _ = opened(door, script={"replies": [{"say": "Nobody asks"}]})

    (complaint,) = control(session, "DELETE", "session").json["complaints"]

    assert complaint["kind"] == "leftover"
    assert "Nobody asks" in complaint["text"]
    assert session.create().status == 404


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_session_is_named(door: Door, method: str) -> None:
    """One sentence, by either way, and never the answer of another's fake."""
    for path, headers in (
        ("/sessions/nobody/v1/models", {}),
        ("/v1/models", {"X-Fakegemini-Session": "nobody"}),
    ):
        answer = door.ask(method, path, None, headers)

        assert answer.status == 404
        assert "there is no session 'nobody'" in answer.json["error"]["message"]
        assert "Fix: open one, POST /__fakegemini__/sessions" in answer.json["error"]["message"]


def test_an_idle_session_is_forgotten(door: Door) -> None:
    """After the seconds that it was opened with."""
    forgotten, session = opened(door, idle=1e-6, name="short")
    kept, _ = opened(door, name="long")

    assert forgotten.create().status == 404
    assert kept.create().status == 200
    assert [entry["name"] for entry in control(door, "GET", "sessions").json][-1] == "long"
    assert session["token"] not in str(control(door, "GET", "sessions").json)


def test_there_are_not_too_many(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that nobody asked for longest makes room."""
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 3)
    doors = [opened(door)[0] for _ in range(3)]
    doors[0].create()

    doors.append(opened(door)[0])

    assert [one.create().status for one in doors] == [200, 404, 200, 200]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"seeed": "1"}, 'body.seeed is unknown; did you mean "seed"?'),
        ({"era": "1999-01"}, "1999-01"),
        ({"idle": 0}, "body.idle"),
        ({"script": {"replies": [{"sya": "Hi"}]}}, "body.script.replies[0].sya is unknown"),
        ([], "body"),
    ],
)
def test_a_mistake_opens_nothing(door: Door, form: object, text: str) -> None:
    """It is a 400 with one sentence."""
    before = control(door, "GET", "sessions").json

    answer = door.ask("POST", f"{CONTROL}/sessions", form)

    assert answer.status == 400
    assert text in answer.json["error"]["message"]
    assert len(control(door, "GET", "sessions").json) == len(before)


def test_a_session_opens_no_session_and_the_server_is_none(door: Door) -> None:
    """Told in words."""
    session, _ = opened(door)

    assert "opens no sessions" in str(control(session, "POST", "sessions", {}).json)
    assert "this is no session" in str(control(door, "DELETE", "session").json)


PROGRAM = """
const [server, name] = process.argv.slice(1);
const ask = async (url, method, body) =>
  (await fetch(url, { method, body: body && JSON.stringify(body) })).json();
const post = (url, body) => ask(url, "POST", body);
const session = await post(`${server}/__fakegemini__/sessions`, { name });
const texts = [];
for (let number = 0; number < 3; number++) {
  await post(`${session.url}/__fakegemini__/replies`, { say: `${name} ${number}` });
  const body = { model: "gemini-3.5-flash", input: "Hi" };
  const turn = await post(`${session.url}/v1beta/interactions`, body);
  texts.push(turn.steps.at(-1).content[0].text);
}
const requests = await ask(`${session.url}/__fakegemini__/requests`, "GET");
const ended = await ask(`${session.url}/__fakegemini__/session`, "DELETE");
console.log(JSON.stringify([texts, requests.length, ended.complaints]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_twenty_processes_do_not_see_each_other() -> None:
    """All at once on one server, each with three replies of its own."""
    with serve(Fake().handle) as url:
        processes = [
            subprocess.Popen(
                ["node", "--input-type=module", "-e", PROGRAM, "--", url, f"test {number}"],
                stdout=subprocess.PIPE,
                text=True,
                env={key: text for key, text in os.environ.items() if "proxy" not in key.lower()},
            )
            for number in range(20)
        ]
        outputs = [json.loads(process.communicate(timeout=120)[0]) for process in processes]

    assert outputs == [
        [[f"test {number} {turn}" for turn in range(3)], 3, []] for number in range(20)
    ]
