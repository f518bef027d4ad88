"""Let the outcome of a test pass through a request: `pytest.fail` and its like in a callable.

What is no `Exception` ends the server's loop, or becomes a bare 500, which SDKs retry. So it is
caught where the user's code is called, answered as a mistake of the test, and raised again at the
test's end.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace

from ...errors import FakeGeminiError, FunctionEnded, HandlerEnded, OutcomeInside
from ...wire.http import Beat, Reply


class OutcomesInside:
    """A block in which what ends a test, or the program, turns into `OutcomeInside`.

    In the main thread it goes on as it is: there the caller is the test itself. Every request
    enters one, so it is no generator.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, outcome: BaseException | None, place: object
    ) -> None:
        if outcome is None or isinstance(outcome, Exception):
            return
        if isinstance(outcome, FunctionEnded):
            raise HandlerEnded(_ENDED) from None
        if threading.current_thread() is threading.main_thread():
            return
        name = type(outcome).__name__
        text = " ".join(str(outcome).split())
        raise OutcomeInside(
            f"a function of the test ended the test with {name}{': ' if text else ''}{text}. The "
            "test gets it at its end",
            outcome,
        ) from None


OUTCOMES_INSIDE = OutcomesInside()
"""The block where no code of the user's runs."""

_ENDED = "a function of the test was still at work when the test was over, so it was ended"


class UsersCode(OutcomesInside):
    """The same where code of the user's runs for a fake: it notes in which threads, to end it.

    It takes no lock: what is raised in a thread would hold it for ever.
    """

    __slots__ = ("_depths", "_ended")

    def __init__(self) -> None:
        self._depths: dict[int, int] = {}  # by thread; a function may ask the same fake again
        self._ended: set[int] = set()

    def __enter__(self) -> None:
        thread = threading.get_ident()
        self._depths[thread] = self._depths.get(thread, 0) + 1

    def __exit__(
        self, kind: type[BaseException] | None, outcome: BaseException | None, place: object
    ) -> None:
        thread = threading.get_ident()
        depth = self._depths.pop(thread, 1)
        if depth > 1:
            self._depths[thread] = depth - 1
        if thread in self._ended:
            self._ended.discard(thread)
            raise_in_thread(thread, None)
        super().__exit__(kind, outcome, place)

    def end(self) -> None:
        """Raise `FunctionEnded` in whatever is at work in other threads than this and the main one.

        What computes in Python ends so, and takes no time from later tests; what sleeps, reads, or
        catches everything goes on, and keeps nobody from ending.
        """
        own_threads = (threading.get_ident(), threading.main_thread().ident)
        for thread in [*self._depths]:
            if thread not in own_threads:
                self._ended.add(thread)
                raise_in_thread(thread, FunctionEnded)


def raise_in_thread(thread: int, error: type[BaseException] | None) -> None:
    """Let an error arise in another thread, by its number, as soon as it runs Python; None takes
    back what did not arise yet. Only CPython can do that; elsewhere nothing happens.
    """
    if sys.implementation.name != "cpython":
        return
    import ctypes

    number = ctypes.c_ulong(thread)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(error) if error else None)


def guard_beats(
    reply: Reply, users_code: UsersCode, note_error: Callable[[FakeGeminiError], object]
) -> Reply:
    """Return a reply whose lazy beats are made inside the block, too, and what ends it is noted.

    They are as slow as the code of the user's that makes them.
    """
    if isinstance(reply.beats, tuple):
        return reply
    return replace(reply, beats=_guarded_beats(reply.beats, users_code, note_error), slow=True)


def _guarded_beats(
    beats: Iterable[Beat],
    users_code: UsersCode,
    note_error: Callable[[FakeGeminiError], object],
) -> Iterator[Beat]:
    following = iter(beats)
    try:
        while True:
            with users_code:  # each beat may be taken in a thread of its own
                beat = next(following, None)
            if beat is None:
                return
            yield beat
    except FakeGeminiError as error:
        note_error(error)
        raise
    finally:
        if isinstance(following, Generator):
            following.close()
