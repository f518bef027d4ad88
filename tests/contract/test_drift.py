"""Drift: what the schemas and the installed google-genai know of each other."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import referencing
from jsonschema import Draft202012Validator, ValidationError
from referencing.jsonschema import DRAFT202012

from fakegemini.contract.drift import differences, outline_schemas, outline_sdk
from fakegemini.contract.drift.explanations import (
    Explanation,
    is_before,
    read_explanations,
    read_rows,
)
from fakegemini.contract.drift.outline import Node, Outline, Shape
from fakegemini.errors import FakeGeminiError, NoSdk
from fakegemini.protocol import schemas
from fakegemini.protocol.known_models import AGENTS, MODELS
from tests.docs.printed import marked, the_differences

OLDEST, NEWEST = "3.4.0", "3.6.1"
"""The releases that the schemas are held against. What a later one adds is news, and not red."""
Edit = Callable[[Any], object]


@pytest.fixture(scope="module")
def installed() -> Outline:
    """The types of the installed google-genai."""
    pytest.importorskip("google.genai", reason="google-genai is not installed")
    return outline_sdk.read_outline()


@pytest.fixture(scope="module")
def taken_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas with stubs for what a release later than we know has: no test is about that."""
    place = tmp_path_factory.mktemp("taken up") / "schemas"
    shutil.copytree(schemas.folder(), place)
    if importlib.util.find_spec("google.genai"):
        differences.find_drift(write=True, folder=place)
    return place


@pytest.fixture
def folder(taken_up: Path, tmp_path: Path) -> Path:
    """A copy of the schemas that a test may change."""
    return Path(shutil.copytree(taken_up, tmp_path / "schemas"))


def held_against(version: str) -> None:
    """Skips for a release that is older than those the schemas are held against."""
    if is_before(version, OLDEST):
        pytest.skip(f"google-genai {version} is older than {OLDEST}: the schemas know more")


def news(version: str, found: list[str]) -> None:
    """Fails for what is found, if this release is known; tells it, if it is a later one."""
    if found and is_before(NEWEST, version):
        pytest.skip(f"news of google-genai {version}: {'; '.join(found)}")
    assert found == []


def edit(folder: Path, name: str, change: Edit) -> None:
    """Changes one schema of a copy."""
    path = folder / "interactions" / f"{name}.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def forget(folder: Path, dispatcher: str, tag: str, key: str = "type") -> None:
    """Takes a type out of a dispatcher, and nothing else."""

    def change(document: Any) -> None:
        told = document.get("properties", {}).get(key, {})
        if "enum" in told:
            told["enum"].remove(tag)
        document["allOf"] = [
            branch
            for branch in document["allOf"]
            if branch["if"].get("properties", {}).get(key) != {"const": tag}
        ]

    edit(folder, dispatcher, change)


def told(folder: Path, installed: Outline) -> set[str]:
    """What drift shows for a folder."""
    found = differences.compare_outlines(
        outline_schemas.read_outline(folder), installed, read_explanations(folder)
    )
    return {str(one) for one in found if not one.explanation}


def changes(folder: Path, installed: Outline) -> list[str]:
    """What drift shows for a folder and does not show for the schemas as they are."""
    return sorted(told(folder, installed) - told(schemas.folder(), installed))


@pytest.mark.usefixtures("installed")
def test_the_schemas_are_up_to_date() -> None:
    """With the releases they are held against, there is nothing but what is explained."""
    held_against(outline_sdk.version())
    found = differences.find_drift()
    news(outline_sdk.version(), [str(one) for one in found.unexplained()])
    [line] = differences.format_drift(found).splitlines()
    assert line == (
        f"drift: google-genai {outline_sdk.version()}: 0 new, 0 gone, "
        f"{len(found.differences)} explained"
    )
    assert (
        len(differences.format_drift(found, show_all=True).splitlines())
        == len(found.differences) + 1
    )


def test_the_names_are_up_to_date(installed: Outline) -> None:
    """The fake knows the models and agents of the SDK, which no schema lists."""
    held_against(outline_sdk.version())
    named: set[str] = set()
    for key in installed.roots["create"].objects.values():
        members = installed.shapes[key].members
        named |= members["model"].values | members["agent"].values
    assert len(named) > 30
    news(outline_sdk.version(), sorted(named - {*MODELS, *AGENTS}))


ROWS = read_rows(schemas.folder())
NAMES = [f"{', '.join(row.places)}: {', '.join(row.details)}" for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_every_explanation_explains_something(
    row: Explanation, installed: Outline, tmp_path: Path
) -> None:
    """No row is left over from differences that are no more."""
    held_against(outline_sdk.version())
    if row.before and not is_before(outline_sdk.version(), row.before):
        return
    ours = outline_schemas.read_outline(schemas.folder())
    everything = differences.compare_outlines(ours, installed, lambda *_: "")
    members = {"places": "where", "details": "what", "cause": "why"}
    alone = {members.get(key, key): value for key, value in asdict(row).items() if value}
    (tmp_path / "differences.json").write_text(json.dumps({"differences": [alone]}))
    explain = read_explanations(tmp_path, outline_sdk.version())
    left = differences.compare_outlines(ours, installed, explain)
    assert all(one.explanation.endswith(row.cause) for one in left if one.explanation)
    unexplained = [one for one in left if not one.explanation]
    # A row that leans on others explains one of the members that lead to a place.
    if len(unexplained) == len(everything):
        news(outline_sdk.version(), [f"it declares what this row says it lacks: {row}"])


def test_the_rows_have_the_members_they_are_said_to_have() -> None:
    """A side, places, and names of a kind; the words of `detail`."""
    assert len(ROWS) > 20
    for row in ROWS:
        assert row.more_in in ("SDK", "schemas")
        assert row.places
        assert row.cause
        assert {name.partition(" ")[0] for name in row.details} <= {
            "member",
            "type",
            "value",
            "demand",
        }


def test_a_folder_without_the_file_explains_nothing(tmp_path: Path) -> None:
    """As a copy of the schemas elsewhere may be."""
    assert read_explanations(tmp_path)("status", "gone", "value idle") == ""


def test_the_table_of_the_readme_is_that_of_the_rows() -> None:
    """`python -m tests.docs.printed` prints it."""
    page = (schemas.folder() / "README.md").read_text("utf-8")

    assert marked("differences").findall(page) == [the_differences() + "\n"]


def test_what_came_later_is_not_gone() -> None:
    """A row for older releases counts for them alone."""
    place = ("status", "gone", "value idle")
    for version in ("2.34.0", "3.4.0", "3.4.10", "3.5.0rc1"):
        said = read_explanations(schemas.folder(), version)(*place)
        assert said.startswith("not in this release yet, since 3.5.0: ")
    for version in ("", "3.5.0", "3.5.1", "3.10.0", "4.0.0"):
        assert read_explanations(schemas.folder(), version)(*place) == ""


@pytest.mark.parametrize(
    ("name", "change", "shown"),
    [
        (
            "usage",
            lambda it: it["properties"].pop("total_thought_tokens"),
            "new   usage: member total_thought_tokens",
        ),
        (
            "step/function_call",
            lambda it: it["$defs"]["started"]["properties"].pop("arguments"),
            "new   step/function_call: member arguments",
        ),
        (
            "status",
            lambda it: it["enum"].remove("queued"),
            "new   status: value queued",
        ),
        (
            "tool/google_maps",
            lambda it: it["properties"].pop("latitude"),
            "new   tool/google_maps: member latitude",
        ),
        (
            "event/step.start",
            lambda it: it["required"].remove("index"),
            "new   event/step.start: demand index",
        ),
        (
            "usage",
            lambda it: it["properties"].update(dreams={"type": "integer"}),
            "gone  usage: member dreams",
        ),
        (
            "status",
            lambda it: it["enum"].append("dozing"),
            "gone  status: value dozing",
        ),
        (
            "config/environment",
            lambda it: it["then"]["properties"].update(walls={"type": "string"}),
            "gone  config/environment: member walls",
        ),
        (
            "delta/text",
            lambda it: it["properties"].update(text={"type": "string", "enum": ["psst"]}),
            "gone  delta/text.text: value psst",
        ),
        (
            "tool",
            lambda it: it["properties"]["type"]["enum"].append("telescope"),
            "gone  tool: type telescope",
        ),
    ],
)
def test_one_change_is_one_difference(
    name: str, change: Edit, shown: str, folder: Path, installed: Outline
) -> None:
    """What is taken from the schemas is new, what is added is gone, and nothing else is told."""
    edit(folder, name, change)
    assert changes(folder, installed) == [shown]


@pytest.mark.parametrize(
    ("dispatcher", "tag", "key"),
    [
        ("step", "thought", "type"),
        ("delta", "thought_signature", "type"),
        ("content", "video", "type"),
        ("annotation", "word_info", "type"),
        ("tool", "mcp_server", "type"),
        ("agent_config", "deep-research", "type"),
        ("response_format", "image", "type"),
        ("event", "step.stop", "event_type"),
    ],
)
def test_a_type_is_missed_and_its_stub_is_written(
    dispatcher: str, tag: str, key: str, folder: Path, installed: Outline
) -> None:
    """A type that a dispatcher does not know is new; a stub for it makes drift quiet."""
    before = {path: path.read_bytes() for path in folder.glob("*/**/*.json")}
    target = find(folder, dispatcher, tag)
    forget(folder, dispatcher, tag, key)
    assert changes(folder, installed) == [f"new   {dispatcher}: type {tag}"]
    target.unlink()
    for other in ("started_step", "input/item", "input/block", "result_block"):
        if find(folder, other, tag) == target:
            forget(folder, other, tag)

    found = differences.find_drift(write=True, folder=folder)

    assert [one for one in found.unexplained("new") if tag in one.detail] == []
    assert target.relative_to(folder).as_posix() in found.written_files
    assert differences.format_drift(found).startswith("wrote ")
    assert [path for path in folder.glob("*/**/*.json") if path not in before] == []
    assert not list(folder.rglob("*.draft"))
    stub = json.loads(target.read_text())
    assert stub["$id"] == f"{schemas.BASE_URL}{target.relative_to(folder).as_posix()}"
    assert schemas.read_evidence(stub)[0] == "S"
    assert stub["properties"][key] == {"const": tag}
    assert validates(folder, dispatcher, {key: tag})
    name = target.relative_to(folder / "interactions").as_posix().removesuffix(".json")
    assert not validates(folder, name, {key: "another"})

    assert differences.find_drift(write=True, folder=folder).written_files == ()


def find(folder: Path, dispatcher: str, tag: str) -> Path:
    """The file that a dispatcher leads to; the dispatcher itself, where it leads nowhere."""
    path = folder / "interactions" / f"{dispatcher}.json"
    for branch in json.loads(path.read_text())["allOf"]:
        if {"const": tag} in branch["if"].get("properties", {}).values():
            reference: str = branch["then"]["$ref"]
            return (path.parent / reference.partition("#")[0]).resolve()
    return path


def validates(folder: Path, name: str, value: Any) -> bool:
    """Whether python-jsonschema takes a value, and every schema of the folder for one."""
    registry: referencing.Registry[Any] = referencing.Registry()
    for path in folder.glob("*/**/*.json"):
        document = json.loads(path.read_text())
        Draft202012Validator.check_schema(document)
        registry = registry.with_resource(document["$id"], DRAFT202012.create_resource(document))
    root = {"$ref": f"{schemas.BASE_URL}interactions/{name}.json"}
    try:
        Draft202012Validator(root, registry=registry).validate(value)
    except ValidationError:
        return False
    return True


@pytest.mark.usefixtures("installed")
def test_a_stub_is_added_where_and_as_the_schemas_are_written(folder: Path) -> None:
    """A dispatcher that gets its last type back is what it was, byte for byte."""
    path = folder / "interactions" / "delta.json"
    before = path.read_bytes()
    tag = json.loads(before)["properties"]["type"]["enum"][-1]
    forget(folder, "delta", tag)
    kept = find(schemas.folder(), "delta", tag).read_bytes()
    assert differences.find_drift(write=True, folder=folder).written_files == (
        "interactions/delta.json",
    )
    assert path.read_bytes() == before
    # The schema was still there: it is led to again, and stays as it was.
    assert find(folder, "delta", tag).read_bytes() == kept


@pytest.mark.usefixtures("installed")
def test_a_schema_that_is_there_is_led_to(folder: Path) -> None:
    """A dispatcher over two families leads to the one that has the type."""
    target = find(folder, "input/item", "video")
    forget(folder, "input/item", "video")
    assert differences.find_drift(write=True, folder=folder).written_files == (
        "interactions/input/item.json",
    )
    assert find(folder, "input/item", "video") == target


@pytest.mark.usefixtures("installed")
def test_nothing_is_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be written, none is changed."""
    for dispatcher in ("step", "started_step", "input/item"):
        forget(folder, dispatcher, "thought")
    (folder / "interactions/step/thought.json").unlink()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write_text = Path.write_text

    def full(path: Path, data: str, **options: Any) -> int:
        if "started_step" in path.name:
            raise OSError("the disk is full")
        return write_text(path, data, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="the disk is full"):
        differences.find_drift(write=True, folder=folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_without_the_sdk_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing google-genai is one line that says what to do."""
    monkeypatch.setitem(sys.modules, "google.genai", None)
    with pytest.raises(NoSdk, match="pip install google-genai") as caught:
        differences.find_drift()
    assert isinstance(caught.value, FakeGeminiError)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("installed")
def test_types_that_are_nowhere_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout that nobody knows is one line, too."""
    monkeypatch.setattr(outline_sdk, "_find_packages", lambda: [])
    with pytest.raises(NoSdk, match="no interactions types that we recognise"):
        differences.find_drift()


def outlined(*tags: str, values: frozenset[str] = frozenset(), **via: tuple[str, ...]) -> Outline:
    """An outline: two members that lead to one place, where different types may stand."""
    shapes = {
        tag: Shape(f"part/{tag}", {"type": Node("", frozenset({tag}))}) for tag in ("a", "b", "c")
    }
    members = {
        name: Node("part", objects={tag: tag for tag in via.get(name, tags)})
        for name in ("first", "second")
    }
    shapes["root"] = Shape("root", {**members, "mood": Node("root.mood", values)})
    return Outline({"root": Node("root", objects={"": "root"})}, shapes)


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        (outlined("a", "b"), outlined("a", "b"), []),
        (outlined("a", "b"), outlined("a", "b", "c"), ["new   part: type c"]),
        (outlined("a", "b", "c"), outlined("a", "b"), ["gone  part: type c"]),
        (
            outlined("a", "b", "c"),
            outlined("a", "b", "c", first=("a", "b")),
            ["gone  root.first: type c"],
        ),
        (
            outlined("a", "b"),
            outlined("a", "b", second=("a", "b", "c")),
            ["new   part: type c"],
        ),
        (
            outlined("a", values=frozenset({"glad"})),
            outlined("a", values=frozenset({"sad"})),
            ["gone  root.mood: value glad", "new   root.mood: value sad"],
        ),
    ],
)
def test_outlines_are_compared_without_an_sdk(
    ours: Outline, theirs: Outline, shown: list[str]
) -> None:
    """A place that two members lead to is told once, unless only one of them lacks something."""
    assert [str(one) for one in differences.compare_outlines(ours, theirs, lambda *_: "")] == shown
