"""Read the body of a recorded message from each form in which recorders write one.

A text, bytes, base64, chunks, or JSON that the recorder parsed. What is in none of these forms is
an error that names its path: a body that was not read is never an empty one.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..errors import OddEntry
from ..wire.compression import is_gzip, unpack_body
from ..wire.http import Json
from ..wire.json_text import compact_json
from .exchange import Exchange

_API_MEMBERS = frozenset(
    "agent data error files id input interaction model models object outputs status steps".split()
)
"""Members by one of which an object is known as a body of the API, kept as JSON."""

_TEXT_CODECS = {"ASCII-8BIT": "latin-1", "BINARY": "latin-1"}


def body_of_message(message: Json, place: str) -> bytes | None:
    """Return the body of a request or a response, None where no member has one.

    `parsed_body` is how pydantic-ai keeps JSON, `content` how vcrpy 4 kept the answers of httpx,
    `chunks` how llm-recorder keeps streams. `body_type` and `body_content` are cassetter's in TOML.
    Raises `OddEntry`, whose text begins with `place`.
    """
    if "body_type" in message:
        return _toml_bytes(message, place)
    if "parsed_body" in message and (message["parsed_body"] is not None or "body" not in message):
        return _json_bytes(message["parsed_body"], f"{place}.parsed_body")
    for name in ("body", "content", "chunks"):
        if name in message:
            return _body_bytes(message[name], f"{place}.{name}")
    return b"" if _GO_MEMBERS & message.keys() else None


_GO_MEMBERS = frozenset({"content_length", "proto", "duration"})
"""Members by which a message of go-vcr is known, which leaves an empty body out."""


def unpack_exchange(exchange: Exchange) -> Exchange:
    """Unpack the bodies of an exchange with the Interactions API; raises `OddEntry`."""
    if not exchange.targets_interactions:
        return exchange
    request_body = _unpack(exchange.request_body, exchange.request_headers, "request")
    response_body = _unpack(exchange.response_body, exchange.response_headers, "response")
    if (request_body, response_body) == (exchange.request_body, exchange.response_body):
        return exchange
    return replace(exchange, request_body=request_body, response_body=response_body)


def _unpack(body: bytes, headers: dict[str, str], place: str) -> bytes:
    """Unpack a body by its first bytes and its headers."""
    coding = headers.get("content-encoding", "")
    if body[:4] == _GZIP_IN_HEX and PACKED_IN_HEX.match(body):
        body = bytes.fromhex(body.decode())
    if _ENCODED.match(body):
        _refuse_unmarked(body, place)
    if not body or (not coding and not is_gzip(body)):
        return body
    try:
        return unpack_body(body, coding)
    except ValueError as error:
        raise OddEntry(f"{place}.body: {error}") from None


_GZIP_IN_HEX = b"1f8b"
PACKED_IN_HEX = re.compile(rb"1f8b(?:[0-9a-f]{2}){8,}\Z")
"""What gzip is in hexadecimal digits, as nock and Polly.JS keep packed bodies."""

_ENCODED = re.compile(rb"[A-Za-z0-9+/\s]{16,}={0,2}\s*\Z")
_PLAIN_STARTS = (b"{", b"[", b"event:", b"data:", b"\x1f\x8b")


def _refuse_unmarked(body: bytes, place: str) -> None:
    """Raise `OddEntry` for a body in base64, where nothing beside it says that it is."""
    try:
        plain = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        return
    if plain.startswith(_PLAIN_STARTS):
        raise OddEntry(
            f"{place}.body is base64, and nothing beside it says so: in VCR it stands under "
            "`base64_string`, in HAR beside `encoding: base64`"
        )


def decode_base64(text: Any, place: str) -> bytes:
    """Decode base64, with line breaks in it or without; raises `OddEntry`."""
    raw = text.encode("ascii", "replace") if isinstance(text, str) else text
    if not isinstance(raw, bytes):
        raise OddEntry(f"{place} is no base64 but {_kind_of(text)}")
    try:
        return base64.b64decode(b"".join(raw.split()), validate=True)
    except binascii.Error as error:
        raise OddEntry(f"{place} is no base64: {error}") from None


def encode_text(text: str) -> bytes:
    """Encode a text; a lone surrogate, which UTF-8 cannot say, becomes its escape in JSON."""
    return text.encode("utf-8", "backslashreplace")


def _body_bytes(body: Any, place: str) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return encode_text(body)
    if isinstance(body, bytes):
        return body
    if isinstance(body, dict):
        return _bytes_of_object(body, place)
    if isinstance(body, list):
        if all(isinstance(chunk, str | bytes) for chunk in body):
            return b"".join(_body_bytes(chunk, place) for chunk in body)
        return _json_bytes(body, place)
    raise OddEntry(f"{place} is {_kind_of(body)}, neither a text nor base64")


def _bytes_of_object(body: Json, place: str) -> bytes:
    """Read an object around a body: that of VCR, of cassetter, or the JSON itself."""
    if len(body) == 1 and type(body.get("string")) is str:  # as nearly all are
        return encode_text(body["string"])
    if body.get("base64_string") or ("base64_string" in body and not body.get("string")):
        return decode_base64(body["base64_string"], f"{place}.base64_string")
    if body.keys() == {"b64"}:
        return decode_base64(body["b64"], f"{place}.b64")
    if isinstance(body.get("path"), str) and "sha256" in body:
        raise OddEntry(
            f"{place} lies in a file beside this one, {body['path']!r}, which is not there, or is "
            "not what was recorded: it has to be committed with the recording"
        )
    if "string" in body:
        return _string_bytes(body, place)
    if "chunks" in body and isinstance(body["chunks"], list):
        return _body_bytes(body["chunks"], f"{place}.chunks")
    if body.get("type") in _CASSETTER_BODIES and body.keys() <= {"type", "content"}:
        return _CASSETTER_BODIES[body["type"]](body.get("content"), f"{place}.content")
    if not body or body.keys() == {"encoding"}:
        return b""
    if _API_MEMBERS & body.keys() and body.keys() != {"data"}:
        return _json_bytes(body, place)
    names = ", ".join(f"`{name}`" for name in list(body)[:4])
    raise OddEntry(f"{place} is an object of {names}: no form of a body that we know")


def _string_bytes(body: Json, place: str) -> bytes:
    """Read `string`; Ruby says beside it in which encoding the bytes were."""
    string, codec = body["string"], _TEXT_CODECS.get(str(body.get("encoding")).upper())
    if isinstance(string, str) and codec and not string.isascii():
        try:
            return string.encode(codec)
        except UnicodeEncodeError:
            pass  # the text was decoded after all
    if isinstance(string, dict):
        return _json_bytes(string, f"{place}.string")
    return _body_bytes(string, f"{place}.string")


def _toml_bytes(message: Json, place: str) -> bytes:
    """Read the body of a message that cassetter wrote as TOML: its JSON is a text there."""
    kind, content = message["body_type"], message.get("body_content")
    if content is None:
        return b""
    if kind in ("json", "text"):
        return _text_bytes(content, f"{place}.body_content")
    if kind == "binary":
        return decode_hex(content, f"{place}.body_content")
    if kind == "none":
        return _no_bytes(content, f"{place}.body_content")
    raise OddEntry(f"{place}.body_type is {kind!r}, no type of a body that we know")


def _json_bytes(value: Any, place: str) -> bytes:
    """Write JSON that a recorder parsed; raises `OddEntry` for what JSON does not have."""
    try:
        return encode_text(compact_json(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise OddEntry(f"{place} cannot be written as JSON again: {error}") from None


def _text_bytes(content: Any, place: str) -> bytes:
    if not isinstance(content, str):
        raise OddEntry(f"{place} is {_kind_of(content)}, not a text")
    return encode_text(content)


def decode_hex(content: Any, place: str) -> bytes:
    """Decode hexadecimal digits; raises `OddEntry`."""
    try:
        return bytes.fromhex(content)
    except (TypeError, ValueError):
        raise OddEntry(f"{place} is no text of hexadecimal digits") from None


def _no_bytes(content: Any, place: str) -> bytes:
    if content not in (None, "", b""):
        raise OddEntry(f"{place} is there, though the type beside it says that there is none")
    return b""


_CASSETTER_BODIES: dict[Any, Callable[[Any, str], bytes]] = {
    "none": _no_bytes,
    "text": _text_bytes,
    "json": _json_bytes,
    "binary": decode_hex,
}
"""How cassetter writes a body: the reader of `content` by the `type` beside it."""


def _kind_of(value: Any) -> str:
    """Name the kind of a value for an error text."""
    if value is None:
        return "null"
    kinds: dict[type, str] = {dict: "an object", list: "an array", str: "a text", bool: "a boolean"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else "no JSON")


def texts_of_chunks(text: str) -> list[str]:
    """Return the chunks that Polly.JS keeps in a text as a JSON array of texts, else the text."""
    try:
        value = json.loads(text) if text.startswith("[") else None
    except ValueError:
        value = None
    is_chunks = isinstance(value, list) and all(isinstance(chunk, str) for chunk in value)
    return value if is_chunks and isinstance(value, list) else [text]
