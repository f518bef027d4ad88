"""A machine that does to the fake what clients do, over HTTP, and knows what must be true."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)

from fakegemini import Fake, faults, never_ending, running_for, say, strategies
from fakegemini.doors.loopback import serve
from fakegemini.fake.script.contradictions import CONTRADICTIONS
from fakegemini.protocol.step_reading import FROM_THE_USER
from fakegemini.wire.http import Json
from fakegemini.wire.sse import Decoder

MODEL = "gemini-3.5-flash"
TOOLS = [{"type": "function", "name": "look", "parameters": {"type": "object"}}]
FINAL = ("completed", "requires_action", "incomplete", "failed", "cancelled")
NOT_FOUND = 404
SPOILED = ("rate_limited", "content_blocked", "project_denied")


@dataclass
class Server:
    """One fake behind one socket, and one connection to it for all examples."""

    fake: Fake
    url: str
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        place = urlsplit(self.url)
        self.connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON, or the events of a stream."""
        payload = None if body is None else json.dumps(body).encode()
        self.connection.request(method, f"/v1/{path}", payload)
        response = self.connection.getresponse()
        raw = response.read()
        if response.headers["content-type"] != "text/event-stream":
            return response.status, json.loads(raw)
        frames = Decoder().feed(raw)
        return response.status, [frame.json() for frame in frames if not frame.is_done]


@dataclass(eq=False)
class Known:
    """What a client knows of an interaction: the newest state, what it said, whether it is gone."""

    id: str
    state: Json
    said: str | None = None
    events: list[Json] = field(default_factory=list)
    deleted: bool = False

    @property
    def status(self) -> str:
        """The newest status that it was told."""
        return str(self.state["status"])

    @property
    def calls(self) -> list[Json]:
        """The calls that wait for a result."""
        if self.status != "requires_action":
            return []
        return [step for step in self.state["steps"] if step["type"] == "function_call"]


SERVER: list[Server] = []


@contextmanager
def server() -> Iterator[Server]:
    """The server of the whole run."""
    fake = Fake(seed="machine")
    fake.watch()
    fake.allow(*CONTRADICTIONS)  # what is drawn knows nothing of the request
    with serve(fake.handle) as url:
        SERVER.append(Server(fake, url))
        try:
            yield SERVER[0]
        finally:
            SERVER.pop().connection.close()


def made(state: Json) -> list[Json]:
    """The steps that a get shows without those of the client."""
    return [step for step in state.get("steps", []) if step["type"] not in FROM_THE_USER]


def heard(state: Json) -> list[str]:
    """What a get shows of the client's words."""
    own = [step for step in state["steps"] if step["type"] == "user_input"]
    return [block["text"] for step in own for block in step["content"]]


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


class Client(RuleBasedStateMachine):
    """Creates, chains, polls, resumes, cancels, deletes, and has bad days."""

    all = Bundle("all")

    def __init__(self) -> None:
        super().__init__()
        self.server = SERVER[0]
        self.fake = self.server.fake
        self.special: set[str] = set()

    @initialize()
    def begin(self) -> None:
        """A fake that nothing has happened to."""
        self.fake.reset()
        self.fake.allow(*CONTRADICTIONS)  # what is drawn knows nothing of the request
        self.fake.watch()
        usual = self.fake.when(where=lambda ask: ask.text not in self.special)
        usual.answers(lambda ask: say(f"{ask.turn}: {ask.text}"))

    def kept(self, said: str | None, status: int, state: Json) -> Known:
        """A created interaction, which a get shows just so."""
        assert status == 200, state
        return Known(state["id"], state, said)

    @rule(target=all, text=texts)
    def create(self, text: str) -> Known:
        """A turn of its own."""
        body = {"model": MODEL, "input": text}
        return self.kept(text, *self.server.ask("POST", "interactions", body))

    @rule(target=all, turn=strategies.turns(ids=False, max_size=2), text=texts)
    def scripted(self, turn: list[Json], text: str) -> Known:
        """Any turn that a model may make."""
        self.fake.when(input=text, times=1).replies(*turn)
        body = {"model": MODEL, "input": text, "tools": TOOLS}
        return self.kept(text, *self.specially(body))

    def specially(self, body: Json) -> tuple[int, Any]:
        """A request that the newest rule answers, and not the usual one."""
        self.special = {body["input"]}
        try:
            return self.server.ask("POST", "interactions", body)
        finally:
            self.special = set()

    @rule(target=all, parent=all, text=texts)
    def chain(self, parent: Known, text: str) -> Known:
        """The next turn; refused where the parent is gone, runs, or waits for results."""
        body: Json = {"model": MODEL, "input": text, "previous_interaction_id": parent.id}
        if parent.calls:
            body["input"] = [
                {"type": "function_result", "call_id": c["id"], "name": c["name"], "result": text}
                for c in parent.calls
            ]
        status, state = self.server.ask("POST", "interactions", body)
        if status == 200:
            assert not parent.deleted
            if parent.status not in FINAL:
                self.poll(parent)  # it ended while nobody looked
            assert parent.status in FINAL
            return self.kept(None if parent.calls else text, status, state)
        assert parent.deleted or parent.status not in FINAL or status == 400
        assert status == (NOT_FOUND if parent.deleted else 400)
        self.fake.allow("refused")
        return parent

    @rule(target=all, text=texts, polls=st.integers(0, 3), ends=st.booleans())
    def background(self, text: str, polls: int, ends: bool) -> Known:
        """A run in the background that ends, or does not."""
        course = running_for(polls=polls) if ends else never_ending()
        self.fake.when(input=text, times=1).replies(say("Done."), background=course)
        body = {"model": MODEL, "input": text, "background": True}
        return self.kept(text, *self.specially(body))

    @rule(target=all, text=texts, background=st.booleans())
    def stream(self, text: str, background: bool) -> Known:
        """A turn as a stream, whose steps a get shows as well."""
        body = {"model": MODEL, "input": text, "stream": True, "background": background}
        status, events = self.server.ask("POST", "interactions", body)
        assert status == 200
        assert events[-1]["event_type"] == "interaction.completed"
        state = events[-1]["interaction"]
        known = Known(state["id"], state, text, events if background else [])
        self.poll(known)
        return known

    @rule(target=all, text=texts, hops=st.integers(2, 4))
    def in_hops(self, text: str, hops: int) -> Known:
        """A turn in several answers, each asked for with the token of the one before."""
        self.fake.when(input=text, times=1).replies(say("one two three four"), hops=hops)
        status, state = self.specially({"model": MODEL, "input": text})
        said = ""
        for left in range(hops, 0, -1):
            assert (status, state["status"] == "requires_continuation") == (200, left > 1)
            said += state["steps"][-1]["content"][0]["text"]
            if left > 1:
                body = {
                    "model": MODEL,
                    "continuation_token": state["continuation_token"],
                    "previous_interaction_id": state["id"],
                }
                status, state = self.server.ask("POST", "interactions", body)
        assert said == "one two three four"
        return self.kept(None, status, state)

    @rule(text=texts)
    def stateless(self, text: str) -> None:
        """Nothing is kept: the history comes back with the next request."""
        user = {"type": "user_input", "content": [{"type": "text", "text": text}]}
        body = {"model": MODEL, "input": [user], "store": False}
        status, state = self.server.ask("POST", "interactions", body)
        assert status == 200
        assert "id" not in state
        body["input"] = [user, *state["steps"], user]
        status, again = self.server.ask("POST", "interactions", body)
        assert status == 200
        assert again["steps"][-1]["content"][0]["text"] == f"2: {text}"

    @rule(known=all)
    def poll(self, known: Known) -> None:
        """A get: what is deleted stays so, what has ended stays as it is."""
        status, state = self.server.ask("GET", f"interactions/{known.id}")
        if known.deleted:
            assert status == NOT_FOUND
            return
        assert (status, state["id"]) == (200, known.id)
        if known.status in FINAL:
            assert state["status"] == known.status
            if "steps" in known.state:
                assert made(state) == known.state["steps"]
        if "steps" in state and known.said is not None:
            assert heard(state) == [known.said]
        known.state = state | {"steps": made(state)}

    @rule(known=all, at=st.integers(0, 30))
    def resume(self, known: Known, at: int) -> None:
        """From any event of a stream: the rest of it, with the same ids."""
        if not known.events or known.deleted:
            return
        at = min(at, len(known.events) - 1)
        last = known.events[at]["event_id"]
        path = f"interactions/{known.id}?stream=true&last_event_id={last}"
        status, events = self.server.ask("GET", path)
        assert status == 200
        assert events == known.events[at + 1 :]

    @rule(known=all)
    def cancel(self, known: Known) -> None:
        """Only what runs can be cancelled, and it stays cancelled."""
        status, state = self.server.ask("POST", f"interactions/{known.id}/cancel")
        if known.deleted:
            assert status == NOT_FOUND
        elif known.status in FINAL:
            assert status == 400
        elif status == 200:
            assert state["status"] == "cancelled"
            known.state = state
        else:
            assert status == 400  # it had ended meanwhile

    @rule(known=consumes(all), again=st.booleans())
    def delete(self, known: Known, again: bool) -> None:
        """Once; then it is as if it had never been."""
        status, body = self.server.ask("DELETE", f"interactions/{known.id}")
        assert (status, body) == (200, {}) or known.deleted
        known.deleted = True
        if again:
            self.poll(known)
            self.cancel(known)
            self.chain(known, "x")

    @rule(name=st.sampled_from(SPOILED), text=texts)
    def refused(self, name: Any, text: str) -> None:
        """A bad day leaves nothing behind: the next try is the first."""
        self.fake.faults(name, times=1, on="create")
        status, _ = self.server.ask("POST", "interactions", {"model": MODEL, "input": text})
        assert status >= 400
        assert self.fake.requests[-1].interaction is None
        self.fake.clear_faults()

    @rule(text=texts, size=st.integers(1, 40))
    def chunked(self, text: str, size: int) -> None:
        """However the bytes come, the events are whole."""
        self.fake.faults(faults.chunks(size), times=1, on="create")
        body = {"model": MODEL, "input": text, "stream": True}
        status, events = self.server.ask("POST", "interactions", body)
        assert (status, events[-1]["event_type"]) == (200, "interaction.completed")

    @rule(seconds=st.integers(0, 30))
    def advance(self, seconds: int) -> None:
        """Time goes by."""
        self.fake.clock.advance(seconds)

    def teardown(self) -> None:
        """No answer broke the contract, and every request was answered."""
        self.fake.allow("refused", "leftover")
        self.fake.check()


def test_nothing_that_clients_do_breaks_the_contract() -> None:
    """Run the machine for 50 steps at a time."""
    with server():
        run_state_machine_as_test(
            Client,
            settings=settings(
                max_examples=100,
                stateful_step_count=50,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
