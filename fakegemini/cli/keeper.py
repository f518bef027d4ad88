"""End this process where a signal came and Python never gets to look at it.

A function of the user's may compute in C for as long as it likes, such as `re` with a catastrophic
pattern: no other thread has a turn meanwhile, and no handler of a signal. The interpreter writes
the signal's number into a pipe all the same, and a small process waits at its other end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

_GRACE_SECONDS = 2.0
_DISMISSAL = b"\xff"
_PROGRAM = f"""
import os, select, sys, time
keeps, grace = int(sys.argv[1]), {_GRACE_SECONDS}
deadline = None
while os.getppid() == keeps:
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    if not select.select([0], [], [], left)[0]:
        os.write(2, b"killed: a function of the script let nothing else run, not even its end\\n")
        os.kill(keeps, {int(signal.SIGTERM) if sys.platform == "win32" else int(signal.SIGKILL)})
        break
    numbers = os.read(0, 64)
    if not numbers or {_DISMISSAL[0]} in numbers:
        break
    if deadline is None and not {{{int(signal.SIGINT)}, {int(signal.SIGTERM)}}}.isdisjoint(numbers):
        deadline = time.monotonic() + grace
"""


def open_keeper(script: Path | None) -> Keeper | None:
    """Start one where functions of the user's run in this process: those of a script in Python."""
    return Keeper() if script is not None and script.suffix == ".py" else None


class Keeper:
    """The process that waits; POSIX alone has such a pipe, elsewhere there is none."""

    def __init__(self) -> None:
        self._pipe = -1
        if os.name != "posix":
            return
        import subprocess  # most servers have no script in Python, and start without it

        reading, writing = os.pipe()
        try:
            command = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(os.getpid())]
            self._process = subprocess.Popen(
                command,
                stdin=reading,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us
            )
        except OSError:
            os.close(writing)
            return
        finally:
            os.close(reading)
        os.set_blocking(writing, False)
        self._pipe = writing
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def dismiss(self) -> None:
        """End it: Python does look at signals."""
        pipe, self._pipe = self._pipe, -1
        if pipe < 0:
            return
        signal.set_wakeup_fd(-1)
        with contextlib.suppress(OSError):
            os.write(pipe, _DISMISSAL)
        os.close(pipe)
