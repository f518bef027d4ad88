"""`--fakegemini-drop-unplayed`: what no test played goes, after a whole run that is green."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import say
from fakegemini.errors import NotWritten, Unreadable
from fakegemini.recordings.cassette import load_any_cassette
from fakegemini.recordings.drop_entries import drop_entries
from fakegemini.recordings.vcr_file import parse_vcr_text
from tests.pytest_plugin.test_cassettes import cassette
from tests.pytest_plugin.test_fixture import Run, run
from tests.scenarios import Client, dump

__all__ = ["run"]

DROP = "--fakegemini-drop-unplayed"

SUITE = """
import pytest

@pytest.mark.fakegemini("hello")
def test_first():
    ask()

@pytest.mark.fakegemini("hello")
def test_third():
    ask(input="Hi 2")
"""


@pytest.fixture
def hello(pytester: pytest.Pytester) -> Path:
    """A cassette of four turns, two of which the suite plays."""
    path: Path = pytester.path / "cassettes" / "hello.yaml"
    cassette(path, "One.", "Two.", "Three.", "Four.")
    return path


def inputs(path: Path) -> list[str]:
    """What a cassette asks."""
    exchanges = load_any_cassette(path).exchanges
    return [one.exchange.request_json["input"] for one in exchanges if one.exchange.request_body]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_what_no_test_played_goes(workers: list[str], run: Run, hello: Path) -> None:
    """Of all tests together, in workers too; it is told, and the rest replays as before."""
    if workers:
        pytest.importorskip("xdist")

    result = run(SUITE, DROP, *workers)

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["*hello.yaml: dropped 2 exchanges (2, 4) that no test played", "*2 passed*"]
    )
    assert inputs(hello) == ["Hi", "Hi 2"]
    before = hello.read_bytes()
    again = run(SUITE, DROP, *workers)
    again.assert_outcomes(passed=2)
    again.stdout.no_fnmatch_line("*dropped*")
    assert hello.read_bytes() == before


FAILING = SUITE + "\ndef test_other():\n    assert 0\n"
SKIPPED = SUITE + "\n@pytest.mark.skip\ndef test_other():\n    pass\n"
EXPECTED = SUITE + "\n@pytest.mark.xfail\ndef test_other():\n    assert 0\n"
SKIPPING = SUITE + "\ndef test_other():\n    pytest.skip('later')\n"
TEARDOWN = SUITE + (
    "\n@pytest.fixture\ndef odd():\n    yield\n    assert 0\n\ndef test_other(odd):\n    pass\n"
)


@pytest.mark.parametrize(
    ("source", "options", "reason"),
    [
        (FAILING, (), "*test_other failed"),
        (TEARDOWN, (), "*test_other failed"),
        (FAILING, ("-n", "2"), "*test_other failed"),
        (SKIPPED, (), "*test_other did not run to a pass"),
        (SKIPPED, ("-n", "2"), "*test_other did not run to a pass"),
        (SKIPPING, (), "*test_other did not run to a pass"),
        (EXPECTED, (), "*test_other did not run to a pass"),
        (SUITE, ("-k", "first"), "-k leaves tests out"),
        (SUITE, ("-m", "fakegemini"), "-m leaves tests out"),
        (SUITE, ("test_part.py",), "test_part.py is not the whole suite"),
        (SUITE, ("test_part.py::test_first",), "*test_first is not the whole suite"),
        (SUITE, ("sub",), "* was not collected as a whole"),
        (SUITE, ("--collect-only",), "--collect-only leaves tests out"),
        (SUITE, ("--setup-plan",), "--setup-plan leaves tests out"),
        (SUITE, ("--deselect", "test_part.py::test_third"), "--deselect leaves tests out"),
        (SUITE, ("-p", "shard"), "*test_third did not run to a pass"),
    ],
)
def test_nothing_goes_after_any_other_run(
    source: str,
    options: tuple[str, ...],
    reason: str,
    run: Run,
    hello: Path,
    pytester: pytest.Pytester,
) -> None:
    """Who left something out, failed or skipped does not know what the rest plays."""
    if "-n" in options:
        pytest.importorskip("xdist")
    before = hello.read_bytes()
    pytester.mkdir("sub").joinpath("test_sub.py").write_text("def test_it(): pass\n", "utf-8")
    pytester.path.joinpath("test_part.py").write_text("", encoding="utf-8")
    pytester.makepyfile(shard="def pytest_collection_modifyitems(items):\n    del items[-1]\n")
    name = "test_nothing_goes_after_any_other_run.py"
    shown = [option.replace("test_part.py", name) for option in options]

    result = run(source, DROP, *shown)

    told = reason.replace("test_part.py", name)
    result.stdout.fnmatch_lines([f"--fakegemini-drop-unplayed drops nothing: {told}"])
    assert hello.read_bytes() == before


@pytest.mark.parametrize(
    "broken", ["import nothing_of_this_name", "import pytest\npytest.importorskip('no_such_x')"]
)
def test_a_file_that_is_not_collected(
    broken: str, run: Run, hello: Path, pytester: pytest.Pytester
) -> None:
    """It may play what nobody else does."""
    before = hello.read_bytes()
    pytester.path.joinpath("test_broken.py").write_text(broken + "\n", encoding="utf-8")
    result = run(SUITE, DROP)
    result.stdout.fnmatch_lines(["*drops nothing: *test_broken.py was not collected*"])
    assert hello.read_bytes() == before


def test_whoever_plays_counts(run: Run, hello: Path) -> None:
    """Another fake of the process, one that is reset, a folder, an example of Hypothesis."""
    result = run(
        """
import fakegemini as library
import pytest

def test_fixture(fakegemini):
    fakegemini.play("cassettes")
    ask()
    fakegemini.reset()

def test_running():
    with library.running() as fake:
        fake.play("cassettes/hello.yaml")
        ask(fake.url, input="Hi 1")

class TestMixin(library.FakeMixin, __import__("unittest").TestCase):
    def test_it(self):
        self.fake.play("cassettes/hello.yaml")
        ask(self.fake.url, input="Hi 3")
""",
        DROP,
    )
    assert result.ret == 0, result.stdout.str()
    assert inputs(hello) == ["Hi", "Hi 1", "Hi 3"]
    result.stdout.fnmatch_lines(["*dropped 1 exchange (3) that no test played"])


def test_a_conversation_stays_reachable(run: Run, pytester: pytest.Pytester) -> None:
    """What a played turn continues stays, and its later life; a branch nobody took goes."""

    def scene(client: Client) -> None:
        client.fake.replies(say("A."), times=9)
        first = client.create(input="One")
        second = client.create(input="Two", previous_interaction_id=first["id"])
        client.create(input="Branch", previous_interaction_id=first["id"])
        client.get(second["id"])
        client.create(input="Alone")
        client.get(first["id"])

    path = pytester.path / "cassettes" / "talk.yaml"
    path.parent.mkdir()
    client = Client()
    scene(client)
    path.write_text(dump(client.exchanges), encoding="utf-8")
    source = """
import pytest

@pytest.mark.fakegemini("talk")
def test_talk():
    _, first = ask(input="One")
    status, _ = ask(input="Two", previous_interaction_id=first["id"])
    assert status == 200
"""
    result = run(source, DROP)
    result.stdout.fnmatch_lines(["*dropped 2 exchanges (3, 5) that no test played"])
    assert inputs(path) == ["One", "Two", "Alone"][:2]
    assert len(load_any_cassette(path).exchanges) == 4
    run(source, DROP).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('fakegemini.play("cassettes/hello.yaml")', "no test asked for any exchange; it stays"),
        ('fakegemini.play("OUTSIDE"); ask()', "it stays, since it is outside of the project"),
    ],
)
def test_what_stays(
    source: str, told: str, run: Run, hello: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No file becomes empty, and none of another project is touched."""
    outside = tmp_path_factory.mktemp("outside") / "other.yaml"
    cassette(outside, "One.", "Two.")
    before = hello.read_bytes(), outside.read_bytes()
    result = run(
        f"def test_it(fakegemini):\n    {source.replace('OUTSIDE', outside.as_posix())}\n", DROP
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*{told}*"])
    assert (hello.read_bytes(), outside.read_bytes()) == before


def test_what_is_played_without_a_marker_is_no_orphan(
    run: Run, hello: Path, pytester: pytest.Pytester
) -> None:
    """The report of a whole run names those alone that nobody plays."""
    cassette(hello.parent / "played.yaml", "One.")
    cassette(hello.parent / "orphan.yaml", "One.")
    result = run(
        SUITE + "\ndef test_other(fakegemini):\n"
        "    fakegemini.play('cassettes/played.yaml')\n    ask()\n"
    )
    result.stdout.fnmatch_lines(["*orphan.yaml: no test plays it"])
    result.stdout.no_fnmatch_line("*played.yaml: no test plays it")


def test_a_folder_is_not_the_whole_suite(run: Run, hello: Path, pytester: pytest.Pytester) -> None:
    """Nor are the orphans of a part told; testpaths say what the whole is."""
    cassette(hello.parent / "orphan.yaml", "One.")
    folder = pytester.mkdir("part")
    folder.joinpath("test_part.py").write_text(
        "import pytest\n@pytest.mark.fakegemini('../cassettes/hello.yaml')\n"
        "def test_it(fakegemini): pass\n",
        encoding="utf-8",
    )
    assert "no test plays it" not in run("", "part").stdout.str()
    assert "orphan.yaml: no test plays it" in run("", ".").stdout.str()
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\ntestpaths = part\n")
    assert "orphan.yaml: no test plays it" in run("").stdout.str()
    assert "orphan.yaml: no test plays it" in run("", "part").stdout.str()


def written(path: Path, form: str, count: int) -> Path:
    """A cassette in one of the forms that people have, with as many turns."""
    yaml = path / "tape.yaml"
    cassette(yaml, *(f"Answer {number}." for number in range(count)), head=HEAD)
    text = yaml.read_text("utf-8")
    value = parse_vcr_text(text, yaml)
    texts: dict[str, Callable[[], str]] = {
        "ours": lambda: text,
        "crlf": lambda: text.replace("\n", "\r\n"),
        "bom": lambda: "\ufeff" + text,
        "vcrpy": lambda: dump_plainly(value),
        "comments": lambda: text.replace("- request:", "# a word\n- request:"),
        "json": lambda: json.dumps(value, indent=4),
        "small json": lambda: json.dumps(value, separators=(",", ":")),
    }
    file = path / ("tape.json" if "json" in form else "tape.yaml")
    file.write_bytes(texts[form]().encode())
    return file


def dump_plainly(value: Any) -> str:
    """As vcrpy writes."""
    import yaml

    return str(yaml.dump(value, Dumper=yaml.SafeDumper))


HEAD = "fakegemini:\n  recorded: '2026-05-01'\n"
FORMS = ["ours", "crlf", "bom", "vcrpy", "comments", "json", "small json"]


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_any_exchanges_of_any_form(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The others are as they were, and so is every line that is not theirs."""
    form = data.draw(st.sampled_from(FORMS))
    count = data.draw(st.integers(2, 5))
    dropped = data.draw(st.sets(st.integers(1, count), min_size=1, max_size=count - 1))
    file = written(tmp_path_factory.mktemp("forms"), form, count)
    before, raw = load_any_cassette(file), file.read_bytes()

    drop_entries(file, dropped)

    after = load_any_cassette(file)
    kept = [one.exchange for one in before.exchanges if one.exchange.number not in dropped]
    assert after.head == before.head
    assert [(one.exchange.uri, one.exchange.request_body, one.exchange.response_body)
            for one in after.exchanges] == [
        (one.uri, one.request_body, one.response_body) for one in kept]  # fmt: skip
    lines = raw.splitlines()
    if "json" not in form:
        assert all(line in lines for line in file.read_bytes().splitlines())


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("interactions:\n- a\n- b\nversion: 1\n", NotWritten, "no exchange would be left"),
        ("interactions: [a, b, c]\nversion: 1\n", NotWritten, "cannot be taken out of its text"),
        ("interactions:\n- &x a\n- b\n- *x\n", NotWritten, "cannot be taken out of its text"),
        ("interactions: 3\n", Unreadable, "no list `interactions`"),
        ("- 3\n", Unreadable, "no list `interactions`"),
    ],
)
def test_a_text_that_cannot_be_cut(
    text: str, error: type[Exception], told: str, tmp_path: Path
) -> None:
    """It stays as it was, and one sentence says so."""
    file = tmp_path / "tape.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=told):
        drop_entries(file, {1, 2})
    assert file.read_text("utf-8") == text
