"""Set how the interpreter works in a process that is the server's alone."""

from __future__ import annotations

import gc
import sys

_TURN_SECONDS = 0.001


def collect_seldom() -> None:
    """Look for garbage less often: nearly all that a server keeps is kept on purpose."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def take_turns_often() -> None:
    """Let threads take turns each millisecond instead of each five.

    A short request needs several turns. Beside one that takes long, in a thread of its own, others
    would wait five milliseconds for each of them.
    """
    sys.setswitchinterval(_TURN_SECONDS)
