"""The shop's tests with pytest: each way to ask, in every order."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop.application import create_app, translate  # type: ignore[import-not-found]
from shop.client import describe, describe_soon  # type: ignore[import-not-found]
from shop.worker import submit  # type: ignore[import-not-found]

from fakegemini import Fake, say

APP = create_app()


@pytest.mark.parametrize("number", range(3))
def test_describe(fakegemini: Fake, number: int) -> None:
    """By the client made at import."""
    fakegemini.replies(say(f"A lamp, number {number}."))

    assert describe("a lamp") == f"A lamp, number {number}."
    assert fakegemini.requests[0].json()["input"] == "Describe a lamp."


@pytest.mark.parametrize("number", range(3))
def test_chat(fakegemini: Fake, number: int) -> None:
    """By the state of an application, made at import."""
    fakegemini.replies(say("Hello."))
    fakegemini.replies(say("Yes."))

    assert APP.chat(f"customer {number}", "Hi") == "Hello."
    assert APP.chat(f"customer {number}", "Is it open?") == "Yes."
    first, second = fakegemini.requests
    assert fakegemini.requests.parent_of(second) is first


@pytest.mark.parametrize("number", range(3))
def test_translate(fakegemini: Fake, number: int) -> None:
    """By a client in a cache, as a stream."""
    fakegemini.replies(say(f"Lampe {number}"))

    assert translate("lamp") == f"Lampe {number}"


@pytest.mark.parametrize("number", range(3))
def test_worker(fakegemini: Fake, number: int) -> None:
    """By a thread that lives longer than the test."""
    fakegemini.replies(say(f"Done {number}."))

    assert submit("work").result(timeout=20) == f"Done {number}."


@pytest.mark.parametrize("number", range(2))
def test_command(fakegemini: Fake, number: int) -> None:
    """By a process of its own."""
    fakegemini.replies(say(f"A chair {number}."))

    printed = subprocess.check_output([sys.executable, "-m", "shop", "a chair"], text=True)

    assert printed == f"A chair {number}.\n"
    assert len(fakegemini.requests) == 1


def test_without_naming_it() -> None:
    """A test that does not name the fixture has the model that nobody scripted."""
    assert describe("a table")


@pytest.mark.asyncio
@pytest.mark.parametrize("number", range(2))
async def test_soon(fakegemini: Fake, number: int) -> None:
    """Asynchronously."""
    fakegemini.replies(say(f"A bed {number}."))

    assert await describe_soon("a bed") == f"A bed {number}."


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text("abc", min_size=1))
def test_anything(fakegemini: Fake, text: str) -> None:
    """With Hypothesis: the fake forgets before each example."""
    fakegemini.reset()
    fakegemini.replies(say(text))

    assert describe("anything") == text
    assert len(fakegemini.requests) == 1
