"""What the fixture tells at a test's end: once, and only what the test did not expect."""

from __future__ import annotations

import pytest

SOURCE = '''
import asyncio
import json
import unittest
import urllib.error
import urllib.request

import pytest

from fakegemini import say

HTTPError = urllib.error.HTTPError


def ask(fake, model="nobody"):
    """One create, which raises where it is refused."""
    body = json.dumps({"model": model, "input": "Hi"}).encode()
    urllib.request.urlopen(f"{fake.url}/v1/interactions", body).close()


def swallow(fake):
    """Code under test that hides what goes wrong."""
    with pytest.MonkeyPatch.context():
        try:
            ask(fake)
        except HTTPError as error:
            error.close()

'''


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A pytest of its own."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    return pytester


def outcome(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    """Run a test file."""
    pytester.makepyfile(SOURCE + source)
    options = ("-p", "no:cacheprovider", "-p", "no:recording")
    return pytester.runpytest_subprocess(*options)


def test_a_refusal_is_expected_where_an_exception_is(run: pytest.Pytester) -> None:
    """By `pytest.raises` in each of its forms, `assertRaises`, or `expects_refusal`."""
    result = outcome(
        run,
        """
def test_raises(fakegemini):
    with pytest.raises(HTTPError, match="404") as caught:
        ask(fakegemini)
    caught.value.close()

def test_raises_of_a_function(fakegemini):
    pytest.raises(HTTPError, ask, fakegemini).value.close()

def test_assert_raises(fakegemini):
    with unittest.TestCase().assertRaises(HTTPError) as caught:
        ask(fakegemini)
    caught.exception.close()

def test_group(fakegemini):
    async def both():
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(ask, fakegemini))

    with pytest.RaisesGroup(HTTPError):
        asyncio.run(both())

def test_expects(fakegemini):
    with fakegemini.expects_refusal("not_found", status=404) as refusals:
        swallow(fakegemini)
    assert refusals[0].message == "Requested entity was not found."

def test_allowed(fakegemini):
    fakegemini.allow("refused")
    swallow(fakegemini)
""",
    )

    result.assert_outcomes(passed=6)


def test_a_refusal_that_nobody_expects_is_told(run: pytest.Pytester) -> None:
    """Swallowed, before or after a block, or in a block that catches something else."""
    result = outcome(
        run,
        """
def test_swallowed(fakegemini):
    swallow(fakegemini)

def test_before_a_block(fakegemini):
    swallow(fakegemini)
    with pytest.raises(HTTPError):
        ask(fakegemini)

def test_after_a_block(fakegemini):
    with pytest.raises(HTTPError):
        ask(fakegemini)
    swallow(fakegemini)
""",
    )

    result.assert_outcomes(passed=3, errors=3)
    result.stdout.fnmatch_lines(["*the fake knows no model 'nobody'*"])


def test_one_failure_is_told_once(run: pytest.Pytester) -> None:
    """A test that failed already gets what else went wrong as a section, not as an error."""
    result = outcome(
        run,
        """
@pytest.fixture
def broken(fakegemini):
    fakegemini.replies(say("never"))
    raise RuntimeError("the fixture")

def test_failed(fakegemini):
    fakegemini.replies(say("never asked for"))
    assert False, "the first failure"

def test_failed_in_a_fixture(broken):
    pass

@pytest.mark.xfail
def test_expected_to_fail(fakegemini):
    fakegemini.replies(say("x"))
    assert False

def test_skipped(fakegemini):
    fakegemini.replies(say("x"))
    pytest.skip()

def test_passed(fakegemini):
    fakegemini.replies(say("left over"))
""",
    )

    result.assert_outcomes(failed=1, errors=2, xfailed=1, skipped=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*the first failure*", "*fakegemini teardown*", "LeftOver: fakegemini has 1 reply left*"]
    )
