"""Recordings as nobody should write them: every field of an exchange spoilt, in every container.

Each is a name and the text of a file. `every(step)` gives one in `step` of them, always the same.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from fakegemini.recordings.exchange import Exchange
from tests.scenarios import Client, chain, parallel_calls, search, stream

Entry = dict[str, Any]
Path = tuple[str | int, ...]
GONE = object()

VALUES: dict[str, Any] = {
    "gone": GONE,
    "null": None,
    "number": 7,
    "fraction": 1.5,
    "true": True,
    "text": "odd",
    "empty text": "",
    "array": [],
    "array of arrays": [[1]],
    "object": {},
    "object of objects": {"odd": {"odd": None}},
}
"""What stands in the place of a member."""

RAW: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "html": b"<html><body>502 Bad Gateway</body></html>",
    "null": b"null",
    "array": b"[]",
    "number": b"17",
    "nan": b'{"status": NaN}',
    "huge": b'{"status": 1e400}',
    "many digits": b'{"status": ' + b"9" * 5000 + b"}",
    "a big number": b'{"status": "completed", "steps": [], "usage": {"total_tokens": %d}}'
    % 10**400,
    "big in a stream": b'data: {"event_type": "step.delta", "index": %d}\n\n' % 10**400,
    "huge in a stream": b'data: {"event_type": "step.delta", "index": 1e400}\n\n',
    "a lone surrogate": rb'{"status": "completed", "steps": [{"type": "\ud83d", "\ud83d": 1}]}',
    "twice": b'{"id": "a", "id": "b", "status": "completed"}',
    "not UTF-8": b'{"status": "\xff\xfe"}',
    "BOM": b'\xef\xbb\xbf{"status": "completed", "steps": []}',
    "UTF-16": '{"status": "completed"}'.encode("utf-16"),
    "deep": b"[" * 5000 + b"]" * 5000,
    "no event": b"event: interaction.created\n\n",
    "comments": b": ping\n\n: ping\n\n",
    "done": b"event: done\ndata: [DONE]\n\n",
    "events of nothing": b"data: null\n\ndata: []\n\ndata: 1\n\ndata: {}\n\n",
    "gateway": b'{"message": "Service Unavailable"}',
}
"""Whole bodies that are no answer of the API."""

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "two gzips": lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]),
    "half a gzip": lambda body: gzip.compress(body)[:-9],
    "deflate": zlib.compress,
    "raw deflate": lambda body: zlib.compress(body)[2:-4],
    "br": lambda body: b"\x1b\xff\xfe" + body[::-1] + b"\xff",
}


class Odd(NamedTuple):
    """A file: its name says what is odd in it."""

    name: str
    suffix: str
    write: Callable[[], str]

    @property
    def text(self) -> str:
        """What is in it, written when it is looked at: a run passes most of them over."""
        return self.write()


def every(step: int) -> Iterator[Odd]:
    """Give one in `step` of all odd recordings."""
    for number, odd in enumerate(_all()):
        if number % step == 0:
            yield odd


def _all() -> Iterator[Odd]:
    for title, exchange in plain().items():
        for container, (suffix, write) in CONTAINERS.items():
            original = partial(write, exchange, exchange.response_body)
            yield Odd(f"{title}, {container}", suffix, original)
            for name, body in RAW.items():
                spoilt = partial(write, exchange, body)
                yield Odd(f"{title}, {container}, a body {name}", suffix, spoilt)
        for name, body in _spoilt_bodies(exchange):
            yield Odd(f"{title}, {name}", ".yaml", partial(_vcr_yaml, exchange, body))
        for name, entry in _spoilt_entries(exchange):
            yield Odd(f"{title}, {name}", ".json", partial(_cassette_json, entry))
        for name, pack in PACKERS.items():
            packed = partial(_packed, exchange, pack, name.split()[-1])
            yield Odd(f"{title}, {name}", ".yaml", packed)


def _cassette_json(entry: Entry) -> str:
    return json.dumps(_cassette(entry))


def plain() -> dict[str, Exchange]:
    return {title: _exchanges(scenario)[number] for title, (scenario, number) in SCENARIOS.items()}


def _exchanges(scenario: Callable[[Client], None]) -> list[Exchange]:
    client = Client()
    scenario(client)
    return client.exchanges


def _refusal(client: Client) -> None:
    client.create(model="gemini-0", input="Hi")


SCENARIOS: dict[str, tuple[Callable[[Client], None], int]] = {
    "an answer": (chain, 0),
    "a stream": (stream, 0),
    "a refusal": (_refusal, 0),
    "calls": (parallel_calls, 0),
    "citations": (search, 0),
}
"""The exchanges that are spoilt: a scenario, and which of its exchanges."""


def _spoilt_bodies(exchange: Exchange) -> Iterator[tuple[str, bytes]]:
    body = exchange.response_body
    for end in range(0, len(body), max(1, len(body) // 12)):
        yield f"cut after {end} bytes", body[:end]
    if exchange.is_stream:
        frames = body.split(b"\n\n")
        for number, frame in enumerate(frames):
            kept = [*frames[:number], *frames[number + 1 :]]
            yield f"event {number} gone", b"\n\n".join(kept)
            yield f"event {number} twice", b"\n\n".join([*frames[:number], frame, *frames[number:]])
            head, _, data = frame.partition(b"data: ")
            if not data.startswith(b"{"):
                continue
            for name, value in _spoilt(json.loads(data)):
                odd = head + b"data: " + json.dumps(value).encode()
                spoilt = b"\n\n".join([*frames[:number], odd, *frames[number + 1 :]])
                yield f"event {number}: {name}", spoilt
        return
    for name, value in _spoilt(json.loads(body)):
        yield name, json.dumps(value).encode()


def _spoilt_entries(exchange: Exchange) -> Iterator[tuple[str, Entry]]:
    yield from _spoilt(_entry(exchange, exchange.response_body))


def _spoilt(value: Any) -> Iterator[tuple[str, Any]]:
    """Each member of a value, at any depth, replaced by each odd value."""
    for path in _paths(value):
        for name, odd in VALUES.items():
            changed = copy.deepcopy(value)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            if odd is GONE:
                del holder[path[-1]]
            else:
                holder[path[-1]] = odd
            yield f"{'.'.join(map(str, path))} is {name}", changed


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    members: dict[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        members = dict(enumerate(value))
    for key, member in members.items():
        yield (*above, key)
        yield from _paths(member, (*above, key))


def _entry(exchange: Exchange, body: bytes) -> Entry:
    text = body.decode("utf-8", "surrogateescape")
    held: Any = {"string": text} if max(text, default="") < "\udc80" else None
    return {
        "request": {
            "method": exchange.method,
            "uri": exchange.uri,
            "headers": {name: [value] for name, value in exchange.request_headers.items()},
            "body": exchange.request_body.decode(),
        },
        "response": {
            "status": {"code": exchange.status, "message": "OK"},
            "headers": {name: [value] for name, value in exchange.response_headers.items()},
            "body": held or {"base64_string": base64.b64encode(body).decode()},
        },
    }


def _cassette(entry: Entry) -> Entry:
    return {"interactions": [entry], "version": 1}


def _vcr_yaml(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["response"]["body"] = {"string": body}
    return yaml.safe_dump(_cassette(entry))


def _vcr_json(exchange: Exchange, body: bytes) -> str:
    return json.dumps(_cassette(_entry(exchange, body)))


def _packed(exchange: Exchange, pack: Callable[[bytes], bytes], coding: str) -> str:
    entry = _entry(exchange, b"")
    entry["response"]["body"] = {"string": pack(exchange.response_body)}
    entry["response"]["headers"]["Content-Encoding"] = [coding.replace("gzips", "gzip")]
    return yaml.safe_dump(_cassette(entry))


def _har(exchange: Exchange, body: bytes) -> str:
    content = {"encoding": "base64", "text": base64.b64encode(body).decode()}
    headers = [{"name": k, "value": v} for k, v in exchange.response_headers.items()]
    request = {
        "method": exchange.method,
        "url": exchange.uri,
        "headers": [{"name": k, "value": v} for k, v in exchange.request_headers.items()],
        "postData": {"text": exchange.request_body.decode()},
    }
    response = {"status": exchange.status, "headers": headers, "content": content}
    log = {"version": "1.2", "entries": [{"request": request, "response": response}]}
    return json.dumps({"log": log})


def _ruby(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["request"]["method"] = exchange.method.lower()
    entry["request"]["body"] = {"encoding": "UTF-8", "string": entry["request"]["body"]}
    held = {"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(body).decode()}
    entry["response"]["body"] = held
    return yaml.safe_dump({"http_interactions": [entry], "recorded_with": "VCR 6.3.1"})


def _betamax(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["request"]["body"] = {"encoding": "utf-8", "string": entry["request"]["body"]}
    held = {"encoding": "utf-8", "base64_string": base64.b64encode(body).decode()}
    entry["response"] |= {"body": held, "url": exchange.uri}
    return json.dumps({"http_interactions": [entry], "recorded_with": "betamax/0.9.0"})


def _go_vcr(exchange: Exchange, body: bytes) -> str:
    request = {
        "proto": "HTTP/1.1",
        "body": exchange.request_body.decode(),
        "headers": {k.title(): [v] for k, v in exchange.request_headers.items()},
        "url": exchange.uri,
        "method": exchange.method,
    }
    response = {
        "body": body,
        "headers": {k.title(): [v] for k, v in exchange.response_headers.items()},
        "status": f"{exchange.status} OK",
        "code": exchange.status,
        "duration": "1s",
    }
    entry = {"id": 0, "request": request, "response": response}
    return yaml.safe_dump({"version": 2, "interactions": [entry]})


def _cassetter(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["request"]["body"] = {"type": "json", "content": json.loads(exchange.request_body)}
    entry["response"] |= {"status": exchange.status, "body": {"type": "binary"}}
    entry["response"]["body"]["content"] = body.hex()
    return yaml.safe_dump(_cassette(entry))


def _pydantic_ai(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["request"]["parsed_body"] = json.loads(entry["request"].pop("body"))
    try:
        entry["response"]["parsed_body"] = json.loads(body)
        del entry["response"]["body"]
    except (ValueError, RecursionError):
        entry["response"]["body"] = {"string": body}
    try:
        return yaml.safe_dump(_cassette(entry))
    except RecursionError:
        return _vcr_yaml(exchange, body)


def _vcrpy_4_httpx(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["response"] = {
        "content": body,
        "headers": entry["response"]["headers"],
        "http_version": "HTTP/1.1",
        "status_code": exchange.status,
    }
    return yaml.safe_dump(_cassette(entry))


def _langchain(exchange: Exchange, body: bytes) -> str:
    entry = _entry(exchange, body)
    entry["response"]["body"] = {"string": body}
    return yaml.safe_dump({"requests": [entry["request"]], "responses": [entry["response"]]})


def _nock(exchange: Exchange, body: bytes) -> str:
    scope, _, path = exchange.uri.partition(".com/")
    headers = [part for pair in exchange.response_headers.items() for part in pair]
    record = {
        "scope": f"{scope}.com:443",
        "method": exchange.method,
        "path": f"/{path}",
        "body": json.loads(exchange.request_body),
        "status": exchange.status,
        "response": body.hex(),
        "responseIsBinary": True,
        "rawHeaders": headers,
    }
    return json.dumps([record])


def _cassetter_toml(exchange: Exchange, body: bytes) -> str:
    headers = "\n".join(
        f"{json.dumps(name)} = [{json.dumps(value)}]"
        for name, value in exchange.response_headers.items()
    )
    return f"""version = 1

[[interactions]]
[interactions.request]
method = "{exchange.method}"
uri = "{exchange.uri}"
body_type = "json"
body_content = {json.dumps(exchange.request_body.decode())}

[interactions.response]
status = {exchange.status}
body_type = "binary"
body_content = "{body.hex()}"

[interactions.response.headers]
{headers}
"""


def _mock_server(exchange: Exchange, body: bytes) -> str:
    parts = urlsplit(exchange.uri)
    request = {
        "method": exchange.method,
        "path": parts.path,
        "headers": {"Host": [parts.netloc], "Content-Type": ["application/json"]},
        "body": {"type": "JSON", "json": json.loads(exchange.request_body)},
        "secure": True,
    }
    response = {
        "statusCode": exchange.status,
        "headers": [
            {"name": name, "values": [value]} for name, value in exchange.response_headers.items()
        ],
        "body": {"type": "BINARY", "base64Bytes": base64.b64encode(body).decode()},
    }
    return json.dumps([{"httpRequest": request, "httpResponse": response, "times": {}}])


def _ruby_binary(exchange: Exchange, body: bytes) -> str:
    """As Psych writes bytes; the headers of the answer repeat those of the request by an alias."""
    held = "\n".join(f"        {line}" for line in base64.encodebytes(body).decode().split())
    headers = f"{json.dumps({name: [value] for name, value in exchange.response_headers.items()})}"
    return f"""---
http_interactions:
- request:
    method: {exchange.method.lower()}
    uri: {exchange.uri}
    body:
      encoding: UTF-8
      string: {json.dumps(exchange.request_body.decode())}
    headers: &1 {headers}
  response:
    status:
      code: {exchange.status}
      message: OK
    headers: *1
    body:
      encoding: ASCII-8BIT
      string: !binary |-
{held or "        "}
    http_version:
  recorded_at: Thu, 01 Oct 2026 10:00:00 GMT
recorded_with: VCR 6.3.1
"""


def _go_vcr_4(exchange: Exchange, body: bytes) -> str:
    """As go-vcr 4 writes it: an empty body is left out."""
    entry = yaml.safe_load(_go_vcr(exchange, body))["interactions"][0]
    for message in (entry["request"], entry["response"]):
        message |= {"proto": "HTTP/2.0", "content_length": -1, "transfer_encoding": []}
        if not message["body"]:
            del message["body"]
    return yaml.safe_dump({"version": 2, "interactions": [entry]})


def _polly(exchange: Exchange, body: bytes, spelled: Callable[[bytes], str], mark: Entry) -> str:
    """As Polly.JS writes what came packed: a JSON array of chunks, each for itself."""
    packed = gzip.compress(body, mtime=0)
    har = json.loads(_har(exchange, body))
    response = har["log"]["entries"][0]["response"]
    response["content"] = {"text": json.dumps([spelled(packed[:10]), spelled(packed[10:])]), **mark}
    response["headers"].append({"name": "content-encoding", "value": "gzip"})
    return json.dumps(har)


def _polly_6(exchange: Exchange, body: bytes) -> str:
    mark = {"encoding": "base64"}
    return _polly(exchange, body, lambda chunk: base64.b64encode(chunk).decode(), mark)


def _polly_5(exchange: Exchange, body: bytes) -> str:
    return _polly(exchange, body, bytes.hex, {"_isBinary": True})


def _nock_packed(exchange: Exchange, body: bytes) -> str:
    """As nock writes what is packed: hexadecimal digits, of an answer in a list of chunks."""
    record = json.loads(_nock(exchange, b""))[0]
    packed = gzip.compress(body, mtime=0)
    record |= {
        "body": gzip.compress(exchange.request_body, mtime=0).hex(),
        "response": [packed[:10].hex(), packed[10:].hex()],
        "responseIsBinary": False,
        "rawHeaders": {**exchange.response_headers, "content-encoding": "gzip"},
    }
    return json.dumps([record])


def _pair(exchange: Exchange, body: bytes) -> Entry:
    """What php-vcr, EasyVCR and ExVCR have in common."""
    asked = {"method": exchange.method, "headers": dict(exchange.request_headers)}
    text = body.decode("utf-8", "replace")
    return {
        "request": {**asked, "body": exchange.request_body.decode()},
        "response": {"headers": dict(exchange.response_headers), "body": text},
    }


def _php_vcr(exchange: Exchange, body: bytes) -> str:
    pair = _pair(exchange, body)
    pair["request"]["url"] = exchange.uri
    pair["response"]["status"] = {"http_version": "1.1", "code": str(exchange.status)}
    return yaml.safe_dump([pair])


def _easy_vcr(exchange: Exchange, body: bytes) -> str:
    pair = _pair(exchange, body)
    pair["request"]["uri"] = exchange.uri
    pair["response"]["status"] = {"code": exchange.status, "message": "OK"}
    return json.dumps([pair | {"duration": 3, "recordedAt": 1}])


def _ex_vcr(exchange: Exchange, body: bytes) -> str:
    pair = _pair(exchange, body)
    pair["request"] |= {"url": exchange.uri, "options": [], "request_body": ""}
    pair["response"] |= {"status_code": exchange.status, "type": "ok", "binary": False}
    return json.dumps([pair])


def _packed_yaml(exchange: Exchange, body: bytes) -> str:
    """As LangChain's tests keep theirs; as a text in which each byte can be found again."""
    packed = gzip.compress(_langchain(exchange, body).encode(), mtime=0)
    return packed.decode("utf-8", "surrogateescape")


def _seinfeld(exchange: Exchange, body: bytes) -> str:
    """As Braintrust's recorder writes it: fetch unpacked the body, and the header stayed."""
    request = {
        "method": exchange.method,
        "url": exchange.uri,
        "headers": {},
        "body": {"kind": "json", "value": json.loads(exchange.request_body)},
    }
    blocks = body.decode("utf-8", "replace").removesuffix("\n\n").split("\n\n")
    is_stream = exchange.is_stream and "\n\n".join([*blocks, ""]).encode() == body
    held: Entry = {"kind": "base64", "value": base64.b64encode(body).decode()}
    response = {
        "status": exchange.status,
        "headers": {**exchange.response_headers, "content-encoding": "gzip"},
        "body": {"kind": "sse", "chunks": blocks} if is_stream else held,
    }
    key = f"{exchange.method} generativelanguage.googleapis.com/v1/interactions"
    entry = {"id": "1", "callIndex": 0, "matchKey": key, "request": request, "response": response}
    return json.dumps({"version": 1, "entries": [entry]})


def _httpmock(exchange: Exchange, body: bytes) -> str:
    """As httpmock for Rust writes it: a document of YAML for each exchange."""
    parts = urlsplit(exchange.uri)
    when = {
        "path": parts.path,
        "method": exchange.method,
        "query_param": [],
        "header": [{"name": name, "value": v} for name, v in exchange.request_headers.items()],
        "body": exchange.request_body.decode(),
    }
    text = body.decode("utf-8", "surrogateescape")
    is_plain = max(text, default="") < "\udc80"
    then = {
        "status": exchange.status,
        "header": [{"name": name, "value": v} for name, v in exchange.response_headers.items()],
        **({"body": text} if is_plain else {"body_base64": base64.b64encode(body).decode()}),
    }
    return yaml.safe_dump({"when": when, "then": then}, sort_keys=False)


def _llm_recorder(exchange: Exchange, body: bytes) -> str:
    """As Mastra's recorder writes it: what is no JSON as chunks."""
    try:
        held = {"body": json.loads(body), "isStreaming": False}
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
        held = {"chunks": [text[:70], text[70:]], "chunkTimings": [1, 2], "isStreaming": True}
    request = {"url": exchange.uri, "method": exchange.method, "timestamp": 1}
    response = {"status": exchange.status, "headers": dict(exchange.response_headers)}
    recording = {
        "hash": "f98adc5a",
        "request": {**request, "body": json.loads(exchange.request_body)},
        "response": {**response, **held},
    }
    return json.dumps({"meta": {"name": "tides"}, "recordings": [recording]})


def _req_llm(exchange: Exchange, body: bytes) -> str:
    """As ReqLLM for Elixir writes it: one exchange in a file."""
    request = {
        "method": exchange.method,
        "url": exchange.uri,
        "headers": dict(exchange.request_headers),
        "body": {"b64": base64.b64encode(exchange.request_body).decode()},
        "canonical_json": json.loads(exchange.request_body),
    }
    response = {
        "status": exchange.status,
        "headers": dict(exchange.response_headers),
        "body": {"b64": base64.b64encode(body).decode()},
    }
    return json.dumps({"request": request, "response": response})


CONTAINERS: dict[str, tuple[str, Callable[[Exchange, bytes], str]]] = {
    "YAML": (".yaml", _vcr_yaml),
    "JSON": (".json", _vcr_json),
    "HAR": (".har", _har),
    "VCR for Ruby": (".yml", _ruby),
    "betamax": (".json", _betamax),
    "go-vcr": (".yaml", _go_vcr),
    "cassetter": (".yaml", _cassetter),
    "pydantic-ai": (".yaml", _pydantic_ai),
    "vcrpy 4 with httpx": (".yaml", _vcrpy_4_httpx),
    "LangChain": (".yaml", _langchain),
    "nock": (".json", _nock),
    "cassetter as TOML": (".toml", _cassetter_toml),
    "MockServer": (".json", _mock_server),
    "VCR for Ruby, bytes": (".yml", _ruby_binary),
    "go-vcr 4": (".yaml", _go_vcr_4),
    "Polly.JS 6, packed": (".har", _polly_6),
    "Polly.JS 5, packed": (".har", _polly_5),
    "nock, packed": (".json", _nock_packed),
    "php-vcr": (".yml", _php_vcr),
    "EasyVCR": (".json", _easy_vcr),
    "ExVCR": (".json", _ex_vcr),
    "LangChain, packed": (".yaml.gz", _packed_yaml),
    "seinfeld": (".json", _seinfeld),
    "httpmock": (".yaml", _httpmock),
    "llm-recorder": (".json", _llm_recorder),
    "ReqLLM": (".json", _req_llm),
}
"""The forms that are read: the suffix of a file, and who writes it."""
