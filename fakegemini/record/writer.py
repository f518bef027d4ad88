"""Write one recording: each exchange is scrubbed and put on the disk, the cassette comes last.

Until `save` the exchanges stand in a spool beside the cassette, so that a crash loses none.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..errors import NotRecorded, NotWritten
from ..protocol.eras import CURRENT_ERA
from ..recordings.atomic_write import lock_file, write_atomically
from ..recordings.attachments import ATTACHMENT_FOLDER
from ..recordings.cassette import dump_cassette, load_vcr_cassette
from ..recordings.contents import NOTE_FORMAT
from ..recordings.exchange import RecordedExchange
from ..recordings.scrub.last_resort import scrub_fully
from ..recordings.scrub.policy import ScrubRules
from ..recordings.scrub.scrubber import Scrubber
from ..recordings.scrub.spellings import SCRUBBED_VALUE
from ..wire.http import RETRIED, Json
from . import spool
from .merge import merge_exchanges
from .modes import MODES, Keeps, Mode

Say: TypeAlias = Callable[[str], object]
"""Takes one line for the user, such as `print`."""


def render_cassette(
    path: Path, recorded: Sequence[RecordedExchange], head: Json
) -> tuple[str, dict[Path, bytes]]:
    """Return the text of a cassette, and the contents of the attachments by their paths.

    A path that ends in `.json` makes it JSON, any other YAML.
    """
    text, attachments = dump_cassette(
        recorded, head, form="json" if path.suffix == ".json" else "yaml"
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
    """

    new: int
    total: int
    violations: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()


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
        strict: bool,
        say: Say,
    ) -> None:
        self.path = path
        self.mode = mode
        self.exchanges: list[RecordedExchange] = []
        self._old_exchanges = old
        self._strict = strict
        self._say = say
        self._lock = threading.Lock()
        self._last_number = 0
        self._refusals: list[str] = []
        self._spool = spool.Spool(path, mode.name)
        self._old_spools = spool.find_spools(path)
        self._clean_exchanges: list[RecordedExchange] = []
        self._spooled_count = 0
        self._scrubber = Scrubber(rules, first_number=_next_number(old))
        for recorded in old:
            self._scrubber.learn(recorded)

    def begin_exchange(self) -> int:
        """Return the number of the next exchange, from 1: they are ordered by when they began."""
        with self._lock:
            self._last_number += 1
            return self._last_number

    def add(self, recorded: RecordedExchange) -> None:
        """Take an exchange that is over, scrub it, and append it to the spool.

        It runs while the client reads its answer, so it raises nothing about the exchange or the
        disk: `say` gets what went wrong. An exchange that still looks like a secret is not kept.
        """
        with self._lock:
            self.exchanges.append(recorded)
            known_count = self._scrubber.learned_count
            doubt_count = len(self._scrubber.doubts)
            self._scrubber.learn(recorded)
            for name in self._scrubber.doubts[doubt_count:]:
                self._say(
                    f"exchange {recorded.exchange.number}: {name} looks like a secret and is taken "
                    "out; --allow-secret REGEX keeps it"
                )
            clean, findings = scrub_fully(self._scrubber, recorded)
            if findings:
                number = recorded.exchange.number
                self._refusals += [f"exchange {number}: {finding}" for finding in findings]
                for finding in findings:
                    self._say(f"exchange {number} cannot be kept: {finding}")
                self.exchanges.pop()
                return
            self._spool_exchange(clean, has_new_secrets=self._scrubber.learned_count > known_count)

    def save(self) -> SaveResult:
        """Check the recording, write the cassette, and remove the spool.

        Without a new exchange the old cassette stays untouched. Raises `NotRecorded` for something
        that looks like a secret or, if strict, for a violation of the contract; raises `NotWritten`
        where the disk refuses, and then the spool stays.
        """
        with self._lock:
            if self._refusals and not self.exchanges:
                raise NotRecorded(_refusal_text(self.path, self._refusals))
            if not self.exchanges:
                return SaveResult(0, len(self._old_exchanges))
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
            return SaveResult(len(self.exchanges), len(clean), violations, drift)

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

    def _spool_exchange(self, clean: RecordedExchange, *, has_new_secrets: bool) -> None:
        """Put a scrubbed exchange on the disk; a full disk is told to `say` and ends nothing."""
        # A secret that was recognised only now may stand in earlier lines of the spool.
        try:
            if has_new_secrets and self._clean_exchanges:
                self._clean_exchanges = [
                    scrub_fully(self._scrubber, recorded)[0] for recorded in self.exchanges
                ]
                self._spool.rewrite(self._clean_exchanges)
                self._spooled_count = len(self._clean_exchanges)
            else:
                self._clean_exchanges.append(clean)
                self._spool.add(clean)
                self._spooled_count += 1
        except OSError as error:
            self._say(f"cannot keep exchange {clean.exchange.number} on the disk yet: {error}")

    def _compose_exchanges(self) -> list[RecordedExchange]:
        """Return the scrubbed exchanges of the new cassette, numbered from 1."""
        scrub = self._scrubber
        scrub.counts.clear()
        new = sorted(self.exchanges, key=lambda recorded: recorded.exchange.number)
        old_results = [scrub_fully(scrub, recorded) for recorded in self._old_exchanges]
        old = [recorded for recorded, _ in old_results]
        clean = [scrub_fully(scrub, recorded)[0] for recorded in new]
        if self.mode.keeps is not Keeps.NOTHING:
            for number, (_, findings) in enumerate(old_results, start=1):
                for finding in findings:
                    self._say(f"exchange {number} of the old file stays, though {finding}")
        return [
            replace(recorded, exchange=replace(recorded.exchange, number=number))
            for number, recorded in enumerate(merge_exchanges(old, clean, self.mode.keeps), start=1)
        ]

    def _write_cassette(self, clean: list[RecordedExchange], drift: tuple[str, ...]) -> None:
        """Replace the files of the cassette, then remove all spools of it."""
        text, attachments = render_cassette(self.path, clean, self._build_head(drift))
        if any(
            self._scrubber.holds_learned_value(part)
            for part in (text, *map(_decode_text, attachments.values()))
        ):
            raise NotRecorded(_refusal_text(self.path, ["a value that was scrubbed elsewhere"]))
        try:
            for file, content in attachments.items():
                if not file.exists():  # its name is its hash: an existing one has this content
                    write_atomically(file, content)
            write_atomically(self.path, text.encode())
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
            "client": self._scrubber.scrub_body(client),
            "scrubbed": dict(sorted(self._scrubber.counts.items())),
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
        yield RecordingWriter(path, mode, old, rules=rules or ScrubRules(), strict=strict, say=say)


def read_old_exchanges(path: Path) -> list[RecordedExchange]:
    """Return the exchanges of a cassette, none where it does not exist; raises `Unreadable`."""
    if not path.exists() or not path.stat().st_size:  # a full disk leaves a file without content
        return []
    return list(load_vcr_cassette(path).exchanges)


def _next_number(old: list[RecordedExchange]) -> int:
    """Return the first number of a placeholder such as `SCRUBBED-1` that a cassette has not."""
    numbers = [0]
    for recorded in old:
        exchange = recorded.exchange
        parts = (repr(exchange.request_headers), repr(exchange.response_headers), exchange.uri)
        bodies = (exchange.request_body, exchange.response_body)
        text = "\n".join([*parts, *(body.decode("utf-8", "replace") for body in bodies)])
        numbers += [int(match[0].rpartition("-")[2]) for match in SCRUBBED_VALUE.finditer(text)]
    return max(numbers) + 1


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
