"""A thread in the background that works jobs off, for as long as the program runs."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

from .application import get_client
from .client import MODEL

_JOBS: queue.Queue[tuple[str, Future[str | None]]] = queue.Queue()
_LOCK = threading.Lock()
_THREADS: list[threading.Thread] = []


def _work() -> None:
    while True:
        text, result = _JOBS.get()
        try:
            turn = get_client().interactions.create(model=MODEL, input=text)
            result.set_result(turn.output_text)
        except Exception as error:
            result.set_exception(error)


def submit(text: str) -> Future[str | None]:
    """Let the thread ask, which is started with the first job."""
    with _LOCK:
        if not _THREADS:
            _THREADS.append(threading.Thread(target=_work, daemon=True, name="shop-worker"))
            _THREADS[0].start()
    result: Future[str | None] = Future()
    _JOBS.put((text, result))
    return result
