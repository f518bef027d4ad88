"""The operations of the document, a row each: those of the API, and those of the control routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...wire.http import Json
from .components import REFERENCE, refer_to_schema

_ANY_OBJECT: Json = {"type": "object", "additionalProperties": True}
_ERROR: Json = {"$ref": f"{REFERENCE}AnyError"}
_ADDED: Json = {
    "type": "object",
    "required": ["added"],
    "properties": {"added": {"type": "integer", "minimum": 0}},
}
_TIME: Json = {
    "type": "object",
    "required": ["now"],
    "properties": {"now": {"type": "number", "description": "Unix seconds."}},
}

ERRORS: dict[str, Json] = {
    "AnyError": {
        "description": "An error of the API, or of the older resources beside it.",
        "anyOf": [
            refer_to_schema("interactions/error"),
            {"$ref": f"{REFERENCE}ClassicError"},
        ],
    },
    "ClassicError": {
        "description": "The error of the older resources: the code is a number.",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "status"],
                "properties": {
                    "code": {"type": "integer"},
                    "message": {"type": "string"},
                    "status": {"type": "string"},
                },
            }
        },
    },
}
"""The components of errors, which have no file of their own."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    `body` names the schema of the request's body and `bodies` says that a list of it may come, too.
    `result` is the schema of the answer's JSON; `stream` says that it may be a stream of events.
    """

    name: str
    summary: str
    result: Json
    query: tuple[tuple[str, str, str], ...] = ()
    body: str = ""
    bodies: bool = False
    stream: bool = False
    media_type: str = "application/json"

    def describe(self, path: str, tag: str) -> Json:
        """Build the operation object of OpenAPI."""
        described: Json = {"operationId": self.name, "summary": self.summary, "tags": [tag]}
        if parameters := [*_path_parameters(path), *self._query_parameters()]:
            described["parameters"] = parameters
        if self.body:
            schema: Json = refer_to_schema(self.body)
            if self.bodies:
                schema = {"anyOf": [schema, {"type": "array", "items": schema}]}
            described["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": schema}},
            }
        content: Json = {self.media_type: {"schema": self.result}}
        if self.stream:
            content["text/event-stream"] = {"x-item-schema": refer_to_schema("interactions/event")}
        described["responses"] = {
            "200": {"description": "The answer.", "content": content},
            "default": {"description": "A refusal.", "content": _error_content(self.stream)},
        }
        return described

    def _query_parameters(self) -> list[Json]:
        return [
            {"name": name, "in": "query", "schema": {"type": type_}, "description": description}
            for name, type_, description in self.query
        ]


def _path_parameters(path: str) -> list[Json]:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]


def _error_content(stream: bool) -> Json:
    content: dict[str, Any] = {"application/json": {"schema": _ERROR}}
    if stream:
        content["text/event-stream"] = {}
    return content


_INTERACTION = refer_to_schema("interactions/interaction")

API_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("post", "/interactions"): Operation(
        "createInteraction",
        "Ask a model or an agent; with `stream`, the answer is a stream of events.",
        _INTERACTION,
        body="interactions/create",
        stream=True,
    ),
    ("get", "/interactions/{id}"): Operation(
        "getInteraction",
        "Read an interaction, poll a background run, or resume its stream.",
        _INTERACTION,
        query=(
            ("stream", "boolean", "Answer with the events, from the first or the last seen on."),
            ("last_event_id", "string", "The event behind which a resumed stream begins."),
            ("include_input", "boolean", "Show what was asked, too."),
        ),
        stream=True,
    ),
    ("delete", "/interactions/{id}"): Operation(
        "deleteInteraction", "Forget an interaction.", {"type": "object", "maxProperties": 0}
    ),
    ("post", "/interactions/{id}/cancel"): Operation(
        "cancelInteraction", "Cancel a background run.", _INTERACTION
    ),
    ("get", "/models"): Operation("listModels", "List the models.", _ANY_OBJECT),
    ("get", "/models/{model}"): Operation("getModel", "Read what a model is.", _ANY_OBJECT),
    ("get", "/files/{file}"): Operation(
        "getFile", "Read what a file is that a turn left behind.", _ANY_OBJECT
    ),
    ("get", "/files/{file}:download"): Operation(
        "downloadFile",
        "Read the bytes of a file.",
        {"type": "string", "format": "binary"},
        query=(("alt", "string", "`media`, which may be left out."),),
        media_type="*/*",
    ),
}
"""The operations of the API that the fake answers, by method and path below the version."""

CONTROL_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("get", "/health"): Operation(
        "getHealth",
        "Tell whether the fake is up.",
        {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}},
    ),
    ("post", "/replies"): Operation(
        "addReplies", "Script the next turns.", _ADDED, body="control/reply", bodies=True
    ),
    ("post", "/rules"): Operation(
        "addRules", "Script by what is asked.", _ADDED, body="control/rule", bodies=True
    ),
    ("post", "/faults"): Operation(
        "addFaults", "Arm faults.", _ADDED, body="control/fault", bodies=True
    ),
    ("delete", "/faults"): Operation("clearFaults", "Clear the faults.", _ANY_OBJECT),
    ("get", "/clock"): Operation("readClock", "Read the clock.", _TIME),
    ("post", "/clock"): Operation("moveClock", "Move the clock on.", _TIME, body="control/clock"),
    ("get", "/requests"): Operation(
        "listRequests", "List what was asked.", {"type": "array", "items": _ANY_OBJECT}
    ),
    ("get", "/complaints"): Operation(
        "listComplaints",
        "List what would fail a test at its end.",
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind", "text"],
                "properties": {"kind": {"type": "string"}, "text": {"type": "string"}},
            },
        },
    ),
    ("post", "/allow"): Operation(
        "allowComplaints", "Allow kinds of complaints.", _ANY_OBJECT, body="control/allow"
    ),
    ("post", "/trust"): Operation(
        "trustSignatures", "Trust thought signatures.", _ANY_OBJECT, body="control/trust"
    ),
    ("post", "/sessions"): Operation(
        "openSession",
        "Give a test a fake of its own.",
        {
            "type": "object",
            "required": ["token", "url", "header"],
            "properties": {
                "token": {"type": "string"},
                "url": {"type": "string"},
                "header": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        body="control/session",
    ),
    ("get", "/sessions"): Operation(
        "listSessions", "List the sessions there are.", {"type": "array", "items": _ANY_OBJECT}
    ),
    ("delete", "/session"): Operation(
        "endSession",
        "End the session that is asked.",
        {
            "type": "object",
            "required": ["complaints"],
            "properties": {"complaints": {"type": "array", "items": _ANY_OBJECT}},
        },
    ),
    ("post", "/reset"): Operation("reset", "Begin anew.", _ANY_OBJECT),
    ("get", "/openapi.json"): Operation("readDocument", "Read this document.", _ANY_OBJECT),
}
"""The control routes, by method and path below their prefix."""
