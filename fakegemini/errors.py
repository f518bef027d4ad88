"""Every exception we raise on purpose, by who has to act: your test, your code, or the server."""

from __future__ import annotations


class FakeGeminiError(Exception):
    """Whatever fakegemini raises on purpose."""


class TestIsWrong(FakeGeminiError):
    """The test, or the way it drives fakegemini, has a mistake."""

    __test__ = False


class IllegalMove(TestIsWrong):
    """An interaction was moved to a status that it cannot reach from where it is."""


class BadScript(TestIsWrong):
    """A scripted reply cannot be what a server says."""


class Unscripted(FakeGeminiError, AssertionError):
    """The code under test asked for something that the test's script does not answer."""


class NotOnTape(FakeGeminiError, AssertionError):
    """The code under test asked for something that the cassette does not hold."""


class LeftOver(FakeGeminiError, AssertionError):
    """The script has replies that nobody asked for."""


class Refused(FakeGeminiError, AssertionError):
    """The code under test sent a request that the live server refuses for its shape."""


class ContractBreach(FakeGeminiError, AssertionError):
    """Traffic is not what the live server was recorded to do."""
