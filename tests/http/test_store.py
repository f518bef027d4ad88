"""Another store can stand behind a fake: one that writes each interaction down as bytes."""

from __future__ import annotations

import json
import pickle
import sqlite3
import string
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fakegemini import Fake, Handler, Request, call, faults, never_ending, running_for, say
from fakegemini.fake.state.store import MemoryStore
from fakegemini.protocol.interaction import Interaction

from .door import MODEL, NOT_FOUND, Door


class SqliteStore:
    """Interactions in a database: what is found is always a new object."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._execute("create table if not exists kept (id text primary key, value blob)")

    def keep(self, interaction: Interaction) -> None:
        """Insert a row, in place of any that it had before."""
        row = (str(interaction.id), pickle.dumps(interaction))
        self._execute("insert or replace into kept values (?, ?)", *row)

    def find(self, identifier: str) -> Interaction | None:
        """Read a row."""
        rows, _ = self._execute("select value from kept where id = ?", identifier)
        return pickle.loads(rows[0][0]) if rows else None

    def write_back(self, interaction: Interaction) -> None:
        """Change a row, if it is still there."""
        row = (pickle.dumps(interaction), str(interaction.id))
        self._execute("update kept set value = ? where id = ?", *row)

    def delete(self, identifier: str) -> bool:
        """Delete a row."""
        _, count = self._execute("delete from kept where id = ?", identifier)
        return count == 1

    def forget(self) -> None:
        """Delete all rows."""
        self._execute("delete from kept")

    def _execute(self, statement: str, *values: object) -> tuple[list[Any], int]:
        """Run a statement on a connection of its own; return its rows, and how many it changed."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
            cursor = database.execute(statement, values)
            return cursor.fetchall(), cursor.rowcount


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the database."""
    return tmp_path / "interactions.db"


@pytest.fixture
def fake(path: Path) -> Fake:
    """A fake with that store, watched."""
    fake = Fake(store=SqliteStore(path))
    fake.watch()
    return fake


@pytest.fixture
def door(fake: Fake, plug: Callable[[Handler], Door]) -> Door:
    """A client of that fake."""
    return plug(fake.handle)


def statuses(door: Door, identifier: str, count: int) -> list[str]:
    """What so many polls find."""
    return [door.get(identifier).json["status"] for _ in range(count)]


def test_a_chain(fake: Fake, door: Door) -> None:
    """The parent is read from the store, its call with it; a reply's own fault is not kept."""
    fake.replies(call("get_tide"), fault=faults.chunks(10))
    fake.replies(say("At six."))
    first = door.create("When is high tide?").json
    asked = first["steps"][-1]
    result = {"type": "function_result", "call_id": asked["id"], "name": asked["name"]}

    second = door.create([result | {"result": "six"}], previous_interaction_id=first["id"]).json

    assert second["steps"][-1]["content"][0]["text"] == "At six."
    assert door.get(second["id"]).json["status"] == "completed"
    fake.check()


def test_polls_move_a_run_on(fake: Fake, door: Door) -> None:
    """What a poll changes is written back, and what time changes need not be."""
    fake.replies(say("Done."), background=running_for(2, queued=1))
    fake.replies(say("Done."), background=running_for(9, seconds=30))
    polled, timed = (door.create(str(n), background=True).json["id"] for n in range(2))

    assert statuses(door, polled, 4) == ["queued", "in_progress", "in_progress", "completed"]
    assert statuses(door, timed, 3) == ["in_progress"] * 3
    fake.clock.advance(31)
    assert statuses(door, timed, 1) == ["completed"]


def test_a_cancel_and_a_delete(fake: Fake, door: Door) -> None:
    """Both are seen by whoever asks next, and a cancelled parent says nothing."""
    fake.replies(say("Never."), background=never_ending(), times=2)
    one, two = (door.create(str(n), background=True).json["id"] for n in range(2))

    assert door.cancel(one).json["status"] == "cancelled"
    assert statuses(door, one, 1) == ["cancelled"]
    assert door.cancel(one).status == 400
    assert door.delete(two).json == {}
    assert door.get(two).json == door.delete(two).json == NOT_FOUND


class MeetingStore(SqliteStore):
    """Before something is written back, somebody else has half a second for a request."""

    meet: Callable[[], object] | None = None
    met: Thread | None = None

    def write_back(self, interaction: Interaction) -> None:
        """Change a row, once the other has had its time."""
        if self.meet:
            self.met, self.meet = Thread(target=self.meet), None
            self.met.start()
            self.met.join(0.5)
        super().write_back(interaction)


@pytest.mark.parametrize("way", ["poll", "stream", "resumed stream"])
def test_a_cancel_is_never_undone(path: Path, plug: Callable[[Handler], Door], way: str) -> None:
    """By what was read before it, and is written back behind it."""
    store = MeetingStore(path)
    fake = Fake(store=store)
    door = plug(fake.handle)
    fake.replies(say("Never."), background=never_ending())
    identifier = door.create(background=True).json["id"]

    if way == "poll":
        store.meet = partial(door.cancel, identifier)
        door.get(identifier)
    elif way == "resumed stream":
        with door.follow(identifier) as live:
            live.event()
            store.meet = partial(door.cancel, identifier)
            assert '"status":"cancelled"' in live.rest().body.decode()
    else:
        fake.replies(say("Never."), background=never_ending())
        with door.live(background=True, stream=True) as live:
            identifier = live.event()["interaction"]["id"]
            store.meet = partial(door.cancel, identifier)
            assert '"status":"cancelled"' in live.rest().body.decode()

    assert store.met
    store.met.join()
    assert statuses(door, identifier, 1) == ["cancelled"]


@pytest.mark.parametrize("how", ["cancel", "delete", "reset"])
def test_a_stream_sees_what_happens_to_its_run(fake: Fake, door: Door, how: str) -> None:
    """The stream goes on with what is in the store, not with the object that it began with."""
    fake.replies(say("Never."), background=never_ending())
    with door.live(background=True, stream=True) as live:
        identifier = live.event()["interaction"]["id"]
        if how == "reset":
            fake.reset()
        else:
            getattr(door, how)(identifier)
        last = live.rest()

    frames = last.body.decode()
    if how == "cancel":
        assert '"status":"cancelled"' in frames
        assert statuses(door, identifier, 1) == ["cancelled"]
    else:
        assert json.dumps(NOT_FOUND["error"], separators=(",", ":")) in frames
        assert door.get(identifier).json == NOT_FOUND


def test_a_stream_is_resumed_behind_what_was_sent(fake: Fake, door: Door) -> None:
    """How far a stream has come is written back: only an event that was sent can be resumed."""
    fake.replies(say("Never."), background=never_ending())
    with door.live(background=True, stream=True) as live:
        created, begun = live.event(), live.event()
        identifier = created["interaction"]["id"]
        unsent = begun["event_id"].removesuffix("1") + "9"

        assert door.get(identifier, stream="true", last_event_id=unsent).status == 404
        with door.follow(identifier, last_event_id=created["event_id"]) as other:
            assert other.event() == begun
            door.cancel(identifier)


def test_the_next_server_knows_what_this_one_stored(
    path: Path, door: Door, plug: Callable[[Handler], Door]
) -> None:
    """A second fake around the same file, as after a restart."""
    first = door.create("I am Ada.").json
    run = door.create("Take your time", background=True).json["id"]
    again = Fake(store=SqliteStore(path))
    later = plug(again.handle)
    again.answers(lambda ask: f"{ask.said}, turn {ask.turn}")

    second = later.create("Who am I?", previous_interaction_id=first["id"])

    assert second.text == "('I am Ada.', 'Who am I?'), turn 2"
    assert later.get(first["id"]).body == door.get(first["id"]).body
    assert statuses(later, run, 2) == ["in_progress", "completed"]
    again.reset()
    assert door.get(first["id"]).json == NOT_FOUND


def test_what_is_not_stored_is_not_kept(path: Path, door: Door) -> None:
    """With store=false nothing reaches the store, and its stream ends all the same."""
    assert door.create(store=False, stream=True).done

    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("select count(*) from kept").fetchone()
    assert rows == (0,)


def test_an_id_is_found_by_its_own_text_alone() -> None:
    """The last character of some ids has bits without a meaning; other texts are other ids."""
    store = MemoryStore()
    fake = Fake(store=store)

    def create(**members: str) -> str:
        body = json.dumps({"model": MODEL, "input": "Hi"} | members).encode()
        fake.handle(Request("POST", "/v1/interactions", body=body))
        return str(fake.requests[-1].id)

    root = create()
    child = create(previous_interaction_id=root)

    for identifier in (root, child):
        others = {identifier[:-1] + char for char in string.ascii_letters + string.digits + "-_"}
        assert [str(each.id) for text in others if (each := store.find(text))] == [identifier]
        assert [text for text in others - {identifier} if store.delete(text)] == []
        assert store.delete(identifier)
        assert store.find(identifier) is None
