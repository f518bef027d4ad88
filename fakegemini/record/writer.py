"""Write one recording: each exchange is scrubbed and put on the disk, the cassette comes last.

Until `save` the exchanges stand in a spool beside the cassette, so that a crash loses none.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..errors import HookFailed, NotRecorded, NotStarted, NotWritten
from ..recordings.atomic_write import lock_file, write_atomically, write_attachment
from ..recordings.cassette import load_any_cassette
from ..recordings.exchange import ENDING_WHOLE, RecordedExchange
from ..recordings.record_hooks import RecordHooks
from ..recordings.scrub.policy import ScrubRules
from ..wire.http import RETRIED
from . import spool
from .cleaner import Cleaner, next_number
from .compose_cassette import CleanCopy, Composition, Recording
from .modes import MODES, Mode

Say: TypeAlias = Callable[[str], object]
"""Takes one line for the user, such as `print`."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The outcome of a save.

    new: how many exchanges were recorded
    total: how many the cassette holds now
    violations, drift: the findings of the contract check, a line each
    unkept: how many exchanges could not be kept
    """

    new: int
    total: int
    violations: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    unkept: int = 0


class RecordingWriter:
    """Collects the exchanges of one run and writes them; any thread may call `add`.

    Made by `open_recording`.
    """

    def __init__(
        self,
        path: Path,
        mode: Mode,
        old: list[RecordedExchange],
        *,
        rules: ScrubRules,
        hooks: RecordHooks,
        strict: bool,
        say: Say,
    ) -> None:
        self._hooks = hooks
        self.path = path
        self.mode = mode
        self.exchanges: list[RecordedExchange] = []
        self._old_exchanges = old
        self._strict = strict
        self._say = say
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._unkept_count = 0
        self._is_abandoned = False
        self._adder = ThreadPoolExecutor(1, thread_name_prefix="fakegemini-writer")
        self._pending: list[tuple[Future[None], str]] = []
        self._copies: list[CleanCopy] = []
        self._spool = spool.Spool(path, mode.name)
        self._old_spools = spool.find_spools(path)
        self._spooled_count = 0
        self._cleaner = Cleaner(rules, first_number=next_number(old))
        for recorded in old:
            self._cleaner.scrubber.learn(recorded)

    def begin_exchange(self) -> int:
        """Return the number of the next exchange, from 1: they are ordered by when they began."""
        return next(self._numbers)

    def add_soon(self, recorded: RecordedExchange) -> Future[None]:
        """Add an exchange in a thread of the writer, one after the other; `save` waits for it."""
        future = self._adder.submit(self.add, recorded)
        self._pending.append((future, recorded.ending))
        return future

    def leave_out(self, number: int, reason: str) -> None:
        """Count an exchange that cannot be kept, and say why."""
        self._unkept_count += 1
        self._say(f"exchange {number} is not kept: {reason}")

    def add(self, recorded: RecordedExchange) -> None:
        """Take an exchange that is over, scrub it, and append it to the spool.

        It runs while the client reads its answer, so it raises nothing about the exchange or the
        disk: `say` gets what went wrong. An exchange that cannot be looked into is not kept.
        """
        with self._lock:
            number = recorded.exchange.number
            try:
                hooked = self._hooks.apply(recorded)
            except HookFailed as error:
                self._unkept_count += 1
                self._say(f"exchange {number} is not kept: {error}")
                return
            if hooked is None:
                return  # the user dropped it
            recorded = hooked
            try:
                line, target, findings, doubts, teaches, copy = self._cleaner.clean(recorded)
            except Exception as error:  # whatever it is, the other exchanges are safe
                if self._is_abandoned:
                    return
                self._unkept_count += 1
                self._say(
                    f"exchange {number} is not kept: fakegemini itself failed on it with "
                    f"{type(error).__name__}, please report it"
                )
                return
            for doubt in doubts:
                self._say(f"exchange {number}: {doubt} is taken out; --allow-secret REGEX keeps it")
            if findings:
                self._unkept_count += 1
                self._say(f"exchange {number} is not kept ({target}): {'; '.join(findings)}")
                return
            self.exchanges.append(recorded)
            self._copies.append(copy)
            self._spool_line(number, line, has_new_secrets=teaches)

    def close(self) -> None:
        """End the thread and the process of this writer, after what they still have to do."""
        self._adder.shutdown()
        self._cleaner.close()

    def save(self) -> SaveResult:
        """Check the recording, write the cassette, and remove the spool.

        Without a new exchange the old cassette stays untouched. Raises `NotRecorded` for a value
        that was taken out elsewhere or, if strict, for a violation of the contract; raises
        `NotWritten` where the disk refuses, and then the spool stays.
        """
        for future, _ in self._pending:
            future.result()
        with self._lock:
            if not self.exchanges:
                return SaveResult(0, len(self._old_exchanges), unkept=self._unkept_count)
            composition = self._compose()
            for line in composition.remaining:
                self._say(f"{self.path}: {line}")
            violations = composition.violations
            if violations and self._strict:
                raise NotRecorded(
                    f"{self.path} is not written: {len(violations)} violations of the contract, "
                    f"the first: {violations[0]}\nFix: record without --strict, or save what was "
                    f"recorded with `fakegemini record --recover --cassette {self.path}`."
                )
            self._write_cassette(composition)
            return SaveResult(
                len(self.exchanges),
                composition.total,
                violations,
                composition.drift,
                self._unkept_count,
            )

    def find_outage(self) -> str:
        """Say which answer was an outage or out of quota and not followed by a good one; or ``."""
        last = {
            (recorded.exchange.method, recorded.exchange.uri, recorded.exchange.request_body): (
                recorded.exchange
            )
            for recorded in sorted(self.exchanges, key=lambda added: added.exchange.number)
        }
        for exchange in last.values():
            if exchange.status in RETRIED:
                return f"exchange {exchange.number} was answered {exchange.status}"
        return ""

    def keeps_all_whole(self) -> bool:
        """Tell whether each exchange that was not cut has been put on the disk."""
        return all(future.done() for future, ending in self._pending if ending == ENDING_WHOLE)

    def abandon(self) -> None:
        """End the other process at once, whatever it does; the spool stays."""
        self._is_abandoned = True
        self._cleaner.abandon()

    def discard(self) -> None:
        """Remove the spool of a recording that will not be saved, once it is complete."""
        wait([future for future, _ in self._pending])
        self._spool.drop()

    def _spool_line(self, number: int, line: bytes, *, has_new_secrets: bool) -> None:
        """Put a scrubbed exchange on the disk; a full disk is told to `say` and ends nothing."""
        # A secret that was recognised only now may stand in earlier lines of the spool.
        try:
            if has_new_secrets and len(self.exchanges) > 1:
                self._spool.rewrite(self._cleaner.lines_again(self.exchanges))
                self._spooled_count = len(self.exchanges)
            else:
                self._spool.add(line)
                self._spooled_count += 1
        except OSError as error:
            self._say(f"cannot keep exchange {number} on the disk yet: {error}")

    def _compose(self) -> Composition:
        added = zip(self.exchanges, self._copies, strict=True)
        new = sorted(added, key=lambda pair: pair[0].exchange.number)
        first = self.exchanges[0]
        recording = Recording(self.path, self.mode.keeps, self._old_exchanges, new, first)
        return self._cleaner.compose(recording)

    def _write_cassette(self, composition: Composition) -> None:
        """Replace the files of the cassette, then remove all spools of it."""
        if composition.holds_secret:
            raise NotRecorded(_refusal_text(self.path, ["a value that was scrubbed elsewhere"]))
        try:
            for file, content in composition.attachments.items():
                if not file.exists():  # its name is its hash: an existing one has this content
                    write_attachment(file, content)
            write_atomically(self.path, composition.content)
        except NotWritten as error:
            raise NotWritten(
                f"{error}. {self._spooled_count} of {len(self.exchanges)} exchanges are kept: "
                f"make room, then `fakegemini record --recover --cassette {self.path}`"
            ) from None
        for spool_path in self._old_spools:
            with contextlib.suppress(OSError):
                spool_path.unlink()
        self._spool.drop()


@contextmanager
def open_recording(
    path: Path,
    mode: Mode | Callable[[], Mode] = MODES["once"],
    *,
    rules: ScrubRules | None = None,
    hooks: RecordHooks | None = None,
    strict: bool = False,
    say: Say = print,
    wait: float = 0.0,
) -> Iterator[RecordingWriter]:
    """Give a writer for the cassette `path`, which is locked meanwhile; the caller calls `save`.

    mode: may be a function, which is asked once the file is locked
    wait: for how many seconds to wait for another process that records into the file

    Raises `Unreadable` where an existing file is no cassette, and `CassetteBusy` while another
    process records into it.
    """
    with lock_file(path, wait=wait):
        mode = mode if isinstance(mode, Mode) else mode()
        old = read_old_exchanges(path)
        for file in spool.find_spools(path):
            say(
                f"an earlier recording of {path} was interrupted; `fakegemini record --recover "
                f"--cassette {path}` saves it ({file.name}), and the next that is saved removes it"
            )
        writer = RecordingWriter(
            path,
            mode,
            old,
            rules=rules or ScrubRules(),
            hooks=hooks or RecordHooks(),
            strict=strict,
            say=say,
        )
        try:
            yield writer
        finally:
            writer.close()


def read_old_exchanges(path: Path) -> list[RecordedExchange]:
    """Return the exchanges of a cassette, none where it does not exist.

    Raises `Unreadable`, and `NotStarted` for a file of another tool, which could not read it again.
    """
    if path.exists() and not path.is_file():
        raise NotStarted(f"{path}: it is no plain file, so nothing can be recorded into it")
    if not path.exists() or not path.stat().st_size:  # a full disk leaves a file without content
        return []
    cassette = load_any_cassette(path)
    if cassette.tool:
        raise NotStarted(
            f"{path}: a recording in another form ({cassette.tool}), which is read and never "
            f"rewritten. Fix: `fakegemini convert {path} --out FILE` makes a cassette of it"
        )
    return list(cassette.exchanges)


def _refusal_text(path: Path, findings: list[str]) -> str:
    lines = [f"  {finding}" for finding in dict.fromkeys(findings)]
    return "\n".join(
        [
            f"{path} is not written: something still looks like a secret.",
            *lines,
            "Fix: --scrub FIELD takes out what goes by that name, --scrub-pattern REGEX what looks "
            "like it; --allow-secret REGEX says that it is none.",
        ]
    )
