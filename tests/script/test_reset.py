"""After a reset a fake is as new: nothing that a test did is left, and the clock goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from fakegemini import Fake, FakeGeminiError, Request, call, faults, say
from fakegemini.fake.state.store import MemoryStore
from fakegemini.protocol.turn import File, Turn
from fakegemini.wire.http import Json

Look: TypeAlias = Callable[[Fake], object]
"""What a fake does where it remembers nothing."""

MODEL = "gemini-3.5-flash"
CALL = {"type": "function_call", "id": "a", "name": "tide", "arguments": {}}
HISTORY: list[Json] = [
    {"type": "user_input", "content": [{"type": "text", "text": "Tides?"}]},
    CALL,
    {"type": "function_result", "call_id": "a", "name": "tide", "result": "low"},
]


def ask(fake: Fake, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    """Status and bytes of one answer."""
    payload = b"" if body is None else json.dumps(body).encode()
    reply = fake.handle(Request(method, path, (), (("host", "here"),), payload))
    return reply.status, b"".join(beat for beat in reply.beats if isinstance(beat, bytes))


def create(fake: Fake, given: Any = "Hi", **body: Any) -> Any:
    """The answer to a create, or what it raises."""
    try:
        _, answer = ask(fake, "POST", "/v1/interactions", {"model": MODEL, "input": given} | body)
    except FakeGeminiError as error:
        return repr(error)
    return json.loads(answer)


def leave_a_reply(fake: Fake) -> Look:
    """One that nobody asked for."""
    fake.replies(say("Never asked for."))
    return create


def leave_a_spent_reply(fake: Fake) -> Look:
    """One that was given; the next request had none."""
    fake.replies(say("Scripted."))
    create(fake)
    return create


def leave_a_fault(fake: Fake) -> Look:
    """One of every request."""
    fake.faults(faults.refuse(503))
    return create


def leave_complaints(fake: Fake) -> Look:
    """One of a request that no server takes."""
    create(fake, nonsense=True)
    return lambda fake: fake.check()


def leave_leave(fake: Fake) -> Look:
    """What was allowed is not any more."""
    fake.allow("refused")

    def complain(fake: Fake) -> str:
        create(fake, nonsense=True)
        with pytest.raises(FakeGeminiError) as caught:
            fake.check()
        return str(caught.value)

    return complain


def leave_an_interaction(fake: Fake) -> Look:
    """Its id is unknown."""
    identifier = create(fake)["id"]
    return lambda fake: ask(fake, "GET", f"/v1/interactions/{identifier}")


def leave_a_count(fake: Fake) -> Look:
    """How often the same was asked: ids depend on it."""
    create(fake)
    return create


def leave_a_rest(fake: Fake) -> Look:
    """Nobody asked for it, and nobody can any more."""
    fake.replies(say("One, two, three, four."), hops=2)
    token = create(fake, store=False)["continuation_token"]
    return lambda fake: create(fake, store=False, continuation_token=token)


def leave_trust(fake: Fake) -> Look:
    """History without signatures is refused again."""
    fake.trust()
    return lambda fake: create(fake, HISTORY)


def leave_a_signature(fake: Fake) -> Look:
    """Where it stood is forgotten: it may be a good one of the live server's."""
    fake.replies(call("tide"))
    signature = create(fake, "Wind?", store=False)["steps"][0]["signature"]
    moved = [HISTORY[0], {"type": "thought", "signature": signature}, *HISTORY[1:]]
    assert "error" in create(fake, [*moved[:2], CALL | {"name": "swell"}, moved[3]])
    return lambda fake: create(fake, moved)


def leave_a_file(fake: Fake) -> Look:
    """No turn left it behind."""
    fake.script(Turn((say("A file."),), files=(File("tide", "text/plain", b"low"),)))
    create(fake)
    assert ask(fake, "GET", "/v1/files/tide")[0] == 200
    return lambda fake: ask(fake, "GET", "/v1/files/tide")


LEFT = [
    leave_a_reply,
    leave_a_spent_reply,
    leave_a_fault,
    leave_complaints,
    leave_leave,
    leave_an_interaction,
    leave_a_count,
    leave_a_rest,
    leave_trust,
    leave_a_signature,
    leave_a_file,
]


@pytest.mark.parametrize("leave", LEFT)
def test_nothing_of_before_survives(leave: Callable[[Fake], Look]) -> None:
    """A fake that was used and reset answers, logs and complains as a fresh one does."""
    used, fresh = Fake(), Fake()
    used.watch()
    fresh.watch()
    look = leave(used)

    used.reset()

    assert list(used.requests) == []
    used.check()
    assert look(used) == look(fresh)
    logs = [[(one.path, one.status, one.at) for one in fake.requests] for fake in (used, fresh)]
    assert logs[0] == logs[1]


def test_a_guard_begins_anew() -> None:
    """An id that another server gives again is not held against what was seen before."""
    store = MemoryStore()
    fake, other = Fake(store=store), Fake(store=store)
    fake.watch()
    path = f"/v1/interactions/{create(fake, background=True)['id']}"
    before = [ask(fake, "GET", path)[1] for _ in range(2)]

    fake.reset()

    create(other, background=True)
    assert [ask(fake, "GET", path)[1] for _ in range(2)] == before
    assert b"in_progress" in before[0]
    assert b"completed" in before[1]
    fake.check()


def test_the_clock_goes_on() -> None:
    """Time is not undone, and what is made afterwards is made then."""
    fake = Fake()
    before = create(fake)["created"]
    fake.clock.advance(60)

    fake.reset()

    assert create(fake)["created"] > before


def test_a_reset_is_the_same_over_http() -> None:
    """The control route leads to the same."""
    fake = Fake()
    fake.replies(say("Never asked for."))

    assert ask(fake, "POST", "/__fakegemini__/reset") == (200, b"{}")

    fake.check()
    assert list(fake.requests) == []


def test_settings_stay() -> None:
    """What a fake was told to be is no memory of a test."""
    fake = Fake(any_model=True, era="2026-05")
    fake.url = "http://here"

    fake.reset()

    assert (fake.era, fake.url) == ("2026-05", "http://here")
    assert create(fake, model="tide-1")["status"] == "completed"
