"""Read what MockServer recorded: pairs of `httpRequest` and `httpResponse`, also as expectations.

Known from its page "record and replay" and from its `BodyDTODeserializer`. A body that is a matcher
(a regular expression, a schema) is not what was sent, and an error.
"""

from __future__ import annotations

from typing import Any

from ..errors import OddEntry
from ..wire.http import Json
from .entry_fields import check_path, spell_uri

_BODY_TYPES = {"STRING": "string", "JSON": "json", "BINARY": "base64Bytes", "XML": "xml"}
"""The member of a body that holds it, by the type of the body."""


def mock_server_entries(value: Any) -> list[Any]:
    """Turn a recording of MockServer into entries of VCR; raises `OddEntry`."""
    pairs = value if isinstance(value, list) else [value]
    return [_entry(number, pair) for number, pair in enumerate(pairs, start=1)]


def _entry(number: int, pair: Any) -> Json:
    place = f"exchange {number}"
    if not isinstance(pair, dict) or not isinstance(pair.get("httpRequest"), dict):
        raise OddEntry(f"{place}: httpRequest is no object")
    if not isinstance(pair.get("httpResponse"), dict):
        raise OddEntry(f"{place}: it has no `httpResponse`: MockServer gave no recorded answer")
    request, response = pair["httpRequest"], pair["httpResponse"]
    headers = _pairs(request.get("headers"), f"{place}: httpRequest.headers")
    query = _pairs(request.get("queryStringParameters"), f"{place}: httpRequest.queryString")
    path = check_path(request.get("path"), f"{place}: httpRequest.path")
    scheme = "https" if request.get("secure") else "http"
    return {
        "request": {
            "method": request.get("method"),
            "uri": spell_uri(scheme, headers, path, query, unnamed_host="mockserver"),
            "headers": [list(pair) for pair in headers],
            "body": _body(request.get("body"), f"{place}: httpRequest.body"),
        },
        "response": {
            "status": response.get("statusCode", 200),
            "headers": [
                list(pair)
                for pair in _pairs(response.get("headers"), f"{place}: httpResponse.headers")
            ],
            "body": _body(response.get("body"), f"{place}: httpResponse.body"),
        },
    }


def _pairs(values: Any, place: str) -> list[tuple[str, str]]:
    """Read names with lists of values, as an object, or as a list of objects."""
    if values is None:
        return []
    if isinstance(values, list) and all(isinstance(value, dict) for value in values):
        named = [(value.get("name"), value.get("values")) for value in values]
    elif isinstance(values, dict):
        named = [(name, several) for name, several in values.items() if name != "keyMatchStyle"]
    else:
        raise OddEntry(f"{place} is neither an object nor a list of objects")
    return [
        (str(name), str(value))
        for name, several in named
        for value in (several if isinstance(several, list) else [several])
    ]


def _body(body: Any, place: str) -> Any:
    """Turn a body into one of the forms that an entry of VCR may have."""
    if isinstance(body, list):
        return {"type": "json", "content": body}
    if not isinstance(body, dict):
        return body
    kind = body.get("type", next((kind for kind, name in _BODY_TYPES.items() if name in body), ""))
    if kind not in _BODY_TYPES:
        if kind and body.keys() & {"regex", "jsonSchema", "jsonPath", "xpath", "parameters"}:
            raise OddEntry(f"{place} is a matcher of MockServer ({kind}), not what was sent")
        return {"type": "json", "content": body}
    content = body.get(_BODY_TYPES[kind])
    if kind == "BINARY":
        return {"base64_string": content}
    return content if isinstance(content, str) else {"type": "json", "content": content}
