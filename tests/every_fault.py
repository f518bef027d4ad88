"""Every fault that there is, and what the official SDKs make of it: one table for both.

An outcome is what the caller gets (`ok` or the exception), how many events of a stream came before
it, and how many requests it took. What follows a spoiled answer is a good one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fakegemini import Fake, faults
from fakegemini.faults import PRESETS, Fault

ANSWER = "Ébb and flood take turns, twice a day, wherever the sea is wide."
EVENTS = 12
"""The events of the answer's stream: two, a thought's three, an output's six, the last."""

Streamed: TypeAlias = tuple[str, int, int]
Whole: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class Case:
    """A fault, what its stream and its whole answer come to, and where JavaScript differs."""

    fault: Fault
    streamed: Streamed
    whole: Whole = ("ok", 1)
    streamed_js: Streamed | None = None
    whole_js: Whole | None = None


GONE = "APIConnectionError"
TWICE = ("ok", EVENTS, 2)


def refused(fault: Fault, error: str) -> Case:
    """No client asks again."""
    return Case(fault, (error, 0, 1), (error, 1))


def retried(fault: Fault) -> Case:
    """Every client asks again, and at once."""
    return Case(fault, TWICE, ("ok", 2))


def dropped(fault: Fault) -> Case:
    """No byte came. The reference says that both retry; google-genai 3.4.0 was seen not to."""
    return Case(fault, (GONE, 0, 1), (GONE, 1), TWICE, ("ok", 2))


CASES: dict[str, Case] = {
    "bare_line": Case(faults.bare_line(), ("ok", 2, 1)),
    "both": Case(faults.both(faults.unknown_event(), faults.cut_after(4)), (GONE, 5, 1)),
    "chunks": Case(faults.chunks(7), ("ok", EVENTS, 1)),
    "cut_after 0": Case(faults.cut_after(0), (GONE, 0, 1), streamed_js=TWICE),
    "cut_after 3": Case(faults.cut_after(3), (GONE, 3, 1)),
    "cut_at": Case(faults.both(faults.cut_at(600.0), faults.pace(599.0, 1.0)), (GONE, 6, 1)),
    "cut_mid_character": Case(faults.cut_mid_character(), (GONE, 6, 1)),
    "cut_mid_frame": Case(faults.cut_mid_frame(4), (GONE, 4, 1)),
    "drop": Case(faults.drop("step.stop"), ("ok", EVENTS - 2, 1)),
    "drop_terminal": Case(faults.drop_terminal(), ("ok", EVENTS - 1, 1)),
    "error_event": Case(faults.error_event("api_error", "No.", after=3), ("ok", 4, 1)),
    "gzip": Case(faults.gzip(), ("ok", EVENTS, 1)),
    "insert": Case(faults.insert(b": a comment\n\n", before=3), ("ok", EVENTS, 1)),
    "malformed": Case(
        faults.malformed(),
        ("ok", EVENTS, 1),
        ("APIResponseValidationError", 1),
        whole_js=("SyntaxError", 1),
    ),
    "named": retried(faults.named("overloaded")),
    "no_usage": Case(faults.no_usage(), ("ok", EVENTS, 1)),
    "pace": Case(faults.pace(0.4, 50, jitter=0.5), ("ok", EVENTS, 1)),
    "refuse 400": refused(faults.refuse(400), "BadRequestError"),
    "refuse 401": refused(faults.refuse(401), "AuthenticationError"),
    "refuse 403": refused(faults.refuse(403), "PermissionDeniedError"),
    "refuse 404": refused(faults.refuse(404), "NotFoundError"),
    "refuse 408": retried(faults.refuse(408)),
    "refuse 409": retried(faults.refuse(409)),
    "refuse 429": retried(faults.refuse(429)),
    "refuse 500": retried(faults.refuse(500)),
    "refuse 501": retried(faults.refuse(501)),
    "refuse 503": retried(faults.refuse(503)),
    "refuse 504": retried(faults.refuse(504)),
    "repeat": Case(faults.repeat(6), ("ok", EVENTS + 1, 1)),
    "reset": dropped(faults.reset()),
    "slow": Case(faults.slow(0.001), ("ok", EVENTS, 1)),
    "stall": Case(faults.stall(3, seconds=0.02), (GONE, 3, 1)),
    "swap": Case(faults.swap(6), ("ok", EVENTS, 1)),
    "time_out": dropped(faults.time_out(0.02)),
    "unknown_event": Case(faults.unknown_event(), ("ok", EVENTS + 1, 1)),
    "wrong_content_type": refused(faults.wrong_content_type(), "APIError"),
}
"""Each constructor by its name, and a word where it has several rows."""

OBSERVED: dict[str, Case] = {
    "api_disabled": refused(PRESETS["api_disabled"], "PermissionDeniedError"),
    "bad_gateway_page": retried(PRESETS["bad_gateway_page"]),
    "billing_disabled": refused(PRESETS["billing_disabled"], "PermissionDeniedError"),
    "blocked_stream": Case(PRESETS["blocked_stream"], ("ok", 2, 1)),
    "cancel_fails": retried(PRESETS["cancel_fails"]),
    "cancel_not_found": refused(PRESETS["cancel_not_found"], "NotFoundError"),
    "completed_without_usage": Case(PRESETS["completed_without_usage"], ("ok", EVENTS, 1)),
    "content_blocked": refused(PRESETS["content_blocked"], "BadRequestError"),
    "deadline": Case(PRESETS["deadline"], ("ok", 3, 1)),
    "malformed_tool_call": refused(PRESETS["malformed_tool_call"], "BadRequestError"),
    "invalid_key": refused(PRESETS["invalid_key"], "BadRequestError"),
    "model_not_found": refused(PRESETS["model_not_found"], "NotFoundError"),
    "no_background_today": refused(PRESETS["no_background_today"], "BadRequestError"),
    "no_permission": refused(PRESETS["no_permission"], "PermissionDeniedError"),
    "not_yet_visible": refused(PRESETS["not_yet_visible"], "NotFoundError"),
    "overloaded": retried(PRESETS["overloaded"]),
    "poll_forbidden": refused(PRESETS["poll_forbidden"], "PermissionDeniedError"),
    "problem": refused(PRESETS["problem"], "BadRequestError"),
    "project_denied": refused(PRESETS["project_denied"], "PermissionDeniedError"),
    "rate_limited": retried(PRESETS["rate_limited"]),
    "server_error": retried(PRESETS["server_error"]),
    "ten_minute_cut": Case(PRESETS["ten_minute_cut"], ("ok", EVENTS, 1)),
    "ten_minute_error": Case(PRESETS["ten_minute_error"], ("ok", EVENTS, 1)),
    "too_many_requests": retried(PRESETS["too_many_requests"]),
    "tools_not_mixed": refused(PRESETS["tools_not_mixed"], "BadRequestError"),
}
"""Each preset by its name."""

ALL = {**CASES, **{f"preset {name}": case for name, case in OBSERVED.items()}}


def script(fake: Fake, name: str, case: Case) -> None:
    """One spoiled answer to `stream NAME` and one to `whole NAME`, then good ones."""
    for form in ("stream", "whole"):
        rule = fake.when(input=f"{form} {name}")
        rule.replies(ANSWER, fault=case.fault)
        rule.replies(ANSWER)
    fake.allow("leftover")


def asked(fake: Fake, text: str) -> int:
    """How many requests said this."""
    return sum(request.json()["input"] == text for request in fake.requests)
