"""The import law, and two habits: no list of step types, and a sentence for whoever reads."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "fakegemini"
FILES = sorted(PACKAGE.rglob("*.py"))
TYPES = {path.stem for path in (ROOT / "schemas" / "interactions" / "step").glob("*.json")}
MOST = 5

ORDER = (
    *("wording", "errors", "wire", "protocol", "faults", "recordings", "contract", "model"),
    *("resilience", "fake", "doors", "record", "inspect", "strategies", "pytest_plugin", "cli"),
    *("vcr", "__main__", ""),
)
"""The rooms of the house: each imports from those before it, late imports included."""

PURE = ("wording", "errors", "wire", "protocol", "faults", "model")
"""The rooms that compute and do not act."""

ACTS: dict[str, set[str]] = {
    "wire/bounded_patterns.py": {"regex"},  # the time limit of an engine; decides nothing else
    "model/values/schema_patterns.py": {"jsonschema_rs"},  # its patterns alone
    "protocol/schemas.py": {"pathlib", "jsonschema_rs"},  # the schemas lie in the package
    "protocol/refusals/schema_error.py": {"jsonschema_rs"},  # for the type of its errors alone
}
"""Which file of theirs may do what, all the same."""

IMPURE = {
    "asyncio",
    "concurrent",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "uuid",
}
"""What the pure parts never import: they compute, others act."""

THIRD: dict[str, set[str]] = {
    **{f"cli/{path.name}": {"click"} for path in (PACKAGE / "cli").glob("*.py")},
    **{f"pytest_plugin/{path.name}": {"pytest"} for path in (PACKAGE / "pytest_plugin").glob("*")},
    **{f"strategies/{path.name}": {"hypothesis"} for path in (PACKAGE / "strategies").glob("*.py")},
}
"""Which file may load which third-party package together with itself."""

MOST_OF: dict[str, int] = {
    "protocol/steps.py": 6,  # a row each, for those that stream otherwise than the rule says
    "contract/rules/call_pairs.py": 6,  # a recorded fact each, for those that have one
}
"""Which file may name a few more."""


@dataclass(frozen=True)
class Import:
    """One import: our own part, or a package; `late` where loading the file does not do it."""

    ours: bool
    name: str
    late: bool


def part(path: Path) -> str:
    """The part of ours that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def late_nodes(tree: ast.Module) -> set[ast.AST]:
    """Everything inside functions and under `if TYPE_CHECKING`."""
    late: set[ast.AST] = set()
    for node in ast.walk(tree):
        types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            late.update(ast.walk(node))
    return late


def imports(path: Path) -> Iterator[Import]:
    """All imports of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    late = late_nodes(tree)
    here = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(False, alias.name.partition(".")[0], node in late)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield Import(False, (node.module or "").partition(".")[0], node in late)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1]
            inner = (*base, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                whole = inner or (alias.name if _is_part(alias.name) else "",)
                yield Import(True, whole[0], node in late)


def _is_part(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def each(files: list[Path]) -> list[Any]:
    """The files as cases, named by their place."""
    return [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in files]


def test_every_part_has_its_law() -> None:
    """A new part says what it may know."""
    assert {part(path) for path in FILES} <= set(ORDER)


@pytest.mark.parametrize("path", each(FILES))
def test_a_file_imports_from_the_rooms_before_its_own(path: Path) -> None:
    """Imports point one way, the late ones and those for types as well."""
    if part(path) == "":
        return
    mine = ORDER.index(part(path))

    broken = [
        one for one in imports(path) if one.ours and one.name and ORDER.index(one.name) > mine
    ]

    assert broken == []


@pytest.mark.parametrize("path", each(FILES))
def test_third_party_packages_load_late(path: Path) -> None:
    """Loading a part of ours loads us and the standard library."""
    allowed = THIRD.get(path.relative_to(PACKAGE).as_posix(), set())

    third = {
        one.name
        for one in imports(path)
        if not one.ours and not one.late and one.name not in sys.stdlib_module_names
    }

    assert third <= allowed


@pytest.mark.parametrize("path", each([path for path in FILES if part(path) in PURE]))
def test_the_pure_parts_do_not_act(path: Path) -> None:
    """No clock, no chance, no thread, no file, no socket: not even late."""
    used = {one.name for one in imports(path) if not one.ours}

    allowed = ACTS.get(path.relative_to(PACKAGE).as_posix(), set())
    assert used - allowed <= sys.stdlib_module_names | {"__future__"}
    assert used & IMPURE <= allowed


def test_no_step_type_is_lost() -> None:
    """Whoever adds one counts it here, so that a file that is gone is missed."""
    assert len(TYPES) == 23


@pytest.mark.parametrize("path", each([path for path in FILES if part(path) != "model"]))
def test_no_file_lists_step_types(path: Path) -> None:
    """A new step type is a schema, not a change in five places; only the model must choose."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    named = texts & TYPES

    assert len(named) <= MOST_OF.get(path.relative_to(PACKAGE).as_posix(), MOST), sorted(named)


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, Named]]:
    """The public functions, classes and methods, properties included."""
    for node in body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield inside + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", each(FILES))
def test_everything_public_says_what_it_is(path: Path) -> None:
    """A docstring each, the module's own included."""
    tree = ast.parse(path.read_text("utf-8"))
    if tree.body:
        assert ast.get_docstring(tree)

    bare = [name for name, node in public(tree.body) if not ast.get_docstring(node)]

    assert bare == []
