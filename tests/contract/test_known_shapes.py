"""What is known of a shape hides nothing: judged by its shape, an exchange has the same findings.

The good recordings are checked first, so that all their shapes are known, and then what is wrong
in one place is checked twice: in the ordinary way, and as `fakegemini check` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

import pytest

from fakegemini import call, think
from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.findings import Problem
from fakegemini.contract.rules.exchange_shape import OPEN_MEMBERS
from fakegemini.contract.rules.known_shapes import known_shapes
from fakegemini.contract.rules.one_exchange import check_exchange
from fakegemini.contract.rules.one_recording import RecordingCheck
from fakegemini.contract.rules.registry import RULES
from fakegemini.protocol.schemas import load_schema, schema_names
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.json_shape import ShapeReader
from fakegemini.wire.sse import DONE_FRAME
from tests.scenarios import Client

from .fault_kinds import KINDS
from .mutants import Recording
from .test_fault_kinds import material
from .test_mutations import recorded

ODD: dict[type, tuple[Any, ...]] = {
    str: (
        "",
        "?",
        "[1]",
        "[id]",
        "1970-01-01T00:00:00Z",
        "2026-10-26T08:53:40.5Z",
        "\ud800",
        '"\\',
    ),
    int: (-1, 0, 7, 10**9, 10**30, 1.5, True),
    float: (0, -0.5, 1e300),
    bool: (0, 1),
}
"""What is put in the place of a value."""


def findings(recording: Recording, *, slowly: bool) -> list[list[Problem]]:
    """What is found in each exchange, in the order in which it is found."""
    memory = RecordingCheck(slowly=slowly)
    return [list(check_exchange(fresh(exchange), memory)) for exchange in recording]


def fresh(exchange: Exchange) -> Exchange:
    """The exchange with nothing worked out yet."""
    return replace(exchange)


@cache
def good() -> tuple[Recording, ...]:
    """Recordings whose shapes are known, since they have been checked."""
    recordings = (*material(), *recorded())
    for recording in recordings:
        check_exchanges(map(fresh, recording))
    return recordings


def single_faults() -> Iterator[Recording]:
    """Each kind of single fault in a few good recordings, evenly chosen."""
    for make in KINDS.values():
        faulty = [
            [*recording[:at], changed, *recording[at + 1 :]]
            for recording in good()
            for at in range(len(recording))
            for changed, _ in islice(make(recording, at), 1)
        ]
        yield from faulty[:: len(faulty) // 4 + 1]


def test_good_recordings_are_judged_by_their_shapes() -> None:
    """Else the tests below would compare one way with itself."""
    known = known_shapes(is_live=False)
    turns = [
        known.read_sound(fresh(exchange), shape)
        for recording in good()
        for exchange in recording
        if (shape := known.read(exchange))
    ]

    assert sum(turn is not None for turn in turns) > len(turns) * 0.8
    assert any(turn and turn.exchange.is_stream for turn in turns)


def test_single_faults_are_found_by_shapes_as_without() -> None:
    """The same breaches, in the same order and words."""
    for recording in single_faults():
        assert findings(recording, slowly=False) == findings(recording, slowly=True)


def leaves(value: Any, kind: str = "") -> Iterator[tuple[str, Any, Any, Any]]:
    """Every value inside of an object or a list: its path without numbers, its holder, its key."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in list(members):
        place = f"{kind}.{key}" if isinstance(value, dict) else f"{kind}[]"
        if isinstance(member, dict | list):
            yield from leaves(member, place)
        else:
            yield place, value, key, member


def spelled(exchange: Exchange, asked: Any, answered: Any) -> Exchange:
    """The exchange with these as its request and its answer."""
    request = json.dumps(asked).encode() if asked else b""
    if exchange.is_stream:
        frames = [
            f"event: {each.get('event_type')!s}\ndata: {json.dumps(each)}" for each in answered
        ]
        body = "\n\n".join([*frames, ""]).encode("utf-8", "replace") + DONE_FRAME
    else:
        body = json.dumps(answered).encode()
    return replace(exchange, request_body=request, response_body=body)


def edited(exchange: Exchange) -> Iterator[tuple[str, Exchange]]:
    """The exchange as it is spelled here, then with one value changed, and what was changed."""
    asked = exchange.request_json if exchange.operation == "create" else {}
    answered: Any = (
        [frame.json() for frame in exchange.frames[0] if not frame.is_done]
        if exchange.is_stream
        else exchange.response_json
    )
    yield "", spelled(exchange, asked, answered)
    form = "stream" if exchange.is_stream else exchange.operation
    for part, name in ((asked, "request"), (answered, "answer")):
        for place, holder, key, value in leaves(part, f"{form} {name}"):
            for odd in ODD.get(type(value), ()):
                holder[key] = odd
                yield f"{place}: {odd!r}", spelled(exchange, asked, answered)
            holder[key] = value


def test_odd_values_are_found_by_shapes_as_without() -> None:
    """Each kind of member of each kind of exchange with each odd value, once."""
    known = known_shapes(is_live=False)
    compared = set()
    for recording in good():
        for at, exchange in enumerate(recording):
            if not known.read(exchange):
                continue
            changes = edited(exchange)
            _, plain = next(changes)
            check_exchanges([*map(fresh, recording[:at]), plain])  # so that its shape is known
            shape = known.read(plain)
            if not shape or not known.read_sound(plain, shape):
                continue
            for change, edit in changes:
                if change not in compared:
                    compared.add(change)
                    faulty = [*recording[:at], edit]
                    assert findings(faulty, slowly=False) == findings(faulty, slowly=True), change
    assert len(compared) > 1000


def test_open_members_are_texts_without_a_form_in_every_schema() -> None:
    """So no text in them breaks a schema."""
    forms = {
        name: {key: value for key, value in member.items() if key not in ("description", "format")}
        for schema in schema_names("interactions/")
        for holder in objects_in(load_schema(schema))
        for name, member in holder.get("properties", {}).items()
        if name in OPEN_MEMBERS and name != "input" and isinstance(member, dict)
    }

    assert {json.dumps(form) for form in forms.values()} == {'{"type": "string"}'}


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside of a value."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from objects_in(child)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": ""}', '{"a": "x"}'),
        ('{"text": ""}', '{"text": "x"}'),
        ('{"text": "x"}', '{"text": 1}'),
        ('{"text": "x"}', '{"text": ["x"]}'),
        ('{"text": "x"}', '{"text":"x"}'),
        ('{"text": "x", "a": 1}', '{"text": "x", "b": 1}'),
        ('{"a": "x"}', '{"a": "y"}'),
        ('{"a": ["x"]}', '{"a": ["y"]}'),
        ('{"a": 1}', '{"a": 2}'),
        ('{"a": 1}', '{"a": null}'),
        (r'{"a\"": 1}', '{"a": 1}'),
        (r'{"a": "\\"}', r'{"a": "\""}'),
        (r'{"text": "\"", "a": "b"}', r'{"text": "\\", "a": "c"}'),
        (r'{"text": "\", \"a\": \"b"}', '{"text": "", "a": "b"}'),
    ],
)
def test_what_a_shape_tells_apart(one: str, other: str) -> None:
    """Everything but the texts of open members."""
    reader = ShapeReader(("text",))

    assert reader.read(one.encode()) == reader.read(one.encode())
    assert reader.read(one.encode()) != reader.read(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"text": "x", "a": 1}', '{"text": "yz", "a": 1}'),
        ('{"text": "x"}', r'{"text": "\"\\\", \u00e9 {[:,"}'),
        ('[{"text": "x"}, {"text": "y"}]', '[{"text": "y"}, {"text": "z"}]'),
    ],
)
def test_what_a_shape_leaves_open(one: str, other: str) -> None:
    """The texts of open members, whatever stands in them."""
    reader = ShapeReader(("text",))

    assert reader.read(one.encode()) == reader.read(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"in": {"a": "x"}}', '{"in": {"a": "y"}}'),
        ('{"in": [{"a": ["x"]}, "y"], "text": 1}', '{"in": [{"a": ["y"]}, "z"], "text": 1}'),
    ],
)
def test_what_is_open_inside_of_a_member(one: str, other: str) -> None:
    """Every text, however deep, and none behind it."""
    reader = ShapeReader(("text",), ("in",))

    assert reader.read(one.encode()) == reader.read(other.encode())
    behind = (f'[{one}, {{"b": "%s"}}]', f'{{"out": {one}, "b": ["%s"]}}')
    for around in (*behind, '{"in": 1, "b": {"a": "%s"}}', '{"out": ["in", {"a": "%s"}]}'):
        assert reader.read((around % "x").encode()) != reader.read((around % "y").encode())


def test_a_call_with_other_arguments_is_of_the_same_shape() -> None:
    """Else an agent that calls its functions would never be judged by shapes."""
    known = known_shapes(is_live=False)
    tool = {"type": "function", "name": "read_tide"}  # without parameters that judge arguments
    calls = []
    for harbour in ("Dover", 'Cuxhaven, where "they" say [it]'):
        client = Client()
        client.fake.replies(think(), call("read_tide", harbour=harbour, at=[{"day": harbour}]))
        client.create(input="The tide?", tools=[tool])
        client.fake.replies(think(), call("read_tide", harbour=harbour))
        client.create(input="The tide?", tools=[tool], stream=True)
        calls.append(client.exchanges)
    check_exchanges(map(fresh, calls[0]))

    for one, other in zip(*calls, strict=True):
        shape = known.read(other)
        assert shape == known.read(one)
        assert shape
        assert known.read_sound(other, shape)
    streamed = calls[0][-1]
    arguments = rb'"{\"harbour\":\"Dover\"}"'
    for odd in (b'"[1]"', b'"7"', b'"x"', rb'"{\"harbour\":"'):
        body = streamed.response_body.replace(arguments, odd)
        faulty = [replace(streamed, response_body=body)]
        assert body != streamed.response_body
        assert findings(faulty, slowly=False) == findings(faulty, slowly=True) != [[]]


@pytest.mark.parametrize("text", [r'{"text": "\ud83d"}', f'{{"text": "{"x" * 20_000}"}}'])
def test_what_has_no_shape(text: str) -> None:
    """What may be half a pair of surrogates, and what is long."""
    assert ShapeReader(("text",)).read(text.encode()) is None


def test_numbers_are_open_where_that_is_asked_for() -> None:
    """Not so their sign, their point and a length beyond that of counts."""
    reader = ShapeReader(())

    def read(number: str) -> object:
        return reader.read(f'{{"a": {number}}}'.encode(), open_numbers=True)

    assert read("1") == read("0") == read("12345678")
    assert len({read(each) for each in ("1", "-1", "1.0", "1e3", "123456789", "true")}) == 6


def test_every_rule_says_what_it_weighs_or_is_asked_always() -> None:
    """The members are those of a part that there is."""
    places = {place.partition(".")[0] for row in RULES.values() for place in row.weighs or ()}

    step_types = {name.rpartition("/")[2] for name in schema_names("interactions/step/")}
    assert places <= {"request", "body", "steps"} | step_types
