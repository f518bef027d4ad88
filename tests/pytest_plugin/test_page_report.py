"""`--fakegemini-report`: what all tests asked, in one page."""

from __future__ import annotations

import json

import pytest

TESTS = """
import urllib.request


def ask(fakegemini, text):
    body = ('{"model": "gemini-3.5-flash", "input": "%s"}' % text).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(fakegemini.url + "/v1/interactions", body).read()


def test_good(fakegemini):
    ask(fakegemini, "from the good one")


def test_bad(fakegemini):
    ask(fakegemini, "from the bad one")
    assert False
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_every_request_is_under_its_test(pytester: pytest.Pytester, workers: tuple[str]) -> None:
    """Those of workers as well; a test that fails says where its conversation is."""
    pytester.makepyfile(TESTS)

    run = pytester.runpytest_subprocess("--fakegemini-report", "report.json", *workers)

    run.assert_outcomes(passed=1, failed=1)
    report = json.loads((pytester.path / "report.json").read_text("utf-8"))
    texts = {
        each["group"].rpartition("::")[2]: each["body"]["input"] for each in report["exchanges"]
    }
    assert texts == {"test_good": "from the good one", "test_bad": "from the bad one"}
    assert [each["n"] for each in report["exchanges"]] == [1, 2]
    run.stdout.fnmatch_lines(["*What was asked and answered: report.json#test=*test_bad"])
    run.stdout.fnmatch_lines(["fakegemini: 2 requests are in report.json"])


def test_a_folder_that_is_not_there_is_named_at_once(pytester: pytest.Pytester) -> None:
    """Before a test runs."""
    run = pytester.runpytest_subprocess("--fakegemini-report", "no/report.html")

    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["ERROR: --fakegemini-report no/report.html: there is no folder*"])
