"""Further places for secrets: addresses, tools, results, base64, archives, JSON in JSON."""

from __future__ import annotations

import base64
import gzip
import io
import json
import textwrap
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fakegemini.recordings.exchange import RecordedExchange
from tests.record.planted import create

Place = Callable[[str], RecordedExchange]


def _call(**members: Any) -> RecordedExchange:
    step = {"type": "function_call", "name": "f", "id": "c"} | members
    return create({"input": [step]}, {})


def _result(result: Any) -> RecordedExchange:
    call = {"type": "function_call", "name": "f", "id": "c", "arguments": {}}
    step = {"type": "function_result", "name": "f", "call_id": "c", "result": result}
    return create({"input": [call, step]}, {})


def _tool(**members: Any) -> RecordedExchange:
    return create({"tools": [{"type": "function", "name": "f"} | members]}, {})


def _mcp(**members: Any) -> RecordedExchange:
    return create({"tools": [{"type": "mcp_server", "name": "s"} | members]}, {})


def _document(data: bytes) -> RecordedExchange:
    block = {
        "type": "document",
        "data": base64.b64encode(data).decode(),
        "mime_type": "text/plain",
    }
    return create({"input": [block]}, {})


def _nested(value: Any, depth: int) -> str:
    for _ in range(depth):
        value = json.dumps([value])
    return str(value)


def _zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/settings.txt", text)
    return file.getvalue()


def base64_of(text: str) -> str:
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()


SHAPED_ANYWHERE: dict[str, Place] = {
    "user of an address": lambda s: create({"input": f"see https://{s}@example.com/x"}, {}),
    "path of an address": lambda s: create({"input": f"see https://example.com/a/{s}/b"}, {}),
    "query of an address": lambda s: create({"input": f"see https://example.com/?q={s}&r=1"}, {}),
    "fragment of an address": lambda s: create({"input": f"https://example.com/#t={s}"}, {}),
    "result": lambda s: _result(f"it is {s}"),
    "result as object": lambda s: _result({"deep": [{"er": s}]}),
    "result as JSON": lambda s: _result(json.dumps({"a": [s]})),
    "result as content": lambda s: _result([{"type": "text", "text": f"{s}!"}]),
    "arguments": lambda s: _call(arguments={"note": f"use {s}"}),
    "name in arguments": lambda s: _call(arguments={s: 1}),
    "tool description": lambda s: _tool(description=f"Call it with {s}."),
    "tool default": lambda s: _tool(
        parameters={"type": "object", "properties": {"k": {"type": "string", "default": s}}}
    ),
    "tool choices": lambda s: _tool(
        parameters={"type": "object", "properties": {"k": {"type": "string", "enum": [s, "b"]}}}
    ),
    "address of an MCP server": lambda s: _mcp(url=f"https://example.com/mcp?token={s}"),
    "path of an MCP server": lambda s: _mcp(url=f"https://example.com/{s}/mcp"),
    "plain header of an MCP server": lambda s: _mcp(headers={"X-Note": s}),
    "two headers in one": lambda s: _mcp(headers={"X-Note": f"a; {s}; b"}),
    "system instruction": lambda s: create({"system_instruction": f"The key is {s}."}, {}),
    "response format": lambda s: create(
        {"response_format": [{"type": "text", "schema": {"type": "string", "const": s}}]}, {}
    ),
    "short base64": lambda s: create({"input": base64_of(s)}, {}),
    "base64 in a sentence": lambda s: create({"input": f"decode {base64_of('k=' + s)} now"}, {}),
    "URL-safe base64": lambda s: create(
        {"input": base64.urlsafe_b64encode(f"ü?>{s}ü?>".encode()).decode()}, {}
    ),
    "base64 in lines": lambda s: create(
        {"input": "\n".join(textwrap.wrap(base64_of("and so on " * 9 + s + " and so on" * 9), 76))},
        {},
    ),
    "base64 twice": lambda s: create({"input": base64_of(base64_of(f"k={s};"))}, {}),
    "data address": lambda s: create({"input": f"data:text/plain;base64,{base64_of(s)}"}, {}),
    "Kubernetes": lambda s: create({"input": f"kind: Secret\ndata:\n  note: {base64_of(s)}\n"}, {}),
    "JSON in base64": lambda s: create({"input": base64_of(json.dumps({"a": {"b": [s]}}))}, {}),
    "document": lambda s: _document(f"the first line\nkey = {s}\n".encode()),
    "gzip in base64": lambda s: _document(gzip.compress(f"key = {s}\n".encode())),
    "gzip twice in base64": lambda s: _document(gzip.compress(gzip.compress(f"{s}\n".encode()))),
    "zlib in base64": lambda s: _document(zlib.compress(f"key = {s}\n".encode())),
    "zip in base64": lambda s: _document(_zipped(f"key = {s}\n")),
    "gzip in base64 in JSON": lambda s: create(
        {"input": json.dumps({"d": base64_of_bytes(gzip.compress(s.encode()))})}, {}
    ),
    "base64 in gzip in base64": lambda s: _document(gzip.compress(base64_of(f"k={s}").encode())),
    "hexadecimal digits": lambda s: create({"input": f"key = {s}".encode().hex()}, {}),
    "percents twice": lambda s: create({"input": quote(quote(f"a b {s}%", safe=""), safe="")}, {}),
    "JSON 4 deep": lambda s: create({"input": _nested(s, 4)}, {}),
    "JSON 7 deep": lambda s: create({"input": _nested(s, 7)}, {}),
    "form": lambda s: create({"input": f"grant_type=x&note={quote(s, safe='')}&a=b"}, {}),
    "HTML": lambda s: create({"input": f"<a href='x?a=b&amp;k={s}'>&quot;{s}&quot;</a>"}, {}),
    "request header": lambda s: create({}, {}, x_note=quote(s)),
    "file name": lambda s: create({"input": f"see /home/me/{s}.txt"}, {}),
    "an environment": lambda s: create({"environment": {"env": {"PLAIN": s}}}, {}),
    "shell": lambda s: create({"input": f"curl -H 'X-Any: {s}' https://example.com"}, {}),
    "escapes": lambda s: create({"input": "".join(f"\\u{ord(c):04x}" for c in s)}, {}),
}
"""What its shape gives away, in places of requests."""

NAMED_ANYWHERE: dict[str, Place] = {
    "password of an address": lambda s: create(
        {"input": f"see https://me:{quote(s, safe='')}@example.com/x"}, {}
    ),
    "password of a database": lambda s: create(
        {"input": f"DSN=postgres://me:{quote(s, safe='')}@db.example.com:5432/x"}, {}
    ),
    "result": lambda s: _result({"access_token": s}),
    "result as JSON": lambda s: _result(json.dumps({"password": s})),
    "arguments": lambda s: _call(arguments={"api_key": s}),
    "arguments in arguments": lambda s: _call(arguments={"body": json.dumps({"secret_key": s})}),
    "header of an MCP server": lambda s: _mcp(headers={"X-Api-Key": s}),
    "JSON in base64": lambda s: create({"input": base64_of(json.dumps({"client_secret": s}))}, {}),
    "JSON in gzip in base64": lambda s: _document(
        gzip.compress(json.dumps({"private_key": s}).encode())
    ),
    "environment of an agent": lambda s: create({"environment": {"env": {"DB_PASSWORD": s}}}, {}),
    "elsewhere in base64": lambda s: create(
        {"labels": {"password": s}, "input": f"it is {base64_of(s)}"}, {}
    ),
    "elsewhere in an archive": lambda s: create(
        {
            "labels": {"password": s},
            "input": base64_of_bytes(gzip.compress(f"it is {s}".encode())),
        },
        {},
    ),
}
"""What a name gives away, in places of requests."""


def base64_of_bytes(raw: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(raw).decode()
