"""A fake without the fixture: `running` in unittest and scripts; and the fixture's own levels."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

import pytest

from fakegemini import BadScript, LeftOver, Refused, running, say
from fakegemini.doors.sdk_variables import sdk_variables

NAMES = [*sdk_variables(""), "NO_PROXY", "no_proxy"]
BODY = b'{"model": "gemini-3.5-flash", "input": "Hi"}'


def environment() -> list[str | None]:
    """What SDKs read."""
    return [os.environ.get(name) for name in NAMES]


def ask(body: bytes = BODY) -> bytes:
    """One create at the address of the environment."""
    url = f"{os.environ['GOOGLE_GEMINI_BASE_URL']}/v1/interactions"
    try:
        with urllib.request.urlopen(url, body) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.read()


def test_it_serves_and_sets_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And undoes it, whatever was there before."""
    monkeypatch.setenv("GOOGLE_API_KEY", "mine")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    before = environment()

    with running(seed=3) as fake:
        fake.replies(say("Bonjour"))
        assert b"Bonjour" in ask()
        assert os.environ["GOOGLE_GEMINI_BASE_URL"] == fake.url
        assert "GOOGLE_API_KEY" not in os.environ
        assert os.environ["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"

    assert environment() == before


def test_it_checks_at_its_end() -> None:
    """As the fixture does."""
    with pytest.raises(LeftOver), running() as fake:
        fake.replies(say("never"))
    with pytest.raises(Refused, match="the fake knows no model"), running():
        ask(b'{"model": "nobody", "input": "Hi"}')


def test_it_tells_one_failure_once() -> None:
    """What the block raises goes before what is left over."""
    before = environment()

    def fail() -> None:
        with running() as fake:
            fake.replies(say("never"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert environment() == before


def test_it_takes_the_options_of_a_fake() -> None:
    """A wrong one is one sentence."""
    with pytest.raises(BadScript, match="decode_limit="), running(decode_limit=0):
        pass
    with running(any_model=True):
        assert b'"steps"' in ask(b'{"model": "nobody", "input": "Hi"}')


def test_a_tests_own_replies_go_before_those_of_its_fixtures(pytester: pytest.Pytester) -> None:
    """Whether the fixture scripts before or after; a default of the suite fails no test."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makeconftest(
        """
import pytest

@pytest.fixture(autouse=True)
def suite(fakegemini):
    fakegemini.default("default")

@pytest.fixture
def greeting(fakegemini):
    fakegemini.replies("fixture")
"""
    )
    pytester.makepyfile(
        """
import json, urllib.request

def ask(fake):
    body = b'{"model": "gemini-3.5-flash", "input": "Hi"}'
    with urllib.request.urlopen(f"{fake.url}/v1/interactions", body) as response:
        return json.load(response)["steps"][-1]["content"][0]["text"]

def test_silent(fakegemini):
    pass

def test_own(fakegemini, greeting):
    fakegemini.replies("own")
    assert [ask(fakegemini) for _ in range(3)] == ["own", "fixture", "default"]

def test_left(fakegemini, greeting):
    pass
"""
    )

    options = ("-p", "no:cacheprovider", "-p", "no:recording")
    result = pytester.runpytest_subprocess(*options)

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*LeftOver: fakegemini has 1 reply left*"])
