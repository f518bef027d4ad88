"""What holds in an error answer: its shape, and that its code goes with its HTTP status."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from ...wording import brief_json
from ..findings import Kind, Problem
from .registry import ANY_ANSWER, Evidence, add_rule, problem
from .schema_fit import GATEWAY_PROBE, find_schema_problems

CODES: dict[int, tuple[str, ...]] = {
    400: ("invalid_request", "failed_precondition", "parameter_unknown"),
    401: ("authentication",),
    402: ("payment_required",),
    403: ("permission_denied",),
    404: ("not_found", "model_not_found"),
    409: ("already_exists", "aborted"),
    416: ("out_of_range",),
    429: ("rate_limit_exceeded", "quota_exceeded", "too_many_requests"),
    499: ("cancelled",),
    500: ("api_error",),
    501: ("unimplemented", "not_implemented"),
    503: ("service_unavailable",),
    504: ("deadline_exceeded",),
}
"""Which codes come with which status: the API's table of errors, and one that was reported.

Any other code is the HTTP status in snake case.
"""

GENERATION_CODES = frozenset(
    (
        "safety recitation language prohibited_content spii blocklist image_safety "
        "image_prohibited_content image_recitation image_other content_blocked "
        "malformed_function_call malformed_tool_call unexpected_tool_call no_image "
        "too_many_tool_calls missing_thought_signature"
    ).split()
)
"""Codes of a generation that was blocked or failed; they come with a 400."""

_MEASURED_CODES = frozenset(
    "invalid_request not_found permission_denied api_error too_many_requests".split()
)
_REFUSALS = Evidence("L", "refusals", "2026-06 to 2026-10")
_ERROR_DOCS = Evidence("D", "API errors", "2026-09-20")

add_rule(
    "error-code",
    "the code of an error goes with its HTTP status",
    otherwise="drift where only the documentation speaks of the code or of the status",
    bears_on="refusals",
    scope=ANY_ANSWER,
    evidence=(_REFUSALS, _ERROR_DOCS, GATEWAY_PROBE),
    example='response.body.error.code: "invalid_request" with HTTP 404; expected it comes '
    "with 400; 404 comes with not_found, model_not_found",
)


def check_error(body: Any, status: int | None) -> Iterator[Problem]:
    """Find what is wrong with an error body, as the service or the gateway before it writes it."""
    if isinstance(body, list) and len(body) == 1:
        yield from (each.under("[0]") for each in _check_gateway_error(body[0], status))
        return
    if isinstance(body, dict) and isinstance(body.get("error"), dict) and _is_rpc(body["error"]):
        yield from _check_gateway_error(body, status)
        return
    # A refusal of a streamed request may stand here as the event it was framed as.
    is_event = isinstance(body, dict) and "event_type" in body
    problems = find_schema_problems(
        body, "interactions/event/error" if is_event else "interactions/error"
    )
    yield from problems
    if not any(each.kind is Kind.VIOLATION for each in problems) and "error" in body:
        yield from check_code(body["error"].get("code"), status)


def check_code(value: Any, status: int | None) -> Iterator[Problem]:
    """Find an error's code that does not go with the HTTP status; None as status: any will do."""
    if not isinstance(value, str):
        return
    code_statuses = _statuses_by_code().get(value)
    if not code_statuses:
        expected = ", ".join(CODES.get(status or 0, ("a code of the API's table",)))
        yield _wrong_code(brief_json(value), expected, sure=False)
    elif status is not None and status not in code_statuses:
        expected = f"it comes with {code_statuses[0]}; {status} comes with "
        expected += ", ".join(CODES.get(status, ("no documented code",)))
        sure = value in _MEASURED_CODES and status in CODES
        yield _wrong_code(f"{brief_json(value)} with HTTP {status}", expected, sure=sure)


def _wrong_code(observed: str, expected: str, *, sure: bool) -> Problem:
    """Make the finding of a wrong code: a violation where it was measured, drift where not."""
    kind, evidence = (Kind.VIOLATION, _REFUSALS) if sure else (Kind.DRIFT, _ERROR_DOCS)
    return problem("error-code", "error.code", observed, expected, kind=kind, evidence=evidence)


@cache
def _statuses_by_code() -> dict[str, list[int]]:
    """Return the statuses of each code, the likeliest first."""
    statuses_by_code: dict[str, list[int]] = {name: [400] for name in GENERATION_CODES}
    for status, codes in CODES.items():
        for name in codes:
            statuses_by_code.setdefault(name, []).append(status)
    for http_status in HTTPStatus:
        code_name = http_status.phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "")
        statuses_by_code.setdefault(code_name, []).append(int(http_status))
    return statuses_by_code


def _is_rpc(body: Any) -> bool:
    """Say whether an error has the form of google.rpc: a number as its code, or a status."""
    return isinstance(body.get("code"), int) or ("status" in body and "details" in body)


def _check_gateway_error(body: Any, status: int | None) -> Iterator[Problem]:
    # Authentication and routing fail before the service is reached, in google.rpc's form.
    inner = body.get("error") if isinstance(body, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("message"), str):
        observed, expected = brief_json(body), "an error with a message"
        yield problem("wrong-shape", "error", observed, expected, evidence=GATEWAY_PROBE)
    elif status is not None and inner.get("code") != status:
        observed, expected = brief_json(inner.get("code")), f"{status}, the status"
        yield problem("error-code", "error.code", observed, expected, evidence=GATEWAY_PROBE)
