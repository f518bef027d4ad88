"""Run one recording: start the proxy, wait for a command or a signal to end it, save."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ..doors.loopback import cut, serve, serve_app
from ..errors import NotRecorded, NotStarted
from ..fake.replay.cassettes import make_player
from ..protocol.paths import LIVE_API_URL
from ..recordings.record_hooks import RecordHooks
from ..recordings.scrub.policy import ScrubRules
from .modes import Mode, Records
from .proxy import Recorder, Replayer, import_httpx, split_login
from .recover import recover
from .writer import RecordingWriter, SaveResult, Say, open_recording


@dataclass
class RecordSession:
    """One run of `fakegemini record`: the cassette, and what to do with it.

    upstream: where the requests go, the live API if None
    strict: whether a recording that violates the contract is not saved
    say: takes each line for the user
    hooks: what changes what is recorded
    """

    cassette: Path
    mode: Mode
    rules: ScrubRules
    upstream: str | None = None
    strict: bool = False
    say: Say = print
    hooks: RecordHooks = field(default_factory=RecordHooks)

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
        self.check_start()
        player = make_player([self.cassette], self.rules, self.hooks) if self.plays else None
        if not self.records:
            assert player is not None
            with serve(player.handle, port=port) as url:
                self.say(f"{self.cassette} is there already and is replayed; nothing is recorded")
                return self._run_or_wait(command, url, make_stop_event)
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
                saved = writer.save()
            except NotRecorded as error:
                self.say(f"Error: {error}")
                return status or 1
            report_saved(self.cassette, saved, self.say)
        return status or (1 if saved.unkept and not saved.new else 0)

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
            return _run_command(command, url)
        stop = make_stop_event()
        self.say(f"  export GOOGLE_GEMINI_BASE_URL={url}")
        self.say("Ctrl-C ends." if not self.records else "Ctrl-C ends and saves.")
        stop.wait()
        return 0

    def check_start(self) -> None:
        """Raise `NotStarted` for an upstream that is no address, or a missing cassette to play."""
        exists = self.cassette.exists()
        if self.upstream is not None and not self.upstream.startswith(("http://", "https://")):
            raise NotStarted(f"--upstream {self.upstream!r} is no address: http://… or https://…")
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


def _run_command(command: Sequence[str], url: str) -> int:
    """Run a command with the proxy's URL in its environment; return its exit status.

    SIGINT and SIGTERM go on to the command. Raises `NotStarted` where it cannot be run.
    """
    environment = os.environ | {"GOOGLE_GEMINI_BASE_URL": url}
    if any(name.lower().endswith("_proxy") for name in environment):
        no_proxy = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
        environment["NO_PROXY"] = environment["no_proxy"] = f"{no_proxy},127.0.0.1".lstrip(",")
    previous_handlers = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)
    }
    running: list[subprocess.Popen[bytes]] = []
    pending: list[int] = []

    def forward_signal(number: int, frame: FrameType | None) -> None:
        # On a terminal Ctrl-C reaches the command by itself.
        pending.append(number)
        if running and not (number == signal.SIGINT and _shares_terminal()):
            running[0].send_signal(number)

    for number in previous_handlers:
        signal.signal(number, forward_signal)
    try:
        running.append(subprocess.Popen(command, env=environment))
        if pending:
            running[0].send_signal(pending[0])
        status = running[0].wait()
    except OSError as error:
        raise NotStarted(f"cannot run {command[0]}: {error.strerror or error}") from None
    finally:
        for number, handler in previous_handlers.items():
            signal.signal(number, signal.SIG_IGN if pending else handler)
    return status if status >= 0 else 128 - status


def _shares_terminal() -> bool:
    """Tell whether the terminal sends Ctrl-C to the command as well as to this process."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return os.name == "nt"
