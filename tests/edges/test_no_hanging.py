"""Nothing hangs: scripts, patterns, schemas and functions that could hold everybody up."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakegemini import Ask, Fake, say
from fakegemini.errors import BadScript, SlowPattern
from fakegemini.protocol.background import running_for
from fakegemini.protocol.clock import VirtualClock
from fakegemini.protocol.turn import Turn
from fakegemini.recordings.scrub.policy import ScrubRules
from fakegemini.recordings.tolerance import Tolerance
from tests.http.door import Door

EVIL = [r"^([A-Za-z]+\s?)+$", r"(x+x+)+y", r"^(a|aa)+$", r"^(\w+\s?)*\d$"]
"""Patterns for which `re` takes longer than anybody lives."""
VICTIM = "a" * 60 + "x" * 2000 + "!"
RUNNING = ["in_progress", "queued"]

WAYS: dict[str, Callable[[Fake, Any], object]] = {
    "replies": lambda fake, status: fake.replies("x", status=status),
    "when": lambda fake, status: fake.when().replies("x", status=status),
    "script": lambda fake, status: fake.script(Turn((say("x"),), status)),
}
"""Each way in which a test says how a turn ends."""


@pytest.mark.parametrize("status", [*RUNNING, 7])
@pytest.mark.parametrize("way", WAYS)
def test_status_without_end_is_refused_where_it_is_scripted(way: str, status: Any) -> None:
    """With the statuses that end, and the way to script a run that does not."""
    with pytest.raises(BadScript, match="incomplete") as caught:
        WAYS[way](Fake(), status)
    assert status == 7 or "never_ending()" in str(caught.value)


@pytest.mark.parametrize("status", RUNNING)
@pytest.mark.parametrize("route", ["replies", "rules"])
def test_status_without_end_is_refused_by_the_control_routes(
    door: Door, route: str, status: str
) -> None:
    """In one sentence with the place; and the fake goes on."""
    form: Any = {"say": "x", "status": status}
    form = {"replies": [form]} if route == "rules" else form
    answer = door.ask("POST", f"/__fakegemini__/{route}", form)
    assert answer.status == 400
    assert f".status '{status}' is no end" in answer.json["error"]["message"]
    assert door.create().status == 200


@pytest.mark.parametrize("body", [{}, {"stream": True}, {"store": False}, {"background": True}])
def test_function_that_answers_without_end(fake: Fake, door: Door, body: dict[str, Any]) -> None:
    """In every kind of create it is told so, and the next request is answered."""
    fake.answers(lambda ask: Turn((say("x"),), "in_progress"))
    answer = door.create(**body)
    assert answer.status == 400
    assert b"is no end" in answer.body
    assert door.ask("GET", "/v1/models").status == 200


@pytest.mark.parametrize("pattern", EVIL)
def test_pattern_of_a_schema(door: Door, pattern: str) -> None:
    """It is answered, whatever engine the pattern was meant to kill."""
    schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": pattern}}}
    answer = door.create(f"x is {VICTIM}", response_format=_as_format(schema))
    assert answer.status == 200


@pytest.mark.parametrize("pattern", EVIL[1:2])
@pytest.mark.parametrize("word", ["input", "model"])
def test_pattern_of_a_rule(fake: Fake, door: Door, word: str, pattern: str) -> None:
    """It is stopped, and the answer says which one, and what to change."""
    fake.when(**{word: re.compile(pattern)}).replies("x")  # type: ignore[arg-type]
    text = "x" * 20_000
    answer = door.create(text) if word == "input" else door.create("Hi", model=text)
    if word == "input":
        assert answer.status == 400
        assert "was stopped. Fix:" in answer.json["error"]["message"]


def test_posted_pattern_of_a_rule(door: Door) -> None:
    """A pattern that came as JSON is run by the same engine."""
    form = {"when": {"input": {"pattern": EVIL[1]}}, "replies": [{"say": "x"}]}
    assert door.ask("POST", "/__fakegemini__/rules", form).status == 200
    assert "was stopped" in door.create("x" * 20_000).json["error"]["message"]


def test_patterns_of_tolerances_and_of_scrubbing() -> None:
    """The patterns that files are worked on with have a limit, too."""
    text = "x" * 50_000
    with pytest.raises(SlowPattern, match="was stopped"):
        Tolerance(re.compile(EVIL[1])).apply({"input": text})
    with pytest.raises(SlowPattern, match="was stopped"):
        list(ScrubRules.from_options(patterns=[EVIL[1]]).find_shaped(text))


@pytest.mark.parametrize("pattern", ["x{e", "(?:" * 400 + "a" + ")" * 400], ids=["fuzzy", "deep"])
def test_a_pattern_that_only_re_reads(pattern: str) -> None:
    """The engine with a limit refuses it in a sentence."""
    with pytest.raises(SlowPattern, match=r"cannot be run within a bounded time: .* Fix: "):
        Tolerance(re.compile(pattern)).apply({"input": "x"})


def _as_format(schema: Any) -> Any:
    return {"type": "text", "mime_type": "application/json", "schema": schema}


def _nested(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


HARD: dict[str, Any] = {
    "10,000 members": {
        "type": "object",
        "properties": {f"m{number}": {"type": "string"} for number in range(10_000)},
    },
    "nested 12 deep": _nested(12),
    "nested 40 deep": _nested(40),
    "long enum": {"type": "string", "enum": [f"m{number}" for number in range(20_000)]},
    "deep pattern": {"type": "string", "pattern": "(" * 900 + ")" * 900},
}


@pytest.mark.parametrize("name", HARD)
def test_hard_schema_holds_nobody_up(door: Door, name: str) -> None:
    """While a value is made for it, other requests are answered."""
    begun, asked = threading.Event(), list[int]()

    def ask_hard() -> None:
        begun.set()
        asked.append(door.create("Hi", response_format=_as_format(HARD[name])).status)

    thread = threading.Thread(target=ask_hard, daemon=True)
    thread.start()
    begun.wait(5)
    while thread.is_alive():
        assert door.create().status == 200
    assert asked == [200]


def test_long_text_streams_in_few_pieces(fake: Fake, door: Door) -> None:
    """A reply of five megabytes is a stream of some thousands of events, and is whole."""
    text = "word " * 1_000_000
    fake.replies(say(text))
    events = door.create(stream=True).events
    deltas = [
        event["delta"]["text"]
        for event in events
        if event["event_type"] == "step.delta" and event["delta"]["type"] == "text"
    ]
    assert "".join(deltas) == text
    assert len(events) < 5000


def test_slow_function_holds_nobody_up(fake: Fake, door: Door) -> None:
    """A function that waits for another request gets it: they do not stand in one line."""
    released = threading.Event()

    def wait(ask: Ask) -> str:
        assert released.wait(10)
        return "waited"

    fake.when(input="slow").answers(wait)
    fake.when(input="quick").replies("quick")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(door.create("slow")), daemon=True)
    thread.start()
    assert door.create("quick").text == "quick"
    assert not answers
    released.set()
    thread.join(10)
    assert answers[0].text == "waited"


def test_function_that_asks_the_same_fake(fake: Fake, door: Door) -> None:
    """Through the same server: it gets its answer, and each request has its own interaction."""
    fake.when(input="outer").answers(lambda ask: f"heard {door.create('inner').text}")
    fake.when(input="inner").replies("ping")
    answer = door.create("outer")
    assert answer.text == "heard ping"
    ids = {entry.json()["input"]: entry.id for entry in fake.requests.creates}
    assert ids["outer"] == answer.json["id"] != ids["inner"]


def test_function_that_calls_handle_itself(fake: Fake, door: Door) -> None:
    """Without a socket, in the same thread: the same."""
    from fakegemini import Request

    body = b'{"model": "gemini-3.5-flash", "input": "inner"}'
    inner = Request("POST", "/v1/interactions", body=body)
    fake.when(input="outer").answers(lambda ask: str(fake.handle(inner).status))
    fake.when(input="inner").replies("ping")
    answer = door.create("outer")
    assert answer.text == "200"
    assert fake.requests.creates[0].id == answer.json["id"]


@pytest.mark.parametrize("seconds", [1e12, float("inf"), float("nan"), -1.0])
def test_clock_beyond_what_can_be_written(seconds: float) -> None:
    """It is refused where it is moved, and stays where it was."""
    clock = VirtualClock()
    with pytest.raises(BadScript):
        clock.advance(seconds)
    assert clock() == VirtualClock()()


def test_clocks_and_courses_that_no_request_survives(fake: Fake, door: Door) -> None:
    """A clock of the user's that shows no year; more polls than anybody makes."""
    for show in (1e20, float("nan"), -1e15):
        with serve_of(Fake(clock=lambda show=show: show)) as url:  # type: ignore[misc]
            answer = Door(url).create()
            assert answer.status == 400
            assert "no year" in answer.json["error"]["message"]
    for polls in (10**400, 10**9):
        with pytest.raises(BadScript, match="never_ending"):
            running_for(polls)
    with pytest.raises(BadScript, match="9999"):
        VirtualClock().tick(10**400)


def serve_of(fake: Fake) -> Any:
    """Serve one more fake."""
    from fakegemini.doors.loopback import serve

    return serve(fake.handle)


STATES = {
    "waiting": "pass",
    "in a function": "fake.answers(lambda ask: threading.Event().wait() or 'x')",
    "in a busy function": "fake.answers(spin)",
    "never ending": "from fakegemini import never_ending\n"
    "fake.replies('x', background=never_ending())",
    "hard schema": "pass",
}
"""What a server is doing when it is told to stop."""

PROGRAM = """
import threading
from fakegemini import Fake

def spin(ask):
    while True:
        pass

def script(fake):
    {state}
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("state", STATES)
def test_serve_stops(
    tmp_path: Path,
    state: str,
    number: signal.Signals,
    within: Callable[[Callable[[], object], float], None],
) -> None:
    """Both signals end `serve`, whatever it is doing."""
    script = tmp_path / "script.py"
    script.write_text(PROGRAM.format(state=STATES[state].replace("\n", "\n    ")))
    command = [sys.executable, "-u", "-m", "fakegemini", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--script", str(script)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        url = process.stdout.readline().split()[-1]
        schema = _as_format(HARD["10,000 members"]) if state == "hard schema" else None
        body = {"response_format": schema} if schema else {}
        body |= {"background": True, "stream": True} if state == "never ending" else {}
        if state != "waiting":
            ask = threading.Thread(target=_ask_quietly, args=(url, body), daemon=True)
            ask.start()
            time.sleep(0.3)
        process.send_signal(number)
        within(process.wait, 10.0)
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _ask_quietly(url: str, body: dict[str, Any]) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        Door(url).create(**body)
