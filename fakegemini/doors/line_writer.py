"""Write lines in a thread of their own, those that are due together at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

_GATHER_SECONDS = 0.005
"""How long the first line waits for others that come right behind it."""


class LineWriter:
    """Takes lines at once, and gives them to `print_text` in their order, soon after.

    `print_text` adds the last line break. Where it fails, as on a closed pipe, no line is written
    any more, and whoever writes is not disturbed.
    """

    def __init__(self, print_text: Callable[[str], object]) -> None:
        self._print_text = print_text
        self._lines: deque[str] = deque()
        self._due = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()

    def write(self, line: str) -> None:
        """Take a line."""
        self._lines.append(line)
        if self._thread is None:
            self._start()
        if not self._due.is_set():
            self._due.set()

    def close(self) -> None:
        """Write what is left, and end."""
        self._closing.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="fakegemini-log", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        is_closing = False
        while not is_closing:
            self._due.wait()
            is_closing = self._closing.wait(_GATHER_SECONDS)
            self._due.clear()  # before the lines are taken: who comes later sets it again
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if lines:
                try:
                    self._print_text("\n".join(lines))
                except (OSError, ValueError):
                    self._print_text = _drop


def _drop(text: str) -> None:
    """Write nothing."""
