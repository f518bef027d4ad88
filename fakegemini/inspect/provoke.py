"""Ask for a recorded refusal of which only the body was kept: a row for each request that earns it.

A refusal that no request of ours earns depends on the day, the key or the model: its words are
handed to the fake, and only their form is compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from ..recordings.answers import response_objects
from ..recordings.exchange import Exchange
from ..wire.http import Json
from ..wire.sse import encode_frame
from ..wording import spell_json

_MODEL = "gemini-3.7-flash"
_STRANGER = "v1_ChdBTGxWYVRlc3RUZXN0VGVzdFRlc3RUZRIXQUxsVmFUZXN0VGVzdFRlc3RUZXN0VGU"
_ROW: TypeAlias = tuple[str, Callable[[re.Match[str]], Json]]


def _config(**members: Any) -> Json:
    return {"generation_config": members}


def _input(*blocks: Json) -> Json:
    return {"input": [{"type": "user_input", "content": list(blocks)}]}


_SIGNED_HISTORY = (
    {"type": "user_input", "content": "When is low tide?"},
    {"type": "thought", "signature": "altered"},
    {"type": "function_call", "id": "a", "name": "tide", "arguments": {}},
    {"type": "function_result", "call_id": "a", "name": "tide", "result": "at six"},
)

REQUESTS: tuple[_ROW, ...] = (
    (
        r"Model '(.+)' does not support background interactions\.",
        lambda hit: {"model": hit[1], "background": True},
    ),
    (
        r"'(\w+)' is not a supported thinking level",
        lambda hit: _config(thinking_level=hit[1]),
    ),
    (r"Unknown parameter '(\w+)'\.?$", lambda hit: {hit[1]: "x"}),
    (
        r"Unknown parameter '(\w+)' at 'response_format'",
        lambda hit: {"response_format": {"type": "audio", hit[1]: "x"}},
    ),
    (
        r"The value '(.+)' is not supported for 'response_format\.(\w+)'",
        lambda hit: {
            "model": "gemini-3.1-flash-image",
            "response_format": {"type": "image", hit[2]: hit[1]},
        },
    ),
    (
        r"Invalid input at 'input\[0\]\.content\[0\]\.processing'\.",
        lambda hit: _input({"type": "video", "uri": "https://example.com/v", "processing": 1}),
    ),
    (
        r"Invalid enum value '(.+)' at 'input\[0\]\.content\[0\]\.processing'\.",
        lambda hit: _input({"type": "video", "uri": "https://example.com/v", "processing": hit[1]}),
    ),
    (
        r"The value is invalid for 'input\[0\]\.data'\. Expected string, corrupt base64",
        lambda hit: {"input": [{"type": "image", "mime_type": "image/png", "data": "!"}]},
    ),
    (r"Corrupted thought signature\.", lambda hit: {"input": [*_SIGNED_HISTORY]}),
    (
        r"custom_vocabulary is incompatible with diarization\.",
        lambda hit: {
            "model": "gemini-3.5-transcribe",
            **_config(
                transcription_config={
                    "custom_vocabulary": ["tide"],
                    "mode": {"type": "verbatim", "diarization_mode": "speaker"},
                }
            ),
        },
    ),
    (r"Provide a 'agent', or 'model' parameter\.", lambda hit: {"model": None}),
    (r"Missing input\.", lambda hit: {"input": None}),
    (r"Request has empty input\.", lambda hit: {"input": ""}),
    (
        r"Requested entity was not found\.",
        lambda hit: {"previous_interaction_id": _STRANGER},
    ),
    (
        r"Missing (call_id|name) in content of type function_result",
        lambda hit: {
            "input": [{key: value for key, value in _SIGNED_HISTORY[3].items() if key != hit[1]}]
        },
    ),
)
"""Patterns of recorded messages, and the members of a create that earns each."""

_BAD_NAME = re.compile(r"Invalid interaction name: interactions/(.+)")
_LEGACY = re.compile(r"The legacy Interactions API .* (Python SDK|client SDK)")
_LEGACY_CLIENTS = {
    "Python SDK": "google-genai-sdk/1.75.0 gl-python/3.12",
    "client SDK": "google-genai-sdk/1.33.0 gl-node/22",
}


def provoke(exchange: Exchange) -> tuple[Exchange, bool]:
    """Return a bare refusal with a request, and whether that request earns it."""
    error = next((value for value in response_objects(exchange) if "error" in value), {})
    details = error.get("error")
    message = str(details.get("message")) if isinstance(details, dict) else ""
    bad_name = _BAD_NAME.fullmatch(message)
    if bad_name:
        return replace(exchange, method="GET", uri=f"/v1/interactions/{bad_name[1]}"), True
    legacy = _LEGACY.match(message)
    headers = {"x-goog-api-client": _LEGACY_CLIENTS[legacy[1]]} if legacy else {}
    hits = ((re.match(pattern, message), build) for pattern, build in REQUESTS)
    change = next((build(hit) for hit, build in hits if hit), None)
    body = {"model": _MODEL, "input": "Hi", **(change or {})}
    if error.get("event_type") == "error":
        body["stream"] = True
    request = {key: value for key, value in body.items() if value is not None}
    if body.get("stream"):  # the list has the event alone, and the server its frame
        exchange = replace(exchange, response_body=encode_frame(error))
    asking = replace(
        exchange,
        method="POST",
        uri="/v1/interactions",
        request_headers=headers,
        request_body=spell_json(request).encode(),
    )
    return asking, bool(headers) or change is not None
