"""Verify the fake against recordings: it is asked the same, and its answers are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..contract.rules.legacy import find_legacy
from ..errors import FakeGeminiError, NoInteraction, Unreadable
from ..protocol.eras import Era
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read_exchanges
from ..wire.http import Reply
from ..wording import count_of
from .compare import Comparison, Tally
from .compare_answers import AnswerComparison
from .complete_exchanges import Completed, complete_exchanges
from .rehearsal import Rehearsal, Wrapper, possible_eras

_REQUEST_SUFFIX = ".request.json"


@dataclass(slots=True)
class FileVerification:
    """The outcome for one recording.

    exchanges: how many were compared
    equal_exchanges: how many of them are wholly equal
    legacy: how many were left out because the live server refuses such requests today
    odd: a line for each answer from which no interaction can be read, so that none is compared
    """

    file: str
    comparison: Comparison = field(default_factory=Comparison)
    exchanges: int = 0
    equal_exchanges: int = 0
    legacy: int = 0
    odd: list[str] = field(default_factory=list)

    @property
    def equal(self) -> int:
        """How many points are equal."""
        return self.comparison.equal


@dataclass(slots=True)
class Verification:
    """The outcome for all recordings; `unreadable` are the reasons, a line each."""

    files: list[FileVerification] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        exchanges = sum(file.exchanges for file in self.files)
        equal = sum(file.equal_exchanges for file in self.files)
        return (
            f"verify: {format_percent(self.equal, self.points)} of {self.points} points equal, "
            f"{equal} of {count_of(exchanges, 'exchange')} wholly equal "
            f"({format_percent(equal, exchanges)})"
        )

    @property
    def points(self) -> int:
        """How many points were compared."""
        return sum(file.comparison.points for file in self.files)

    @property
    def equal(self) -> int:
        """How many points are equal."""
        return sum(file.equal for file in self.files)

    @property
    def kinds(self) -> dict[str, Tally]:
        """The count by what the points are about, see `Comparison`."""
        kinds: dict[str, Tally] = {}
        for file in self.files:
            for kind, tally in file.comparison.kinds.items():
                total = kinds.setdefault(kind, Tally())
                total.points += tally.points
                total.equal += tally.equal
        return kinds

    def broken_kinds(self, minimum: float) -> Iterator[tuple[str, Tally]]:
        """Yield what is equal in fewer than `minimum` percent of its points, the worst first."""
        shares = sorted(self.kinds.items(), key=lambda item: item[1].equal / item[1].points)
        for kind, tally in shares:
            if 100 * tally.equal < minimum * tally.points:
                yield kind, tally

    def exit_status(self, minimum: float) -> int:
        """Return 0 if at least `minimum` percent of the points are equal, 1 if fewer are.

        That holds for all points, and for those about each thing. It is 2 where nothing was
        compared, or a file could not be read.
        """
        if not self.points or self.unreadable:
            return 2
        is_broken = any(True for _ in self.broken_kinds(minimum))
        return 0 if 100 * self.equal >= minimum * self.points and not is_broken else 1


def format_percent(equal: int, points: int) -> str:
    """Write a share in percent with one decimal, rounded down: 100.0 only where all are equal."""
    if not points:
        return "0.0 %"
    share = 1000 * equal // points
    return f"{share // 10}.{share % 10} %"


def verify_paths(paths: list[Path], wrapper: Wrapper | None = None) -> Verification:
    """Verify the fake against files and folders; a file that cannot be read stops no other.

    wrapper: what is put around the fake, such as a fault
    """
    outcome = Verification()
    for path in paths:
        try:
            files = files_in(path)
        except Unreadable as error:
            outcome.unreadable.append(str(error))
            continue
        for file, request_file in _pair_requests(files):
            try:
                exchanges = read_exchanges(file)
                if request_file:
                    exchanges = [*read_exchanges(request_file), *exchanges]
                verification = verify(exchanges, str(file), wrapper)
            except Unreadable as error:
                outcome.unreadable.append(str(error))
            except RecursionError:
                outcome.unreadable.append(f"{file}: it is nested too deeply to be compared")
            else:
                outcome.files.append(verification)
                outcome.unreadable += verification.odd
    return outcome


def _pair_requests(files: list[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Yield the files, a body with the `*.request.json` of the same name beside it."""
    requests = {
        file.with_name(file.name.removesuffix(_REQUEST_SUFFIX)): file
        for file in files
        if file.name.endswith(_REQUEST_SUFFIX)
    }
    answered = set()
    others = [file for file in files if file not in requests.values()]
    for file in others:
        stems = (file.with_suffix(""), file.with_suffix("").with_suffix(""))
        stem = next((stem for stem in stems if stem in requests and stem not in answered), None)
        if stem is not None:
            answered.add(stem)
        yield file, requests[stem] if stem is not None else None
    yield from ((file, None) for stem, file in requests.items() if stem not in answered)


def verify(
    exchanges: list[Exchange], file: str = "", wrapper: Wrapper | None = None
) -> FileVerification:
    """Ask a fresh fake the requests of one recording, and compare its answers.

    Where nothing in the recording tells its era, that counts which fits it best.
    """
    completed = complete_exchanges(exchanges)
    best: FileVerification | None = None
    for era in possible_eras(completed.exchanges, file):
        outcome = _verify_in(era, completed, file, wrapper)
        if best is None or len(outcome.comparison.differences) < len(best.comparison.differences):
            best = outcome
        if not best.comparison.differences:
            break
    assert best is not None
    return best


def _verify_in(
    era: Era, completed: Completed, file: str, wrapper: Wrapper | None
) -> FileVerification:
    outcome = FileVerification(file)
    rehearsal = Rehearsal(completed, era, wrapper) if wrapper else Rehearsal(completed, era)
    answers = AnswerComparison(outcome.comparison, rehearsal.names)
    for exchange in completed.exchanges:
        if find_legacy(exchange) and exchange.status != 400:
            outcome.legacy += 1
        elif exchange.operation and exchange.status is not None:
            differences = len(outcome.comparison.differences)
            try:
                reply, body, has_times = _rehearse(rehearsal, exchange)
            except NoInteraction as error:
                outcome.odd.append(f"{file}: exchange {exchange.number}: {error}")
                continue
            except FakeGeminiError as error:
                failure = str(error).partition("\n")[0]
                kind = f"{exchange.operation} answered {exchange.status}"
                outcome.comparison.count_point(
                    f"#{exchange.number} answer", "an answer", failure, kind
                )
            else:
                answers.compare(exchange, reply, body, has_times=has_times)
            outcome.exchanges += 1
            outcome.equal_exchanges += len(outcome.comparison.differences) == differences
    return outcome


def _rehearse(rehearsal: Rehearsal, exchange: Exchange) -> tuple[Reply, bytes, bool]:
    """Return the fake's reply, its body, and whether its time is the recorded one.

    Raises `NoInteraction` for a recorded answer with a value of a type that the fake cannot say
    again, or to a request that was not kept, and a `FakeGeminiError` where the fake refuses.
    """
    if exchange.has_lost_request:
        raise NoInteraction("request.body is empty: the recorder did not keep what was asked")
    try:
        reply, has_times = rehearsal.answer(exchange)
        body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        return reply, body, has_times
    except (TypeError, AttributeError, KeyError, ValueError):
        for finding in check_exchanges([exchange], sides=frozenset({"response"})):
            if finding.kind is Kind.VIOLATION:
                reason = f"{finding.path}: {finding.found}; expected {finding.expected}"
                raise NoInteraction(reason) from None
        raise
