"""Run one recording: start the proxy, wait for a command or a signal to end it, save."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..doors.catch_program import catching
from ..doors.impatience import wait_for
from ..doors.loopback import cut, serve, serve_app
from ..doors.reach import Reach
from ..doors.run_command import CommandRunner
from ..doors.sdk_variables import (
    ADDRESS_VARIABLES,
    address_variables,
    no_proxy_variables,
    stand_in_keys,
    with_variables,
)
from ..errors import NotRecorded, NoTrustme, NotStarted
from ..fake.replay.cassettes import make_player
from ..fake.replay.play_log import PlayLog, logging_plays
from ..protocol.paths import LIVE_API_URL
from ..recordings.record_hooks import RecordHooks
from ..recordings.scrub.policy import ScrubRules
from ..recordings.unplayed_exchanges import drop_unplayed
from .leave_in_time import leaving_in_time
from .modes import Mode, Records
from .proxy import Recorder, Replayer
from .recover import recover
from .upstream import check_upstream, import_httpx
from .upstream_login import split_login
from .writer import RecordingWriter, SaveResult, Say, open_recording


@dataclass
class RecordSession:
    """One run of `fakegemini record`: the cassette, and what to do with it.

    upstream: where the requests go, the live API if None
    strict: whether a recording that violates the contract is not saved
    say: takes each line for the user
    hooks: what changes what is recorded
    drops_unplayed: whether a replay drops what the command did not ask for
    """

    cassette: Path
    mode: Mode
    rules: ScrubRules
    upstream: str | None = None
    strict: bool = False
    say: Say = print
    hooks: RecordHooks = field(default_factory=RecordHooks)
    drops_unplayed: bool = False
    _signalled_at: float | None = field(default=None, init=False)

    @property
    def plays(self) -> bool:
        """Tell whether an existing cassette answers what it knows."""
        return self.mode.plays and self._has_cassette

    @property
    def records(self) -> bool:
        """Tell whether anything goes to the live API."""
        return self.mode.goes_live(exists=self._has_cassette)

    @property
    def _has_cassette(self) -> bool:
        """Tell whether a cassette is there; a file without content is what a full disk left."""
        return self.cassette.exists() and self.cassette.stat().st_size > 0

    def run(
        self, command: Sequence[str], port: int, make_stop_event: Callable[[], threading.Event]
    ) -> int:
        """Record until the command ends, or without one until the stop event.

        Returns the exit status. `port` is where the proxy listens, 0 for a free one. Raises a
        `FakeGeminiError` where it cannot begin, or the cassette cannot be written.
        """
        self.check_start(has_command=bool(command))
        player = make_player([self.cassette], self.rules, self.hooks) if self.plays else None
        if not self.records:
            assert player is not None
            with logging_plays() as log, serve(player.handle, port=port) as url:
                self.say(f"{self.cassette} is there already and is replayed; nothing is recorded")
                status = self._run_or_wait(command, url, make_stop_event)
            if self.drops_unplayed:
                self._drop_unplayed(log, status)
            return status
        import_httpx()
        with open_recording(
            self.cassette,
            self.mode,
            rules=self.rules,
            hooks=self.hooks,
            strict=self.strict,
            say=self.say,
        ) as writer:
            status = self._run_proxy(writer, player, command, port, make_stop_event)
            try:
                with leaving_in_time(writer, self._signalled_at):
                    saved = writer.save()
            except NotRecorded as error:
                self.say(f"Error: {error}")
                return status or 1
            report_saved(self.cassette, saved, self.say)
        return status or (1 if saved.unkept and not saved.new else 0)

    def _drop_unplayed(self, log: PlayLog, status: int) -> None:
        """Drop what a command that went well did not ask for, and say so."""
        if status:
            self.say(f"--drop-unplayed drops nothing: the command ended with status {status}")
            return
        played = log.numbers.get(str(self.cassette.resolve()), set())
        line = drop_unplayed(self.cassette, played, whose="program")
        self.say(line or f"{self.cassette}: all of it was played, nothing is dropped")

    def _run_proxy(
        self,
        writer: RecordingWriter,
        player: Replayer | None,
        command: Sequence[str],
        port: int,
        make_stop_event: Callable[[], threading.Event],
    ) -> int:
        upstream = self.upstream or LIVE_API_URL
        app = Recorder(writer, upstream, cut=cut, replay=player, say=self.say)
        with serve_app(app, port=port, lifespan=True) as url:
            if not command:
                public_upstream, _ = split_login(upstream)
                self.say(
                    f"records what goes through {url} to {public_upstream} into {self.cassette}"
                )
            return self._run_or_wait(command, url, make_stop_event)

    def _run_or_wait(
        self, command: Sequence[str], url: str, make_stop_event: Callable[[], threading.Event]
    ) -> int:
        """Run the command against `url`, or wait for the stop event; return the exit status."""
        if command:
            with (
                CommandRunner(self.say, saves_afterwards=True) as runner,
                _caught(url, self.upstream or LIVE_API_URL, self.say) as variables,
            ):
                keys = {} if self.records else stand_in_keys(os.environ)
                own = address_variables(url) | keys
                status = runner.run(command, with_variables(os.environ, own, variables))
            self._signalled_at = runner.signalled_at
            return status if status >= 0 else 128 - status
        stop = make_stop_event()
        for name in ADDRESS_VARIABLES:
            self.say(f"  export {name}={url}")
        self.say("Ctrl-C ends." if not self.records else "Ctrl-C ends and saves.")
        wait_for(stop)
        self._signalled_at = time.monotonic()
        return 0

    def check_start(self, *, has_command: bool = True) -> None:
        """Raise `NotStarted` for an upstream that is no address, or a missing cassette to play."""
        exists = self.cassette.exists()
        if self.drops_unplayed and (self.records or not has_command):
            raise NotStarted(
                "--drop-unplayed is for a command that replays a cassette. Fix: fakegemini record "
                f"--mode none --drop-unplayed --cassette {self.cassette} -- COMMAND"
            )
        if self.upstream is not None:
            check_upstream(self.upstream)
        if self.mode.records is Records.NEVER and not exists:
            raise NotStarted(
                f"{self.cassette}: there is no such cassette, and --mode {self.mode.name} never "
                "records. Fix: --mode once"
            )


def recover_and_report(cassette: Path, rules: ScrubRules, say: Say) -> None:
    """Save what an interrupted recording left, and say what was saved."""
    report_saved(cassette, recover(cassette, rules=rules, say=say), say)


def report_saved(cassette: Path, saved: SaveResult, say: Say) -> None:
    """Say how much was saved, and each violation of the contract in it."""
    for line in saved.violations:
        say(line)
    lost = f"{saved.unkept} could not be kept, " if saved.unkept else ""
    if not saved.new:
        say(f"{lost or 'nothing was recorded; '}{cassette} is as it was")
        return
    counts = f"{saved.new} recorded, {lost}{saved.total} in {cassette}"
    say(f"{counts}: {len(saved.violations)} violations, {len(saved.drift)} drift")


@contextmanager
def _caught(url: str, upstream: str, say: Say) -> Iterator[Mapping[str, str | None]]:
    """Lead to the proxy what has the API's host written in; give the variables for the command.

    Where the package for that is missing, the command has to take the address.
    """
    upstream_host = urlsplit(upstream).hostname or ""
    with ExitStack() as stack:
        try:
            reach = Reach(all_others=True, besides=(upstream_host,))
            _, variables = stack.enter_context(catching(url, reach, say))
        except NoTrustme:
            variables = _past_proxies()
        yield variables


def _past_proxies() -> Mapping[str, str | None]:
    """Return the variables by which a proxy of the user's is not asked for this machine."""
    has_proxy = any(name.lower().endswith("_proxy") for name in os.environ)
    return no_proxy_variables(os.environ) if has_proxy else {}
