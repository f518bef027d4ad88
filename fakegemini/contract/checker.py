"""Check recordings, bodies and streams against what the live server was recorded to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Unreadable
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read_exchanges
from ..recordings.uncollected import uncollected
from ..wire.sse import DONE_FRAME
from ..wording import count_of, spell_json
from .findings import Finding, Kind
from .rules.one_exchange import check_exchange
from .rules.one_recording import RecordingCheck
from .rules.recorder_marks import (
    LATE_CREATE,
    RecorderMark,
    find_late_create,
    find_marks,
)
from .rules.schema_fit import find_event_problems

SIDES = frozenset({"request", "response"})
"""The two sides of an exchange that can be checked."""


@dataclass(slots=True)
class Report:
    """What a check of files gave.

    unreadable: the files that could not be checked, and why
    marks: what recorders did to the files: the mark, then each file with what shows it there
    """

    files: int = 0
    exchanges: int = 0
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    marks: dict[RecorderMark, dict[str, str]] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """A line for each thing that recorders did: never the server's fault, and not checked."""
        return [
            f"{mark.sentence} in {count_of(len(signs), 'file')} ({next(iter(signs.values()))}): "
            "done by the recorder, not checked"
            for mark, signs in self.marks.items()
        ]

    def count(self, kind: Kind) -> int:
        """Count the findings of that kind."""
        return sum(finding.kind is kind for finding in self.findings)

    def exit_status(self, *, strict: bool = False) -> int:
        """Return 0 for no violation (no drift if `strict`), 1 for some, 2 if a file is unread."""
        if self.count(Kind.VIOLATION) or (strict and self.findings):
            return 1
        return 2 if self.unreadable else 0


def check_paths(
    paths: Iterable[Path],
    *,
    sides: frozenset[str] = SIDES,
    progress: Callable[[list[Path]], Iterable[Path]] = iter,
) -> Report:
    """Check files and folders; a file that cannot be checked does not stop the rest.

    `progress` is given the files and hands them back one by one.
    """
    report = Report()
    files: list[Path] = []
    for path in paths:
        try:
            files += files_in(path)
        except Unreadable as error:
            report.unreadable.append(str(error))
    for file in progress(files):
        check_file(file, report, sides=sides)
    report.findings.sort()
    return report


def check_file(file: Path, report: Report, *, sides: frozenset[str] = SIDES) -> None:
    """Check one file, and add what was found to `report`."""
    try:
        with uncollected():
            exchanges = read_exchanges(file)
            findings = check_exchanges(exchanges, str(file), sides=sides)
    except Unreadable as error:
        report.unreadable.append(str(error))
        return
    except RecursionError:
        report.unreadable.append(f"{file}: it is nested too deeply to be read")
        return
    report.files += 1
    report.exchanges += len(exchanges)
    report.findings += findings
    for exchange in exchanges:
        for mark, sign in find_marks(exchange):
            report.marks.setdefault(mark, {}).setdefault(str(file), sign)
    late_id = find_late_create(exchanges)
    if late_id:
        report.marks.setdefault(LATE_CREATE, {})[str(file)] = late_id


def check_exchanges(
    exchanges: Iterable[Exchange], file: str = "", *, sides: frozenset[str] = SIDES
) -> list[Finding]:
    """Return the findings of the exchanges of one recording, sorted."""
    exchanges = list(exchanges)
    recording = RecordingCheck(created_ids=_ids_in(exchanges))
    return sorted(
        problem.as_finding(file, exchange.number)
        for exchange in exchanges
        for problem in check_exchange(exchange, recording)
        if problem.path.partition(".")[0] in sides
    )


def _ids_in(exchanges: list[Exchange]) -> frozenset[str]:
    """Return the ids that the creates of a recording made, where more than one stands in it."""
    if len(exchanges) < 2:
        return frozenset()
    ids = [each.created_id for each in exchanges if each.operation == "create"]
    return frozenset(filter(None, ids))


def check(subject: Any, *, request: bool = False) -> list[Finding]:
    """Return what is wrong with a body, an event, a list of events, or the file of a recording.

    A dict is an interaction, an event, an error body or (with `request`) the body of a create.
    Raises `Unreadable` for a cassette that cannot be checked.
    """
    if isinstance(subject, str | Path):
        report = check_paths([Path(subject)])
        if report.unreadable:
            raise Unreadable("; ".join(report.unreadable))
        return report.findings
    if isinstance(subject, dict) and "event_type" in subject and not request:
        return sorted(
            problem.as_finding("", 1, "response.events[0]")
            for problem in find_event_problems(subject)
        )
    payload = b"" if isinstance(subject, list) else spell_json(subject).encode()
    if request:
        exchange = Exchange(1, "POST", "/v1/interactions", request_body=payload)
    elif isinstance(subject, list):
        exchange = Exchange(
            1, status=200, response_body=b"".join(map(_frame_event, subject)) + DONE_FRAME
        )
    else:
        is_refusal = isinstance(subject, dict) and "error" in subject and "status" not in subject
        exchange = Exchange(1, status=None if is_refusal else 200, response_body=payload)
    return check_exchanges([exchange])


def _frame_event(event: Any) -> bytes:
    name = event.get("event_type") if isinstance(event, dict) else None
    return f"event: {name}\ndata: {spell_json(event)}\n\n".encode()
