"""Bound the threads that answer requests: beyond so many, a request waits in line.

It is never refused, because SDKs would ask again. The line moves where nobody leaves, too, one a
second: a function of the test's that asks the same fake again would wait for itself otherwise.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

MOST_THREADS = 256
"""How many requests are answered in threads of their own at a time."""

PATIENCE_SECONDS = 1.0
"""How long the line stands still until the first of it begins all the same."""


class Ticket:
    """A place in the line; `call_back` is called, from any thread, when its turn has come."""

    def __init__(self, call_back: Callable[[], object]) -> None:
        self.call_back = call_back
        self.may_begin = False


class ThreadLine:
    """Who is at work, and who waits for that, first come first."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everybody: in the child of a fork, in which no thread of the parent's runs."""
        self._lock = threading.Lock()
        self._at_work = 0
        self._waiting: deque[Ticket] = deque()
        self._moved_at = 0.0

    @property
    def at_work(self) -> int:
        """Count who has begun and not left."""
        return self._at_work

    def join(self, call_back: Callable[[], object] = lambda: None) -> Ticket:
        """Begin, or wait; the ticket knows which."""
        ticket = Ticket(call_back)
        with self._lock:
            if self._at_work < MOST_THREADS:
                self._begin(ticket)
            else:
                self._waiting.append(ticket)
        return ticket

    def look_again(self, ticket: Ticket) -> bool:
        """Tell whether one who waits may begin: its turn has come, or nothing moves."""
        with self._lock:
            is_first = bool(self._waiting) and self._waiting[0] is ticket
            if is_first and time.monotonic() - self._moved_at >= PATIENCE_SECONDS:
                self._begin(self._waiting.popleft())
            return ticket.may_begin

    def leave(self, ticket: Ticket) -> None:
        """End the work, or the waiting."""
        with self._lock:
            if not ticket.may_begin:
                self._waiting.remove(ticket)
                return
            self._at_work -= 1
            if not self._waiting or self._at_work >= MOST_THREADS:
                return
            following = self._waiting.popleft()
            self._begin(following)
        following.call_back()

    def _begin(self, ticket: Ticket) -> None:
        ticket.may_begin = True
        self._at_work += 1
        self._moved_at = time.monotonic()


LINE = ThreadLine()
"""The line of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LINE.clear)
