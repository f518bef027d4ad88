"""What holds in one exchange: the request, the answer's envelope, and what the answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...protocol.ask import without_nulls
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from ..support.answer_kinds import kinds_of
from ..support.answer_parts import read_parts
from ..support.rule_support import kinds_outside
from . import answer_to_request as _answers  # noqa: F401  (its rules are in the table)
from . import granted_requests as _requests  # noqa: F401
from . import step_contents as _contents  # noqa: F401
from . import tool_calls as _calls  # noqa: F401
from . import turn_times as _times  # noqa: F401
from .answer_envelope import is_stored as _is_stored
from .answer_envelope import wants_stream
from .call_pairs import are_well_formed
from .error_codes import check_code, check_error
from .error_texts import check_error_text
from .event_frame import read_event, unreadable_body
from .legacy import find_legacy
from .one_interaction import check_interaction
from .one_recording import RecordingCheck
from .one_stream import StreamCheck
from .registry import (
    ANSWER,
    ANY_ANSWER,
    API_DOCS,
    EXCHANGES,
    FINDERS,
    RECORDED_MEDIA,
    REPLIES,
    REQUEST,
    RULES,
    TURN,
    AnswerView,
    Evidence,
    RequestView,
    TurnView,
    add_rule,
    problem,
)
from .schema_fit import ABSENT, find_schema_problems
from .step_places import StepPlace
from .undo_recorder import undo_dump, undo_printing

add_rule(
    "missing-body",
    "a recorded create has its body",
    kind=Kind.DRIFT,
    bears_on="creates",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES,),
    example="request.body: it is not there; expected the body of a create",
)
add_rule(
    "model-or-agent",
    "a request and an answer name a model or an agent, not both and not neither",
    otherwise="drift for an answer that names both",
    bears_on="answers",
    recorded_elsewhere=RECORDED_MEDIA,
    evidence=(Evidence("L", "refusals of both and of neither", "2026-09-07"), REPLIES),
    example="request.body.model: neither; expected one of them",
)
add_rule(
    "delete-body",
    "a delete is answered `{}`",
    bears_on="deletes",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES,),
    example='response.body: {"x": 1}; expected {}',
)
add_rule(
    "cancel-status",
    "a cancel is answered `cancelled`",
    kind=Kind.DRIFT,
    bears_on="cancels",
    evidence=(API_DOCS,),
    example='response.body.status: "completed"; expected "cancelled"',
)
add_rule(
    "gateway-error",
    "an error is an object of the service, and no page of something before it",
    kind=Kind.DRIFT,
    bears_on="refusals",
    scope=ANY_ANSWER,
    evidence=(Evidence("D", "unknown paths"),),
    example='response.body: "<html>"; expected an error object; this is from something '
    "before the service",
)


def check_exchange(exchange: Exchange, recording: RecordingCheck) -> Iterator[Problem]:
    """Find what is wrong with one exchange, alone and against what the recording held before it.

    Paths begin with `request` or `response`. A breach of what is not known for answers of this kind
    is drift.
    """
    known = recording.known_shapes
    shape = known.read(exchange) if known else None
    turn = known.read_sound(exchange, shape) if known and shape else None
    if turn:
        yield from _judge(exchange, _check_against_others(turn, recording))
        return
    original, is_silent = exchange, True
    exchange, dump_breach = undo_dump(undo_printing(exchange))
    if dump_breach:
        yield dump_breach
    for breach in _judge(exchange, _find_breaches(exchange, recording)):
        is_silent = False
        yield breach
    if known and shape and is_silent and exchange is original:
        known.remember(exchange, shape)


def _judge(exchange: Exchange, breaches: Iterator[Problem]) -> Iterator[Problem]:
    """Make drift of each breach of what is not known for answers of this kind."""
    kinds: dict[str, frozenset[str]] | None = None
    for breach in breaches:
        if breach.kind is Kind.VIOLATION and breach.path.startswith("response"):
            kinds = kinds_of(read_parts(exchange)) if kinds is None else kinds
            outside = kinds_outside(breach.rule, kinds)
            if outside:
                evidence = f"{breach.evidence}; none of {', '.join(outside)}"
                yield replace(breach, kind=Kind.DRIFT, evidence=evidence)
                continue
        yield breach


def _check_against_others(turn: TurnView, recording: RecordingCheck) -> Iterator[Problem]:
    """Find what a turn that is sound in itself contradicts of what the recording held before."""
    yield from (each.under("request") for each in recording.check_request(turn.exchange))
    body = turn.body
    if turn.exchange.is_stream:
        body = {"id": turn.heads[0][1].get("id"), **body}
    problems = recording.check_response(turn.exchange, body, turn.steps)
    yield from (each.under(f"response.{turn.body_path}") for each in problems)


def _find_breaches(exchange: Exchange, recording: RecordingCheck) -> Iterator[Problem]:
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
                yield _unreadable("request.body", exchange.request_body, error)
            return
    yield from (each.under("request") for each in _check_request(exchange, request_body, recording))
    yield from (
        each.under("response") for each in _check_response(exchange, request_body, recording)
    )


def _check_request(
    exchange: Exchange, request_body: Any, recording: RecordingCheck
) -> Iterator[Problem]:
    # A request that the server refused is evidence of the refusal, not a mistake of the recording.
    accepted = exchange.status == 200
    if exchange.operation == "create" and (accepted or exchange.status is None):
        if request_body is None:
            yield problem("missing-body", "body", ABSENT, "the body of a create")
            return
        if b"null" in exchange.request_body:
            request_body = without_nulls(request_body)
        problems = find_schema_problems(
            request_body, "interactions/create", request=True, accepted=accepted
        )
        yield from (each.under("body") for each in problems)
        if isinstance(request_body, dict) and bool(request_body.get("model")) == bool(
            request_body.get("agent")
        ):
            targets = "both" if request_body.get("model") else "neither"
            yield problem("model-or-agent", "body.model", targets, "one of them")
        if accepted and isinstance(request_body, dict) and not problems:
            yield from _ask_finders(REQUEST, RequestView(exchange, request_body), recording)
    yield from recording.check_request(exchange)


def _check_response(
    exchange: Exchange, request_body: Any, recording: RecordingCheck
) -> Iterator[Problem]:
    if exchange.status is None and not exchange.response_body:
        return
    view = AnswerView(exchange, request_body, wants_stream(exchange, request_body))
    for finder in FINDERS[ANSWER].values():
        yield from finder(view)
    if exchange.status is not None and exchange.status >= 400:
        yield from _check_refusal(exchange)
        return
    is_stored = _is_stored(request_body)
    if exchange.operation in ("get", "cancel"):
        is_stored = True
    if exchange.is_stream:
        background = isinstance(request_body, dict) and request_body.get("background") is True
        yield from _check_stream(exchange, is_stored, background, request_body, recording)
        return
    try:
        body = exchange.response_json
    except ValueError as error:
        yield _unreadable("body", exchange.response_body, error)
        return
    problems = _check_body(exchange, body, is_stored, request_body, recording)
    yield from (each.under("body") for each in problems)
    if isinstance(body, dict) and exchange.operation != "delete" and "error" not in body:
        steps = body["steps"] if are_well_formed(body.get("steps")) else []
        places = [StepPlace(f"body.steps[{number}]") for number in range(len(steps))]
        request = _as_request(request_body)
        turn = TurnView(exchange, request, body, "body", (("body", body),), steps, places)
        yield from _ask_finders(TURN, turn, recording)


def _check_stream(
    exchange: Exchange,
    stored: bool | None,
    background: bool,
    request_body: Any,
    recording: RecordingCheck,
) -> Iterator[Problem]:
    stream_check = StreamCheck(
        stored=stored,
        resumed="last_event_id" in exchange.query,
        replayed=exchange.operation == "get",
        background=background,
        foreground=isinstance(request_body, dict) and not background,
    )
    frames, remaining = exchange.frames
    if not exchange.uri and sum(not frame.is_done for frame in frames) == 1:
        # One event that somebody saved by itself says nothing about the order of its stream.
        yield from read_event(frames[0], "events[0]").problems
        return
    yield from stream_check.check_frames(frames, remaining, exchange.bare_json)
    if "last_event_id" in exchange.query:
        yield from recording.streams.check(exchange)
        return
    final_body = stream_check.last_interaction or {"status": "", "id": stream_check.identifier}
    problems = recording.check_response(
        exchange, {"id": stream_check.identifier, **final_body}, stream_check.steps
    )
    yield from (each.under(stream_check.last_path) for each in problems)
    if stream_check.last_interaction:
        view = TurnView(
            exchange,
            _as_request(request_body),
            stream_check.last_interaction,
            stream_check.last_path,
            tuple(stream_check.heads),
            stream_check.steps,
            stream_check.places,
        )
        yield from _ask_finders(TURN, view, recording)


def _check_body(
    exchange: Exchange, body: Any, stored: bool | None, request_body: Any, recording: RecordingCheck
) -> Iterator[Problem]:
    if exchange.operation == "delete":
        if body not in (None, {}):
            yield problem("delete-body", "", brief_json(body), "{}")
        recording.mark_deleted(exchange.interaction_id)
        return
    if exchange.status is None and isinstance(body, dict) and "error" in body:
        yield from check_error(body, None)
        return
    create_body = request_body if isinstance(request_body, dict) else {}
    yield from check_interaction(
        body,
        stored=stored,
        background=create_body.get("background") is True,
        operation=exchange.operation,
        target_member="agent" if create_body.get("agent") else "model",
    )
    if isinstance(body, dict):
        steps = body.get("steps")
        if exchange.operation == "cancel" and body.get("status") != "cancelled":
            yield problem("cancel-status", "status", brief_json(body.get("status")), '"cancelled"')
        yield from recording.check_response(exchange, body, steps if are_well_formed(steps) else [])


def _as_request(request_body: Any) -> Json:
    """Return the body of a create without nulls, an empty object where there is none."""
    return without_nulls(request_body) if isinstance(request_body, dict) else {}


def _ask_finders(view_name: str, view: Any, recording: RecordingCheck) -> Iterator[Problem]:
    """Find what the rules about a view find; those for recordings are not asked live."""
    for name, finder in FINDERS[view_name].items():
        if not (recording.is_live and RULES[name].recordings_only):
            yield from finder(view)


def _check_refusal(exchange: Exchange) -> Iterator[Problem]:
    """Find what is wrong with an answer of 400 and above: a stream of errors, a page, a body."""
    if exchange.is_stream:
        for number, frame in enumerate(exchange.frames[0]):
            if frame.is_done:
                continue
            place = f"events[{number}]"
            event, problems, _ = read_event(frame, place)
            yield from problems
            if event and isinstance(event.get("error"), dict):
                code_problems = check_code(event["error"].get("code"), exchange.status)
                yield from (each.under(place) for each in code_problems)
                text_problems = check_error_text(event, exchange.status)
                yield from (each.under(place) for each in text_problems)
        return
    is_page = exchange.content_type.startswith("text/") and not _is_json(exchange)
    if not exchange.response_body.strip() or is_page:
        observed = brief_json(exchange.response_body[:60].decode("utf-8", "replace"))
        expected = "an error object; this is from something before the service"
        yield problem("gateway-error", "body", observed, expected)
        return
    try:
        body = exchange.response_json
    except ValueError as error:
        yield _unreadable("body", exchange.response_body, error)
        return
    yield from (each.under("body") for each in check_error(body, exchange.status))
    yield from (each.under("body") for each in check_error_text(body, exchange.status))


def _is_json(exchange: Exchange) -> bool:
    try:
        return exchange.response_json is not None
    except ValueError:
        return False


def _unreadable(path: str, body: bytes, error: ValueError) -> Problem:
    return unreadable_body(path, body[:60].decode("utf-8", "replace"), error)
