"""Run heavy work in another process, so that no stream of this one waits for it.

Looking for secrets in a long text holds the interpreter for a second and more, in a thread too.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_LOOK_SECONDS = 0.2


class HeavyWorker:
    """A process that calls functions of this package; it starts with the first call."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_killed = False

    def call(self, function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Return what the function returns in the other process, or raise what it raises.

        All of it has to be pickled. Where no process can be started, or it dies, the function is
        called here; but not after `kill`.
        """
        with self._lock:
            try:
                is_returned, outcome = self._ask((function, arguments, options))
            except (OSError, EOFError, ValueError, pickle.PickleError):
                self._stop()
                if self._is_killed:
                    raise
                return function(*arguments, **options)
        if is_returned:
            return outcome  # type: ignore[no-any-return]
        raise outcome

    def kill(self) -> None:
        """End the process at once, from any thread, for a program that is about to end."""
        self._is_killed = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _ask(self, task: Any) -> tuple[bool, Any]:
        if self._is_killed:
            raise EOFError("the program is about to end")
        if self._process is None:
            path, own_id = f"sys.path[:] = {sys.path!r}", os.getpid()
            start = f"import sys; {path}; from {__name__} import work; work({own_id})"
            self._process = subprocess.Popen(
                [sys.executable, "-c", start],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for whoever waits for the recording
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(task, self._process.stdin, protocol=5)
        self._process.stdin.flush()
        answer: tuple[bool, Any] = pickle.load(self._process.stdout)
        return answer

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            try:
                assert pipe is not None
                pipe.close()
            except OSError:
                continue  # the process died and left something unread
        process.wait()


def work(parent: int) -> None:
    """Do what comes on the standard input until it ends, and write what that gives.

    It ends with `parent`, the process of that number, too.
    """
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that prints gets among the answers
    while True:
        try:
            function, arguments, options = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = True, function(*arguments, **options)
        except Exception as error:
            answer = False, error
        try:
            pickle.dump(answer, answers, protocol=5)
            answers.flush()
        except BrokenPipeError:  # who waited for it is gone
            os._exit(1)


def _end_with(parent: int) -> None:
    """End this process soon after the one that it works for, however that ended.

    It would go on for nobody, and hold that one's outputs open for whoever reads them to the end.
    """
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
