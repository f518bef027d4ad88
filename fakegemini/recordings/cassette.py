"""The cassette: VCR version 1 that stock vcrpy reads, as text that people can review.

Bodies are literal blocks: JSON indented, streams a line an event. A head, `fakegemini:`, tells
when, from whom and with what it was recorded; each stream has its chunks beside it. Long base64 is
kept aside, see `aside`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ..errors import Unreadable
from ..wire.http import Json
from ..wire.json_text import parse
from .attachments import put_aside
from .exchange import Exchange, Recorded
from .read import NOTE, Recording, recording, tape

KEPT = frozenset({"accept", "api-revision", "content-type", "user-agent", "x-goog-api-client"})
"""The request headers that a cassette keeps; all others tell nothing or too much."""

FORMAT = 1
"""The version of the head and the notes; VCR's own version is 1 as well."""

DROPPED = frozenset(
    {"alt-svc", "connection", "content-encoding", "content-length", "date", "transfer-encoding"}
)
"""The response headers that are not true of a body that is unpacked and written in full, or of a
replay."""

_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x7f\x85\u2028\u2029\ufeff"}


@dataclass(frozen=True)
class Cassette:
    """A cassette as it was read."""

    path: Path
    recorded: tuple[Recorded, ...]
    head: Json = field(default_factory=dict)


def load(path: Path) -> Cassette:
    """The cassette in a file, of ours or of vcrpy's, or any other recording that `check` reads.

    Exchanges of other APIs are kept. Raises `Unreadable` with file and line.
    """
    return _cassette(recording(path), path)


def load_tape(path: Path) -> Cassette:
    """The cassette in a file, whatever it has recorded; raises `Unreadable` for any other file."""
    return _cassette(tape(path), path)


def _beyond_libyaml(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value) and max(value) > "\uffff"
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_beyond_libyaml(item) for item in items)


def _cassette(made: Recording, path: Path) -> Cassette:
    notes: tuple[Any, ...] = made.notes or (None,) * len(made.exchanges)
    recorded = tuple(
        _recorded(exchange, note or {}, made.place)
        for exchange, note in zip(made.exchanges, notes, strict=True)
    )
    return Cassette(path, recorded, made.head if isinstance(made.head, dict) else {})


def dumps(
    recorded: Sequence[Recorded], head: Json | None = None, *, form: str = "yaml"
) -> tuple[str, dict[str, bytes]]:
    """The text of a cassette, and the values to put aside by the name of their file.

    `form` is "yaml" or "json".
    """
    kept: dict[str, bytes] = {}
    value: Json = {NOTE: head} if head else {}
    value |= {"interactions": [_item(item, kept) for item in recorded], "version": 1}
    if form == "json":
        value = _without_bytes(value)
        return json.dumps(value, ensure_ascii=False, indent=1) + "\n", kept
    return _yaml(value), kept


def _item(recorded: Recorded, kept: dict[str, bytes]) -> Json:
    exchange = recorded.exchange
    code = exchange.status or 200
    headers = exchange.response_headers
    item: Json = {
        "request": {
            "method": exchange.method,
            "uri": exchange.uri,
            "headers": {k: [v] for k, v in exchange.request_headers.items() if k in KEPT},
            "body": _text(exchange.request_body, kept),
        },
        "response": {
            "status": {"code": code, "message": _phrase(code)},
            "headers": {k: [v] for k, v in headers.items() if k not in DROPPED},
            "body": {"string": _text(exchange.response_body, kept)},
        },
    }
    if recorded.chunks or recorded.ended != "whole":
        came = {"chunks": " ".join(f"{at:.3f}:{size}" for at, size in recorded.chunks)}
        item[NOTE] = came | ({"ended": recorded.ended} if recorded.ended != "whole" else {})
    return item


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return ""


def _text(body: bytes, kept: dict[str, bytes]) -> str | bytes:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    if text[:1] in ("{", "["):
        try:
            text = json.dumps(parse(text), ensure_ascii=False, indent=2) + "\n"
        except ValueError:
            return text  # not quite JSON: recorded as it came
    elif not text.startswith(("event:", "data:")):
        return text
    return put_aside(text.translate(_BREAKS), kept)


def _without_bytes(value: Any) -> Any:
    """JSON has no bytes: what is not text stands as vcrpy's `base64_string`."""
    if isinstance(value, bytes):
        return {"base64_string": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        if isinstance(value.get("string"), bytes):
            return _without_bytes(value["string"])
        return {key: _without_bytes(item) for key, item in value.items()}
    return [_without_bytes(item) for item in value] if isinstance(value, list) else value


def _yaml(value: Json) -> str:
    import yaml

    # libyaml takes emoji for unprintable, and would write the whole body as one quoted line.
    plain = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    base: Any = yaml.SafeDumper if _beyond_libyaml(value) else plain

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    dumper: Any = type("Dumper", (base,), {})
    dumper.add_representer(str, text)
    written: str = yaml.dump(
        value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    return written


def _recorded(exchange: Exchange, note: Any, place: Callable[[int], str]) -> Recorded:
    if not isinstance(note, dict):
        raise Unreadable(f"{place(exchange.number)}: its `{NOTE}` is not an object")
    ended = note.get("ended", "whole")
    if ended not in ("whole", "cut"):
        raise Unreadable(f'{place(exchange.number)}: `ended` is "whole" or "cut", not {ended!r}')
    said = str(note.get("chunks", "")).split()
    chunks = tuple(_chunk(text, exchange.number, place) for text in said)
    if chunks and sum(size for _, size in chunks) != len(exchange.response_body):
        # Somebody edited the body by hand, and may: how it came is then not known.
        chunks = ()
    return Recorded(exchange, chunks, ended)


def _chunk(text: str, number: int, place: Callable[[int], str]) -> tuple[float, int]:
    at, _, size = text.partition(":")
    try:
        return float(at), int(size)
    except ValueError:
        raise Unreadable(f"{place(number)}: `chunks` has {text!r}, not seconds:bytes") from None
