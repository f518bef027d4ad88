"""Recordings, bodies and streams against what the live server was recorded to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DuplicateKey, Unreadable
from ..protocol.ask import bare_content, without_nulls
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read
from ..wire.json_text import parse
from ..wire.sse import DONE, Frame
from ..wording import brief_json
from .findings import Fault, Finding, Kind
from .rules import error_codes, one_interaction
from .rules.legacy import legacy
from .rules.one_recording import Tape
from .rules.one_stream import Stream
from .rules.schema_fit import event_faults, faults

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
        exchanges = read(file)
        found = check_exchanges(exchanges, str(file), sides=sides)
    except Unreadable as error:
        report.unreadable.append(str(error))
        return
    except RecursionError:
        report.unreadable.append(f"{file}: it is nested too deeply to be read")
        return
    report.files += 1
    report.exchanges += len(exchanges)
    report.findings += found


def check_exchanges(
    exchanges: Iterable[Exchange], file: str = "", *, sides: frozenset[str] = SIDES
) -> list[Finding]:
    """The findings of the exchanges of one recording, sorted."""
    tape = Tape()
    return sorted(
        fault.at(file, exchange.number)
        for exchange in exchanges
        for fault in check_exchange(exchange, tape)
        if fault.path.partition(".")[0] in sides
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
        return sorted(fault.at("", 1, "response.events[0]") for fault in event_faults(subject))
    payload = b"" if isinstance(subject, list) else json.dumps(subject).encode()
    if request:
        made = Exchange(1, "POST", "/v1/interactions", request_body=payload)
    elif isinstance(subject, list):
        made = Exchange(1, status=200, response_body=b"".join(map(_framed, subject)) + DONE)
    else:
        refused = isinstance(subject, dict) and "error" in subject and "status" not in subject
        made = Exchange(1, status=None if refused else 200, response_body=payload)
    return check_exchanges([made])


def _framed(event: Any) -> bytes:
    name = event.get("event_type") if isinstance(event, dict) else None
    return f"event: {name}\ndata: {json.dumps(event)}\n\n".encode()


def check_exchange(exchange: Exchange, tape: Tape) -> Iterator[Fault]:
    """The faults of one exchange against what the tape remembers; paths begin with the side."""
    old = legacy(exchange)
    if old:
        yield old
        return
    asked: Any = None
    if exchange.operation == "create":
        try:
            asked = exchange.asked
        except ValueError as error:
            if exchange.status == 200 or exchange.status is None:
                yield _unparsed("request.body", exchange.request_body, error)
            return
    yield from (fault.under("request") for fault in _request(exchange, asked, tape))
    yield from (fault.under("response") for fault in _response(exchange, asked, tape))


def _request(exchange: Exchange, asked: Any, tape: Tape) -> Iterator[Fault]:
    # A request that the server refused is evidence of the refusal, not a mistake of the tape.
    granted = exchange.status == 200
    if exchange.operation == "create" and (granted or exchange.status is None):
        if asked is None:
            found, expected = "it is not there", "the body of a create"
            yield Fault("body", "missing-body", found, expected, _LIVE, Kind.DRIFT)
            return
        if b"null" in exchange.request_body:
            asked = without_nulls(asked)
        found_in = faults(asked, "interactions/create", request=True, granted=granted)
        yield from (fault.under("body") for fault in found_in)
        if isinstance(asked, dict) and bool(asked.get("model")) == bool(asked.get("agent")):
            named = "both" if asked.get("model") else "neither"
            yield Fault("body.model", "model-or-agent", named, "one of them", "L: 2026-09-07")
    yield from tape.request(exchange)


def _response(exchange: Exchange, asked: Any, tape: Tape) -> Iterator[Fault]:
    if exchange.status is None and not exchange.response_body:
        return
    yield from _headers(exchange, _wants_stream(exchange, asked))
    if exchange.status is not None and exchange.status >= 400:
        yield from _failure(exchange)
        return
    stored = _stored(asked)
    if exchange.operation in ("get", "cancel"):
        stored = True
    if exchange.streamed:
        background = isinstance(asked, dict) and asked.get("background") is True
        yield from _stream(exchange, stored, background, tape)
        return
    try:
        body = exchange.answered
    except ValueError as error:
        yield _unparsed("body", exchange.response_body, error)
        return
    found = _whole(exchange, body, stored, asked, tape)
    yield from (fault.under("body") for fault in found)


def _stream(
    exchange: Exchange, stored: bool | None, background: bool, tape: Tape
) -> Iterator[Fault]:
    stream = Stream(
        stored=stored,
        resumed="last_event_id" in exchange.query,
        replayed=exchange.operation == "get",
        background=background,
    )
    frames, rest = exchange.frames
    yield from stream.read(frames, rest, exchange.bare)
    if "last_event_id" in exchange.query:
        return
    ended = stream.last or {"status": "", "id": stream.identifier}
    found = tape.response(exchange, {"id": stream.identifier, **ended}, stream.steps)
    yield from (fault.under(stream.ended_at) for fault in found)


def _whole(
    exchange: Exchange, body: Any, stored: bool | None, asked: Any, tape: Tape
) -> Iterator[Fault]:
    if exchange.operation == "delete":
        if body not in (None, {}):
            yield Fault("", "delete-body", brief_json(body), "{}", _LIVE)
        tape.deleted(exchange.identifier)
        return
    if exchange.status is None and isinstance(body, dict) and "error" in body:
        yield from error_codes.error(body, None)
        return
    question = asked if isinstance(asked, dict) else {}
    yield from one_interaction.interaction(
        body,
        stored=stored,
        background=question.get("background") is True,
        operation=exchange.operation,
        asked_of="agent" if question.get("agent") else "model",
    )
    if isinstance(body, dict):
        steps = body.get("steps")
        if exchange.operation == "cancel" and body.get("status") != "cancelled":
            found = brief_json(body.get("status"))
            yield Fault("status", "cancel-status", found, '"cancelled"', "D: API", Kind.DRIFT)
        yield from tape.response(exchange, body, steps if one_interaction.sound(steps) else [])


def _failure(exchange: Exchange) -> Iterator[Fault]:
    if exchange.streamed:
        frames, _ = exchange.frames
        for number, frame in enumerate(frames):
            if not frame.done:
                place = f"events[{number}]"
                yield from (fault.under(place) for fault in _refusal(frame, exchange.status))
        return
    if not exchange.response_body.strip() or exchange.content_type == "text/html":
        found = brief_json(exchange.response_body[:60].decode("utf-8", "replace"))
        expected = "an error object; this is from something before the service"
        yield Fault("body", "gateway-error", found, expected, "D: unknown paths", Kind.DRIFT)
        return
    try:
        body = exchange.answered
    except ValueError as error:
        yield _unparsed("body", exchange.response_body, error)
        return
    yield from (fault.under("body") for fault in error_codes.error(body, exchange.status))


def _refusal(frame: Frame, status: int | None) -> Iterator[Fault]:
    try:
        event = parse(frame.data)
    except ValueError as error:
        yield _unparsed("", frame.data.encode(), error)
        return
    if not isinstance(event, dict):
        yield Fault("", "wrong-type", brief_json(event), "object", _LIVE)
        return
    if frame.name != event.get("event_type"):
        expected = f"{brief_json(event.get('event_type'))}, the event_type"
        yield Fault("event", "event-name", brief_json(frame.name), expected, _LIVE)
    yield from event_faults(event)
    if isinstance(event.get("error"), dict):
        yield from error_codes.code(event["error"].get("code"), status)


def _stored(asked: Any) -> bool | None:
    """Whether the answer must have an id: None where nobody knows."""
    if not isinstance(asked, dict):
        return None
    if asked.get("store") is False:
        return None if bare_content(asked.get("input")) else False
    return True


def _headers(exchange: Exchange, wants_stream: bool | None) -> Iterator[Fault]:
    status = exchange.status
    if status is not None and (status < 200 or 200 < status < 400):
        yield Fault("status", "http-status", str(status), "200, or 400 and above", _LIVE)
    if not exchange.response_headers:  # some recorders keep none
        return
    good = status == 200 or status is None
    if exchange.operation == "delete" and good:
        return  # nobody reads what a DELETE answers
    streamed = exchange.streamed or bool(wants_stream and good)
    expected = "text/event-stream" if streamed else "application/json"
    if exchange.content_type != expected:
        found = brief_json(exchange.response_headers.get("content-type"))
        # How the refusal of a stream is labelled, and what stands before the service, is hearsay.
        foreign = exchange.streamed or exchange.content_type == "text/html"
        kind = Kind.DRIFT if not good and foreign else Kind.VIOLATION
        yield Fault("headers.content-type", "content-type", found, f'"{expected}"', _LIVE, kind)
    elif good and wants_stream not in (None, exchange.streamed) and exchange.response_body:
        found = "a stream" if exchange.streamed else "no stream"
        yield Fault("body", "stream-asked", found, "what the request asked for", _LIVE)


def _wants_stream(exchange: Exchange, asked: Any) -> bool | None:
    """Whether the request asked for a stream: None where nobody knows."""
    if exchange.operation == "get":
        return exchange.query.get("stream", "").lower() == "true"
    if exchange.operation != "create":
        return False if exchange.operation else None
    if not isinstance(asked, dict) or exchange.query.get("alt") == "sse":
        return None
    return asked.get("stream") is True


def _unparsed(path: str, body: bytes, error: ValueError) -> Fault:
    rule = "duplicate-key" if isinstance(error, DuplicateKey) else "not-json"
    expected = "each member once" if rule == "duplicate-key" else f"JSON ({error})"
    found = f"{error} twice" if rule == "duplicate-key" else body[:60].decode("utf-8", "replace")
    return Fault(path, rule, brief_json(found), expected, _LIVE)
