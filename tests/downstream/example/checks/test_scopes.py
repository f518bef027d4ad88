"""The shop's tests that share a fake, draw examples, or are of unittest without a fixture."""

import unittest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop.application import translate  # type: ignore[import-not-found]
from shop.client import describe, describe_soon  # type: ignore[import-not-found]

from fakegemini import Fake, FakeMixin, fake_fixture

shared = fake_fixture("module", seed="shop")


@pytest.fixture(scope="module", autouse=True)
def shared_defaults(shared: Fake) -> None:
    """What all tests of the module have, where no fake of their own answers."""
    shared.default("By default.")


@pytest.mark.parametrize("number", range(2))
def test_shared(shared: Fake, fakegemini: Fake, number: int) -> None:
    """The fake of the test answers, the shared one is beside it."""
    fakegemini.replies(f"A lamp, number {number}.")

    assert describe("a lamp") == f"A lamp, number {number}."
    assert not shared.requests


@pytest.mark.fakegemini(per_example=True)
@settings(max_examples=10, deadline=None)
@given(text=st.text("abc", min_size=1))
def test_each_example(fakegemini: Fake, text: str) -> None:
    """Each example has a fake that knows nothing."""
    fakegemini.replies(text)

    assert describe("anything") == text
    assert len(fakegemini.requests) == 1


@pytest.mark.anyio
async def test_anyio(fakegemini: Fake) -> None:
    """With anyio."""
    fakegemini.replies("A bed.")

    assert await describe_soon("a bed") == "A bed."


class MixinTest(FakeMixin, unittest.TestCase):
    """The fake is the mixin's."""

    def test_describe(self) -> None:
        """By the client made at import."""
        self.fake.replies("A chair.")
        assert describe("a chair") == "A chair."

    def test_translate(self) -> None:
        """By the client in a cache."""
        self.fake.replies("Stuhl")
        assert translate("chair") == "Stuhl"


class MixinSoonTest(FakeMixin, unittest.IsolatedAsyncioTestCase):
    """Asynchronously."""

    async def test_soon(self) -> None:
        """By a client made in the test."""
        self.fake.replies("A sofa.")
        assert await describe_soon("a sofa") == "A sofa."
