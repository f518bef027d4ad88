"""Read what httpmock for Rust recorded: YAML documents of `when` and `then`, one an exchange.

Known from its `persistence.rs` and from the cassettes of rig. It notes no host. What only matches,
such as `body_includes`, is not what was sent, and an error.
"""

from __future__ import annotations

from typing import Any

from ..errors import OddEntry
from ..wire.http import Json
from .entry_fields import check_path, spell_uri

_BODIES = {"body": "text", "json_body": "json", "body_base64": "base64"}
"""The members that are a body, and how it is written."""


def is_httpmock(value: Any) -> bool:
    """Tell a document of httpmock, or several."""
    documents = value if isinstance(value, list) else [value]
    return bool(documents) and all(
        isinstance(document, dict) and document.keys() >= {"when", "then"} for document in documents
    )


def httpmock_entries(value: Any) -> list[Any]:
    """Turn documents of httpmock into entries of VCR; raises `OddEntry`."""
    documents = value if isinstance(value, list) else [value]
    return [_entry(number, document) for number, document in enumerate(documents, start=1)]


def _entry(number: int, document: Json) -> Json:
    when, then = document["when"], document["then"]
    for name, part in (("when", when), ("then", then)):
        if not isinstance(part, dict):
            raise OddEntry(f"exchange {number}: {name} is no object")
    headers = _pairs(when.get("header"), f"exchange {number}: when.header")
    query = _pairs(when.get("query_param"), f"exchange {number}: when.query_param")
    path = check_path(when.get("path"), f"exchange {number}: when.path")
    return {
        "request": {
            "method": when.get("method"),
            "uri": spell_uri("https", headers, path, query, unnamed_host="httpmock"),
            "headers": [list(pair) for pair in headers],
            **_body(when, f"exchange {number}: when"),
        },
        "response": {
            "status": then.get("status", 200),
            "headers": [
                list(pair) for pair in _pairs(then.get("header"), f"exchange {number}: then.header")
            ],
            **(_body(then, f"exchange {number}: then") or {"body": ""}),
        },
    }


def _pairs(values: Any, place: str) -> list[tuple[str, str]]:
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise OddEntry(f"{place} is no list of objects")
    return [(str(value.get("name")), str(value.get("value"))) for value in values]


def _body(message: Json, place: str) -> Json:
    """Return the body of a message as VCR has it; nothing where there is none."""
    for name, kind in _BODIES.items():
        content = message.get(name)
        if content is None:
            continue
        if kind == "base64":
            return {"body": {"base64_string": content}}
        return {"body": content if kind == "text" else {"type": "json", "content": content}}
    if matcher := next((name for name in message if "body" in name and message[name]), ""):
        raise OddEntry(f"{place}.{matcher} is a matcher of httpmock, not what was sent")
    return {}
