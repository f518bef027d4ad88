"""End a recorder in time that was told to end, though saving would take longer.

What was recorded is on the disk by then, scrubbed and not yet a cassette: `--recover` saves it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .writer import RecordingWriter

_SECONDS = 1.5
"""How long after a signal saving may go on; who sent it may kill soon after."""

_STEP_SECONDS = 0.05
_STDERR = 2


@contextmanager
def leaving_in_time(writer: RecordingWriter, signalled_at: float | None) -> Iterator[None]:
    """End the process where the block takes too long after a signal; nothing whole is lost.

    signalled_at: when it came, in seconds of the monotonic clock; without one, nothing happens

    It waits for whole exchanges that are still being scrubbed. Whoever sits at a terminal is not
    hurried, and can press Ctrl-C again.
    """
    if signalled_at is None or _is_at_terminal():
        yield
        return
    is_saved = threading.Event()
    leaver = threading.Thread(
        target=_leave, args=(writer, signalled_at + _SECONDS, is_saved), daemon=True
    )
    leaver.start()
    try:
        yield
    finally:
        is_saved.set()


def _leave(writer: RecordingWriter, leave_at: float, is_saved: threading.Event) -> None:
    pause = leave_at - time.monotonic()
    while not is_saved.wait(max(pause, _STEP_SECONDS)):
        pause = _STEP_SECONDS
        if writer.keeps_all_whole():
            writer.abandon()
            line = (
                f"Error: saving {writer.path} would take too long after a signal; what was "
                f"recorded is kept aside: fakegemini record --recover --cassette {writer.path}\n"
            )
            with contextlib.suppress(OSError):  # nobody may be there to read it
                os.write(_STDERR, line.encode("utf-8", "backslashreplace"))
            os._exit(1)


def _is_at_terminal() -> bool:
    try:
        return sys.stdin.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False
