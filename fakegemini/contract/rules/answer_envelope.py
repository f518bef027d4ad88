"""What holds of an answer's status, its content type, and whether it is a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...protocol.ask import has_bare_content
from ...recordings.exchange import Exchange
from ...wire.http import is_true
from ...wording import brief_json
from ..findings import Kind, Problem
from .registry import ANSWER, ANY_ANSWER, EXCHANGES, AnswerView, Evidence, problem, rule


@rule(
    "http-status",
    "a status is 200, or 400 and above",
    looks_at=(ANSWER,),
    weighs=(),
    bears_on="exchanges",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES,),
    example="response.status: 202; expected 200, or 400 and above",
)
def check_http_status(view: AnswerView) -> Iterator[Problem]:
    """Find a status that the server never sends."""
    status = view.exchange.status
    if status is not None and (status < 200 or 200 < status < 400):
        yield problem("http-status", "status", str(status), "200, or 400 and above")


@rule(
    "content-type",
    "JSON and streams are labelled as such",
    looks_at=(ANSWER,),
    weighs=(),
    otherwise="drift for a refused stream, and for a page of something before the service",
    bears_on="answers with headers",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES,),
    example='response.headers.content-type: "text/plain"; expected "application/json"',
)
def check_content_type(view: AnswerView) -> Iterator[Problem]:
    """Find a content type that is not that of the answer, where the recorder kept headers."""
    if _has_right_label(view) is not False:
        return
    exchange = view.exchange
    observed = brief_json(exchange.response_headers.get("content-type"))
    # How the refusal of a stream is labelled, and what stands before the service, is hearsay.
    label_uncertain = exchange.is_stream or exchange.content_type.startswith("text/")
    kind = Kind.DRIFT if not _has_succeeded(exchange) and label_uncertain else Kind.VIOLATION
    expected = f'"{_expected_type(view)}"'
    yield problem("content-type", "headers.content-type", observed, expected, kind=kind)


@rule(
    "content-charset",
    "an error in JSON names its charset, a success names none",
    looks_at=(ANSWER,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="answers with headers",
    scope=ANY_ANSWER,
    evidence=(Evidence("C", "64 of 64 successes, 3 of 3 errors", "2026-05 to 2026-10"),),
    example='response.headers.content-type: "application/json; charset=utf-8"; expected no charset',
)
def check_charset(view: AnswerView) -> Iterator[Problem]:
    """Find a charset where the server names none, or none where it does; of pages nobody knows."""
    exchange = view.exchange
    header = exchange.response_headers.get("content-type", "")
    if exchange.status is None or not _has_right_label(view) or exchange.operation == "delete":
        return
    names_charset = "charset=" in header.lower()
    if exchange.status == _OK and names_charset:
        yield problem("content-charset", "headers.content-type", brief_json(header), "no charset")
    elif exchange.status >= _FIRST_ERROR and not names_charset and not exchange.is_stream:
        path, expected = "headers.content-type", "charset=UTF-8"
        yield problem("content-charset", path, brief_json(header), expected)


_OK, _FIRST_ERROR = 200, 400


@rule(
    "stream-asked",
    "a stream comes where one was asked for, and only there",
    looks_at=(ANSWER,),
    weighs=(),
    bears_on="creates",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES,),
    example="response.body: a stream; expected what the request asked for",
)
def check_stream_asked(view: AnswerView) -> Iterator[Problem]:
    """Find a stream that nobody asked for, or none where one was asked for.

    An answer whose content type is wrong has its finding already.
    """
    exchange = view.exchange
    if view.wants_stream in (None, exchange.is_stream) or not exchange.response_body:
        return
    if _has_right_label(view) and _has_succeeded(exchange):
        observed = "a stream" if exchange.is_stream else "no stream"
        yield problem("stream-asked", "body", observed, "what the request asked for")


def wants_stream(exchange: Exchange, request_body: Any) -> bool | None:
    """Say whether the request asked for a stream: None where nobody knows."""
    if exchange.operation == "get":
        return is_true(exchange.query.get("stream"))
    if exchange.operation != "create":
        return False if exchange.operation else None
    if not isinstance(request_body, dict) or exchange.query.get("alt") == "sse":
        return None
    return request_body.get("stream") is True


def is_stored(request_body: Any) -> bool | None:
    """Say whether the answer must have an id: None where nobody knows."""
    if not isinstance(request_body, dict):
        return None
    if request_body.get("store") is False:
        return None if has_bare_content(request_body.get("input")) else False
    return True


def _has_succeeded(exchange: Exchange) -> bool:
    return exchange.status == 200 or exchange.status is None


def _has_right_label(view: AnswerView) -> bool | None:
    """Say whether the content type is right: None where the recorder kept none, and for DELETE."""
    exchange = view.exchange
    is_deleted = exchange.operation == "delete" and _has_succeeded(exchange)
    if not exchange.response_headers or is_deleted:
        return None
    return exchange.content_type == _expected_type(view)


def _expected_type(view: AnswerView) -> str:
    succeeded = _has_succeeded(view.exchange)
    is_stream = view.exchange.is_stream or bool(view.wants_stream and succeeded)
    return "text/event-stream" if is_stream else "application/json"
