"""Write and read the entries of vcrpy: ours for review, others as vcrpy has them; no secrets.

What a client is answered from an entry is, byte for byte, what vcrpy alone would answer.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..wire.compression import is_gzip, unpack_body
from ..wire.http import Json
from ..wire.packed_layers import pack_layers, unpack_layers
from .attachments import extract_attachments
from .body_forms import restore_spelling, spell_for_review
from .cassette import BREAK_ESCAPES, DROPPED_RESPONSE_HEADERS, KEPT_REQUEST_HEADERS
from .contents import NOTE_KEY
from .exchange import Exchange
from .scrub.edits import decode_bytes, encode_text
from .scrub.last_resort import blank_query, blank_texts_of_body
from .scrub.remaining import remaining_in_header
from .scrub.scrubber import Scrubber

_BODIES = (str, bytes, bytearray)


def is_ours(exchange: Exchange) -> bool:
    """Tell whether a request of vcrpy is one of the Interactions API: a create has a model."""
    if not exchange.targets_interactions or not exchange.operation:
        return False
    if exchange.operation != "create":
        return True
    try:
        body = exchange.request_json
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and ("input" in body or "model" in body or "agent" in body)


def body_bytes(body: Any) -> bytes:
    """Return the bytes of a request's body: text, bytes, a file, pieces, or JSON as an object.

    A file is read to its end, and an iterator is used up.
    """
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        return encode_text(body)
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if isinstance(body, Mapping):
        return json.dumps(body).encode()
    if isinstance(body, Iterable):
        parts = list(body)
        if all(isinstance(part, bytes | str) for part in parts):
            return b"".join(part.encode() if isinstance(part, str) else part for part in parts)
        return json.dumps(parts, default=str).encode()
    return str(body).encode()


def exchange_of_entry(number: int, entry: Json) -> Exchange:
    """Return an entry as an exchange, for what is looked for in it; nothing of it is used up."""
    request, response = entry["request"], entry.get("response")
    request["body"] = _reusable(request.get("body"))
    answer = _answer_body(response)
    return Exchange(
        number,
        str(request["method"]),
        str(request["uri"]),
        _joined_headers(request.get("headers")),
        body_bytes(_copied(request["body"])),
        None,
        _joined_headers(response.get("headers") if isinstance(response, dict) else None),
        body_bytes(answer) if isinstance(answer, _BODIES) else b"",
    )


def scrub_entry(entry: Json, scrubber: Scrubber) -> Json:
    """Return an entry without secrets; all else stays as vcrpy has it."""
    request, response = dict(entry["request"]), entry["response"]
    request["uri"] = scrubber.scrub_uri(request["uri"])
    coding = _joined_headers(request.get("headers")).get("content-encoding", "")
    request["headers"] = _change_headers(request.get("headers"), scrubber.scrub_header)
    request["body"] = _change_body(request.get("body"), scrubber.scrub_body, coding)
    if not isinstance(response, dict):
        return {**entry, "request": request}
    coding = _joined_headers(response.get("headers")).get("content-encoding", "")
    response = {
        **response,
        "headers": _change_headers(response.get("headers"), scrubber.scrub_header),
    }
    answer = _answer_body(response)
    if isinstance(answer, _BODIES):
        response = _with_answer(response, _change_body(answer, scrubber.scrub_body, coding))
    return {**entry, "request": request, "response": response}


def blank_entry(entry: Json, scrubber: Scrubber) -> Json:
    """Return an entry of ours with a placeholder for each text that looks like a secret."""
    rules, number_whole = scrubber.rules, scrubber.number_whole

    def blank_header(name: str, value: str) -> str:
        return number_whole(value) if remaining_in_header(name, value, rules) else value

    def blank_body(text: str) -> str:
        return decode_bytes(blank_texts_of_body(encode_text(text), (), rules, number_whole)[0])

    request, response = dict(entry["request"]), entry["response"]
    request["uri"] = blank_query(request["uri"], rules, number_whole)
    request["headers"] = _change_headers(request.get("headers"), blank_header)
    request["body"] = _change_body(request.get("body"), blank_body)
    if isinstance(response, dict):
        response = {**response, "headers": _change_headers(response.get("headers"), blank_header)}
        answer = _answer_body(response)
        if isinstance(answer, _BODIES):
            response = _with_answer(response, _change_body(answer, blank_body))
    return {**entry, "request": request, "response": response}


def _with_answer(response: Json, answer: Any) -> Json:
    body = response.get("body")
    if isinstance(body, dict) and "string" in body:
        return {**response, "body": {**body, "string": answer}}
    return {**response, "body": answer}


def unpack_entry(entry: Json) -> Json:
    """Return an entry of ours with its answer unpacked; as it is where we cannot unpack it."""
    response = entry.get("response")
    answer = _answer_body(response)
    if not isinstance(response, dict) or not isinstance(answer, bytes):
        return entry
    headers = _joined_headers(response.get("headers"))
    if "content-encoding" not in headers and not is_gzip(answer):
        return entry
    try:
        unpacked = unpack_body(answer, headers.get("content-encoding", ""))
    except ValueError:
        return entry
    new_headers = {
        name: values
        for name, values in (response.get("headers") or {}).items()
        if name.lower() not in ("content-encoding", "content-length")
    }
    return {
        **entry,
        "response": {**response, "headers": new_headers, "body": {"string": unpacked}},
    }


def spell_entry(entry: Json, attachments: dict[str, bytes]) -> Json:
    """Return an entry of ours for review, with a note of how its bodies were written."""
    request, response = dict(entry["request"]), dict(entry["response"])
    note: Json = {}
    body = body_bytes(_copied(request.get("body")))
    request["body"], note["request"] = _spell_body(body, attachments)
    request["headers"] = {
        name: value
        for name, value in (request.get("headers") or {}).items()
        if name.lower() in KEPT_REQUEST_HEADERS
    }
    answer = _answer_body(response)
    if isinstance(answer, _BODIES):
        text, note["response"] = _spell_body(body_bytes(answer), attachments)
        response["body"] = {"string": text}
    keeps_coding = any(name.lower() == "content-encoding" for name in response.get("headers") or ())
    if not keeps_coding:
        response["headers"] = {
            name: value
            for name, value in (response.get("headers") or {}).items()
            if name.lower() not in DROPPED_RESPONSE_HEADERS
        }
    forms = {name: form for name, form in note.items() if form}
    return {**entry, "request": request, "response": response} | (
        {NOTE_KEY: {"written": forms}} if forms else {}
    )


def restore_entries(value: Any) -> Any:
    """Give the entries of a parsed cassette the bodies that vcrpy had, and bytes for base64."""
    entries = value.get("interactions") if isinstance(value, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        note = entry.get(NOTE_KEY)
        forms = note.get("written") if isinstance(note, dict) else None
        forms = forms if isinstance(forms, dict) else {}
        request, response = entry.get("request"), entry.get("response")
        if isinstance(request, dict) and "body" in request:
            request["body"] = _restore_body(request["body"], forms.get("request"))
        if isinstance(response, dict) and isinstance(response.get("body"), dict):
            body = response["body"]
            if set(body) == {"base64_string"}:
                response["body"] = {"string": _restore_body(body, None)}
            elif "string" in body:
                body["string"] = _restore_body(body["string"], forms.get("response"))
    return value


def _restore_body(body: Any, form: Any) -> Any:
    import base64
    import binascii

    if isinstance(body, dict) and set(body) == {"base64_string"}:
        try:
            return base64.b64decode(body["base64_string"], validate=False)
        except (TypeError, ValueError, binascii.Error):
            return body
    return restore_spelling(body, form) if isinstance(body, str) and form else body


def _spell_body(body: bytes, attachments: dict[str, bytes]) -> tuple[str | bytes, str]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body, ""
    spelled, form = spell_for_review(text)
    if not form and not spelled.startswith(("event:", "data:")):
        return text, ""
    if spelled.translate(BREAK_ESCAPES) != spelled:
        return text, ""  # such characters would have to be escaped
    return extract_attachments(spelled, attachments), form


def _answer_body(response: Any) -> Any:
    body = response.get("body") if isinstance(response, dict) else None
    return body.get("string") if isinstance(body, dict) and "string" in body else body


def _joined_headers(headers: Any) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    return {
        str(name).lower(): ", ".join(map(str, _values(value))) for name, value in headers.items()
    }


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _change_headers(headers: Any, change: Callable[[str, str], str]) -> Any:
    def changed(name: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [changed(name, one) for one in value]
        return change(name, value) if isinstance(value, str) else value

    if not isinstance(headers, Mapping):
        return headers
    return {name: changed(str(name), value) for name, value in headers.items()}


def _change_body(value: Any, change: Callable[[str], str], coding: str = "") -> Any:
    """Return a body of any type, packed as it was, after a change; unchanged the same object."""
    if value is None:
        return value
    packed = unpack_layers(body_bytes(_copied(value)), coding)
    text = decode_bytes(packed.plain)
    clean = change(text)
    if clean == text:
        return value
    raw = pack_layers(encode_text(clean), packed.layers)
    if isinstance(value, str):
        return decode_bytes(raw)
    if isinstance(value, bytes | bytearray):
        return raw
    if hasattr(value, "read"):
        return io.BytesIO(raw)
    if isinstance(value, Mapping):
        return json.loads(clean)
    return iter([raw])


class _Pieces(list[Any]):
    """The pieces of an iterator's body, which can be read again and again."""


def _reusable(body: Any) -> Any:
    """Return a body that can be read more than once: of an iterator its pieces."""
    return _Pieces(body) if isinstance(body, Iterator) and not hasattr(body, "read") else body


def _copied(body: Any) -> Any:
    """Return a copy of a file's body, so that reading it leaves the file where it is."""
    if hasattr(body, "read") and hasattr(body, "getvalue"):
        return type(body)(body.getvalue())
    return body


def as_vcrpy_has_it(entry: Json) -> Json:
    """Return an entry whose pieces are an iterator again."""
    request = entry["request"]
    if isinstance(request.get("body"), _Pieces):
        return {**entry, "request": {**request, "body": iter(list(request["body"]))}}
    return entry
