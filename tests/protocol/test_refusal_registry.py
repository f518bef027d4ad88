"""The registry of refusals: complete, each sentence written once, and one function adds a row."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fakegemini
from fakegemini import Fake
from fakegemini.cli import main
from fakegemini.doors.loopback import serve
from fakegemini.protocol.ask import build_ask
from fakegemini.protocol.known_models import AGENTS, MODELS
from fakegemini.protocol.refusals import TABLES, Layer, RefusalRow, Subject, all_refusals
from fakegemini.protocol.refusals.refusal import Refusal, invalid
from fakegemini.protocol.refusals.registry import refusal
from fakegemini.protocol.schemas import document
from fakegemini.strategies.draw_requests import bodies, inputs
from fakegemini.wire.http import Json
from tests.http.door import Door

PACKAGE = Path(inspect.getfile(fakegemini)).parent
ROWS = list(all_refusals())


def layer_file(layer: Layer) -> ModuleType:
    """The file of a layer, which has its name."""
    return importlib.import_module(f"fakegemini.protocol.refusals.{layer}")


@pytest.mark.parametrize("layer", Layer)
def test_a_layer_has_a_file_and_every_refusal_in_it_a_row(layer: Layer) -> None:
    """In the order of the file, which is the order in which they are asked."""
    refusing = {
        name: function
        for name, function in inspect.getmembers(layer_file(layer), inspect.isfunction)
        if function.__module__ == layer_file(layer).__name__
        if not name.startswith(("_", "check_"))
    }

    lines = {name: inspect.unwrap(refusing[name]).__code__.co_firstlineno for name in refusing}
    in_order = sorted(lines, key=lambda name: lines[name])

    assert [row.name.replace(" ", "_") for row in TABLES[layer]] == in_order
    assert in_order


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_what_is_refused_and_how_that_is_known(row: RefusalRow) -> None:
    """The docstring begins with "Refuse"; the paragraph behind the first has the source."""
    docstring = inspect.getdoc(row.check) or ""

    assert docstring.startswith("Refuse ")
    assert row.when.endswith(".")
    assert row.source.endswith(".")
    assert row.evidence in "CLIDSX"


def test_no_two_refusals_have_one_name() -> None:
    """The name is how `--explain` and the pages call it."""
    names = Counter(row.name for row in ROWS)

    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("row", TABLES[Layer.LOOKUPS], ids=lambda row: row.name)
def test_no_lookup_is_idle(row: RefusalRow) -> None:
    """No table of them is asked, so each must be called somewhere."""
    text = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))

    assert len(re.findall(rf"\b{row.name.replace(' ', '_')}\(", text)) > 1


WORDS = 7
"""How many words in a row are no chance."""


def phrases(path: Path) -> Iterator[str]:
    """Every so many words in a row of a file's texts, docstrings apart."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = [] if id(node) in docstrings else node.value.split()
            yield from (
                " ".join(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)
            )


def test_no_sentence_of_the_server_is_written_twice() -> None:
    """Not in two files, and not twice in one."""
    # The check knows the errors of recordings by pattern, also those that the fake never says.
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "error_texts.py"]
    everywhere = Counter(phrase for path in files for phrase in phrases(path))
    layers = [inspect.getfile(layer_file(layer)) for layer in Layer]

    of_refusals = {phrase for file in layers for phrase in phrases(Path(file))}

    assert [phrase for phrase in of_refusals if everywhere[phrase] > 1] == []
    assert len(of_refusals) > 100


def test_a_new_refusal_is_one_function() -> None:
    """Its decorator is all it takes to be asked, listed, and marked as unverified."""
    rows_before = [*TABLES[Layer.FIELDS]]
    asked = {"model": "gemini-3.5-flash", "input": "Is the moon full?"}
    try:

        @refusal(Layer.FIELDS, "X")
        def no_moon(subject: Subject) -> Refusal | None:
            """Refuse a question about the moon.

            Nobody asked one yet.
            """
            return invalid("The moon is not supported.") if "moon" in subject.ask.text else None

        with serve(Fake().handle) as url:
            answer = Door(url).ask("POST", "/v1/interactions", asked)
        explained = CliRunner().invoke(main, ["serve", "--explain"]).output
        row = TABLES[Layer.FIELDS][-1]
    finally:
        TABLES[Layer.FIELDS][:] = rows_before

    assert answer.status == 400
    assert answer.json["error"]["message"] == "The moon is not supported."
    assert answer.headers["x-fakegemini-evidence"] == "X"
    assert "  no moon: a question about the moon. Nobody asked one yet.\n" in explained
    assert (row.when, row.source) == ("a question about the moon.", "Nobody asked one yet.")

    with serve(Fake().handle) as url:
        assert Door(url).ask("POST", "/v1/interactions", asked).status == 200
    assert "no moon" not in CliRunner().invoke(main, ["serve", "--explain"]).output


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(first=bodies(inputs()), second=bodies(inputs()), enterprise=st.booleans())
def test_a_row_refuses_nothing_without_the_members_that_it_names(
    first: Json, second: Json, enterprise: bool
) -> None:
    """So it is right not to ask it."""
    drawn = first | second
    for row in ROWS:
        body = {key: value for key, value in drawn.items() if key not in (row.members or ())}
        if row.layer is Layer.SHAPE or row.members is None or len(body) == len(drawn):
            continue
        subject = Subject(build_ask(body), MODELS, AGENTS, False, enterprise)
        assert row.check(subject) is None, row.name


def test_most_rows_are_asked_only_where_they_can_apply() -> None:
    """Those of the fields and of the capabilities all are."""
    rows = [*TABLES[Layer.FIELDS], *TABLES[Layer.CAPABILITIES]]
    declared = document("interactions/create", closed=True)["properties"].keys()

    assert [row.name for row in rows if row.members is None] == []
    assert {member for row in rows for member in row.members or ()} <= declared
