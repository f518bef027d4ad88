"""The OpenAPI document says what the fake does, and its components what the schemas say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

from fakegemini import Fake, Request
from fakegemini.doors.loopback import serve
from fakegemini.fake.openapi.components import refer_to_schema
from fakegemini.fake.openapi.openapi_document import VERSION_PREFIX, build_document
from fakegemini.fake.routes import CONTROL_PREFIX
from fakegemini.protocol import schemas
from fakegemini.protocol.refusals.lookups import no_route
from fakegemini.strategies.from_schema import strategy_for
from tests.openapi.spoilt import SPOILT

ID = "v1_ChdQQlhmYXFTRDhEOUR6YmdtNnYwSldYWRIXUEJYZmFxU0Q4RDlEemJnbTZ2MEpXWFk"
NAME = "gemini-3.8-flash"
COMPONENTS = build_document()["components"]
WITH_COMPONENT = [
    name
    for name in schemas.schema_names()
    if refer_to_schema(name)["$ref"].rpartition("/")[2] in COMPONENTS["schemas"]
]


@pytest.fixture(scope="module")
def served_url() -> Iterator[str]:
    """A fake on a port of its own."""
    with serve(Fake().handle) as url:
        yield url


def by_component(name: str, value: Any) -> bool:
    """What the component of a schema says of a value."""
    return validator_of(name).is_valid(value)


@cache
def validator_of(name: str) -> Draft202012Validator:
    """Compile a component, once."""
    return Draft202012Validator({**refer_to_schema(name), "components": COMPONENTS})


def test_it_is_an_openapi_document() -> None:
    """With the control routes and without."""
    validate(build_document())
    validate(build_document(control=False))


def test_every_schema_has_its_component() -> None:
    """But for a text without a tag, which is a part of `InputItem`."""
    assert set(schemas.schema_names()) - set(WITH_COMPONENT) == {"interactions/input/untagged"}


def test_it_has_the_routes_of_the_fake_and_no_others() -> None:
    """Each control route is an operation; each operation of the API finds its route."""
    fake = Fake()
    documented = {
        (method.upper(), path)
        for path, methods in build_document()["paths"].items()
        for method in methods
    }
    control = {row for row in documented if row[1].startswith(CONTROL_PREFIX)}
    routes = {tuple(route.split()) for route in fake.control.routes}

    assert {(method, path.removeprefix(CONTROL_PREFIX)) for method, path in control} == routes
    for method, path in documented - control:
        if "/files/" in path:
            continue  # without a file of that name, the fake says that it has no such route
        asked = path.format(id=ID, model=NAME, file=NAME)
        reply = fake.handle(Request(method, asked, body=b'{"model": "gemini-3.8-flash"}'))
        body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        assert no_route(method, asked).message not in body.decode("utf-8", "replace"), path


@pytest.mark.parametrize("name", WITH_COMPONENT)
def test_a_component_takes_the_examples_of_its_schema(name: str) -> None:
    """Each example that a file shows."""
    assert [value for value in schemas.examples(name) if not by_component(name, value)] == []


def test_a_component_refuses_what_its_schema_refuses() -> None:
    """Members that are missing or of another type, at the top of each example."""
    rows = [row for row in SPOILT if row[0] in WITH_COMPONENT]
    assert len(rows) > 300
    assert [row for row in rows if by_component(*row)] == []


@settings(deadline=None)
@given(st.sampled_from(["interaction", "step", "event", "delta", "content"]), st.data())
def test_a_component_takes_what_is_drawn_from_its_schema(name: str, data: st.DataObject) -> None:
    """Whatever the strategies make of the wire's types: both say the same of it."""
    value = data.draw(strategy_for(f"interactions/{name}"))
    fits = schemas.validator(f"interactions/{name}", closed=False).is_valid(value)
    assert by_component(f"interactions/{name}", value) is fits


def test_the_command_prints_what_the_fake_serves(served_url: str) -> None:
    """On stdout and over HTTP; without the control routes if asked."""
    printed = subprocess.run(
        [sys.executable, "-m", "fakegemini", "openapi"], capture_output=True, check=True
    )
    short = subprocess.run(
        [sys.executable, "-m", "fakegemini", "openapi", "--no-control"],
        capture_output=True,
        check=True,
    )
    served = httpx.get(f"{served_url}{CONTROL_PREFIX}/openapi.json").json()

    assert json.loads(printed.stdout) == served == build_document()
    assert json.loads(short.stdout) == build_document(control=False)


@pytest.mark.parametrize("paths", [f"^{VERSION_PREFIX}/", f"^{CONTROL_PREFIX}/"])
def test_schemathesis_finds_no_breach(served_url: str, tmp_path: Path, paths: str) -> None:
    """No 5xx, and no answer that is not in the document: of the API, then of the control routes.

    Together they would find the faults that they arm themselves. Two checks are left out: requests
    that only break what goes together are wrong to them, and they want a key to be demanded.
    """
    file = tmp_path / "api.json"
    file.write_text(json.dumps(build_document()))
    program = Path(sys.executable).parent / "schemathesis"
    checks = "not_a_server_error,status_code_conformance,content_type_conformance"
    options = {
        "--url": served_url,
        "--checks": f"{checks},response_headers_conformance,response_schema_conformance",
        "--phases": "examples,fuzzing",
        "--max-examples": "15",
        "--include-path-regex": paths,
        "--seed": "1",
        "--generation-database": "none",
    }
    done = subprocess.run(
        [str(program), "run", str(file), "--no-color", *chain.from_iterable(options.items())],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-6000:]
