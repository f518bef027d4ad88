"""Files as exchanges: VCR YAML and JSON, HAR, raw JSON, SSE text, JSONL of events.

What a file is, its content says, not its name. One that cannot be read is an `Unreadable` with
the line; it is never an empty recording.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import DuplicateKey, Unreadable
from ..wire.http import Json
from ..wire.json_text import parse_json
from .exchange import Exchange

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".har", ".sse", ".txt"})
"""What is looked at in a folder. A file that is named outright is always looked at."""

NOTE_KEY = "fakegemini"
"""The member of a cassette, and of each of its exchanges, that is ours; vcrpy does not read it."""

_GZIP_MAGIC = b"\x1f\x8b"
_CONFLICT_MARKERS = ("<<<<<<< ", ">>>>>>> ")


def files_in(path: Path) -> list[Path]:
    """The files to look at under `path`, sorted; raises `Unreadable` where there is nothing."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise Unreadable(f"{path}: no such file or folder")
    files = [
        file
        for file in sorted(_paths_below(path))
        if file.suffix in SUFFIXES and file.is_file() and not _is_hidden(file, path)
    ]
    if not files:
        raise Unreadable(f"{path}: no recordings in it (looked for {', '.join(sorted(SUFFIXES))})")
    return files


def _paths_below(root: Path) -> Iterator[Path]:
    """Yield the files below a folder, also those of linked folders; a folder is visited once."""
    visited: set[str] = set()
    for folder, subfolders, names in os.walk(root, followlinks=True):
        if (real_path := os.path.realpath(folder)) in visited:
            subfolders.clear()  # a link to a folder above it, or to one that is there as well
            continue
        visited.add(real_path)
        subfolders.sort()
        yield from (Path(folder, name) for name in names)


@dataclass(frozen=True)
class Contents:
    """What a file holds: all exchanges, other APIs' included, and what fakegemini noted.

    `head` is about the whole, `notes` are about one exchange each. Of a recording that is not ours
    there are no notes, and `head` has at most the day it was `recorded`. `locate` names an exchange
    by its number, with file and line.
    """

    exchanges: list[Exchange]
    head: Any = None
    notes: tuple[Any, ...] = ()
    locate: Callable[[int], str] = str


def read_exchanges(path: Path) -> list[Exchange]:
    """The Interactions exchanges of a file; raises `Unreadable` if there are none."""
    return [exchange for exchange in read_contents(path).exchanges if exchange.targets_interactions]


def read_contents(path: Path) -> Contents:
    """All of a file; raises `Unreadable` if it has no Interactions exchange."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None
    contents = _contents_of(raw, path)
    if not any(exchange.targets_interactions for exchange in contents.exchanges):
        raise Unreadable(f"{path}: it holds no traffic of the Interactions API")
    return contents


def read_vcr_cassette(path: Path) -> Contents:
    """All of a VCR cassette, of whatever API; raises `Unreadable` for what is none."""
    try:
        text, head = _text_and_start(path.read_bytes(), path)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None
    if head[0] not in "{[":
        return _contents_from_vcr(_load_yaml(text, path), path, text)
    try:
        return _contents_from_vcr(parse_json(text.removeprefix("\ufeff")), path)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise Unreadable(f"{path}:{line}: not JSON: {error}") from None


def _text_and_start(raw: bytes, path: Path) -> tuple[str, str]:
    """The text of a file, and the same without what is blank before it."""
    text = _with_attachments(_decode_text(raw, path), path)
    head = text.lstrip("\ufeff \t\r\n")
    if not head:
        raise Unreadable(f"{path}:1: the file is empty")
    if any(mark in text for mark in _CONFLICT_MARKERS):
        for number, line in enumerate(text.split("\n"), start=1):
            if line.startswith(_CONFLICT_MARKERS):
                raise Unreadable(f"{path}:{number}: a conflict marker from git; resolve it first")
    return text, head


def _contents_of(raw: bytes, path: Path) -> Contents:
    text, head = _text_and_start(raw, path)
    stream = Exchange(1, status=200, response_body=raw)
    if stream.is_stream:
        return Contents([stream])
    if head[0] in "{[":
        return _contents_from_json(text.removeprefix("\ufeff"), path)
    if path.suffix in (".yaml", ".yml") or head.startswith(("interactions:", "version:", "---")):
        return _contents_from_vcr(_load_yaml(text, path), path, text)
    raise Unreadable(f"{path}:1: neither JSON, YAML nor an event stream: {head[:40]!r}")


def _with_attachments(text: str, path: Path) -> str:
    """The text with what was put aside."""
    from ..errors import AttachmentLost
    from .attachments import has_attachments, restore_attachments

    try:
        return restore_attachments(text, path) if has_attachments(text) else text
    except AttachmentLost as error:
        raise Unreadable(f"{path}: {error}") from None


def _decode_text(raw: bytes, path: Path) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{path}:{line}: not UTF-8 text (byte {error.start})") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(f"{path}:{line}: a binary file, not a recording")
    return text


def _load_yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=_strict_loader(yaml))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Unreadable(f"{path}:{line}: not a YAML that can be read: {error.problem}") from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise Unreadable(f"{path}:1: not a YAML that can be read: {reason}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path}:1: not a YAML that can be read: {error}") from None


_LOADERS: dict[str, Any] = {}


def _strict_loader(yaml: Any) -> Any:
    """The safe loader, in C where there is one, that refuses a key named twice."""
    if "strict" not in _LOADERS:
        base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

        def construct_mapping(loader: Any, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value]
            if len(set(map(str, keys))) != len(keys):
                twin = next(key for key, _ in reversed(node.value) if keys.count(key.value) > 1)
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {twin.value!r} comes twice", twin.start_mark
                )
            return base.construct_mapping(loader, node, deep=deep)

        strict = type("Strict", (base,), {"construct_mapping": construct_mapping})
        _LOADERS["strict"] = strict
    return _LOADERS["strict"]


def _contents_from_json(text: str, path: Path) -> Contents:
    try:
        value = parse_json(text)
    except DuplicateKey as error:
        raise Unreadable(f"{path}: the key '{error}' comes twice in one object") from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and "\n" in text.strip():
            return Contents(_exchanges_from_lines(text, path))
        raise Unreadable(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except ValueError as error:
        raise Unreadable(f"{path}: not JSON: {error}") from None
    if isinstance(value, dict):
        if isinstance(value.get("log"), dict) and "entries" in value["log"]:
            entries = value["log"]["entries"]
            return Contents(list(_exchanges_from_har(entries, path)), _har_head(entries))
        if "interactions" in value:
            return _contents_from_vcr(value, path)
        if "event_type" in value:
            return Contents(_exchanges_from_lines(text, path))
        return Contents([_exchange_from_body(1, value, path)])
    if not value:
        raise Unreadable(f"{path}: it holds no traffic of the Interactions API")
    if all(isinstance(event, dict) and "event_type" in event for event in value):
        return Contents([_exchange_from_events(1, value)])
    bodies = enumerate(value, start=1)
    return Contents([_exchange_from_body(number, body, path) for number, body in bodies])


def _exchanges_from_lines(text: str, path: Path) -> list[Exchange]:
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() in ("", "[DONE]"):
            continue
        try:
            values.append(parse_json(line))
        except DuplicateKey as error:
            raise Unreadable(f"{path}:{number}: the key '{error}' comes twice") from None
        except ValueError as error:
            reason = getattr(error, "msg", str(error))
            raise Unreadable(f"{path}:{number}: not a line of JSON: {reason}") from None
    if all(isinstance(value, dict) and "event_type" in value for value in values):
        return [_exchange_from_events(1, values)]
    return [
        _exchange_from_body(number, value, path) for number, value in enumerate(values, start=1)
    ]


def _exchange_from_events(number: int, events: list[Json]) -> Exchange:
    from ..wire.sse import DONE_FRAME, encode_frame

    body = b"".join(encode_frame(event) for event in events) + DONE_FRAME
    return Exchange(number, status=200, response_body=body)


def _exchange_from_body(number: int, value: Any, path: Path) -> Exchange:
    if not isinstance(value, dict):
        raise Unreadable(f"{path}: neither a recording nor a body: {str(value)[:40]!r}")
    body = json.dumps(value, ensure_ascii=False).encode()
    if "input" in value and "status" not in value:
        return Exchange(number, "POST", "/v1/interactions", request_body=body)
    if "body" in value and isinstance(value.get("http_status"), int):
        inner = json.dumps(value["body"], ensure_ascii=False).encode()
        return Exchange(number, status=value["http_status"], response_body=inner)
    if "error" in value and "status" not in value:
        return Exchange(number, response_body=body)
    if {"status", "steps", "outputs", "object"} & set(value):
        return Exchange(number, status=200, response_body=body)
    raise Unreadable(f"{path}: it holds no traffic of the Interactions API")


def exchanges_from_vcr(value: Any, path: Path) -> list[Exchange]:
    """The exchanges of a cassette that was parsed; raises `Unreadable`, which names `path`."""
    return _contents_from_vcr(value, path).exchanges


def _contents_from_vcr(value: Any, path: Path, text: str = "") -> Contents:
    if not isinstance(value, dict) or not isinstance(value.get("interactions"), list):
        raise Unreadable(f"{path}: no cassette: it has no list `interactions`")
    if value.get("version", 1) != 1:
        raise Unreadable(
            f"{path}: a cassette of version {value['version']!r}; only version 1 is known"
        )
    exchanges = []
    for number, entry in enumerate(value["interactions"], start=1):
        try:
            exchanges.append(_exchange_from_vcr(number, entry))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise Unreadable(
                f"{_locate_exchange(path, text, number)} is not one of a cassette ({reason})"
            ) from None
    notes = tuple(entry.get(NOTE_KEY) for entry in value["interactions"])
    return Contents(
        exchanges, value.get(NOTE_KEY), notes, lambda number: _locate_exchange(path, text, number)
    )


def _locate_exchange(path: Path, text: str, number: int) -> str:
    """File, line and number of an exchange; the line where the file is YAML."""
    line = _line_of_exchange(text, number) if text else 0
    return f"{path}:{line}: exchange {number}" if line else f"{path}: exchange {number}"


def _line_of_exchange(text: str, number: int) -> int:
    import yaml

    root: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for key, value in root.value:
        if key.value == "interactions":
            return int(value.value[number - 1].start_mark.line) + 1
    return 0


def _exchange_from_vcr(number: int, entry: Json) -> Exchange:
    request, response = entry["request"], entry["response"]
    headers, body = _lower_headers(response.get("headers")), _body_bytes(response.get("body"))
    status = response.get("status", {})
    exchange = Exchange(
        number,
        str(request["method"]).upper(),
        str(request["uri"]),
        _lower_headers(request.get("headers")),
        _body_bytes(request.get("body")),
        int(status["code"] if isinstance(status, dict) else status),
        headers,
        body,
    )
    is_packed = "content-encoding" in headers or body.startswith(_GZIP_MAGIC)
    return (
        replace(exchange, response_body=_unpack_body(body, headers))
        if is_packed and exchange.targets_interactions
        else exchange
    )


def _body_bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, dict):
        if "base64_string" in body:
            return base64.b64decode(body["base64_string"])
        body = body.get("string")
    if body is None:
        return b""
    return body if isinstance(body, bytes) else str(body).encode()


def _lower_headers(headers: Any) -> dict[str, str]:
    first_values = {}
    for name, value in (headers or {}).items():
        first = value[0] if value.__class__ is list and value else value
        first_values[str(name).lower()] = first if first.__class__ is str else str(first)
    return first_values


def _unpack_body(body: bytes, headers: dict[str, str]) -> bytes:
    """The body unpacked; some recorders unpack it themselves and keep the header."""
    coding = headers.get("content-encoding", "").strip().lower()
    try:
        if body.startswith(_GZIP_MAGIC):
            return gzip.decompress(body)
        if coding == "deflate" and body[:1] == b"\x78":
            return zlib.decompress(body)
        if coding not in ("", "identity"):
            body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"its body is packed as {coding}, which is not read") from None
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"a packed body that cannot be unpacked: {error}") from None
    return body


def _exchanges_from_har(entries: Any, path: Path) -> Iterator[Exchange]:
    if not isinstance(entries, list):
        raise Unreadable(f"{path}: no HAR: its `entries` are no list")
    for number, entry in enumerate(entries, start=1):
        try:
            request, response = entry["request"], entry["response"]
            if request["method"] == "OPTIONS":
                continue  # a browser asks whether it may ask
            content = response.get("content") or {}
            body = content.get("text") or ""
            raw = base64.b64decode(body) if content.get("encoding") == "base64" else body.encode()
            yield Exchange(
                number,
                str(request["method"]).upper(),
                str(request["url"]),
                _har_headers(request),
                str((request.get("postData") or {}).get("text") or "").encode(),
                int(response["status"]) or None,  # 0: it was never answered
                _har_headers(response),
                raw,
            )
        except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
            raise Unreadable(f"{path}: entry {number} is not one of a HAR ({error})") from None


def _har_head(entries: list[Json]) -> Json:
    """The day of the first entry, in UTC, where it tells one."""
    try:
        start = datetime.fromisoformat(entries[0]["startedDateTime"])
        return {"recorded": start.astimezone(UTC).date().isoformat()}
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        return {}


def _har_headers(message: Json) -> dict[str, str]:
    return {
        str(header["name"]).lower(): str(header["value"]) for header in message.get("headers") or ()
    }


def _is_hidden(file: Path, root: Path) -> bool:
    from .attachments import ATTACHMENT_FOLDER

    parts = file.relative_to(root).parts
    return ATTACHMENT_FOLDER in parts[:-1] or any(part.startswith(".") for part in parts)
