"""What holds of the words of an error: they were seen before, and with this status.

A text is a row of `TEXTS`: a pattern, and the statuses that were seen with it. The words of the
gateway in front of the service are not looked at, and those of an error in a stream are: the
statuses are then unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ...protocol.refusals import live_words
from ...wording import brief_json, nearest_name
from ..findings import Kind, Problem
from .recorder_marks import is_redacted
from .registry import ANY_ANSWER, Evidence, add_rule, problem

_ANY = r"[^']*"
_PROBLEM = "There was a problem processing your request. You will not be charged."
TEXTS: dict[str, tuple[int, ...]] = {
    # Shape
    rf"Unknown parameter '{_ANY}'(?: at '{_ANY}')?\.?(?: Did you mean '{_ANY}'\?)?": (400,),
    rf"The value '{_ANY}' is not supported for '{_ANY}'(?: at '{_ANY}')?\. "
    r"Supported values: .+\.": (400,),
    rf"The value '{_ANY}' is not supported for '{_ANY}' on the Gemini API, it is allowed on the "
    r"Gemini Enterprise Agent Platform\.": (400,),
    rf"The value is invalid for '{_ANY}'\. Expected .+": (400,),
    rf"Invalid enum value '{_ANY}' at '{_ANY}'\.": (400,),
    rf"Invalid input at '{_ANY}'\.": (400,),
    r"Invalid input received": (400,),
    r"Missing (?:call_id|name) in content of type function_result": (400,),
    r"'result' must be a Struct, FunctionResultSubcontent\[\], or string": (400,),
    r"Invalid JSON payload: syntax error in request body": (400,),
    r"schema at top-level must be a boolean or an object": (400,),
    r"Missing input\.": (400,),
    r"Request has empty input\.": (400,),
    r"Provide a 'agent', or 'model' parameter\.": (400,),
    re.escape(live_words.INVALID_ARGUMENT): (400,),
    r"When using the steps-based API version, use step_list input format instead of "
    r"turn_list\.": (400,),
    r"The legacy Interactions API schema is no longer supported\. Please upgrade your .+": (400,),
    # Fields and capabilities
    rf"(?:The parameter )?'?{_ANY}'? ?(?:is )?not available on the Gemini API but it is available "
    r"on the Gemini Enterprise Agent Platform\.?": (400,),
    r"responseFormat must be set when responseMimeType is set": (400,),
    r"custom_vocabulary is incompatible with diarization\.": (400,),
    rf"'{_ANY}' and '{_ANY}' cannot be combined in the same request\. Please choose one to "
    r"continue\.": (400,),
    r"Function calling config is set without function_declarations\.": (400,),
    r"Please enable tool_config\.include_server_side_tool_invocations to use Built-in tools with "
    r"Function calling\.": (400,),
    r"Unsupported file URI type: .+": (400,),
    r"Unsupported input mime type for this model: .+": (400,),
    rf"Model '{_ANY}' does not support background interactions\.": (400,),
    r"background=true is only supported for agent interactions": (400,),
    rf"'{_ANY}' is not a supported thinking level for this model\. Allowed values are: .+\.": (
        400,
    ),
    r"(?:Image|Audio) delivery mode is not supported\.": (400,),
    r"Audio mime_type is not supported in response_format\.": (400,),
    r"Multimodal function responses are not supported for this model": (400,),
    rf"Agent '{_ANY}' is invalid or not found": (400,),
    rf"'{_ANY}' refers to an agent, but was provided in the 'model' field\. Please use the 'agent' "
    r"field instead\.": (400,),
    # The conversation
    r"Corrupted thought signature\.": (400,),
    r"Please ensure that function response turn comes immediately after a function call turn\..*": (
        400,
    ),
    r"Please ensure that function call turn comes immediately after a user turn or after a "
    r"function response turn\.": (400,),
    r"Function call is missing a thought_signature in functionCall parts.*": (400,),
    r"Model generated invalid JSON syntax and the output could not be parsed\.": (400,),
    r"Request blocked due to its content\.": (400,),
    # What is looked up
    r"Invalid interaction name: interactions/.*": (400,),
    re.escape(live_words.ENTITY_NOT_FOUND): (404,),
    rf"(?:Model '{_ANY}' not found\..*|Model not found)": (404,),
    re.escape(live_words.METHOD_NOT_FOUND): (404,),
    r"Failed to get completed interaction: Result not found\.": (404,),
    re.escape(live_words.NO_PERMISSION): (403,),
    r"Your project has been denied access\.": (403,),
    re.escape(_PROBLEM): (400, 403, 500),
    # Load
    r"Rate limit exceeded for model .+": (429,),
    r"quota": (429,),
    r"Deadline expired before operation could complete\.": (504,),
}
"""The words of the service, each a pattern with the statuses that were seen or reported with it."""

add_rule(
    "error-text",
    "an error says what the server was seen to say, and with that status",
    kind=Kind.DRIFT,
    bears_on="refusals",
    scope=ANY_ANSWER,
    evidence=(
        Evidence("L", "refusals", "2026-06 to 2026-10"),
        Evidence("C", "recorded error bodies", "2026-07 to 2026-10"),
    ),
    example='response.body.error.message: "previous_interaction_id not found"; expected words '
    "that were seen of the server",
)


def check_error_text(body: Any, status: int | None) -> Iterator[Problem]:
    """Find words that nobody has seen, or seen with another status, in the error of the service."""
    inner = body.get("error") if isinstance(body, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("code"), str):
        return
    message = inner.get("message")
    if not isinstance(message, str) or (" " not in message and is_redacted(message)):
        return
    statuses = {
        number
        for pattern, numbers in _patterns()
        if pattern.fullmatch(message)
        for number in numbers
    }
    path = "error.message"
    if not statuses and message:
        near = nearest_name(message, _plain_texts())
        expected = brief_json(near) if near else "words that were seen of the server"
        yield problem("error-text", path, brief_json(message), expected)
    elif statuses and status is not None and status not in statuses:
        observed = f"{brief_json(message)} with HTTP {status}"
        expected = f"it with {' or '.join(map(str, sorted(statuses)))}"
        yield problem("error-text", path, observed, expected)


@cache
def _patterns() -> list[tuple[re.Pattern[str], tuple[int, ...]]]:
    return [(re.compile(text, re.DOTALL), statuses) for text, statuses in TEXTS.items()]


@cache
def _plain_texts() -> tuple[str, ...]:
    """Return the texts that are always the same, for the nearest one."""
    plain_texts = ((text, re.sub(r"\\(.)", r"\1", text)) for text in TEXTS)
    return tuple(plain for text, plain in plain_texts if re.fullmatch(text, plain))
