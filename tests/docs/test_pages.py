"""README and docs: what they show runs as it is pasted, and what they list is what there is."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

import fakegemini
from fakegemini import Fake
from fakegemini.cli import main
from fakegemini.cli.main import load_commands
from fakegemini.errors import BadScript
from fakegemini.fake.control.script_file import ScriptFile
from fakegemini.protocol import schemas
from fakegemini.protocol.eras import CURRENT_ERA
from fakegemini.pytest_plugin import marker
from tests.docs.pages import PAGES, README, ROOT, Block, Page, page, rows
from tests.docs.printed import PRINTED, fault_makers, marked
from tests.inner_runs import ADDOPTS, WITH_HYPOTHESIS, without

BLOCKS = [block for page in PAGES for block in page.blocks]
WITH_CONSOLE = [page for page in PAGES if any(b.language == "console" for b in page.blocks)]
LANGUAGES = {"python", "sh", "console", "json", "yaml", "toml", "ini", "text", "mermaid"}
LANGUAGES |= {"js", "go", "java", "ruby", "bash"}  # `test_languages.py` runs them
PORT = "8787"
"""The port that the pages show; another one is taken for it."""

SHELL = re.compile(r"[|&;<>$]")
SERVE = "fakegemini serve"


def by_name(pages: list[Page]) -> list[Any]:
    """The pages as cases."""
    return [pytest.param(one, id=one.name) for one in pages]


def blocks(*languages: str) -> list[Any]:
    """The blocks of these languages as cases."""
    return [pytest.param(one, id=str(one)) for one in BLOCKS if one.language in languages]


def environment() -> dict[str, str]:
    """What a reader's shell has: our commands, and nothing of the tests that run."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GOOGLE_", "GEMINI_", "PYTEST_", "COV_"))
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), bare.get("PATH", "")])
    words = {"PATH": path, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    # asyncio stands beside ours here, and warns about what its user has not set.
    return bare | words | {ADDOPTS: f"{without('asyncio')} {WITH_HYPOTHESIS}"}


# Their form


def test_the_readme_fits_a_few_screens() -> None:
    """It says what this is, and where the rest stands."""
    assert len(README.read_text("utf-8").splitlines()) <= 160


def test_every_page_is_in_the_readme() -> None:
    """And the README names no other."""
    linked = {link.partition("#")[0] for link in Page(README).links}

    assert {f"docs/{one.path.name}" for one in PAGES[1:]} <= linked


@pytest.mark.parametrize("one", by_name(PAGES))
def test_every_link_leads_somewhere(one: Page) -> None:
    """To a file that is there, and to a heading in it."""
    lost = []
    for link in one.links:
        name, _, anchor = link.partition("#")
        target = (one.path.parent / name).resolve() if name else one.path
        if not target.exists() or (anchor and anchor not in Page(target).anchors):
            lost.append(link)

    assert lost == []


@pytest.mark.parametrize("one", by_name(PAGES))
def test_every_page_begins_with_its_use_and_an_example(one: Page) -> None:
    """A title, what it is for, and a block that runs before the second heading."""
    head, _, _ = one.text.partition("\n## ")

    assert head.startswith("# ")
    assert re.search(r"^```(python|console|yaml|json)", head, re.MULTILINE), head


@pytest.mark.parametrize("one", by_name(PAGES))
def test_every_block_says_its_language(one: Page) -> None:
    """One of those that are run or read here."""
    assert {block.language for block in one.blocks} <= LANGUAGES


@pytest.mark.parametrize("name", PRINTED)
def test_what_is_printed_is_current(name: str) -> None:
    """The tables and diagrams are those of the code: `python -m tests.docs.printed`."""
    found = [text for one in PAGES for text in marked(name).findall(one.text)]

    assert found == [PRINTED[name]() + "\n"]


def test_the_default_era_is_told() -> None:
    """The one that a fake has unless it is told another."""
    assert f'`Fake(era="{CURRENT_ERA.name}")`\nis the default' in page("docs/server.md").text


# Their blocks


def test_every_test_of_the_pages_passes(tmp_path: Path) -> None:
    """As it is pasted: a file each, in one run of pytest."""
    pytest.importorskip("google.genai")
    pasted = [block for block in BLOCKS if block.tests]
    for number, block in enumerate(pasted):
        name = f"test_{Path(block.page).stem.lower()}_{block.line}_{number}.py"
        tmp_path.joinpath(name).write_text(block.text, "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    count = sum(block.text.count("def test_") for block in pasted)
    assert f"{count} passed" in done.stdout


RUNNER = """
import contextlib, io, json, os, sys, tempfile, traceback

for text in json.load(sys.stdin):
    os.chdir(tempfile.mkdtemp(dir=sys.argv[1]))
    out, failed = io.StringIO(), ""
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(text, "pasted", "exec"), {"__name__": "__main__"})
        except BaseException:
            failed = traceback.format_exc()
    print(json.dumps([out.getvalue(), failed]))
"""


def test_every_program_of_the_pages_runs(tmp_path: Path) -> None:
    """As it is pasted, and each `print` says what the comment behind it says."""
    pytest.importorskip("google.genai")
    pasted = [block for block in BLOCKS if block.program]

    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(tmp_path)],
        input=json.dumps([block.text for block in pasted]),
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    for block, line in zip(pasted, done.stdout.splitlines(), strict=True):
        said, failed = json.loads(line)
        assert not failed, f"{block}\n{failed}"
        differs = difference(said.splitlines(), printed_by(block.text))
        assert not differs, f"{block}\n{differs}"


def printed_by(text: str) -> list[str]:
    """What the comments behind its calls of `print` say."""
    return re.findall(r"^ *print\(.*\)  # (.*)$", text, re.MULTILINE)


def difference(said: list[str], shown: list[str]) -> str:
    """How an output differs from what a page shows; `…` stands for anything, a line or lines."""
    pattern = "\n".join(
        "(?:.*\n)*?.*" if line == "…" else re.escape(line).replace("…", ".*") for line in shown
    )
    if re.fullmatch(pattern, "\n".join(said)):
        return ""
    return "\n".join(["it shows", *shown, "", "and it is", *said])


class Terminal:
    """Runs what a page tells its reader to run, in a folder of the page's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[subprocess.Popen[str]] = []
        self._port = PORT

    def close(self) -> None:
        """Ctrl-C for the servers."""
        for server in self._servers:
            server.kill()
            server.communicate()

    def run(self, command: str) -> list[str]:
        """The lines that a command prints."""
        if command.startswith(SERVE):
            return self._serve(command)
        words = shlex.split(command)
        starts_program = words[1:2] in (["record"], ["run"])
        if words[:1] == ["fakegemini"] and not starts_program and not SHELL.search(command):
            with contextlib.chdir(self._folder):
                outcome = CliRunner().invoke(main, words[1:])
            return outcome.output.rstrip("\n").splitlines()
        needed = [tool for tool in ("curl", "jq") if tool in command and not shutil.which(tool)]
        if needed:
            pytest.skip(f"{', '.join(needed)} is not here")
        done = subprocess.run(
            ["bash", "-c", command.replace(PORT, self._port)],
            cwd=self._folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
        return done.stdout.replace(self._port, PORT).rstrip("\n").splitlines()

    def _serve(self, command: str) -> list[str]:
        server = subprocess.Popen(
            [sys.executable, "-m", *shlex.split(command), "--port", "0"],
            cwd=self._folder,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._servers.append(server)
        assert server.stdout
        lines = []
        for line in server.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Stop it"):
                break
        self._port = lines[0].rpartition(":")[2]
        return [line.replace(self._port, PORT) for line in lines]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in an empty folder."""
    made = Terminal(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("one", by_name(WITH_CONSOLE))
def test_every_console_shows_what_is_printed(one: Page, terminal: Terminal, tmp_path: Path) -> None:
    """From the top of the page to its end: files are saved, commands are run."""
    if any("genai" in block.text for block in one.blocks if block.file):
        pytest.importorskip("google.genai")
    if "In a checkout of this repository" in one.text:
        shutil.copytree(ROOT / "cassettes", tmp_path / "cassettes")
    for block in one.blocks:
        if block.file:
            file = tmp_path / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        if block.language != "console":
            continue
        for shown in re.split(r"^(?=\$ )", block.text, flags=re.MULTILINE)[1:]:
            command, *lines = shown.rstrip("\n").splitlines()
            differs = difference(terminal.run(command.removeprefix("$ ")), lines)
            assert not differs, f"{block} {command}\n{differs}"


@pytest.mark.parametrize("block", blocks("sh", "console"))
def test_every_command_takes_what_it_is_given(block: Block) -> None:
    """Its words are of the shell, its options are those of our commands."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    for line in lines:
        assert subprocess.run(["bash", "-n", "-c", line]).returncode == 0, line
        for words in parts(line):
            if Path(words[0]).name == "fakegemini":
                command = load_commands()[words[1]]
                with click.Context(command) as context:
                    command.make_parser(context).parse_args(words[2:])


def parts(line: str) -> Iterator[list[str]]:
    """The words of each command in a line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for operator, words in groupby(lexer, lambda word: set(word) <= set("|&;")):
        if not operator:
            yield [*words]


@pytest.mark.parametrize("block", blocks("json", "yaml", "toml", "ini"))
def test_every_file_is_one(block: Block, tmp_path: Path) -> None:
    """It can be read, and what a fake is told fits its form."""
    if block.language == "toml":
        assert tomllib.loads(block.text)
        return
    if block.language == "ini":
        settings = ConfigParser()
        settings.read_string(block.text)
        assert settings.sections() == ["pytest"]
        return
    value = json.loads(block.text) if block.language == "json" else yaml.safe_load(block.text)
    if {"interactions", "steps"} & set(value):
        return  # a recording: the commands behind it read it
    if block.language == "yaml":
        file = tmp_path / "script.yaml"
        file.write_text(block.text, "utf-8")
        ScriptFile(file, Fake())
        return
    forms = [{"replies": [value]}, {"rules": [value]}, {"faults": [value]}]
    assert sum(_loads(form) for form in forms) == 1


def _loads(form: Any) -> bool:
    try:
        Fake().control.load(form)
    except BadScript:
        return False
    return True


@pytest.mark.parametrize("block", [one for one in BLOCKS if "def script(" in one.text], ids=str)
def test_every_script_in_python_is_one(block: Block, tmp_path: Path) -> None:
    """It loads as it stands."""
    file = tmp_path / "script.py"
    file.write_text(block.text, "utf-8")

    ScriptFile(file, Fake())


# What they list


def commands() -> Iterator[tuple[str, str]]:
    """Every command with each of its options."""
    for name, command in load_commands().items():
        yield name, ""
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield name, max(parameter.opts, key=len)


@pytest.mark.parametrize(("command", "option"), list(commands()))
def test_every_option_is_on_a_page(command: str, option: str) -> None:
    """On a page that also says what the command is for."""
    said = [one for one in PAGES if f"fakegemini {command}" in one.text]

    assert said
    assert not option or any(re.search(rf"`[^`\n]*{option}\b", one.text) for one in said)


def test_every_option_of_pytest_is_on_the_page() -> None:
    """Those of the plugin, and no other."""
    source = (ROOT / "fakegemini" / "pytest_plugin" / "__init__.py").read_text("utf-8")
    there = set(re.findall(r'"(--fakegemini-[\w-]+)"', source))

    assert there
    assert set(re.findall(r"--fakegemini-[\w-]+", page("docs/pytest.md").text)) == there


def test_every_option_of_the_marker_is_on_the_page() -> None:
    """And of `play` and of a fake, whose options it takes."""
    text = page("docs/replay.md").text + page("docs/pytest.md").text

    assert [name for name in marker._OPTIONS if f"| `{name}` |" not in text] == []


def test_every_route_is_on_the_page() -> None:
    """The table lists what answers, and nothing else."""
    listed = [row[0].strip("`") for row in rows(page("docs/control.md").section("## Routes"))]

    assert sorted(listed) == sorted(Fake().control.routes)


@pytest.mark.parametrize("form", ["reply", "rule", "fault"])
def test_every_member_of_a_form_is_on_the_page(form: str) -> None:
    """Each name of each form."""
    section = page("docs/control.md").section("## Forms")
    members = schemas.document(f"control/{form}", closed=True)["properties"]

    assert [name for name in members if f"`{name}`" not in section] == []


def test_every_fault_is_on_the_page() -> None:
    """The constructors by their rows, all other names in a sentence."""
    from fakegemini import faults

    text = page("docs/faults.md").text
    listed = [row[0].strip("`").partition("(")[0] for row in rows(text)]

    assert sorted(listed) == sorted([*fault_makers(), *faults.PRESETS])
    rest = set(faults.__all__) - set(fault_makers())
    assert [name for name in rest if f"`faults.{name}" not in text] == []


STRINGS = "\n".join(
    " ".join(node.value.split())
    for path in sorted((ROOT / "fakegemini").rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
)
"""Every text in our code."""


def error_texts() -> list[str]:
    """The error texts that have a heading."""
    headings = re.findall(r"^### (.*`.*)$", page("docs/troubleshooting.md").text, re.MULTILINE)
    return [text for heading in headings for text in re.findall(r"`([^`]+)`", heading)]


@pytest.mark.parametrize("text", error_texts())
def test_every_error_text_is_one_of_ours(text: str) -> None:
    """What the page explains, the code says."""
    assert text in STRINGS


def test_a_difference_is_told() -> None:
    """What holds the pages against the outputs sees where they part."""
    assert not difference(["a 12 b", "x", "y", "z"], ["a … b", "…", "z"])
    assert difference(["a"], ["a", "b"])
    assert "and it is" in difference(["a"], ["b"])
    with contextlib.redirect_stdout(io.StringIO()):
        assert printed_by("print(1)  # 1\n    print('b')  # b\nprint(2)\n") == ["1", "b"]


def listed(heading: str) -> list[str]:
    """The names in the first column of the tables under a heading of the API page."""
    table = rows(page("docs/api.md").section(f"## {heading}"))
    return [name for row in table for name in re.findall(r"`([^`]+)`", row[0])]


@pytest.mark.parametrize(
    "module",
    [
        "fakegemini",
        "fakegemini.contract",
        "fakegemini.faults",
        "fakegemini.resilience",
        "fakegemini.strategies",
    ],
)
def test_every_public_name_is_on_the_page(module: str) -> None:
    """What a module promises, and no more."""
    promised = import_module(module)

    assert sorted(listed(module)) == sorted(promised.__all__)
    assert [name for name in promised.__all__ if not hasattr(promised, name)] == []


def test_every_member_of_a_fake_is_on_the_page() -> None:
    """Methods, properties and what each fake has."""
    fake = Fake()

    assert sorted(listed("Fake")) == sorted(name for name in dir(fake) if not name.startswith("_"))


@pytest.mark.parametrize("heading", ["Ask", "Model", "Agent"])
def test_every_member_that_the_page_names_is_there(heading: str) -> None:
    """Of the records that tests read or make."""
    names = {field.name for field in dataclasses.fields(getattr(fakegemini, heading))}
    assert set(listed(heading)) <= {*dir(getattr(fakegemini, heading)), *names}
    assert heading == "Ask" or names == set(listed(heading))


@pytest.mark.parametrize(
    "module", ["fakegemini.doors.loopback", "fakegemini.vcr", "fakegemini.wire.sse"]
)
def test_every_name_that_the_page_names_is_there(module: str) -> None:
    """Of the modules that promise a part of theirs."""
    assert [name for name in listed(module) if not hasattr(import_module(module), name)] == []
