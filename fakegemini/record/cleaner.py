"""Scrub the exchanges of a recording, in another process where one is large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from ..recordings.exchange import RecordedExchange
from ..recordings.scrub.last_resort import scrub_fully
from ..recordings.scrub.policy import ScrubRules
from ..recordings.scrub.scrubber import Scrubber
from ..recordings.scrub.spellings import SCRUBBED_VALUE
from .compose_cassette import CleanCopy, Composition, Recording, compose
from .heavy_work import HeavyWorker
from .spool import encode_line

_HEAVY_BYTES = 200_000
"""From how many bytes of bodies on an exchange goes to the other process."""

_HEAVY_TOGETHER = 1_000_000
"""From how many on a cassette is made there: to start it takes as long as to make one of these."""


class Cleaned(NamedTuple):
    """An exchange without secrets, as a line of a spool.

    target: its method and path
    findings: what still looks like a secret, or cannot be looked into; empty if it may be written
    doubts: what may be no secret and was taken out, each the beginning of a sentence
    teaches: whether it holds a secret that was unknown, which earlier exchanges may hold too
    copy: the exchange itself, for the cassette
    """

    line: bytes
    target: str
    findings: list[str]
    doubts: list[str]
    teaches: bool
    copy: CleanCopy


class Cleaner:
    """Takes the secrets out of exchanges, one after the other; not for several threads at once."""

    def __init__(self, rules: ScrubRules, first_number: int) -> None:
        self.scrubber = Scrubber(rules, first_number=first_number)
        self._worker = HeavyWorker()

    def clean(self, recorded: RecordedExchange) -> Cleaned:
        """Learn the secrets of an exchange and take them out."""
        if not _is_heavy(recorded):
            return _learn_and_scrub(self.scrubber, recorded)[1]
        self.scrubber, cleaned = self._worker.call(_learn_and_scrub, self.scrubber, recorded)
        copy = replace(cleaned.copy, recorded=_with_bodies_of(recorded, cleaned.copy.recorded))
        return cleaned._replace(copy=copy)

    def compose(self, recording: Recording) -> Composition:
        """Make the content of a cassette."""
        size = sum(map(_size_of, (*recording.old, *(recorded for recorded, _ in recording.new))))
        if size < _HEAVY_TOGETHER:
            return compose(self.scrubber, recording)[1]
        self.scrubber, composition = self._worker.call(compose, self.scrubber, recording)
        return composition

    def lines_again(self, exchanges: Sequence[RecordedExchange]) -> list[bytes]:
        """Return the lines of exchanges without all the secrets that are known by now."""
        if not any(map(_is_heavy, exchanges)):
            return _scrub_to_lines(self.scrubber, exchanges)[1]
        self.scrubber, lines = self._worker.call(_scrub_to_lines, self.scrubber, exchanges)
        return lines

    def abandon(self) -> None:
        """End the other process at once; what it does is lost."""
        self._worker.kill()

    def close(self) -> None:
        """End the other process, if there is one."""
        self._worker.close()


def _is_heavy(recorded: RecordedExchange) -> bool:
    return _size_of(recorded) >= _HEAVY_BYTES


def _size_of(recorded: RecordedExchange) -> int:
    return len(recorded.exchange.request_body) + len(recorded.exchange.response_body)


def _with_bodies_of(raw: RecordedExchange, clean: RecordedExchange) -> RecordedExchange:
    """Return a clean exchange that shares the bodies of the raw one, where they are the same."""
    exchange, same = clean.exchange, raw.exchange
    if exchange.request_body == same.request_body:
        exchange = replace(exchange, request_body=same.request_body)
    if exchange.response_body == same.response_body:
        exchange = replace(exchange, response_body=same.response_body)
    return replace(clean, exchange=exchange)


def _learn_and_scrub(scrubber: Scrubber, recorded: RecordedExchange) -> tuple[Scrubber, Cleaned]:
    known_count, doubt_count = scrubber.learned_count, len(scrubber.doubts)
    counts = scrubber.counts.copy()
    scrubber.learn(recorded)
    clean, findings = scrub_fully(scrubber, recorded)
    has_learned = scrubber.learned_count > known_count
    target = f"{clean.exchange.method} {urlsplit(clean.exchange.uri).path}"
    doubts = scrubber.doubts[doubt_count:]
    copy = CleanCopy(clean, scrubber.value_count, scrubber.counts - counts)
    return scrubber, Cleaned(encode_line(clean), target, findings, doubts, has_learned, copy)


def _scrub_to_lines(
    scrubber: Scrubber, exchanges: Sequence[RecordedExchange]
) -> tuple[Scrubber, list[bytes]]:
    return scrubber, [encode_line(scrub_fully(scrubber, recorded)[0]) for recorded in exchanges]


def next_number(old: list[RecordedExchange]) -> int:
    """Return the first number of a placeholder such as `SCRUBBED-1` that a cassette has not."""
    numbers = [0]
    for recorded in old:
        exchange = recorded.exchange
        parts = (repr(exchange.request_headers), repr(exchange.response_headers), exchange.uri)
        bodies = (exchange.request_body, exchange.response_body)
        text = "\n".join([*parts, *(body.decode("utf-8", "replace") for body in bodies)])
        numbers += [int(match[0].rpartition("-")[2]) for match in SCRUBBED_VALUE.finditer(text)]
    return max(numbers) + 1
