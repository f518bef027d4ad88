"""Wait for a signal, and end at once where one comes again while what is left to do takes long."""

from __future__ import annotations

import contextlib
import os
import threading
from types import FrameType

_STDERR = 2
_PIECE_SECONDS = 0.5
_UNSAVED = "ended before all was saved; fakegemini record --recover saves what was written aside"


def wait_for(stop: threading.Event) -> None:
    """Wait until the event is set; in pieces, because on Windows a long wait hides Ctrl-C.

    That was never tried on Windows: it follows from what its documentation says.
    """
    while not stop.wait(_PIECE_SECONDS):
        pass


class Impatience:
    """A handler for signals that come while something is saved: the last one ends the process.

    `patience` is how many signals get a notice first; where nothing `saves`, it says nothing.
    """

    def __init__(self, patience: int = 0, *, saves: bool = True) -> None:
        self._patience = patience
        self._saves = saves

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Say that saving goes on, or end without it."""
        if self._patience > 0:
            self._patience -= 1
            _write_line("still saving what was recorded; the same again ends at once")
            return
        if self._saves:
            _write_line(_UNSAVED)
        os._exit(128 + number)


def _write_line(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody may be there to read it
        os.write(_STDERR, f"{line}\n".encode())
