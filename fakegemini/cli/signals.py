"""Stop on Ctrl-C: what `serve` and `record` wait for."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_event_on_signal() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on."""
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, set_stop)
    signal.signal(signal.SIGTERM, set_stop)
    return stop
