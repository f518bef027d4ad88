"""Stop on Ctrl-C: what `serve` and `record` wait for."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType

_PIECE_SECONDS = 0.5


def wait_for(stop: threading.Event) -> None:
    """Wait until the event is set; in pieces, because on Windows a long wait hides Ctrl-C."""
    while not stop.wait(_PIECE_SECONDS):
        pass


def leave(status: int) -> None:
    """End the process now, without waiting for a blocked output or a thread of the user's.

    What was printed is flushed where the output takes it.
    """
    flusher = threading.Thread(target=_flush_all, daemon=True)
    flusher.start()
    flusher.join(_PIECE_SECONDS)
    if flusher.is_alive():
        os._exit(status)


def _flush_all() -> None:
    for output in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            output.flush()


def stop_event_on_signal() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on."""
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, set_stop)
    signal.signal(signal.SIGTERM, set_stop)
    return stop
