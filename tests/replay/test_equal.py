"""Equal is equal and unequal is unequal: numbers, base64, order of results, masks, twins."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from fakegemini import NotOnTape, Request, call, say
from fakegemini.recordings.conversations import RecordedConversations
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.recordings.meaning import key_of, request_meaning
from fakegemini.recordings.tolerance import Tolerance
from fakegemini.wire.json_paths import find_differences
from tests.http.door import MODEL
from tests.replay.conftest import Played, board, played, plug, taped
from tests.scenarios import Client

__all__ = ["board", "played", "plug", "taped"]


def key(body: dict[str, Any], *tolerated: str) -> str:
    """What tells a request from another."""
    return key_of("", Tolerance(tolerated).apply(request_meaning({"model": MODEL} | body, {})))


def image(data: str) -> dict[str, Any]:
    """A request with a picture."""
    return {"input": [{"type": "image", "mime_type": "image/png", "data": data}]}


def prompt(text: str) -> dict[str, Any]:
    """A request with a text."""
    return {"input": text}


def config(value: Any) -> dict[str, Any]:
    """A request with a number somewhere."""
    return {"input": "x", "generation_config": {"temperature": value}}


RAW = bytes(range(240, 256))
STANDARD = base64.b64encode(RAW).decode()
EQUAL = [
    (config(1), config(1.0)),
    (config(100), json.loads(json.dumps(config(0)).replace("0", "1E2"))),
    (config(0), config(-0.0)),
    (image(STANDARD), image(base64.urlsafe_b64encode(RAW).decode())),
    (image(STANDARD), image(STANDARD.rstrip("="))),
    (image(STANDARD), image(f"{STANDARD[:8]}\n{STANDARD[8:]}")),
]
UNEQUAL = [
    (config(1), config(True)),
    (config(0), config(False)),
    (config(1), config("1")),
    (config(1), config(1.5)),
    (image(STANDARD), image(base64.b64encode(RAW + b"x").decode())),
    (prompt("é"), prompt("e\u0301")),
    (prompt("a-b="), prompt("a+b")),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(one: Any, other: Any) -> None:
    """Numbers by their value, base64 by its bytes."""
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal_and_the_difference_shows(one: Any, other: Any) -> None:
    """True is not 1, a Unicode form is not another."""
    assert key(one) != key(other)
    assert list(find_differences(one, other))


CALLED = [{"type": "function_call", "id": f"c{n}", "name": "f", "arguments": {}} for n in (1, 2)]


def result(name: str, value: str) -> dict[str, Any]:
    """The result of a call."""
    return {"type": "function_result", "call_id": name, "name": "f", "result": value}


def test_results_of_parallel_calls_in_any_order() -> None:
    """Which came first does not count, whose it is does."""
    one, two = result("c1", "1"), result("c2", "2")
    assert key({"input": [*CALLED, one, two]}) == key({"input": [*CALLED, two, one]})
    swapped = [result("c2", "1"), result("c1", "2")]
    assert key({"input": [*CALLED, one, two]}) != key({"input": [*CALLED, *swapped]})


FUNCTION = {"type": "function", "description": "x"}
ID, OTHER_ID = "run_a81f23bc9d00e4f7", "run_b92a34cd0e11f508"


def called(arguments: dict[str, Any], name: str = "f") -> dict[str, Any]:
    """A request with a call."""
    return {"input": [CALLED[0] | {"arguments": arguments, "name": name}]}


def declared(name: str) -> dict[str, Any]:
    """A request with a function."""
    return {"tools": [FUNCTION | {"name": name}]}


@pytest.mark.parametrize(
    ("tolerated", "one", "other", "equal"),
    [
        ("ids", prompt(f"See {ID}"), prompt(f"See {OTHER_ID}"), True),
        ("ids", image("a81f23bc9d00e4f7"), image("b92a34cd0e11f508"), False),
        ("ids", declared(ID), declared(OTHER_ID), False),
        ("ids", called({"name": ID}), called({"name": OTHER_ID}), True),
        ("ids", called({}, ID), called({}, OTHER_ID), False),
        ("dates", prompt("on 2026-11-23"), prompt("on 2027-01-02"), True),
        ("dates", prompt("on 23.11.2026, 12:30"), prompt("on 2.1.2027, 9:00"), True),
        ("dates", prompt("It is Monday."), prompt("It is Friday."), True),
        ("dates", prompt("in November"), prompt("in December"), True),
        ("dates", prompt("in May 2026"), prompt("in June 2026"), True),
        ("dates", prompt("on 3 March"), prompt("on 4 April"), True),
        ("dates", prompt("version 1.2.34"), prompt("version 1.2.35"), False),
        ("dates", prompt("at 10.0.12.1"), prompt("at 10.0.12.2"), False),
        ("dates", prompt("wake me at 7:30"), prompt("wake me at 9:30"), False),
        ("dates", prompt("ask gpt-2026-01-02"), prompt("ask gpt-2026-01-03"), False),
        ("dates", {"model": "m-2026-01-02"}, {"model": "m-2026-01-03"}, False),
        ("dates", prompt("May I go?"), prompt("Can I go?"), False),
    ],
)  # fmt: skip
def test_masks_stand_on_texts(tolerated: str, one: Any, other: Any, equal: bool) -> None:
    """What may differ is what the name says, and nothing else."""
    assert (key(one, tolerated) == key(other, tolerated)) is equal


TOOLS = [{"type": "function", "name": name} for name in ("left", "right")]


def turned(client: Client, name: str, said: str) -> None:
    """One conversation with one call."""
    client.fake.replies(call(name))
    client.fake.replies(say(said))
    turn = client.create(input="Where?", tools=TOOLS)
    (step,) = (step for step in turn["steps"] if step["type"] == "function_call")
    answered = {"type": "function_result", "name": "f", "call_id": step["id"], "result": "ok"}
    client.create(input=[answered], previous_interaction_id=turn["id"])


def test_twins_with_other_calls_are_not_mixed(played: Played) -> None:
    """Who was told to go left does not get what was said to the right; the parents differ."""

    def twins(client: Client) -> None:
        turned(client, "left", "You went left.")
        client.fake.replies(call("right"))
        client.create(input="Where?", tools=TOOLS)

    fake, door = played(twins)
    fake.allow("unrecorded")
    door.create("Where?", tools=TOOLS)
    right = door.create("Where?", tools=TOOLS).json
    (step,) = (step for step in right["steps"] if step["type"] == "function_call")
    assert step["name"] == "right"
    answered = {"type": "function_result", "name": "f", "call_id": step["id"], "result": "ok"}
    text = door.create([answered], previous_interaction_id=right["id"]).json["error"]["message"]
    assert "previous_interaction_id" in text.partition("Difference:")[2]


def test_a_recorded_call_id_is_refused(played: Played) -> None:
    """The client was given another; one that has it read it in the cassette."""
    names: list[str] = []

    def scene(client: Client) -> None:
        turned(client, "left", "You went left.")
        body = json.loads(client.exchanges[0].response_body)
        names.extend(step["id"] for step in body["steps"] if step["type"] == "function_call")

    fake, door = played(scene)
    fake.allow("unrecorded")
    turn = door.create("Where?", tools=TOOLS).json
    answered = {"type": "function_result", "name": "f", "call_id": names[0], "result": "ok"}
    reply = door.create([answered], previous_interaction_id=turn["id"])
    assert reply.status == 400
    assert "call_id" in reply.json["error"]["message"].partition("Difference:")[2]


def test_an_unknown_parent_is_a_difference() -> None:
    """Also where both are of no recording."""
    from fakegemini.fake.replay.player import Player

    def created(parent: str) -> bytes:
        return json.dumps({"model": "m", "input": "x", "previous_interaction_id": parent}).encode()

    conversations = RecordedConversations()
    exchange = Exchange(1, "POST", "http://h/v1/interactions", {}, created("v1_a"), 200, {}, b"{}")
    conversations.add_cassette("", [RecordedExchange(exchange)])
    with pytest.raises(NotOnTape) as missed:
        Player(conversations).handle(Request("POST", "/v1/interactions", body=created("v1_b")))
    difference = str(missed.value).partition("Difference:")[2]
    assert all(name in difference for name in ("previous_interaction_id", "v1_a", "v1_b"))
