"""Tell the recordings of other tools by their members: those that are read, and those that are not.

A dialect whose format is documented is turned into the entries of VCR, which `vcr_file` reads. Any
other is refused by the name of its tool, so that nobody takes its traffic for none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import OddEntry, Unreadable
from ..wire.http import Json
from .httpmock import httpmock_entries, is_httpmock
from .mock_server import mock_server_entries
from .seinfeld import is_seinfeld, seinfeld_entries


class Dialect(NamedTuple):
    """What another tool writes.

    tells: whether a parsed file is of this tool
    entries: makes entries of VCR of it, and of what lies beside its file; None where the tool is
        only known by name
    """

    tool: str
    tells: Callable[[Any], bool]
    entries: Callable[[Any, Path], list[Any]] | None = None


def entries_of_dialect(value: Any, path: Path) -> list[Any] | None:
    """Return the entries of a file of another tool, None where no dialect tells it.

    Raises `Unreadable` for the files of a tool that are not read.
    """
    dialect = _dialect_of(value)
    if dialect is None:
        return None
    if dialect.entries is None:
        raise Unreadable(
            f"{path}: a file of {dialect.tool}, which is not read; record with "
            "`fakegemini record`, or convert it to HAR or to a cassette of VCR"
        )
    return dialect.entries(value, path)


def is_dialect(value: Any) -> bool:
    """Tell whether a parsed file is of another tool that is known."""
    return _dialect_of(value) is not None


def _dialect_of(value: Any) -> Dialect | None:
    if isinstance(value, dict) and value.keys() <= _MEMBERS_OF_VCR:
        return None  # as most files are
    return next((dialect for dialect in DIALECTS if dialect.tells(value)), None)


_MEMBERS_OF_VCR = frozenset({"interactions", "version", "fakegemini"})
"""The members of a cassette of version 1; every dialect is told by another one."""


def _has(*names: str) -> Callable[[Any], bool]:
    members = frozenset(names)
    return lambda value: isinstance(value, dict) and members <= value.keys()


def _first_has(*names: str) -> Callable[[Any], bool]:
    """Tell a list by its first element."""
    return lambda value: isinstance(value, list) and bool(value) and _has(*names)(value[0])


def _alone(entries: Callable[[Any], list[Any]]) -> Callable[[Any, Path], list[Any]]:
    """Make entries of what is in the file alone."""
    return lambda value, path: entries(value)


def _is_wire_mock(value: Any) -> bool:
    """Tell a mapping of WireMock: its request has no address with a host."""
    return _has("request", "response")(value) and not _is_pair(value)


def _is_pair(value: Any) -> bool:
    """Tell one request with its answer: the request has a method and an address."""
    request = value.get("request") if isinstance(value, dict) and "response" in value else None
    address = request.get("url", request.get("uri")) if isinstance(request, dict) else None
    return isinstance(address, str) and "://" in address


def _llm_recorder_entries(value: Json) -> list[Any]:
    """Turn recordings of Mastra's llm-recorder into entries: their bodies are JSON, or chunks."""
    entries = value["recordings"] if isinstance(value, dict) else value
    if not isinstance(entries, list):
        raise OddEntry("recordings is no list")
    return [
        {name: _with_json(message) for name, message in entry.items()}
        if isinstance(entry, dict)
        else entry
        for entry in entries
    ]


def _with_json(message: Any) -> Any:
    if not isinstance(message, dict) or not isinstance(message.get("body"), dict | list):
        return message
    return {**message, "body": {"type": "json", "content": message["body"]}}


def _ruby_entries(value: Json) -> list[Any]:
    entries = value["http_interactions"]
    if not isinstance(entries, list):
        raise OddEntry("http_interactions is no list")
    return entries


def _paired_entries(value: Json) -> list[Any]:
    """Join the requests of LangChain's serializer with the answers in the same places."""
    requests, responses = value["requests"], value["responses"]
    if not isinstance(requests, list) or not isinstance(responses, list):
        raise OddEntry("requests or responses is no list")
    if len(requests) != len(responses):
        raise OddEntry(f"there are {len(requests)} requests and {len(responses)} responses")
    return [
        {"request": request, "response": response}
        for request, response in zip(requests, responses, strict=True)
    ]


def _pair_entries(value: list[Any]) -> list[Any]:
    """Return a list of requests with their answers, as php-vcr, EasyVCR and ExVCR write them."""
    for number, pair in enumerate(value, start=1):
        response = pair.get("response") if isinstance(pair, dict) else None
        if isinstance(response, dict) and response.get("binary") is True:
            raise OddEntry(
                f"exchange {number}: response.body is a term of Erlang, which ExVCR writes for "
                "bytes and nobody else reads"
            )
    return value


def _nock_entries(value: list[Any]) -> list[Any]:
    return list(map(_nock_entry, value))


def _nock_entry(record: Any) -> Json:
    """Turn a record of nock into an entry: it keeps packed answers as texts of hexadecimal."""
    if not isinstance(record, dict):
        raise OddEntry("a record is no object")
    if record.get("responseIsBinary") and isinstance(record.get("response"), str):
        response: Any = {"type": "binary", "content": record["response"]}
    else:
        response = record.get("response")
        if isinstance(response, list) and _is_packed_in_hex(response):
            response = {"type": "binary", "content": "".join(response)}
        elif isinstance(response, dict | list):
            response = {"type": "json", "content": response}
    body = record.get("body")
    return {
        "request": {
            "method": record.get("method"),
            "uri": f"{record.get('scope')}{record.get('path')}",
            "headers": record.get("reqheaders"),
            "body": {"type": "json", "content": body} if isinstance(body, dict | list) else body,
        },
        "response": {
            "status": record.get("status"),
            "headers": record.get("rawHeaders", record.get("headers")),
            "body": response,
        },
    }


def _is_packed_in_hex(chunks: list[Any]) -> bool:
    """Tell chunks of a packed answer from an answer that is itself a list of texts."""
    return (
        bool(chunks)
        and all(isinstance(chunk, str) for chunk in chunks)
        and bool(_HEX_DIGITS.fullmatch("".join(chunks)))
    )


_HEX_DIGITS = re.compile(r"(?:[0-9a-f]{2}){8,}")


def is_go_vcr(value: Json) -> bool:
    """Tell a cassette of go-vcr, whose requests have a `url`: its version is 1 or 2."""
    request = _first_entry(value).get("request")
    return isinstance(request, dict) and "url" in request and "uri" not in request


def _is_cassetter(value: Json) -> bool:
    """Tell a cassette of cassetter, which says of each body what type it has."""
    response = _first_entry(value).get("response")
    body = response.get("body") if isinstance(response, dict) else None
    return isinstance(response, dict) and (
        "body_type" in response or (isinstance(body, dict) and "type" in body)
    )


def _first_entry(value: Json) -> Json:
    entries = value.get("interactions")
    first = entries[0] if isinstance(entries, list) and entries else None
    return first if isinstance(first, dict) else {}


def tool_of(value: Any) -> str:
    """Return what wrote a parsed file, where it is no cassette of VCR that vcrpy reads, else ``."""
    dialect = _dialect_of(value)
    if dialect:
        return dialect.tool
    if isinstance(value, dict) and _is_cassetter(value):
        return "cassetter"
    return "go-vcr" if isinstance(value, dict) and is_go_vcr(value) else ""


DIALECTS = (
    Dialect("Pact", _has("consumer", "provider")),
    Dialect("replays of google-genai", _has("replay_id", "interactions")),
    Dialect("VCR for Ruby or betamax", _has("http_interactions"), _alone(_ruby_entries)),
    Dialect("LangChain's VCR serializer", _has("requests", "responses"), _alone(_paired_entries)),
    Dialect("nock", _first_has("scope", "method", "path"), _alone(_nock_entries)),
    Dialect("MockServer", _first_has("httpRequest"), _alone(mock_server_entries)),
    Dialect("MockServer", _has("httpRequest"), _alone(mock_server_entries)),
    Dialect("aimock", _has("fixtures")),
    Dialect("aimock", _first_has("match", "response")),
    Dialect("WireMock", _has("mappings")),
    Dialect("WireMock", lambda v: _is_wire_mock(v) and "interactions" not in v),
    Dialect(
        "a recorder that writes one exchange a file", _is_pair, lambda v, _: _pair_entries([v])
    ),
    Dialect("Hoverfly", _has("data", "meta")),
    Dialect("Mountebank", _has("imposters")),
    Dialect("Mountebank", _has("protocol", "stubs")),
    Dialect("Postman", _has("info", "item")),
    Dialect("Insomnia", lambda v: _has("_type")(v) and "resources" in v),
    Dialect("Insomnia", _has("schema_version", "collection")),
    Dialect("Charles", _first_has("scheme", "host", "request", "response")),
    Dialect("go-replayers", _has("Initial", "Entries")),
    Dialect("httpmock", is_httpmock, _alone(httpmock_entries)),
    Dialect("seinfeld", is_seinfeld, seinfeld_entries),
    Dialect("Mastra's llm-recorder", _has("recordings"), _alone(_llm_recorder_entries)),
    Dialect(
        "Mastra's llm-recorder",
        _first_has("hash", "request", "response"),
        _alone(_llm_recorder_entries),
    ),
    Dialect("php-vcr, EasyVCR or ExVCR", _first_has("request", "response"), _alone(_pair_entries)),
    Dialect("the responses library", lambda v: _has("responses")(v) and "requests" not in v),
    Dialect("cassetter, of gRPC alone", _has("grpc_interactions")),
    Dialect("cassetter, of WebSockets alone", _has("ws_interactions")),
)
"""The dialects, in the order in which they are told; what none tells may have `interactions`."""
