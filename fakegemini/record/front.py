"""Serve a fake in front of the live API: what its script does not answer goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from ..doors.loopback import cut, serve_app
from ..fake.fake import Fake
from ..protocol.paths import LIVE_API_URL
from ..recordings.exchange import RecordedExchange
from ..wire.http import Handler
from .leave_in_time import leaving_in_time
from .modes import MODES
from .proxy import ExchangeKeeper, Recorder
from .session import report_saved
from .upstream import check_upstream
from .writer import open_recording


class ExchangeTeller:
    """Takes exchanges, says a line of each, and gives them to a writer where there is one."""

    def __init__(self, say: Callable[[str], object], writer: ExchangeKeeper | None) -> None:
        self._say = say
        self._writer = writer
        self._count = 0

    def begin_exchange(self) -> int:
        """Return the number of the next exchange."""
        self._count += 1
        return self._writer.begin_exchange() if self._writer else self._count

    def add_soon(self, recorded: RecordedExchange) -> Future[None]:
        """Say what went on to the live API, and keep it where that is asked for."""
        exchange = recorded.exchange
        path = "/".join(("", *exchange.path_parts))
        self._say(f"{exchange.method} {path} → {exchange.status} from upstream")
        if self._writer:
            return self._writer.add_soon(recorded)
        future: Future[None] = Future()
        future.set_result(None)
        return future

    def leave_out(self, number: int, reason: str) -> None:
        """Say that an exchange is not kept, where any is."""
        if self._writer:
            self._writer.leave_out(number, reason)


@contextmanager
def serve_before_upstream(
    fake: Fake,
    handler: Handler,
    say: Callable[[str], object],
    *,
    host: str,
    port: int,
    upstream: str = "",
    cassette: Path | None = None,
    ends_process: bool = False,
) -> Iterator[str]:
    """Serve a fake while the block runs, and pass on what it is not scripted for.

    handler: how the fake is served, with its log and its page
    upstream: where the other requests go, the live API if empty
    cassette: the file into which they are recorded, if any
    ends_process: whether the process was told to end when the block ends, see `leaving_in_time`

    Raises what a recording raises, and `CannotListen`.
    """
    if upstream:
        check_upstream(upstream)
    own = fake.script_before_upstream(handler)
    if cassette is None:
        teller = ExchangeTeller(say, None)
        app = Recorder(teller, upstream or LIVE_API_URL, cut=cut, replay=own, say=say)
        with serve_app(app, host=host, port=port, lifespan=True) as url:
            yield url
        return
    with open_recording(cassette, MODES["new_episodes"], say=say) as writer:
        teller = ExchangeTeller(say, writer)
        app = Recorder(teller, upstream or LIVE_API_URL, cut=cut, replay=own, say=say)
        with serve_app(app, host=host, port=port, lifespan=True) as url:
            yield url
            ended_at = time.monotonic() if ends_process else None
        with leaving_in_time(writer, ended_at):
            saved = writer.save()
        report_saved(cassette, saved, say)
