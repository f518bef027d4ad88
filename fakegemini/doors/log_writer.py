"""Write lines to an output that may be closed, full, slow or of another encoding.

A thread of its own writes; who has a line never waits. Where the output does not take it, the line
is dropped and counted, and the next line that gets through says how many are missing.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TextIO

from ..wording import spell_unsafe

_CAPACITY = 1000
"""How many lines may wait for a slow output."""

_FLUSH_SECONDS, _LONGEST_SECONDS = 0.5, 5.0
"""How long the end waits for one write, and for all that are waiting on a busy machine."""

_LOOK_SECONDS = 0.05

_GATHER_SECONDS = 0.03
"""How soon behind each other two writes come: lines that follow quickly are written together."""


class LogWriter:
    """Takes lines for an output; neither waits nor raises. `dropped` counts lost lines."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.dropped = 0
        self._reported = 0
        self._write_begun_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="fakegemini-log", daemon=True)
        self._thread.start()

    def __call__(self, line: str) -> None:
        """Take a line, or count it as dropped where too many are waiting."""
        if self._lines.qsize() >= _CAPACITY:
            self.dropped += 1
        else:
            self._lines.put(line)

    def finish(self) -> None:
        """Let the waiting lines be written, unless the output does not take one for a moment."""
        self._lines.put(None)
        leave_at = time.monotonic() + _LONGEST_SECONDS
        while self._thread.is_alive() and (now := time.monotonic()) < leave_at:
            begun_at = self._write_begun_at
            if begun_at is not None and now - begun_at > _FLUSH_SECONDS:
                return
            self._thread.join(_LOOK_SECONDS)

    def _run(self) -> None:
        is_open, written_at = True, 0.0
        while is_open:
            lines = [self._lines.get()]
            time.sleep(max(0.0, written_at + _GATHER_SECONDS - time.monotonic()))
            with contextlib.suppress(queue.Empty):
                while len(lines) < _CAPACITY:
                    lines.append(self._lines.get_nowait())
            is_open = None not in lines
            texts = [line for line in lines if line is not None]
            missing = self.dropped - self._reported
            if texts and missing and self._write(f"({missing} lines of this log are missing)"):
                self._reported += missing
            if texts and not self._write("\n".join(map(spell_unsafe, texts))):
                self.dropped += len(texts)
            written_at = time.monotonic()

    def _write(self, line: str) -> bool:
        """Write safe lines, made fit for the encoding; tell whether they were taken."""
        encoding = getattr(self._output, "encoding", None) or "utf-8"
        self._write_begun_at = time.monotonic()
        try:
            text = line.encode(encoding, "backslashreplace").decode(encoding)
            self._output.write(f"{text}\n")
            self._output.flush()
        except (OSError, ValueError, LookupError):
            return False
        finally:
            self._write_begun_at = None
        return True
