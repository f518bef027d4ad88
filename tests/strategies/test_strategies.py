"""What the strategies draw is valid, survives the round trips, and shrinks to what is short."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from fakegemini import BadScript, Fake, strategies
from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.rules.registry import RULES
from fakegemini.doors.loopback import serve
from fakegemini.fake.script.contradictions import CONTRADICTIONS
from fakegemini.protocol.ask import steps_of
from fakegemini.protocol.events import step_events, to_steps
from fakegemini.protocol.refusals.shape import check_shape
from fakegemini.protocol.schemas import schema_names
from fakegemini.protocol.steps import kind_of
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.http import Json
from fakegemini.wire.json_text import dump_json
from fakegemini.wire.sse import Decoder
from tests.every_type import streamed

slow = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
URI = "https://generativelanguage.googleapis.com/v1/interactions"


def _json(value: Any) -> bytes:
    return dump_json(value).encode()


def findings(exchange: Exchange) -> list[str]:
    """What the contract says of an exchange, drift included."""
    return findings_in([exchange])


def findings_in(exchanges: list[Exchange]) -> list[str]:
    """What the guard of the fixture would say: a drawn answer knows nothing of its request."""
    return [
        str(finding)
        for finding in check_exchanges(exchanges)
        if not RULES[finding.rule].recordings_only
    ]


@slow
@given(strategies.requests())
def test_requests_are_granted(body: Json) -> None:
    """Their shape is one that the server takes."""
    assert check_shape(body) is None


@slow
@given(strategies.interactions())
def test_interactions_keep_the_contract(interaction: Json) -> None:
    """Finished or running, fetched or created."""
    exchange = Exchange(1, status=200, response_body=dump_json(interaction).encode())

    assert findings(exchange) == []


@slow
@given(strategies.streams())
def test_streams_keep_the_contract(body: bytes) -> None:
    """Grammar, indexes, terminal event and end."""
    assert findings(Exchange(1, status=200, response_body=body)) == []


@slow
@given(strategies.conversations())
def test_conversations_keep_the_contract(conversation: list[tuple[Json, Json]]) -> None:
    """Parents, calls and results fit together."""
    headers = {"content-type": "application/json"}
    exchanges = [
        Exchange(number, "POST", URI, headers, _json(body), 200, headers, _json(reply))
        for number, (body, reply) in enumerate(conversation, start=1)
    ]

    assert findings_in(exchanges) == []


@slow
@given(strategies.turns())
def test_a_turn_survives_its_stream(turn: list[Json]) -> None:
    """What unfold takes apart, fold puts together, but for signatures that are not streamed."""
    assert to_steps(step_events(turn)) == [
        streamed(step) for step in turn if kind_of(step).streamed
    ]


@slow
@given(st.data())
def test_chunks_do_not_count(data: st.DataObject) -> None:
    """Wherever the network cuts a stream, its events are the same."""
    body = data.draw(strategies.streams())
    chunks = data.draw(strategies.chunkings(body))
    decoder = Decoder()

    assert b"".join(chunks) == body
    assert all(chunks)
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    assert frames == Decoder().feed(body)
    assert decoder.unframed == b""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Fake, str]]:
    """One fake on a socket for all examples."""
    fake = Fake()
    fake.watch()
    with serve(fake.handle) as url:
        yield fake, url


@slow
@given(strategies.requests())
def test_requests_are_answered_over_http(server: tuple[Fake, str], body: Json) -> None:
    """With 200 and nothing to complain of, as a stream too."""
    fake, url = server
    fake.reset()

    response = httpx.post(f"{url}/v1/interactions", content=dump_json(body).encode(), timeout=30)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(
        "text/event-stream" if body.get("stream") else "application/json"
    )
    fake.check()


@slow
@given(strategies.conversations(3))
def test_conversations_play(
    server: tuple[Fake, str], conversation: list[tuple[Json, Json]]
) -> None:
    """Scripted as the docstring says, each request gets its reply."""
    fake, url = server
    fake.reset()
    fake.allow(*CONTRADICTIONS)  # what is drawn knows nothing of the request
    for body, reply in conversation:
        fake.replies(*reply["steps"], id=reply["id"], status=reply["status"])
        response = httpx.post(
            f"{url}/v1/interactions", content=dump_json(body).encode(), timeout=30
        )
        assert response.status_code == 200, response.text
        assert (response.json()["id"], response.json()["status"]) == (reply["id"], reply["status"])
    fake.check()


@slow
@given(strategies.faults())
def test_faults_show_how_they_are_written(fault: strategies.NamedFault) -> None:
    """The text is Python that makes one, or the name of a preset."""
    from fakegemini import faults as made

    text = repr(fault)

    assert text in made.PRESETS or callable(eval(text, vars(made)))


def least(strategy: SearchStrategy[Any], wanted: Any) -> Any:
    """The smallest example that Hypothesis finds."""
    from hypothesis import find

    return find(
        strategy,
        wanted,
        settings=settings(
            max_examples=300,
            database=None,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


SHRINKS: dict[str, tuple[SearchStrategy[Any], Any, Any]] = {
    "request": (strategies.requests(), lambda body: True, lambda body: len(body) <= 2),
    "text": (strategies.texts(min_size=1), lambda text: True, lambda text: len(text) == 1),
    "steps": (strategies.turns(), lambda turn: len(turn) > 2, lambda turn: len(turn) <= 4),
    "call": (
        strategies.turns(),
        lambda turn: any(step["type"] == "function_call" for step in turn),
        lambda turn: len(turn) == 1,
    ),
    "chunks": (
        strategies.chunkings(b"x" * 40),
        lambda made: len(made) > 1,
        lambda made: len(made) == 2,
    ),
    "conversation": (
        strategies.conversations(),
        lambda made: len(made) > 1,
        lambda made: len(made) == 2 and all(len(reply["steps"]) <= 3 for _, reply in made),
    ),
    "events": (strategies.events(), lambda told: len(told) > 4, lambda told: len(told) <= 12),
}


@pytest.mark.parametrize("name", SHRINKS)
def test_they_shrink(name: str) -> None:
    """To what a person would have written."""
    strategy, wanted, small = SHRINKS[name]

    found = least(strategy, wanted)

    assert small(found), found


@pytest.mark.parametrize(
    "kind", [name.rpartition("/")[2] for name in schema_names("interactions/step/")]
)
def test_every_type_of_step_is_drawn(kind: str) -> None:
    """By name, and among all."""
    assert least(strategies.steps([kind]), lambda step: True)["type"] == kind
    try:
        assert least(strategies.steps(), lambda step: step["type"] == kind)["type"] == kind
    except NoSuchExample:
        pytest.fail(f"800 steps and no {kind}")


def test_a_type_that_is_none() -> None:
    """One sentence with those that there are."""
    with pytest.raises(BadScript, match="steps\\(\\) takes types of steps"):
        strategies.steps(["function_cal"])


def test_without_hypothesis() -> None:
    """One sentence that says what to install."""
    code = (
        "import importlib.util as u, sys\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'hypothesis' else find(name, *a)\n"
        "import fakegemini.strategies\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(
        'fakegemini.strategies needs hypothesis: pip install "fakegemini[hypothesis]"'
    )


@slow
@given(strategies.requests())
def test_inputs_have_one_form_inside(body: Json) -> None:
    """Every input becomes steps, each with a type."""
    assert all(isinstance(step["type"], str) for step in steps_of(body["input"]))
