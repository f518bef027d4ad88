"""Stop on Ctrl-C and SIGTERM: what `serve` and `record` wait for, and what ends the rest."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from ..doors.impatience import Impatience

if TYPE_CHECKING:
    from .keeper import Keeper

_FLUSH_SECONDS = 0.5


def leave(status: int) -> None:
    """End the process now, without waiting for a blocked output or a thread of the user's.

    What was printed is flushed where the output takes it.
    """
    flusher = threading.Thread(target=_flush_all, daemon=True)
    flusher.start()
    flusher.join(_FLUSH_SECONDS)
    if flusher.is_alive():
        os._exit(status)


def _flush_all() -> None:
    for output in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            output.flush()


def stop_event_on_signal(*, saves: bool = True, keeper: Keeper | None = None) -> threading.Event:
    """Return an event that Ctrl-C, SIGTERM and a closed terminal set; the second ends at once.

    `saves` is whether something is recorded, which is then not saved. The `keeper` is dismissed.
    """
    stop, end_at_once = threading.Event(), Impatience(saves=saves)

    def set_stop(number: int, frame: FrameType | None) -> None:
        if keeper is not None:
            keeper.dismiss()
        if stop.is_set():
            end_at_once(number, frame)
        stop.set()

    signal.signal(signal.SIGINT, set_stop)
    signal.signal(signal.SIGTERM, set_stop)
    hang_up = getattr(signal, "SIGHUP", None)  # the terminal was closed; `nohup` ignores that
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        signal.signal(hang_up, set_stop)
    return stop


def clean_up_on_sigterm() -> None:
    """Let SIGTERM end a command as Ctrl-C does from now on: what it holds is closed and taken away.

    The status is that of a process which the signal killed, as a shell gives it.
    """

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, end)
