"""The shop's tests with unittest."""

import unittest

from shop.application import translate  # type: ignore[import-not-found]
from shop.client import describe, describe_soon  # type: ignore[import-not-found]

from fakegemini import Fake, say


class ShopTest(unittest.TestCase):
    """The fake is on the test."""

    gemini: Fake

    def test_describe(self) -> None:
        """By the client made at import."""
        self.gemini.replies(say("A lamp."))
        assert describe("a lamp") == "A lamp."

    def test_translate(self) -> None:
        """By the client in a cache."""
        self.gemini.replies(say("Lampe"))
        assert translate("lamp") == "Lampe"


class SoonTest(unittest.IsolatedAsyncioTestCase):
    """Asynchronously."""

    gemini: Fake

    async def test_soon(self) -> None:
        """By a client made in the test."""
        self.gemini.replies(say("A bed."))
        assert await describe_soon("a bed") == "A bed."
