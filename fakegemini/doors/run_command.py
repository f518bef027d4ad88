"""Run a program to its end with an environment of ours; signals go on to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import FrameType, TracebackType
from typing import Self

from ..errors import NotStarted
from .impatience import Impatience

_FORWARDED = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
    if hasattr(signal, name)
)

_GRACE_SECONDS = 1.0
"""How long a command has to end after SIGTERM."""

_MOST_INTERRUPTS, _INTERRUPTS_SECONDS = 3, 2.0
"""As many Ctrl-C within these seconds are a SIGTERM, for a command that does not end by them."""


class CommandRunner:
    """Takes the signals while its block runs, so that what was opened is closed whatever comes.

    A signal that this process was told to ignore stays ignored. A command that is still there a
    second after SIGTERM is killed, which `say` is told; Ctrl-C is for the command to understand, as
    it is without us, and three of them quickly are a SIGTERM. With `saves_afterwards` the next
    signal is ignored too, once one came, so that what is left to do is done; one more ends it at
    once.

    signalled_at: when the first signal came, in seconds of the monotonic clock
    """

    def __init__(
        self,
        say: Callable[[str], object],
        *,
        saves_afterwards: bool = False,
        on_signal: Callable[[], object] = lambda: None,
    ) -> None:
        self._say = say
        self._on_signal = on_signal
        self._saves_afterwards = saves_afterwards
        self._killer: threading.Timer | None = None
        self._is_killed = False
        self._previous_handlers: dict[int, object] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._pending: list[int] = []
        self._interrupted_at: deque[float] = deque(maxlen=_MOST_INTERRUPTS)
        self.signalled_at: float | None = None

    def __enter__(self) -> Self:
        for number in _FORWARDED:
            handler = signal.getsignal(number)
            if handler is not signal.SIG_IGN:
                self._previous_handlers[number] = handler
                signal.signal(number, self._forward)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._killer:
            self._killer.cancel()
        impatience = Impatience(1) if self._saves_afterwards and self._pending else None
        for number, handler in self._previous_handlers.items():
            signal.signal(number, impatience or handler)  # type: ignore[arg-type]

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command; return its exit status, or the number of the signal that ended it as a
        negative one. Raises `NotStarted` where it cannot be run.
        """
        if self._pending:
            return -self._pending[0]
        try:
            program = _find_program(command[0], environment)
            self._process = subprocess.Popen([program, *command[1:]], env=dict(environment))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotStarted(f"cannot run {command[0]}: {reason}") from None
        for number in tuple(self._pending):
            self._process.send_signal(number)
            self._give_grace(number)
        status = self._process.wait()
        return -signal.SIGTERM if self._is_killed else status

    def _give_grace(self, number: int) -> None:
        """Kill the command after a while where it was told to end, and does not."""
        if number == signal.SIGTERM and self._killer is None:
            self._killer = threading.Timer(_GRACE_SECONDS, self._kill)
            self._killer.daemon = True
            self._killer.start()

    def _kill(self) -> None:
        assert self._process
        if self._process.returncode is None:
            self._is_killed = True
            self._process.kill()
            self._say(
                f"the command did not end within {_GRACE_SECONDS:.0f} s of SIGTERM and was killed"
            )

    def _forward(self, number: int, frame: FrameType | None) -> None:
        self._on_signal()
        self._pending.append(number)
        if self.signalled_at is None:
            self.signalled_at = time.monotonic()
        # On a terminal Ctrl-C reaches the command by itself, and on Windows Ctrl-Break does.
        from_keyboard = (signal.SIGINT, getattr(signal, "SIGBREAK", None))
        if self._process and not (number in from_keyboard and _shares_terminal()):
            self._process.send_signal(number)
            self._give_grace(number)
        if number == signal.SIGINT and self._is_insisted_on() and self._process:
            self._process.terminate()
            self._give_grace(signal.SIGTERM)

    def _is_insisted_on(self) -> bool:
        """Note a Ctrl-C, and tell whether several came quickly."""
        self._interrupted_at.append(time.monotonic())
        seconds = self._interrupted_at[-1] - self._interrupted_at[0]
        return len(self._interrupted_at) == _MOST_INTERRUPTS and seconds <= _INTERRUPTS_SECONDS


def _find_program(name: str, environment: Mapping[str, str]) -> str:
    """Return what to start for a command's name.

    Windows starts `npm.cmd` for `npm` only where a shell looks for it. Never tried there: it
    follows from the documentation of `shutil.which` and of CreateProcess.
    """
    if os.name != "nt":
        return name
    return shutil.which(name, path=environment.get("PATH")) or name


def leave_as(status: int) -> int:
    """Return an exit status; where a signal ended the command, end this process by it instead."""
    if status >= 0:
        return status
    with contextlib.suppress(OSError, ValueError, ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command's own core is enough
    with contextlib.suppress(OSError, ValueError):
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return 128 - status


def _shares_terminal() -> bool:
    """Tell whether the terminal sends Ctrl-C to the command as well as to this process."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return os.name == "nt"
