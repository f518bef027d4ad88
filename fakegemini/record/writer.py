"""Write one recording: each exchange is scrubbed and put on the disk, the cassette comes last.

Until `save` the exchanges stand in a spool beside the cassette, so that a crash loses none.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..errors import HookFailed, NotRecorded, NotWritten
from ..protocol.eras import CURRENT_ERA
from ..recordings.atomic_write import lock_file, write_atomically, write_attachment
from ..recordings.attachments import ATTACHMENT_FOLDER
from ..recordings.cassette import dump_cassette, load_vcr_cassette
from ..recordings.contents import NOTE_FORMAT
from ..recordings.exchange import RecordedExchange
from ..recordings.packed_file import pack_file, plain_suffix
from ..recordings.record_hooks import RecordHooks
from ..recordings.scrub.policy import ScrubRules
from ..recordings.scrub.remaining import remaining_secrets
from ..wire.http import RETRIED, Json
from . import spool
from .cleaner import Cleaner, next_number
from .merge import merge_exchanges
from .modes import MODES, Keeps, Mode

Say: TypeAlias = Callable[[str], object]
"""Takes one line for the user, such as `print`."""


def render_cassette(
    path: Path, recorded: Sequence[RecordedExchange], head: Json
) -> tuple[str, dict[Path, bytes]]:
    """Return the text of a cassette, and the contents of the attachments by their paths.

    A path that ends in `.json`, or in `.json.gz`, makes it JSON, any other YAML.
    """
    text, attachments = dump_cassette(
        recorded, head, form="json" if plain_suffix(path) == ".json" else "yaml"
    )
    return text, {
        path.parent / ATTACHMENT_FOLDER / name: content for name, content in attachments.items()
    }


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
        self._adder = ThreadPoolExecutor(1, thread_name_prefix="fakegemini-writer")
        self._pending: list[Future[None]] = []
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
        self._pending.append(future)
        return future

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
                line, target, findings, doubts, teaches = self._cleaner.clean(recorded)
            except Exception as error:  # whatever it is, the other exchanges are safe
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
        for future in self._pending:
            future.result()
        with self._lock:
            if not self.exchanges:
                return SaveResult(0, len(self._old_exchanges), unkept=self._unkept_count)
            clean = self._compose_exchanges()
            findings = check_exchanges(
                [recorded.exchange for recorded in clean if recorded.exchange.targets_interactions],
                str(self.path),
            )
            violations = tuple(
                str(finding) for finding in findings if finding.kind is Kind.VIOLATION
            )
            drift = tuple(
                str(replace(finding, file="")) for finding in findings if finding.kind is Kind.DRIFT
            )
            if violations and self._strict:
                raise NotRecorded(
                    f"{self.path} is not written: {len(violations)} violations of the contract, "
                    f"the first: {violations[0]}\nFix: record without --strict, or save what was "
                    f"recorded with `fakegemini record --recover --cassette {self.path}`."
                )
            self._write_cassette(clean, drift)
            count = len(self.exchanges)
            return SaveResult(count, len(clean), violations, drift, self._unkept_count)

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

    def discard(self) -> None:
        """Remove the spool of a recording that will not be saved."""
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

    def _compose_exchanges(self) -> list[RecordedExchange]:
        """Return the scrubbed exchanges of the new cassette, numbered from 1."""
        self._cleaner.scrubber.counts.clear()
        new = sorted(self.exchanges, key=lambda recorded: recorded.exchange.number)
        clean = self._cleaner.clean_again([*self._old_exchanges, *new])
        old, new = clean[: len(self._old_exchanges)], clean[len(self._old_exchanges) :]
        if self.mode.keeps is not Keeps.NOTHING:
            for number, recorded in enumerate(old, start=1):
                for finding in remaining_secrets(recorded, self._cleaner.scrubber.rules):
                    self._say(f"{self.path}: exchange {number} is kept as it was: {finding}")
        return [
            replace(recorded, exchange=replace(recorded.exchange, number=number))
            for number, recorded in enumerate(merge_exchanges(old, new, self.mode.keeps), start=1)
        ]

    def _write_cassette(self, clean: list[RecordedExchange], drift: tuple[str, ...]) -> None:
        """Replace the files of the cassette, then remove all spools of it."""
        text, attachments = render_cassette(self.path, clean, self._build_head(drift))
        if any(
            self._cleaner.scrubber.holds_learned_value(part)
            for part in (text, *map(_decode_text, attachments.values()))
        ):
            raise NotRecorded(_refusal_text(self.path, ["a value that was scrubbed elsewhere"]))
        try:
            for file, content in attachments.items():
                if not file.exists():  # its name is its hash: an existing one has this content
                    write_attachment(file, content)
            write_atomically(self.path, pack_file(text.encode(), self.path))
        except NotWritten as error:
            raise NotWritten(
                f"{error}. {self._spooled_count} of {len(self.exchanges)} exchanges are kept: "
                f"make room, then `fakegemini record --recover --cassette {self.path}`"
            ) from None
        for spool_path in self._old_spools:
            with contextlib.suppress(OSError):
                spool_path.unlink()
        self._spool.drop()

    def _build_head(self, drift: tuple[str, ...]) -> Json:
        """Return the head: when, where and by which client it was recorded, what was scrubbed."""
        headers = self.exchanges[0].exchange.request_headers
        client = headers.get("x-goog-api-client") or headers.get("user-agent", "")
        upstream = urlsplit(self.exchanges[0].exchange.uri)
        head: Json = {
            "format": NOTE_FORMAT,
            "recorded": datetime.now(UTC).date().isoformat(),
            "era": CURRENT_ERA.name,
            "upstream": f"{upstream.scheme}://{upstream.netloc}",
            "client": self._cleaner.scrubber.scrub_body(client),
            "scrubbed": dict(sorted(self._cleaner.scrubber.counts.items())),
        }
        return head | ({"drift": list(drift)} if drift else {})


def _decode_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


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
    """Return the exchanges of a cassette, none where it does not exist; raises `Unreadable`."""
    if not path.exists() or not path.stat().st_size:  # a full disk leaves a file without content
        return []
    return list(load_vcr_cassette(path).exchanges)


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
