"""Name what the live service was observed to do on bad days."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..errors import BadScript
from ..protocol.refusals.live_words import METHOD_NOT_FOUND, NO_PERMISSION, no_background
from ..wire.http import Fault
from ..wording import did_you_mean
from .arguments import Choices
from .on_answers import ERRORS, PROBLEM, refuse, refuse_as_gateway
from .on_streams import bare_line, cut_at, error_event, no_usage
from .registry import Layer, fault_maker

PresetName: TypeAlias = Literal[
    "invalid_key",
    "api_disabled",
    "billing_disabled",
    "no_permission",
    "problem",
    "model_not_found",
    "tools_not_mixed",
    "no_background_today",
    "too_many_requests",
    "server_error",
    "overloaded",
    "poll_forbidden",
    "not_yet_visible",
    "cancel_not_found",
    "cancel_fails",
    "content_blocked",
    "blocked_stream",
    "malformed_tool_call",
    "bad_gateway_page",
    "rate_limited",
    "project_denied",
    "deadline",
    "ten_minute_cut",
    "ten_minute_error",
    "completed_without_usage",
]

_BAD_GATEWAY_PAGE = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That\u2019s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.
"""
_BARE_ERROR = f"""[{{
  "error": {{
    "code": 503,
    "message": "{ERRORS[503][1]}",
    "status": "UNAVAILABLE"
  }}
}}
]"""

PRESETS: dict[str, Fault] = {
    "invalid_key": refuse_as_gateway(
        400,
        "API key not valid. Please pass a valid API key.",
        "INVALID_ARGUMENT",
        reason="API_KEY_INVALID",
        domain="googleapis.com",
        metadata={"service": "generativelanguage.googleapis.com"},
    ),
    "api_disabled": refuse_as_gateway(
        403,
        "Generative Language API has not been used in project 1234 before or it is disabled.",
        "PERMISSION_DENIED",
        reason="SERVICE_DISABLED",
        domain="googleapis.com",
        metadata={"service": "generativelanguage.googleapis.com", "consumer": "projects/1234"},
    ),
    "billing_disabled": refuse_as_gateway(
        403,
        "This API method requires billing to be enabled.",
        "PERMISSION_DENIED",
        reason="BILLING_DISABLED",
        domain="googleapis.com",
        metadata={"service": "generativelanguage.googleapis.com", "consumer": "projects/1234"},
    ),
    "no_permission": refuse(403, message=NO_PERMISSION),
    "problem": refuse(400, message=PROBLEM),
    "model_not_found": refuse(404, message="Model not found"),
    "tools_not_mixed": refuse(
        400,
        message="Please enable tool_config.include_server_side_tool_invocations to use Built-in "
        "tools with Function calling.",
    ),
    "no_background_today": refuse(400, message=no_background("gemini-3.8-flash")),
    "too_many_requests": refuse(429, "too_many_requests", "quota"),
    "server_error": refuse(500),
    "overloaded": refuse(503),
    "poll_forbidden": refuse(403),
    "not_yet_visible": refuse(404),
    "cancel_not_found": refuse(404, "not_found", METHOD_NOT_FOUND),
    "cancel_fails": refuse(500),
    "content_blocked": refuse(400, "prohibited_content", "Request blocked due to its content."),
    "blocked_stream": bare_line(),
    "malformed_tool_call": refuse(
        400,
        "malformed_tool_call",
        "Model generated invalid JSON syntax and the output could not be parsed.",
    ),
    "bad_gateway_page": refuse(502, body=_BAD_GATEWAY_PAGE),
    "rate_limited": refuse(
        429,
        "rate_limit_exceeded",
        "Rate limit exceeded for model gemini-3.1-pro (limit: 0 input tokens per minute on Free "
        "Tier). Please upgrade your tier at https://ai.dev/rate-limit.",
    ),
    "project_denied": refuse(403, message="Your project has been denied access."),
    "deadline": error_event(*ERRORS[504]),
    "ten_minute_cut": cut_at(600.0),
    "ten_minute_error": cut_at(600.0, last_line=_BARE_ERROR),
    "completed_without_usage": no_usage(),
}
"""What was recorded, measured or reported, by name.

Of `overloaded`, `server_error`, `bad_gateway_page` and `content_blocked` only the status is known,
of `too_many_requests` only what the SDK's own tests hold. Of `api_disabled` and `billing_disabled`
form and reason were reported, the words are ours. `ten_minute_error` was reported as it is here.
"""


@fault_maker(
    "preset",
    {"type": "string", "enum": [*PRESETS]},
    Layer.INSTEAD,
    {"fault": Choices((*PRESETS,))},
)
def named(fault: Fault | PresetName) -> Fault:
    """Do what was observed under that name; a fault in place of a name stays as it is.

    The names are those of `PRESETS`. Raises `BadScript` for an unknown one.
    """
    if not isinstance(fault, str):
        return fault
    if fault not in PRESETS:
        hint = did_you_mean(fault, PRESETS)
        raise BadScript(f"there is no fault {fault!r} (there are {', '.join(PRESETS)}){hint}")
    return PRESETS[fault]
