"""Recordings, bodies and streams against what the live server was recorded to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DuplicateKey, Unreadable
from ..protocol.ask import has_bare_content, without_nulls
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read_exchanges
from ..wire.json_text import parse_json
from ..wire.sse import DONE_FRAME, Frame
from ..wording import brief_json
from .findings import Finding, Kind, Problem
from .rules import error_codes, one_interaction
from .rules.legacy import find_legacy
from .rules.one_recording import RecordingCheck
from .rules.one_stream import StreamCheck
from .rules.schema_fit import find_event_problems, find_schema_problems

_LIVE = "C: recorded exchanges, 2026-05 to 2026-10"
SIDES = frozenset({"request", "response"})
"""The two sides of an exchange that can be checked."""


@dataclass(slots=True)
class Report:
    """What a check of files gave. `unreadable` are the files that could not be checked, and why."""

    files: int = 0
    exchanges: int = 0
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """How many findings are of that kind."""
        return sum(finding.kind is kind for finding in self.findings)

    def exit_status(self, *, strict: bool = False) -> int:
        """0 good, 1 violations (drift too if `strict`), 2 something could not be checked."""
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
    """Check one file into `report`."""
    try:
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


def check_exchanges(
    exchanges: Iterable[Exchange], file: str = "", *, sides: frozenset[str] = SIDES
) -> list[Finding]:
    """The findings of the exchanges of one recording, sorted."""
    recording = RecordingCheck()
    return sorted(
        problem.as_finding(file, exchange.number)
        for exchange in exchanges
        for problem in check_exchange(exchange, recording)
        if problem.path.partition(".")[0] in sides
    )


def check(subject: Any, *, request: bool = False) -> list[Finding]:
    """The findings of a body, an event, a list of events, or a cassette's path; none is good.

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
    payload = b"" if isinstance(subject, list) else json.dumps(subject).encode()
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
    return f"event: {name}\ndata: {json.dumps(event)}\n\n".encode()


def check_exchange(exchange: Exchange, recording: RecordingCheck) -> Iterator[Problem]:
    """The faults of one exchange against what the tape remembers; paths begin with the side."""
    legacy_problem = find_legacy(exchange)
    if legacy_problem:
        yield legacy_problem
        return
    request_body: Any = None
    if exchange.operation == "create":
        try:
            request_body = exchange.request_json
        except ValueError as error:
            if exchange.status == 200 or exchange.status is None:
                yield _unreadable_body("request.body", exchange.request_body, error)
            return
    yield from (
        problem.under("request") for problem in _check_request(exchange, request_body, recording)
    )
    yield from (
        problem.under("response") for problem in _check_response(exchange, request_body, recording)
    )


def _check_request(
    exchange: Exchange, request_body: Any, recording: RecordingCheck
) -> Iterator[Problem]:
    # A request that the server refused is evidence of the refusal, not a mistake of the tape.
    accepted = exchange.status == 200
    if exchange.operation == "create" and (accepted or exchange.status is None):
        if request_body is None:
            observed, expected = "it is not there", "the body of a create"
            yield Problem("body", "missing-body", observed, expected, _LIVE, Kind.DRIFT)
            return
        if b"null" in exchange.request_body:
            request_body = without_nulls(request_body)
        problems = find_schema_problems(
            request_body, "interactions/create", request=True, accepted=accepted
        )
        yield from (problem.under("body") for problem in problems)
        if isinstance(request_body, dict) and bool(request_body.get("model")) == bool(
            request_body.get("agent")
        ):
            targets = "both" if request_body.get("model") else "neither"
            yield Problem("body.model", "model-or-agent", targets, "one of them", "L: 2026-09-07")
    yield from recording.check_request(exchange)


def _check_response(
    exchange: Exchange, request_body: Any, recording: RecordingCheck
) -> Iterator[Problem]:
    if exchange.status is None and not exchange.response_body:
        return
    yield from _check_headers(exchange, _wants_stream(exchange, request_body))
    if exchange.status is not None and exchange.status >= 400:
        yield from _check_failure(exchange)
        return
    is_stored = _is_stored(request_body)
    if exchange.operation in ("get", "cancel"):
        is_stored = True
    if exchange.is_stream:
        background = isinstance(request_body, dict) and request_body.get("background") is True
        yield from _check_stream(exchange, is_stored, background, recording)
        return
    try:
        body = exchange.response_json
    except ValueError as error:
        yield _unreadable_body("body", exchange.response_body, error)
        return
    problems = _check_body(exchange, body, is_stored, request_body, recording)
    yield from (problem.under("body") for problem in problems)


def _check_stream(
    exchange: Exchange, stored: bool | None, background: bool, recording: RecordingCheck
) -> Iterator[Problem]:
    stream_check = StreamCheck(
        stored=stored,
        resumed="last_event_id" in exchange.query,
        replayed=exchange.operation == "get",
        background=background,
    )
    frames, remaining = exchange.frames
    yield from stream_check.check_frames(frames, remaining, exchange.bare_json)
    if "last_event_id" in exchange.query:
        return
    final_body = stream_check.last_interaction or {"status": "", "id": stream_check.identifier}
    problems = recording.check_response(
        exchange, {"id": stream_check.identifier, **final_body}, stream_check.steps
    )
    yield from (problem.under(stream_check.last_path) for problem in problems)


def _check_body(
    exchange: Exchange, body: Any, stored: bool | None, request_body: Any, recording: RecordingCheck
) -> Iterator[Problem]:
    if exchange.operation == "delete":
        if body not in (None, {}):
            yield Problem("", "delete-body", brief_json(body), "{}", _LIVE)
        recording.mark_deleted(exchange.interaction_id)
        return
    if exchange.status is None and isinstance(body, dict) and "error" in body:
        yield from error_codes.check_error(body, None)
        return
    create_body = request_body if isinstance(request_body, dict) else {}
    yield from one_interaction.check_interaction(
        body,
        stored=stored,
        background=create_body.get("background") is True,
        operation=exchange.operation,
        target_member="agent" if create_body.get("agent") else "model",
    )
    if isinstance(body, dict):
        steps = body.get("steps")
        if exchange.operation == "cancel" and body.get("status") != "cancelled":
            observed = brief_json(body.get("status"))
            yield Problem("status", "cancel-status", observed, '"cancelled"', "D: API", Kind.DRIFT)
        yield from recording.check_response(
            exchange, body, steps if one_interaction.are_well_formed(steps) else []
        )


def _check_failure(exchange: Exchange) -> Iterator[Problem]:
    if exchange.is_stream:
        frames, _ = exchange.frames
        for number, frame in enumerate(frames):
            if not frame.is_done:
                place = f"events[{number}]"
                yield from (
                    problem.under(place) for problem in _check_error_event(frame, exchange.status)
                )
        return
    if not exchange.response_body.strip() or exchange.content_type == "text/html":
        observed = brief_json(exchange.response_body[:60].decode("utf-8", "replace"))
        expected = "an error object; this is from something before the service"
        yield Problem("body", "gateway-error", observed, expected, "D: unknown paths", Kind.DRIFT)
        return
    try:
        body = exchange.response_json
    except ValueError as error:
        yield _unreadable_body("body", exchange.response_body, error)
        return
    yield from (problem.under("body") for problem in error_codes.check_error(body, exchange.status))


def _check_error_event(frame: Frame, status: int | None) -> Iterator[Problem]:
    try:
        event = parse_json(frame.data)
    except ValueError as error:
        yield _unreadable_body("", frame.data.encode(), error)
        return
    if not isinstance(event, dict):
        yield Problem("", "wrong-type", brief_json(event), "object", _LIVE)
        return
    if frame.name != event.get("event_type"):
        expected = f"{brief_json(event.get('event_type'))}, the event_type"
        yield Problem("event", "event-name", brief_json(frame.name), expected, _LIVE)
    yield from find_event_problems(event)
    if isinstance(event.get("error"), dict):
        yield from error_codes.check_code(event["error"].get("code"), status)


def _is_stored(request_body: Any) -> bool | None:
    """Whether the answer must have an id: None where nobody knows."""
    if not isinstance(request_body, dict):
        return None
    if request_body.get("store") is False:
        return None if has_bare_content(request_body.get("input")) else False
    return True


def _check_headers(exchange: Exchange, wants_stream: bool | None) -> Iterator[Problem]:
    status = exchange.status
    if status is not None and (status < 200 or 200 < status < 400):
        yield Problem("status", "http-status", str(status), "200, or 400 and above", _LIVE)
    if not exchange.response_headers:  # some recorders keep none
        return
    succeeded = status == 200 or status is None
    if exchange.operation == "delete" and succeeded:
        return  # nobody reads what a DELETE answers
    expects_stream = exchange.is_stream or bool(wants_stream and succeeded)
    expected = "text/event-stream" if expects_stream else "application/json"
    if exchange.content_type != expected:
        observed = brief_json(exchange.response_headers.get("content-type"))
        # How the refusal of a stream is labelled, and what stands before the service, is hearsay.
        label_uncertain = exchange.is_stream or exchange.content_type == "text/html"
        kind = Kind.DRIFT if not succeeded and label_uncertain else Kind.VIOLATION
        yield Problem(
            "headers.content-type", "content-type", observed, f'"{expected}"', _LIVE, kind
        )
    elif succeeded and wants_stream not in (None, exchange.is_stream) and exchange.response_body:
        observed = "a stream" if exchange.is_stream else "no stream"
        yield Problem("body", "stream-asked", observed, "what the request asked for", _LIVE)


def _wants_stream(exchange: Exchange, request_body: Any) -> bool | None:
    """Whether the request asked for a stream: None where nobody knows."""
    if exchange.operation == "get":
        return exchange.query.get("stream", "").lower() == "true"
    if exchange.operation != "create":
        return False if exchange.operation else None
    if not isinstance(request_body, dict) or exchange.query.get("alt") == "sse":
        return None
    return request_body.get("stream") is True


def _unreadable_body(path: str, body: bytes, error: ValueError) -> Problem:
    rule = "duplicate-key" if isinstance(error, DuplicateKey) else "not-json"
    expected = "each member once" if rule == "duplicate-key" else f"JSON ({error})"
    observed = f"{error} twice" if rule == "duplicate-key" else body[:60].decode("utf-8", "replace")
    return Problem(path, rule, brief_json(observed), expected, _LIVE)
