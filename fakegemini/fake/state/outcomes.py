"""Let the outcome of a test pass through a request: `pytest.fail` and its like in a callable.

What is no `Exception` ends the server's loop, or becomes a bare 500, which SDKs retry. So it is
caught where the user's code is called, answered as a mistake of the test, and raised again at the
test's end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

from ...errors import FakeGeminiError, OutcomeInside
from ...wire.http import Beat, Reply


class _OutcomesInside:
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
        if outcome is None or isinstance(outcome, Exception | GeneratorExit):
            return  # the latter: a stream whose client left
        if threading.current_thread() is threading.main_thread():
            return
        name = type(outcome).__name__
        text = " ".join(str(outcome).split())
        raise OutcomeInside(
            f"a function of the test ended the test with {name}{': ' if text else ''}{text}. The "
            "test gets it at its end",
            outcome,
        ) from None


_BLOCK = _OutcomesInside()


def outcomes_inside() -> AbstractContextManager[None]:
    """Turn what ends a test, or the program, into `OutcomeInside` while the block runs."""
    return _BLOCK


def guard_beats(reply: Reply, note_error: Callable[[FakeGeminiError], object]) -> Reply:
    """Return a reply whose lazy beats turn an outcome into `OutcomeInside`, too, and note it.

    They are as slow as the code of the user's that makes them.
    """
    if isinstance(reply.beats, tuple):
        return reply
    return replace(reply, beats=_guarded_beats(reply.beats, note_error), slow=True)


def _guarded_beats(
    beats: Iterable[Beat], note_error: Callable[[FakeGeminiError], object]
) -> Iterator[Beat]:
    try:
        with outcomes_inside():
            yield from beats
    except FakeGeminiError as error:
        note_error(error)
        raise
