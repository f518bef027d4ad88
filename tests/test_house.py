"""The laws of the house: how files lie, what names say, and which names are public.

A law that is broken fails with a work list: every offender, with file and line.
"""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

import fakegemini

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "fakegemini"
TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}

MOST_LINES, MOST_README_LINES = 350, 160
MOST_ROOMS, MOST_TOP_FILES = 14, 8
MOST_EMPTY_PERCENT = 1.0

SHARED_BASENAMES = {"__init__.py", "registry.py", "report.py"}

EMPTY = frozenset(
    """
    told untold said unsaid made left found kept shown given named unnamed asked wanted known
    seen unseen done sent unsent taken got gotten met held put heard spoken unspoken begun meant
    listed merged used unused drawn placed filled called gone come came went brought lost worded
    chosen picked built
    one another other others thing things stuff rest whole here there again later more most many
    few much same each what who how why
    helper helpers manager util utils misc info
    """.split()
)
"""Words that do not say what is meant: bare participles, and words that fit everything."""

DICTATED: dict[tuple[str, str], str] = {
    ("attribute", "said"): "`Ask.said` is public",
    ("attribute", "util"): "`importlib.util`",
    ("alias", "util"): "`importlib.util`",
}
"""(how it is used, an empty word): which library, or which public name of ours, dictates it."""

PUBLIC_MEMBERS: dict[tuple[str, str], str] = {
    ("contract/findings.py", "found"): "a member of the report of `check --format json`",
    ("fake/fake_faults.py", "named"): "`faults.named` is public",
    ("faults/presets.py", "named"): "`faults.named` is public",
    ("inspect/turns.py", "what"): "a member of `show --json`",
    ("inspect/turns.py", "asked"): "a member of `show --json`",
    ("inspect/turns.py", "later"): "a member of `show --json`",
    ("inspect/turns.py", "others"): "a member of `show --json`",
    ("protocol/ask.py", "said"): "`Ask.said` is public",
}
"""(the file that defines it, an empty word): what users see of it."""


class Name(NamedTuple):
    """An identifier where it is used or defined."""

    path: Path
    line: int
    use: str
    text: str
    defines: bool = False

    @property
    def empty(self) -> bool:
        """Whether it says nothing, and nobody but us chose it."""
        word = self.text.strip("_").lower()
        file = self.path.relative_to(PACKAGE).as_posix()
        is_ours_to_choose = (self.use, word) not in DICTATED and (file, word) not in PUBLIC_MEMBERS
        return word in EMPTY and is_ours_to_choose


def place(path: Path, line: int = 0) -> str:
    """The file as one would open it, at the line."""
    relative = path.relative_to(ROOT).as_posix()
    return f"{relative}:{line}" if line else relative


def demand_none(law: str, offenders: Iterable[str]) -> None:
    """Fail with the law and everything that breaks it."""
    lines = list(offenders)
    if lines:
        pytest.fail("\n".join([f"{law} ({len(lines)} offenders)", *lines]), pytrace=False)


# Files


def test_no_file_is_long() -> None:
    """A file that is longer has two subjects."""
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in TREES}

    demand_none(
        f"no file has more than {MOST_LINES} lines",
        (f"{place(path)}: {lines}" for path, lines in lengths.items() if lines > MOST_LINES),
    )


def test_basenames_are_unique() -> None:
    """An editor that opens files by name opens the right one."""
    paths = defaultdict(list)
    for path in TREES:
        paths[path.name].append(place(path))

    demand_none(
        f"no two files have one name, but for {', '.join(sorted(SHARED_BASENAMES))}",
        (
            f"{name}: {', '.join(places)}"
            for name, places in paths.items()
            if len(places) > 1 and name not in SHARED_BASENAMES
        ),
    )


def test_the_top_of_the_package_is_short() -> None:
    """Whoever opens the package sees its rooms at once."""
    rooms = {path.relative_to(PACKAGE).parts[0] for path in TREES if path.parent != PACKAGE}
    files = [path.name for path in TREES if path.parent == PACKAGE]
    files += [path.name for path in PACKAGE.glob("py.typed")]

    assert len(rooms) <= MOST_ROOMS, sorted(rooms)
    assert len(files) <= MOST_TOP_FILES, sorted(files)


def test_the_readme_is_short() -> None:
    """The first page is a page; all else is in `docs`."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()

    assert len(lines) <= MOST_README_LINES, f"README.md has {len(lines)} lines"


# Imports


class Edge(NamedTuple):
    """A file imports another; the line is that of the import."""

    source: Path
    line: int
    target: Path


def module_file(parts: Iterable[str]) -> Path | None:
    """The file of one of our modules or packages."""
    base = PACKAGE.joinpath(*parts)
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path in TREES), None)


def imported_names(path: Path, node: ast.AST) -> Iterator[tuple[tuple[str, ...], str]]:
    """(module below the package, name in it) of an import of ours; the name may be empty."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first, *inner = alias.name.split(".")
            if first == PACKAGE.name:
                yield tuple(inner), ""
    elif isinstance(node, ast.ImportFrom):
        module = tuple(node.module.split(".")) if node.module else ()
        if node.level:
            here = path.relative_to(PACKAGE).parent.parts
            module = (*here[: len(here) - node.level + 1], *module)
        elif module[0] == PACKAGE.name:
            module = module[1:]
        else:
            return
        for alias in node.names:
            yield module, alias.name


def edges() -> Iterator[Edge]:
    """Every import of one of our files by another, late ones and those for types included."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            for module, name in imported_names(path, node):
                target = module_file((*module, name)) if name else None
                target = target or module_file(module)
                if target and target != path:
                    yield Edge(path, getattr(node, "lineno", 0), target)


def circle_through(start: Path, graph: dict[Path, list[Edge]]) -> list[Edge]:
    """The shortest way from a file back to itself, nothing where there is none."""
    ways: list[list[Edge]] = [[edge] for edge in graph[start]]
    visited: set[Path] = set()
    for way in ways:  # grows while it is walked: breadth first
        target = way[-1].target
        if target == start:
            return way
        if target not in visited:
            visited.add(target)
            ways += [[*way, edge] for edge in graph[target]]
    return []


def test_no_files_import_in_a_circle() -> None:
    """A file can be read, and moved, without those that need it."""
    graph: dict[Path, list[Edge]] = defaultdict(list)
    for edge in edges():
        graph[edge.source].append(edge)
    for path in TREES:
        graph.setdefault(path, [])

    circles: dict[frozenset[Path], list[Edge]] = {}
    for path in TREES:
        circle = circle_through(path, graph)
        if circle:
            circles.setdefault(frozenset(edge.source for edge in circle), circle)

    demand_none(
        "no files import in a circle",
        (
            " -> ".join([*(place(edge.source, edge.line) for edge in circle), place(back.target)])
            for circle in circles.values()
            for back in circle[-1:]
        ),
    )


def test_a_circle_is_seen() -> None:
    """The law above is not blind: `a -> b -> c -> a` is told apart from `d -> a`."""
    a, b, c, d = map(Path, "abcd")
    graph = {source: [Edge(source, 1, target)] for source, target in pairwise((d, a, b, c, a))}

    assert [edge.source for edge in circle_through(b, graph)] == [b, c, a]
    assert circle_through(d, graph) == []


# Exceptions


def exception_names() -> set[str]:
    """The names of all exceptions: Python's, ours, and what derives from either."""
    classes = [
        (node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases})
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    raised = {
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
    raised |= {base for _, bases in classes for base in bases if base.endswith("Exception")}
    before = 0
    while len(raised) > before:
        before = len(raised)
        raised |= {name for name, bases in classes if bases & raised}
    return raised


def test_every_exception_is_in_one_file() -> None:
    """`errors.py` is the list of what can go wrong."""
    exceptions = exception_names()

    demand_none(
        "every exception class is in fakegemini/errors.py",
        (
            f"{place(path, node.lineno)}: {node.name}"
            for path, tree in TREES.items()
            if path != PACKAGE / "errors.py"
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and node.name in exceptions
        ),
    )


# Names


def names(path: Path) -> Iterator[Name]:
    """Every identifier of a file, as often as it occurs."""
    yield from _names_in(path, TREES[path], in_function=False)


def _names_in(path: Path, parent: ast.AST, *, in_function: bool) -> Iterator[Name]:
    for node in ast.iter_child_nodes(parent):
        line = getattr(node, "end_lineno", 0) or 0
        inner = in_function
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield Name(path, node.lineno, "function", node.name, defines=True)
                inner = True
            case ast.ClassDef():
                yield Name(path, node.lineno, "class", node.name, defines=True)
                inner = False
            case ast.Name():
                stored = isinstance(node.ctx, ast.Store) and not in_function
                local = isinstance(parent, ast.comprehension | ast.For)
                yield Name(path, line, "name", node.id, defines=stored and not local)
            case ast.Attribute():
                stored = isinstance(node.ctx, ast.Store)
                yield Name(path, line, "attribute", node.attr, defines=stored)
            case ast.arg():
                yield Name(path, node.lineno, "argument", node.arg)
            case ast.keyword() if node.arg:
                yield Name(path, line, "keyword", node.arg)
            case ast.alias():
                yield Name(path, line, "alias", (node.asname or node.name).rpartition(".")[2])
        yield from _names_in(path, node, in_function=inner)


def test_nothing_lasting_has_an_empty_name() -> None:
    """What others call, read or open says what it is: functions, classes, attributes, files."""
    defined = [name for path in TREES for name in names(path) if name.defines and name.empty]
    files = [path for path in TREES if path.stem.strip("_").lower() in EMPTY]

    demand_none(
        "no function, class, method, attribute, constant or file has a name that says nothing",
        [f"{place(name.path, name.line)}: {name.use} {name.text}" for name in defined]
        + [f"{place(path)}: file" for path in files],
    )


def test_few_names_are_empty() -> None:
    """A reader meets a word that says nothing once in a hundred at most."""
    everything = [name for path in TREES for name in names(path)]
    empty = [name for name in everything if name.empty]

    percent = 100 * len(empty) / len(everything)
    if percent > MOST_EMPTY_PERCENT:
        share = f"{len(empty)} of {len(everything)} identifiers, {percent:.2f} %"
        pytest.fail(
            f"at most {MOST_EMPTY_PERCENT} % of identifiers say nothing: {share}\n"
            + "\n".join(_work_list(empty)),
            pytrace=False,
        )


def _work_list(empty: list[Name]) -> Iterator[str]:
    """A line for each file and word, the worst file first."""
    by_file = Counter(name.path for name in empty)
    for path, _ in by_file.most_common():
        lines = defaultdict(list)
        for name in empty:
            if name.path == path:
                lines[name.text].append(name.line)
        for text, numbers in sorted(lines.items(), key=lambda pair: -len(pair[1])):
            shown = ",".join(map(str, sorted(set(numbers))))
            yield f"{place(path, min(numbers))}: {text} x{len(numbers)} (lines {shown})"


def test_every_exemption_is_needed() -> None:
    """A name that nobody uses any more loses its exemption."""
    used = {(name.use, name.text.strip("_").lower()) for path in TREES for name in names(path)}

    assert {word for _, word in DICTATED} <= EMPTY
    assert set(DICTATED) <= used
    defined = {
        (name.path.relative_to(PACKAGE).as_posix(), name.text)
        for path in TREES
        for name in names(path)
        if name.defines
    }
    assert set(PUBLIC_MEMBERS) <= defined


# What is there is used

FOR_OTHERS: dict[str, str] = {
    "forget_openings": "benchmarks begin each round as a new process does",
    "forget_texts": "benchmarks begin each round as a new process does",
    "load_commands": "tests and pages go through all commands",
    "at_work": "tests wait until no thread is at work",
    "evidence_in_words": "the tables of the pages are printed of it",
    "clear_faults": "`Fake.clear_faults` is public",
    "parent_of": "`Requests.parent_of` is public",
}
"""A name that nothing in the package reads: who else does."""

CALLED_BY_LIBRARIES = {
    *("list_commands", "data_received", "eof_received", "serialize"),  # click, uvicorn, vcrpy
    *("runtest", "repr_failure", "reportinfo"),  # pytest
}
"""Methods by which a library calls what we derive from its classes; hooks of pytest besides."""


def own_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each function, class, method and constant that a file defines."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                registered = any(isinstance(call, ast.Call) for call in node.decorator_list)
                if not registered:  # `@rule(…)`, `@refusal(…)`: the table of its kind reads it
                    yield node.lineno, node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield node.lineno, name


def test_every_name_is_used() -> None:
    """What nothing reads any more is taken away with what read it."""
    words = Counter(word for path in TREES for word in re.findall(r"\w+", path.read_text("utf-8")))
    unread = {
        name: place(path, line)
        for path, tree in TREES.items()
        for line, name in own_names(tree)
        if words[name] == 1 and not name.startswith(("__", "pytest_"))
    }

    demand_none(
        "every name is read somewhere in the package, or has a row in FOR_OTHERS",
        (
            f"{where}: {name}"
            for name, where in unread.items()
            if name not in FOR_OTHERS and name not in CALLED_BY_LIBRARIES
        ),
    )
    assert {*FOR_OTHERS} <= {*unread}, "rows of FOR_OTHERS that are not needed any more"


def test_each_name_is_imported_from_its_home() -> None:
    """No file passes on what another defines, but for the packages that say so in `__all__`."""
    demand_none(
        "no file imports a name `as` itself, for others to import it from there",
        (
            f"{place(path, node.lineno)}: {alias.name}"
            for path, tree in TREES.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
            if alias.asname == alias.name
        ),
    )


# The public names


def test_public_names_are_those_that_are_type_checked() -> None:
    """`tests/typing/api.py` uses each public name, and no other."""
    tree = ast.parse((ROOT / "tests" / "typing" / "api.py").read_text("utf-8"))

    checked = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "fakegemini"
        for alias in node.names
    }

    assert sorted(checked) == sorted(fakegemini.__all__)


LOAD_EACH = """
import sys
for line in sys.argv[1:]:
    for module in [name for name in sys.modules if name.partition(".")[0] == "fakegemini"]:
        del sys.modules[module]
    exec(line)
"""


def test_each_name_loads_first() -> None:
    """Whichever name of a package that loads its names late is imported first, it is there."""
    lines = [
        f"from {package} import {name}"
        for path, tree in TREES.items()
        if "__getattr__" in {getattr(node, "name", "") for node in tree.body}
        for package in [".".join(path.parent.relative_to(ROOT).parts)]
        for name in import_module(package).__all__
    ]
    command = [sys.executable, "-c", LOAD_EACH, *lines]

    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)

    assert len(lines) > len(fakegemini.__all__)
    assert result.returncode == 0, result.stderr
