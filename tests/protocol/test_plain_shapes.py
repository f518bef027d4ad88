"""What is judged without a compiled schema is judged as by one."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini.protocol.plain_shapes import is_plain
from fakegemini.protocol.schemas import load_schema, schema_names, validator

SCHEMA = "interactions/create"
MEMBERS = [*load_schema(SCHEMA)["properties"], "odd", "Model", ""]
VALUES: list[Any] = [
    *("", "Hi", "Grüße 🌊", "\ud83c", "\udf0a tide", "flex", "x" * 70_000, "ü" * 70_000),
    *(True, False, None, 0, 1, 1.5, [], ["Hi"], {}, {"type": "text", "text": "Hi"}),
]


def judge(name: str, body: dict[str, Any]) -> bool:
    """What the compiled schema says; what it cannot read is not good."""
    try:
        return validator(name, closed=True).is_valid(body)
    except ValueError:
        return False


@pytest.mark.parametrize("member", MEMBERS)
def test_each_value_of_each_member(member: str) -> None:
    """Whatever is called plain is valid."""
    for value in VALUES:
        body = {member: value}

        assert not is_plain(SCHEMA, body) or judge(SCHEMA, body), body


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from(VALUES) | st.text(), max_size=5))
def test_any_members_together(body: dict[str, Any]) -> None:
    """The same of any members together."""
    assert not is_plain(SCHEMA, body) or judge(SCHEMA, body)


def test_every_schema() -> None:
    """No schema takes what it does not take, whatever it demands."""
    for name in schema_names():
        schema = load_schema(name)
        members = schema.get("properties", {}) if isinstance(schema, dict) else {}
        bodies: list[dict[str, Any]] = [{}, *({key: value} for key in members for value in VALUES)]
        for body in bodies:
            assert not is_plain(name, body) or judge(name, body), (name, body)


PLAIN: dict[str, dict[str, Any]] = {
    "a text": {"model": "gemini-3.5-flash", "input": "Hi"},
    "a stream": {"model": "gemini-3.5-flash", "input": "Grüße 🌊", "stream": True},
    "a child": {"model": "x", "input": "Hi", "previous_interaction_id": "v1_x", "store": True},
    "an instruction": {"model": "x", "input": "Hi", "system_instruction": "Be brief."},
    "an agent": {"agent": "x", "input": "Hi", "background": True},
}


@pytest.mark.parametrize("body", PLAIN.values(), ids=PLAIN)
def test_ordinary_creates_are_plain(body: dict[str, Any]) -> None:
    """The library that compiles is not loaded for them."""
    code = (
        "import sys\nfrom fakegemini.protocol.refusals.shape import check_shape\n"
        f"assert check_shape({body!r}) is None\nassert 'jsonschema_rs' not in sys.modules"
    )

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_body_with_more_is_left_to_the_compiled_schema() -> None:
    """Lists, objects and words out of a list."""
    bodies: list[dict[str, Any]] = [{"input": ["Hi"]}, {"service_tier": "flex"}, {"odd": "x"}]
    for body in [*bodies, {"tools": []}]:
        assert not is_plain(SCHEMA, body)
