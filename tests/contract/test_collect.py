"""Recordings as tests: `--fakegemini-check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakegemini.recordings.read import files_in, read_exchanges
from tests.scenarios import CASSETTES


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in a project of its own, without our configuration."""
    ini = pytester.makeini("[pytest]")
    return pytester.runpytest_inprocess(
        "-c",
        str(ini),
        "--rootdir",
        str(pytester.path),
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        *arguments,
    )


def text() -> str:
    """A good cassette."""
    return (CASSETTES / "chain.yaml").read_text(encoding="utf-8")


def test_each_exchange_is_a_test(pytester: pytest.Pytester) -> None:
    """The exchanges of a good cassette pass, one by one."""
    result = run(pytester, "--fakegemini-check", str(CASSETTES / "chain.yaml"), "-v")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*::1 POST create PASSED*"])


def test_a_folder_is_searched(pytester: pytest.Pytester) -> None:
    """A folder gives the exchanges of all its recordings, beside the project's tests."""
    pytester.makepyfile("def test_one(): pass")

    result = run(pytester, "--fakegemini-check", str(CASSETTES), str(pytester.path))

    exchanges = sum(len(read_exchanges(file)) for file in files_in(CASSETTES))
    result.assert_outcomes(passed=exchanges + 1)


def test_a_violation_fails_its_exchange(pytester: pytest.Pytester) -> None:
    """Only the exchange with the violation fails, with the finding and without a traceback."""
    bad = text().replace('"total_output_tokens": 4', '"total_output_tokens": 5', 1)
    pytester.path.joinpath("bad.yaml").write_text(bad, encoding="utf-8")

    result = run(pytester, "--fakegemini-check", "bad.yaml")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["violation bad.yaml #1 response.body.usage.total_tokens: *"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(("option", "failed"), [([], 0), (["--fakegemini-check-strict"], 1)])
def test_drift_fails_where_it_is_asked_for(
    option: list[str], failed: int, pytester: pytest.Pytester
) -> None:
    """What nobody had seen passes, and fails with the strict option."""
    new = text().replace('"service_tier":', '"mood":"calm","service_tier":', 1)
    pytester.path.joinpath("new.yaml").write_text(new, encoding="utf-8")

    result = run(pytester, "--fakegemini-check", "new.yaml", *option)

    result.assert_outcomes(passed=3 - failed, failed=failed)


@pytest.mark.parametrize("content", ["{", "interactions: []\nversion: 1\n", "\0"])
def test_what_cannot_be_checked_is_an_error(content: str, pytester: pytest.Pytester) -> None:
    """A file that cannot be read, or holds nothing of ours, is never a pass."""
    pytester.path.joinpath("odd.yaml").write_text(content, encoding="utf-8")

    result = run(pytester, "--fakegemini-check", "odd.yaml")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*could not check *odd.yaml*"])


def test_without_the_option_nothing_is_collected(pytester: pytest.Pytester) -> None:
    """A cassette beside the tests is no test unless it is asked for."""
    Path(pytester.path / "tape.yaml").write_text(text(), encoding="utf-8")
    pytester.makepyfile("def test_one(): pass")

    run(pytester).assert_outcomes(passed=1)
