"""Recording under pytest: names of files, tests that share one, what replaces nothing good."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakegemini import Fake, Reply, Request
from fakegemini.doors.loopback import serve
from fakegemini.recordings.cassette import load_cassette
from tests.pytest_plugin.test_cassettes import cassette
from tests.pytest_plugin.test_fixture import Run, run

__all__ = ["run"]

pytest.importorskip("httpx")


@contextmanager
def upstream(status: int = 200) -> Iterator[tuple[Fake, str]]:
    """A live API with models of its own, or one that only refuses."""
    fake = Fake(seed="upstream")

    def handle(request: Request) -> Reply:
        if status == 200:
            return fake.handle(request)
        body = b'{"error": {"code": "resource_exhausted", "message": "Quota."}}'
        return Reply(status, (("content-type", "application/json"),), (body,))

    with serve(handle) as url:
        yield fake, f"--fakegemini-upstream={url}"


NAMED = """
import pytest

@pytest.mark.fakegemini
@pytest.mark.parametrize("value", {values!r}, ids=str)
def test_it(value, fakegemini):
    status, body = ask(input=value)
    assert status == 200
"""


def test_every_test_has_a_file_of_its_own(run: Run, pytester: pytest.Pytester) -> None:
    """Whatever is in its name, and however long that is."""
    values = ["a/b", "a:b", "a-b", "a|b", "a::b", "New York", "New-York", "x" * 300, "x" * 299]
    values += ["http://x.org", "http:--x.org", "é", "a\tb"]
    source = NAMED.format(values=values)

    with upstream() as (_, to):
        run(source, "--fakegemini-record=once", to).assert_outcomes(passed=len(values))
    replayed = run(source)

    replayed.assert_outcomes(passed=len(values))
    replayed.stdout.no_fnmatch_line("*no test plays it*")
    folder = pytester.path / "cassettes" / "test_every_test_has_a_file_of_its_own"
    assert len(list(folder.glob("*.yaml"))) == len(values)
    assert all(len(path.name.encode()) <= 165 for path in folder.iterdir())


ALIKE = """
import pytest

@pytest.mark.fakegemini
@pytest.mark.parametrize("value", {values!r}, ids=str)
class {name}:
    def test_it(self, value, fakegemini):
        assert ask(input=value)[0] == 200

    def test_It(self, value, fakegemini):
        assert ask(input="It " + value)[0] == 200
"""
INI = "[pytest]\ndisable_test_id_escaping_and_forfeit_all_rights_to_community_support = true\n"


@pytest.mark.parametrize(
    ("class_name", "way"),
    [
        ("TestAlike", "together"),
        ("TestAlike", "one by one"),
        ("TestAlike", "in two workers"),
        ("Con", "together"),
        ("nul", "together"),
    ],
)
def test_no_two_tests_share_a_file_on_any_disk(
    class_name: str, way: str, run: Run, pytester: pytest.Pytester
) -> None:
    """Names that differ in case, in Unicode's forms, or are those of devices of Windows."""
    values = ["x", "X", "\u00e9", "e\u0301", "\u00c9", "con", "a. ", "a.", "a:b", "a?b"]
    source = ALIKE.format(values=values, name=class_name)
    fold = INI + f"python_classes = {class_name}\n"
    pytester.makefile(".ini", folding=fold + "asyncio_default_fixture_loop_scope = function\n")
    ini = ("-c", str(pytester.path / "folding.ini"), "--rootdir", str(pytester.path))
    parts: dict[str, list[tuple[str, ...]]] = {
        "in two workers": [("-n", "2")],
        "one by one": [("-k", "test_It"), ()],
    }
    with upstream() as (_, to):
        for part in parts.get(way, [()]):
            result = run(source, *ini, "--fakegemini-record=once", to, *part)
            assert result.ret == 0
    replayed = run(source, *ini)

    replayed.assert_outcomes(passed=2 * len(values))
    (folder,) = (pytester.path / "cassettes").iterdir()
    names = [unicodedata.normalize("NFD", path.name.casefold()) for path in folder.glob("*.yaml")]
    assert len(names) == len(set(names)) == 2 * len(values)
    devices = ("con", "nul", "prn", "aux")
    assert not any(name.partition(".")[0] in devices for name in names)
    assert not any(re.search(r'[<>:"/\\|?*]|[. ]$', name) for name in names)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("New York", "test_it[New York]"),
        ("New York", "test_it[New-York]"),  # as earlier versions wrote it
        ("http://x.org", "test_it[http---x.org]"),
        ("http://x.org", "test_it[http-x.org]"),
        ("a::b", "test_it[a--b]"),
    ],
)
def test_files_of_pytest_recording_are_found(
    value: str, name: str, run: Run, pytester: pytest.Pytester
) -> None:
    """Where it, or an earlier version, put them."""
    folder = pytester.path / "cassettes" / "test_files_of_pytest_recording_are_found"
    cassette(folder / f"{name}.yaml", "Hello.")

    result = run(NAMED.format(values=[value]).replace("input=value", ""))

    result.assert_outcomes(passed=1)


SHARED = """
import pytest

@pytest.mark.fakegemini("shared")
@pytest.mark.parametrize("value", ["One", "Two", "Three", "Four"])
def test_it(value, fakegemini):
    status, body = ask(input="Hello")
    status, body = ask(input=value, previous_interaction_id=body["id"])
    assert status == 200, body
"""


@pytest.mark.parametrize("mode", ["once", "rewrite", "all"])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_tests_that_share_a_cassette_are_all_in_it(
    mode: str, workers: tuple[str, ...], run: Run, pytester: pytest.Pytester
) -> None:
    """A run of pytest records the file, not each test for itself."""
    path = pytester.path / "cassettes" / "shared.yaml"
    if mode != "once":
        cassette(path, "Of before.")

    with upstream() as (_, to):
        options = (f"--fakegemini-record={mode}", to, *workers)
        recorded = run(SHARED, *options)
    replayed = run(SHARED)

    recorded.assert_outcomes(passed=4)
    replayed.assert_outcomes(passed=4)
    asked = {entry.exchange.request_json["input"] for entry in load_cassette(path).exchanges}
    assert asked - {"Hi"} == {"Hello", "One", "Two", "Three", "Four"}
    assert ("Hi" in asked) == (mode == "all")


FAILING = """
import pytest

@pytest.mark.fakegemini("good")
def test_it():
    status, body = ask(input="Hi")
    {check}
"""


@pytest.mark.parametrize(
    ("check", "status", "reason"),
    [
        ("assert False", 200, "the test failed"),
        ("assert status == 429", 429, "exchange 1 was answered 429"),
        ("assert status == 503", 503, "exchange 1 was answered 503"),
    ],
)
@pytest.mark.parametrize("mode", ["rewrite", "all"])
def test_a_bad_day_replaces_nothing_good(
    check: str, status: int, reason: str, mode: str, run: Run, pytester: pytest.Pytester
) -> None:
    """It is kept beside, and saved where somebody says so."""
    path = pytester.path / "cassettes" / "good.yaml"
    cassette(path, "Good.")
    before = path.read_bytes()
    source = FAILING.format(check=check)

    with upstream(status) as (_, to):
        result = run(source, f"--fakegemini-record={mode}", to)
        kept = path.read_bytes()
        run(source, f"--fakegemini-record={mode}", "--fakegemini-record-failed", to)

    result.stdout.fnmatch_lines([f"*good.yaml is as it was: {reason}. *"])
    assert kept == before
    assert path.read_bytes() != before


def test_an_empty_file_is_recorded_anew(run: Run, pytester: pytest.Pytester) -> None:
    """A full disk leaves one."""
    path = pytester.path / "cassettes" / "good.yaml"
    path.parent.mkdir()
    for mode in ("once", "rewrite", "all", "new_episodes"):
        path.write_bytes(b"")
        with upstream() as (_, to):
            result = run(FAILING.format(check=""), f"--fakegemini-record={mode}", to)
        result.assert_outcomes(passed=1)
        assert len(load_cassette(path).exchanges) == 1


def test_a_marker_records_nothing_in_ci(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the command line does."""
    source = FAILING.format(check="").replace('"good"', '"good", record="once"')
    monkeypatch.setenv("CI", "true")
    with upstream() as (fake, to):
        refused = run(source, to)
        assert not list(fake.requests)
        told = run(source, to, "--fakegemini-record=once")

    refused.assert_outcomes(errors=1)
    refused.stdout.fnmatch_lines(["*good.yaml: there is no such cassette. In CI a marker alone*"])
    told.assert_outcomes(passed=1)


@pytest.mark.parametrize("chosen", [("-k", "first"), ("test_other.py",), ("--deselect=x",)])
def test_a_part_of_the_suite_finds_no_orphans(
    chosen: tuple[str, ...], run: Run, pytester: pytest.Pytester
) -> None:
    """The rest of it may play them."""
    folder: Path = pytester.path / "cassettes"
    cassette(folder / "first.yaml", "One.")
    cassette(folder / "orphan.yaml", "Two.")
    source = """
import pytest

@pytest.mark.fakegemini("first")
def test_first():
    ask()
"""
    pytester.makepyfile(test_other="from test_a_part_of_the_suite_finds_no_orphans import *")

    assert "orphan.yaml: no test plays it" in run(source).stdout.str()
    assert "no test plays it" not in run(source, *chosen).stdout.str()
