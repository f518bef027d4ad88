"""The schema files: sound, illustrated, complete, and true to recorded traffic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import referencing
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012

from fakegemini.protocol import schemas
from tests.beside import RECORDINGS

PARTS = ("step", "delta", "event", "content", "annotation", "tool")
EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{position}")
    for name in schemas.schema_names()
    for position, example in enumerate(schemas.examples(name))
]


@pytest.fixture(scope="module")
def registry() -> referencing.Registry[Any]:
    """All closed schemas for python-jsonschema."""
    resources = (
        (
            f"{schemas.BASE_URL}{name}.json",
            DRAFT202012.create_resource(schemas.document(name, closed=True)),
        )
        for name in schemas.schema_names()
    )
    return referencing.Registry().with_resources(resources)


def tags(name: str) -> set[str]:
    """The tags that a dispatcher knows."""
    document = schemas.document(name, closed=True)
    key = document["required"][0]
    return set(document["properties"][key]["enum"])


def files(folder: str) -> set[str]:
    """The names of the files in a folder of the interactions schemas."""
    prefix = f"interactions/{folder}/"
    return {name.removeprefix(prefix) for name in schemas.schema_names(prefix)}


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema, at any depth."""
    if isinstance(schema, dict):
        yield schema
    for item in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(item, dict | list):
            yield from objects(item)


@pytest.mark.parametrize("name", schemas.schema_names())
@pytest.mark.parametrize("closed", [True, False])
def test_every_schema_is_a_schema_and_compiles(name: str, closed: bool) -> None:
    """Each file is a valid 2020-12 schema in both readings, and its references resolve."""
    Draft202012Validator.check_schema(schemas.document(name, closed=closed))
    schemas.validator(name, closed=closed)


@pytest.mark.parametrize("name", schemas.schema_names())
def test_every_file_says_what_it_is_and_how_it_knows(name: str) -> None:
    """Identity, a sentence and the evidence are there; unions go by tag, and nothing is closed."""
    document = json.loads((schemas.folder() / f"{name}.json").read_text())
    assert document["$id"] == f"{schemas.BASE_URL}{name}.json"
    assert document["title"]
    assert document["description"].endswith(".")
    assert schemas.read_evidence(document)
    for part in objects({key: value for key, value in document.items() if key != "examples"}):
        assert not {"oneOf", "anyOf"} & set(part)
        assert part.get("additionalProperties") is not False


@pytest.mark.parametrize(
    "name",
    [name for part in PARTS for name in schemas.schema_names(f"interactions/{part}/")],
)
def test_every_part_has_an_example(name: str) -> None:
    """Whatever has a tag is shown at least once."""
    assert schemas.examples(name)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_holds_under_both_validators(
    name: str, example: Any, registry: referencing.Registry[Any]
) -> None:
    """Two independent validators take each example, closed."""
    schemas.validator(name, closed=True).validate(example)
    Draft202012Validator({"$ref": f"{schemas.BASE_URL}{name}.json"}, registry=registry).validate(
        example
    )


@pytest.mark.parametrize(
    ("name", "count"),
    [("step", 23), ("delta", 28), ("event", 7), ("content", 5), ("annotation", 5)],
)
def test_every_tag_has_its_file(name: str, count: int) -> None:
    """The dispatcher knows as many tags as the API has, and each leads to a file."""
    assert tags(f"interactions/{name}") == files(name)
    assert len(files(name)) == count


def test_every_declared_tool_has_its_file() -> None:
    """Only the two tools known from a refusal alone have none."""
    assert tags("interactions/tool") - files("tool") == {"filesystem", "bash"}
    assert len(files("tool")) == 10


def test_every_started_step_leads_to_the_step_of_its_tag() -> None:
    """`step.start` knows every step."""
    assert tags("interactions/started_step") == tags("interactions/step")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interactions/step", {"type": "thought", "mood": "fine"}),
        ("interactions/step", {"type": "dream"}),
        ("interactions/usage", {"total_tokens": 1, "total_dreams": 1}),
        ("interactions/event", {"event_type": "interaction.paused"}),
        (
            "interactions/event",
            {"interaction_id": "", "status": "dozing", "event_type": "interaction.status_update"},
        ),
    ],
)
def test_news_pass_open_and_fail_closed(name: str, value: Any) -> None:
    """A member, a tag or a value that nobody declared is the difference between the readings."""
    assert schemas.validator(name, closed=False).is_valid(value)
    assert not schemas.validator(name, closed=True).is_valid(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interactions/usage", {"total_tokens": "61"}),
        ("interactions/step", {"type": "function_call", "id": "k3v9q2zt"}),
        ("interactions/step", {"type": "user_input", "content": "a bare text"}),
        ("interactions/event", {"index": 0, "event_type": "step.start"}),
    ],
)
def test_wrong_shapes_fail_open_too(name: str, value: Any) -> None:
    """Reading openly forgives news, not faults."""
    assert not schemas.validator(name, closed=False).is_valid(value)


def test_a_fault_is_reported_once_and_where_it_is() -> None:
    """A dispatcher adds no noise of its own."""
    faults = schemas.validator("interactions/step", closed=True).iter_errors(
        {"type": "google_search_call", "id": 7}
    )
    assert [(fault.instance_path, fault.kind.name) for fault in faults] == [(["id"], "type")]
    faults = schemas.validator("interactions/step", closed=True).iter_errors("thought")
    assert [fault.kind.name for fault in faults] == ["type"]


def test_an_unknown_name_is_a_key_error() -> None:
    """A misspelt schema says so."""
    with pytest.raises(KeyError, match="interactions/setp"):
        schemas.validator("interactions/setp", closed=True)


def replies() -> Iterator[Any]:
    """Each recorded reply as (schema, payload): interactions, errors and the events of streams."""
    yaml = pytest.importorskip("yaml")
    for path in sorted(RECORDINGS.glob("*/*.yaml")):
        if path.name.startswith("legacy-"):
            continue
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for exchange in yaml.load(path.read_text(), Loader=loader)["interactions"]:
            text = exchange["response"]["body"]["string"]
            where = f"{path.name} {exchange['request']['method']}"
            if text.lstrip().startswith("{"):
                payload = json.loads(text)
                if payload:
                    yield where, "error" if "error" in payload else "interaction", payload
            for line in text.splitlines():
                if line.startswith("data: {"):
                    yield where, "event", json.loads(line.removeprefix("data: "))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not in this checkout")
def test_recorded_replies_hold_closed() -> None:
    """Every recorded interaction, error and event passes, with nothing undeclared in it."""
    seen = 0
    for where, name, payload in replies():
        faults = schemas.validator(f"interactions/{name}", closed=True).iter_errors(payload)
        assert not [(where, fault.instance_path, fault.message) for fault in faults]
        seen += 1
    assert seen > 100
