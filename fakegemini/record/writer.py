"""A recording from its first exchange to the file: scrubbed, kept safe, checked, written whole."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
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
from ..recordings.scrub.policy import ScrubRules
from ..recordings.scrub.remaining import remaining_secrets
from ..recordings.scrub.scrubber import Scrubber
from ..recordings.scrub.spellings import SCRUBBED_VALUE
from ..wire.http import Json
from . import spool

Say = Callable[[str], object]


class Mode(StrEnum):
    """What is recorded, and what becomes of a cassette that is there; the words are VCR's."""

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    ALL = "all"
    REWRITE = "rewrite"


def render_cassette(
    path: Path, recorded: Sequence[RecordedExchange], head: Json
) -> tuple[str, dict[Path, bytes]]:
    """What is written: the cassette in the form its name says, and what is put aside by file."""
    text, attachments = dump_cassette(
        recorded, head, form="json" if path.suffix == ".json" else "yaml"
    )
    return text, {
        path.parent / ATTACHMENT_FOLDER / name: content for name, content in attachments.items()
    }


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What a recording came to: how many exchanges are new, and how many the cassette has."""

    new: int
    total: int
    violations: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()


class RecordingWriter:
    """The exchanges of one run. Made by `open_recording`; `add` may be called from any thread."""

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
        self._spool = spool.Spool(path, mode)
        self._old_spools = spool.find_spools(path)
        self._clean_exchanges: list[RecordedExchange] = []
        self._spooled_count = 0
        self._scrubber = Scrubber(rules, first_number=_next_number(old))
        for recorded in old:
            self._scrubber.learn(recorded)

    def begin_exchange(self) -> int:
        """The number of the next exchange: their order is that of their beginnings."""
        with self._lock:
            self._last_number += 1
            return self._last_number

    def add(self, recorded: RecordedExchange) -> None:
        """Keep an exchange that is over, on the disk too; it must not raise into an answer."""
        with self._lock:
            self.exchanges.append(recorded)
            known_count = self._scrubber.learned_count
            self._scrubber.learn(recorded)
            clean = self._scrubber.scrub(recorded)
            findings = remaining_secrets(clean, self._scrubber.rules)
            number = recorded.exchange.number
            self._refusals += [f"exchange {number}: {finding}" for finding in findings]
            for finding in findings:
                self._say(f"exchange {number} cannot be saved: {finding}")
            if self._refusals:
                self._spool.drop()  # a recording that may not be written leaves nothing
                return
            self._spool_exchange(clean, has_new_secrets=self._scrubber.learned_count > known_count)

    def save(self) -> SaveResult:
        """Write the cassette; without exchanges the old one stays. The spool goes.

        Raises `NotRecorded`, and `NotWritten` where the disk refuses; then the spool stays.
        """
        with self._lock:
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

    def discard(self) -> None:
        """Forget what was recorded, on the disk too."""
        self._spool.drop()

    def _spool_exchange(self, clean: RecordedExchange, *, has_new_secrets: bool) -> None:
        # A value that is learned late may stand in what was kept before.
        try:
            if has_new_secrets and self._clean_exchanges:
                self._clean_exchanges = [
                    self._scrubber.scrub(recorded) for recorded in self.exchanges
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
        scrub = self._scrubber
        scrub.counts.clear()
        new = sorted(self.exchanges, key=lambda recorded: recorded.exchange.number)
        old = [scrub.scrub(recorded) for recorded in self._old_exchanges]
        clean = [scrub.scrub(recorded) for recorded in new]
        refusals = list(self._refusals)
        for number, recorded in enumerate(old, start=1):
            refusals += [
                f"exchange {number} of the old file: {finding}"
                for finding in remaining_secrets(recorded, scrub.rules)
            ]
        if self.mode is Mode.NEW_EPISODES:
            clean = [*old, *clean]
        elif self.mode is Mode.ALL:
            from .ask_again import replace_conversations

            clean = replace_conversations(old, clean)
        else:
            refusals = self._refusals
        if refusals:
            raise NotRecorded(_refusal_text(self.path, refusals))
        return [
            replace(recorded, exchange=replace(recorded.exchange, number=number))
            for number, recorded in enumerate(clean, start=1)
        ]

    def _write_cassette(self, clean: list[RecordedExchange], drift: tuple[str, ...]) -> None:
        text, attachments = render_cassette(self.path, clean, self._build_head(clean, drift))
        if any(
            self._scrubber.holds_learned_value(part)
            for part in (text, *map(_decode_text, attachments.values()))
        ):
            raise NotRecorded(_refusal_text(self.path, ["a value that was scrubbed elsewhere"]))
        try:
            for file, content in attachments.items():
                if not file.exists():  # by its hash: what is there is the same
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

    def _build_head(self, clean: list[RecordedExchange], drift: tuple[str, ...]) -> Json:
        """When, with what and from where it was recorded, and what was taken out."""
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
    mode: Mode = Mode.ONCE,
    *,
    rules: ScrubRules | None = None,
    strict: bool = False,
    say: Say = print,
) -> Iterator[RecordingWriter]:
    """A recording that nobody else makes at the same time; the caller calls `save`.

    Raises `Unreadable` where the file that is there is no cassette, and `Busy`.
    """
    with lock_file(path):
        old = list(load_vcr_cassette(path).exchanges) if path.exists() else []
        for file in spool.find_spools(path):
            say(
                f"an earlier recording of {path} was interrupted; `fakegemini record --recover "
                f"--cassette {path}` saves it ({file.name}), and the next that is saved removes it"
            )
        yield RecordingWriter(path, mode, old, rules=rules or ScrubRules(), strict=strict, say=say)


def recover(path: Path, *, rules: ScrubRules | None = None, say: Say = print) -> SaveResult:
    """Save what the last interrupted recording of a cassette has left.

    Raises `NotRecorded` where there is nothing, and what `RecordingWriter.save` raises.
    """
    spool_paths = spool.find_spools(path)
    if not spool_paths:
        raise NotRecorded(f"{path}: no interrupted recording is left beside it")
    with lock_file(path):
        mode, spooled = spool.read_spool(spool_paths[-1])
        old = list(load_vcr_cassette(path).exchanges) if path.exists() else []
        if spooled and [_content_key(recorded) for recorded in old[-len(spooled) :]] == [
            _content_key(recorded) for recorded in spooled
        ]:
            spooled = []  # it was killed between the cassette and the spool
        writer = RecordingWriter(
            path, Mode(mode), old, rules=rules or ScrubRules(), strict=False, say=say
        )
        for recorded in spooled:
            writer.add(recorded)
        saved = writer.save()
        for spool_path in spool_paths:
            spool_path.unlink(missing_ok=True)
        return saved


def _content_key(recorded: RecordedExchange) -> tuple[str, str, bytes, bytes]:
    exchange = recorded.exchange
    return exchange.method, exchange.uri, exchange.request_body, exchange.response_body


def _next_number(old: list[RecordedExchange]) -> int:
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
