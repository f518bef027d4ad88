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
from ..protocol.eras import NOW
from ..recordings.atomic_write import locked, write_whole
from ..recordings.attachments import FOLDER
from ..recordings.cassette import FORMAT, dumps, load_tape
from ..recordings.exchange import Recorded
from ..recordings.scrub.policy import Rules
from ..recordings.scrub.scrubber import Scrubber
from ..recordings.scrub.spellings import PLACEHOLDER
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


def cassette_text(
    path: Path, recorded: Sequence[Recorded], head: Json
) -> tuple[str, dict[Path, bytes]]:
    """What is written: the cassette in the form its name says, and what is put aside by file."""
    text, aside = dumps(recorded, head, form="json" if path.suffix == ".json" else "yaml")
    return text, {path.parent / FOLDER / name: content for name, content in aside.items()}


@dataclass(frozen=True, slots=True)
class Saved:
    """What a recording came to: how many exchanges are new, and how many the cassette has."""

    new: int
    total: int
    violations: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()


class Recording:
    """The exchanges of one run. Made by `recording`; `add` may be called from any thread."""

    def __init__(
        self, path: Path, mode: Mode, old: list[Recorded], *, rules: Rules, strict: bool, say: Say
    ) -> None:
        self.path = path
        self.mode = mode
        self.recorded: list[Recorded] = []
        self._old = old
        self._strict = strict
        self._say = say
        self._lock = threading.Lock()
        self._begun = 0
        self._refused: list[str] = []
        self._spool = spool.Spool(path, mode)
        self._superseded = spool.left(path)
        self._safe: list[Recorded] = []
        self._kept = 0
        self._scrubber = Scrubber(rules, first=_next_number(old))
        for one in old:
            self._scrubber.learn(one)

    def begin(self) -> int:
        """The number of the next exchange: their order is that of their beginnings."""
        with self._lock:
            self._begun += 1
            return self._begun

    def add(self, recorded: Recorded) -> None:
        """Keep an exchange that is over, on the disk too; it must not raise into an answer."""
        with self._lock:
            self.recorded.append(recorded)
            known = self._scrubber.known
            self._scrubber.learn(recorded)
            clean = self._scrubber.scrubbed(recorded)
            found = self._scrubber.remaining(clean)
            number = recorded.exchange.number
            self._refused += [f"exchange {number}: {one}" for one in found]
            for one in found:
                self._say(f"exchange {number} cannot be saved: {one}")
            if self._refused:
                self._spool.drop()  # a recording that may not be written leaves nothing
                return
            self._keep(clean, anew=self._scrubber.known > known)

    def save(self) -> Saved:
        """Write the cassette; without exchanges the old one stays. The spool goes.

        Raises `NotRecorded`, and `NotWritten` where the disk refuses; then the spool stays.
        """
        with self._lock:
            if not self.recorded:
                return Saved(0, len(self._old))
            clean = self._composed()
            findings = check_exchanges(
                [one.exchange for one in clean if one.exchange.ours], str(self.path)
            )
            violations = tuple(str(one) for one in findings if one.kind is Kind.VIOLATION)
            drift = tuple(str(replace(one, file="")) for one in findings if one.kind is Kind.DRIFT)
            if violations and self._strict:
                raise NotRecorded(
                    f"{self.path} is not written: {len(violations)} violations of the contract, "
                    f"the first: {violations[0]}\nFix: record without --strict, or save what was "
                    f"recorded with `fakegemini record --recover --cassette {self.path}`."
                )
            self._write(clean, drift)
            return Saved(len(self.recorded), len(clean), violations, drift)

    def discard(self) -> None:
        """Forget what was recorded, on the disk too."""
        self._spool.drop()

    def _keep(self, clean: Recorded, *, anew: bool) -> None:
        # A value that is learned late may stand in what was kept before.
        try:
            if anew and self._safe:
                self._safe = [self._scrubber.scrubbed(one) for one in self.recorded]
                self._spool.write(self._safe)
                self._kept = len(self._safe)
            else:
                self._safe.append(clean)
                self._spool.add(clean)
                self._kept += 1
        except OSError as error:
            self._say(f"cannot keep exchange {clean.exchange.number} on the disk yet: {error}")

    def _composed(self) -> list[Recorded]:
        scrub = self._scrubber
        scrub.counts.clear()
        new = sorted(self.recorded, key=lambda one: one.exchange.number)
        old = [scrub.scrubbed(one) for one in self._old]
        clean = [scrub.scrubbed(one) for one in new]
        refused = list(self._refused)
        for at, one in enumerate(old, start=1):
            refused += [f"exchange {at} of the old file: {what}" for what in scrub.remaining(one)]
        if self.mode is Mode.NEW_EPISODES:
            clean = [*old, *clean]
        elif self.mode is Mode.ALL:
            from .ask_again import renewed

            clean = renewed(old, clean)
        else:
            refused = self._refused
        if refused:
            raise NotRecorded(_refusal(self.path, refused))
        return [
            replace(one, exchange=replace(one.exchange, number=number))
            for number, one in enumerate(clean, start=1)
        ]

    def _write(self, clean: list[Recorded], drift: tuple[str, ...]) -> None:
        text, aside = cassette_text(self.path, clean, self._head(clean, drift))
        if any(self._scrubber.knows_any(part) for part in (text, *map(_text, aside.values()))):
            raise NotRecorded(_refusal(self.path, ["a value that was scrubbed elsewhere"]))
        try:
            for file, content in aside.items():
                if not file.exists():  # by its hash: what is there is the same
                    write_whole(file, content)
            write_whole(self.path, text.encode())
        except NotWritten as error:
            raise NotWritten(
                f"{error}. {self._kept} of {len(self.recorded)} exchanges are kept: "
                f"make room, then `fakegemini record --recover --cassette {self.path}`"
            ) from None
        for left in self._superseded:
            with contextlib.suppress(OSError):
                left.unlink()
        self._spool.drop()

    def _head(self, clean: list[Recorded], drift: tuple[str, ...]) -> Json:
        """When, with what and from where it was recorded, and what was taken out."""
        headers = self.recorded[0].exchange.request_headers
        client = headers.get("x-goog-api-client") or headers.get("user-agent", "")
        place = urlsplit(self.recorded[0].exchange.uri)
        head: Json = {
            "format": FORMAT,
            "recorded": datetime.now(UTC).date().isoformat(),
            "era": NOW.name,
            "upstream": f"{place.scheme}://{place.netloc}",
            "client": self._scrubber.body(client),
            "scrubbed": dict(sorted(self._scrubber.counts.items())),
        }
        return head | ({"drift": list(drift)} if drift else {})


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


@contextmanager
def recording(
    path: Path,
    mode: Mode = Mode.ONCE,
    *,
    rules: Rules | None = None,
    strict: bool = False,
    say: Say = print,
) -> Iterator[Recording]:
    """A recording that nobody else makes at the same time; the caller calls `save`.

    Raises `Unreadable` where the file that is there is no cassette, and `Busy`.
    """
    with locked(path):
        old = list(load_tape(path).recorded) if path.exists() else []
        for left in spool.left(path):
            say(
                f"an earlier recording of {path} was interrupted; `fakegemini record --recover "
                f"--cassette {path}` saves it ({left.name}), and the next that is saved removes it"
            )
        yield Recording(path, mode, old, rules=rules or Rules(), strict=strict, say=say)


def recover(path: Path, *, rules: Rules | None = None, say: Say = print) -> Saved:
    """Save what the last interrupted recording of a cassette has left.

    Raises `NotRecorded` where there is nothing, and what `Recording.save` raises.
    """
    found = spool.left(path)
    if not found:
        raise NotRecorded(f"{path}: no interrupted recording is left beside it")
    with locked(path):
        mode, kept = spool.read(found[-1])
        old = list(load_tape(path).recorded) if path.exists() else []
        if kept and [_said(one) for one in old[-len(kept) :]] == [_said(one) for one in kept]:
            kept = []  # it was killed between the cassette and the spool
        made = Recording(path, Mode(mode), old, rules=rules or Rules(), strict=False, say=say)
        for one in kept:
            made.add(one)
        saved = made.save()
        for left in found:
            left.unlink(missing_ok=True)
        return saved


def _said(recorded: Recorded) -> tuple[str, str, bytes, bytes]:
    exchange = recorded.exchange
    return exchange.method, exchange.uri, exchange.request_body, exchange.response_body


def _next_number(old: list[Recorded]) -> int:
    numbers = [0]
    for one in old:
        exchange = one.exchange
        parts = (repr(exchange.request_headers), repr(exchange.response_headers), exchange.uri)
        bodies = (exchange.request_body, exchange.response_body)
        text = "\n".join([*parts, *(body.decode("utf-8", "replace") for body in bodies)])
        numbers += [int(found[0].rpartition("-")[2]) for found in PLACEHOLDER.finditer(text)]
    return max(numbers) + 1


def _refusal(path: Path, found: list[str]) -> str:
    lines = [f"  {one}" for one in dict.fromkeys(found)]
    return "\n".join(
        [
            f"{path} is not written: something still looks like a secret.",
            *lines,
            "Fix: --scrub FIELD takes out what goes by that name, --scrub-pattern REGEX what looks "
            "like it; --allow-secret REGEX says that it is none.",
        ]
    )
