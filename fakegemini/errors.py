"""Define every exception we raise on purpose, grouped by who has to act.

Your test: `TestIsWrong` and its kinds. Your code: what `check()` raises at a test's end. The
server's contract moved: `ContractBreach`. Your files: a cassette, a script or a secret in them.
The machine: a port, a package or a command.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from .wording import spell_json_path, spell_unsafe


class VerdictRow(Protocol):
    """One day of a table of verdicts, see `fakegemini.resilience.Verdict`."""

    @property
    def day(self) -> str:
        """Return the name of the day."""

    @property
    def verdict(self) -> str:
        """Return how it went: good, bad, or not applicable."""

    @property
    def client_did(self) -> str:
        """Return what the client did."""


class VerdictTable(Protocol):
    """A table of verdicts, see `fakegemini.resilience.Verdicts`."""

    @property
    def bad(self) -> Sequence[str]:
        """Return the names of the days that went badly."""

    def of(self, verdict: str, /) -> Sequence[str]:
        """Return the names of the days with that verdict."""

    def __iter__(self) -> Iterator[VerdictRow]: ...


class FakeGeminiError(Exception):
    """The base of every error that fakegemini raises on purpose and that users may meet.

    Its text may quote what came from outside, so it steers neither a terminal nor a CI.
    """

    def __str__(self) -> str:
        return spell_unsafe(super().__str__())


# Your test


class TestIsWrong(FakeGeminiError):
    """The test, or the way it drives fakegemini, has a mistake."""

    __test__ = False


class IllegalMove(TestIsWrong):
    """An interaction was moved to a status that it cannot reach from where it is."""


class BadScript(TestIsWrong):
    """A scripted reply cannot be what a server says."""


class UnknownAttribute(TestIsWrong, AttributeError):
    """A fake has no attribute of that name, or not one that can be set."""


class FormMistake(BadScript):
    """A JSON form has a mistake; `path` is where: the member names and list positions to it."""

    def __init__(self, path: tuple[str | int, ...], text: str) -> None:
        super().__init__(f"{spell_json_path(path) or 'the script'} {text}")
        self.path = path


class SlowPattern(TestIsWrong):
    """A pattern of the user's took too long on a text, or has no engine that is bounded in time."""


class HandlerEnded(FakeGeminiError):
    """A handler ended with what is no `Exception`, in the middle of its reply."""


class FunctionEnded(BaseException):
    """Raised inside of a function of the test's that is still at work when the test is over."""


class OutcomeInside(TestIsWrong):
    """A function of the test's ended the test, in the middle of a request; `outcome` is how.

    The request is answered with this text; the test gets the outcome itself.
    """

    def __init__(self, text: str, outcome: BaseException) -> None:
        super().__init__(text)
        self.outcome = outcome


class GoodDayFailed(FakeGeminiError, AssertionError):
    """The code under test failed on the good day, when nothing was done to it."""


class Contradiction(FakeGeminiError, AssertionError):
    """A scripted reply is one that no model could give to the request that it answers."""


# Your code


class Unscripted(FakeGeminiError, AssertionError):
    """The code under test asked for something that the test's script does not answer."""


class NotOnTape(FakeGeminiError, AssertionError):
    """The code under test asked for something that the cassette does not hold.

    summary: a line for a recording that goes on with it, empty where there is nothing to say
    """

    def __init__(self, text: str = "", summary: str = "") -> None:
        super().__init__(text)
        self.summary = summary


class BlockedCall(FakeGeminiError, AssertionError):
    """A test was about to reach the live API, which `--fakegemini-block` forbids."""


class LeftOver(FakeGeminiError, AssertionError):
    """The script has replies that no request took."""


class Refused(FakeGeminiError, AssertionError):
    """The code under test sent a request that the live server refuses for its shape."""


class NotRefused(FakeGeminiError, AssertionError):
    """The test expects a refusal, and the code under test sent nothing that is refused so."""


class NotResilient(FakeGeminiError, AssertionError):
    """The code under test did badly on at least one day; `verdicts` are all of them."""

    def __init__(self, verdicts: VerdictTable) -> None:
        super().__init__(f"The code under test did badly: {', '.join(verdicts.bad)}.\n\n{verdicts}")
        self.verdicts = verdicts


# The server's contract


class ContractBreach(FakeGeminiError, AssertionError):
    """Traffic is not what the live server was recorded to do."""


class AmbiguousUnion(FakeGeminiError):
    """Several unions of an SDK could be the same one, and none of them has its name."""


class NoSdk(FakeGeminiError):
    """google-genai is not installed, or its types are laid out in a way we do not know."""


# Your files


class Unreadable(FakeGeminiError):
    """A file could not be read as a recording; the text names file and line."""


class OddEntry(ValueError):
    """A member of a recorded exchange cannot be read; the text begins with its path."""


class NoInteraction(FakeGeminiError):
    """A recorded answer is no interaction; the text begins with the path of what is odd in it."""


class AttachmentLost(ValueError):
    """A value is not beside its cassette, or not what it was; the text says which."""


class NotWritten(FakeGeminiError):
    """A file could not be written; what was there before still is."""


class CassetteBusy(FakeGeminiError):
    """Another process is writing the same file."""


class CannotConvert(FakeGeminiError):
    """A recording was not converted and nothing was written; the text says which file and why."""


class SecretLeft(FakeGeminiError):
    """An exchange is not written: something in it still looks like a secret."""


class RecordingWarning(UserWarning):
    """An exchange is not in a cassette of vcrpy, or is there and could not be looked into."""


class BadRule(FakeGeminiError):
    """A pattern that the user gave, of what to scrub, cannot be compiled or matches too much."""


class HookFailed(FakeGeminiError):
    """A function of the user's that changes what is recorded raised, or gave something else."""


class NotRecorded(FakeGeminiError):
    """A recording was not written; the text says why, and what to do."""


class NotPassedOn(FakeGeminiError):
    """A request cannot be passed on to the live API, or its answer to the client."""


class NotRerecorded(FakeGeminiError):
    """A conversation could not be recorded again; the cassette is as it was."""


class NoWholeAnswer(FakeGeminiError):
    """An answer of upstream has no end, or none that anybody waits for."""


class OutputLost(OSError):
    """What a command prints cannot be written: nobody reads it, or the disk is full."""


class AskingEnded(FakeGeminiError):
    """The live API refuses the key, or the quota is used up: nothing else is to be asked."""


class CanaryStopped(FakeGeminiError):
    """A probe could not be measured. `is_final` says that no other one can be, either."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.is_final = is_final


class ConversationDiverged(FakeGeminiError):
    """The server answered so that the recorded conversation cannot go on."""


# The machine


class CannotListen(FakeGeminiError):
    """The address is taken, or not an address of this machine."""


class NoHttpx(FakeGeminiError):
    """Recording needs a package that is not installed."""


class NoTrustme(FakeGeminiError):
    """Catching what has the API's host written into it needs a package that is not installed."""


class NotStarted(FakeGeminiError):
    """A run or a recording could not start: an option does not fit, or a command cannot be run."""


class DemoFailed(FakeGeminiError):
    """The fake refused a request of the demo."""


class PackedBody(FakeGeminiError):
    """The body of a request is packed, and cannot be unpacked."""


# Signals between our own rooms; users never see them


class BadBody(ValueError):
    """The body of a request is not JSON; the text says where it stops being so."""


class HostRefused(Exception):
    """A program that is run asked for a host that nobody allowed; the text says how to."""


class DuplicateKey(ValueError):
    """An object names one member twice; the text is the member's name."""


class ClientLeft(Exception):
    """The client of a recording closed its connection before its answer was whole."""


class ConnectionCut(Exception):
    """Tells the server to drop the connection; raised for a `Cut`, after what came before it."""


class DroppedConnection(Exception):
    """Tells an in-process client how its connection ended; `httpx_name` is what httpx raises."""

    def __init__(self, *, reset: bool, begun: bool, timed_out: bool = False) -> None:
        if timed_out:
            self.httpx_name, text = "ReadTimeout", "timed out"
        elif reset:
            self.httpx_name, text = "ReadError", "[Errno 104] Connection reset by peer"
        else:
            self.httpx_name = "RemoteProtocolError"
            text = (
                "peer closed connection without sending complete message body "
                "(incomplete chunked read)"
                if begun
                else "Server disconnected without sending a response."
            )
        super().__init__(text)


class StepLimitReached(Exception):
    """A schema took more steps than any honest one needs."""
