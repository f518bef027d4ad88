"""Verify the fake against recordings: it is asked the same, and its answers are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..contract.rules.legacy import find_legacy
from ..errors import FakeGeminiError, NoInteraction, Unreadable
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read_exchanges
from ..wire.http import Reply
from ..wording import count_of
from .compare import Comparison
from .compare_answers import AnswerComparison
from .rehearsal import Rehearsal


@dataclass(slots=True)
class FileVerification:
    """The outcome for one recording.

    exchanges: how many were compared
    legacy: how many were left out because the live server refuses such requests today
    odd: a line for each answer from which no interaction can be read, so that none is compared
    """

    file: str
    comparison: Comparison = field(default_factory=Comparison)
    exchanges: int = 0
    legacy: int = 0
    odd: list[str] = field(default_factory=list)

    @property
    def equal(self) -> int:
        """How many points are equal."""
        return self.comparison.points - len(self.comparison.differences)


@dataclass(slots=True)
class Verification:
    """The outcome for all recordings; `unreadable` are the reasons, a line each."""

    files: list[FileVerification] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        points = sum(file.comparison.points for file in self.files)
        equal = sum(file.equal for file in self.files)
        exchanges = sum(file.exchanges for file in self.files)
        return (
            f"verify: {format_percent(equal, points)} of {points} points equal, "
            f"{count_of(exchanges, 'exchange')}"
        )

    def exit_status(self, minimum: float) -> int:
        """Return 0 if at least `minimum` percent of the points are equal, 1 if fewer are.

        It is 2 where nothing was compared, or a file could not be read.
        """
        points = sum(file.comparison.points for file in self.files)
        if not points or self.unreadable:
            return 2
        equal = sum(file.equal for file in self.files)
        return 0 if 100 * equal >= minimum * points else 1


def format_percent(equal: int, points: int) -> str:
    """Write a share in percent with one decimal, rounded down: 100.0 only where all are equal."""
    if not points:
        return "0.0 %"
    share = 1000 * equal // points
    return f"{share // 10}.{share % 10} %"


def verify_paths(paths: list[Path]) -> Verification:
    """Verify the fake against files and folders; a file that cannot be read stops no other."""
    outcome = Verification()
    for path in paths:
        try:
            files = files_in(path)
        except Unreadable as error:
            outcome.unreadable.append(str(error))
            continue
        for file in files:
            try:
                verification = verify(read_exchanges(file), str(file))
            except Unreadable as error:
                outcome.unreadable.append(str(error))
            else:
                outcome.files.append(verification)
                outcome.unreadable += verification.odd
    return outcome


def verify(exchanges: list[Exchange], file: str = "") -> FileVerification:
    """Ask a fresh fake the requests of one recording, and compare its answers."""
    outcome = FileVerification(file)
    rehearsal = Rehearsal(exchanges, file)
    answers = AnswerComparison(outcome.comparison, exchanges, rehearsal.fake_ids)
    for exchange in exchanges:
        if find_legacy(exchange):
            outcome.legacy += 1
        elif exchange.operation and exchange.status is not None:
            outcome.exchanges += 1
            try:
                reply, body = _rehearse(rehearsal, exchange)
            except NoInteraction as error:
                outcome.exchanges -= 1
                outcome.odd.append(f"{file}: exchange {exchange.number}: {error}")
            except FakeGeminiError as error:
                failure = str(error).partition("\n")[0]
                outcome.comparison.count_point(f"#{exchange.number} answer", "an answer", failure)
            else:
                answers.compare(exchange, reply, body)
    return outcome


def _rehearse(rehearsal: Rehearsal, exchange: Exchange) -> tuple[Reply, bytes]:
    """Return the fake's reply and its body.

    Raises `NoInteraction` for a recorded answer with a value of a type that the fake cannot say
    again, or to a request that was not kept, and a `FakeGeminiError` where the fake refuses.
    """
    if exchange.has_lost_request:
        raise NoInteraction("request.body is empty: the recorder did not keep what was asked")
    try:
        reply = rehearsal.answer(exchange)
        return reply, b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    except (TypeError, AttributeError, KeyError, ValueError):
        for finding in check_exchanges([exchange], sides=frozenset({"response"})):
            if finding.kind is Kind.VIOLATION:
                reason = f"{finding.path}: {finding.found}; expected {finding.expected}"
                raise NoInteraction(reason) from None
        raise
