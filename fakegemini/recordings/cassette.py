"""Load and write cassettes: VCR version 1, which stock vcrpy reads, as text that people can review.

Bodies are literal blocks: JSON is indented, a stream has a line for each event. The head,
`fakegemini:`, notes when, from where and with which client it was recorded, and each stream has its
chunks noted beside it. Long base64 is kept in files, see `attachments`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ..errors import Unreadable
from ..wire.http import Json
from ..wire.json_text import parse_json
from ..wording import spell_json
from .attachments import extract_attachments
from .contents import NOTE_KEY, Contents
from .exchange import ENDING_CUT, ENDING_WHOLE, Exchange, RecordedExchange
from .read import read_any_contents, read_contents

KEPT_REQUEST_HEADERS = frozenset(
    {"accept", "api-revision", "content-type", "user-agent", "x-goog-api-client"}
)
"""The request headers that a cassette keeps; the others are of no use to a replay, or secret."""

DROPPED_RESPONSE_HEADERS = frozenset(
    {"alt-svc", "connection", "content-encoding", "content-length", "date", "transfer-encoding"}
)
"""The response headers that a cassette leaves out.

They would not be true of a body that is unpacked and written in full, or of a replay.
"""

BREAK_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "\x7f\x85\u2028\u2029\ufeff"}
"""The escapes of characters that YAML cannot have in a literal block."""


@dataclass(frozen=True)
class Cassette:
    """A cassette as it was read: its file, its exchanges in order, its head (empty without one).

    tool: what wrote it, where that is another tool whose form we never write
    """

    path: Path
    exchanges: tuple[RecordedExchange, ...]
    head: Json = field(default_factory=dict)
    tool: str = ""


def load_cassette(path: Path) -> Cassette:
    """Load a recording in any form that `fakegemini check` reads, ours and vcrpy's among them.

    Exchanges of other APIs stay in it. Raises `Unreadable` with file and line, also where there is
    no exchange of the Interactions API.
    """
    return _build_cassette(read_contents(path), path)


def load_any_cassette(path: Path) -> Cassette:
    """Load a recording in any form, of whatever API; raises `Unreadable`."""
    return _build_cassette(read_any_contents(path), path)


_OTHER_BREAKS = "\x85\u2028\u2029"
"""What YAML takes for a line break beside the usual ones."""


def _is_beyond_libyaml(value: Any) -> bool:
    """Tell whether a text in `value` has a character that libyaml takes for unprintable: emoji."""
    if isinstance(value, str):
        return bool(value) and max(value) > "\uffff"
    children = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    return any(_is_beyond_libyaml(child) for child in children)


def _build_cassette(contents: Contents, path: Path) -> Cassette:
    """Join the exchanges of a file with the notes about them."""
    notes: tuple[Any, ...] = contents.notes or (None,) * len(contents.exchanges)
    exchanges = tuple(
        _recorded_exchange(exchange, note or {}, contents.locate)
        for exchange, note in zip(contents.exchanges, notes, strict=True)
    )
    head = contents.head if isinstance(contents.head, dict) else {}
    return Cassette(path, exchanges, head, contents.tool)


def dump_cassette(
    exchanges: Sequence[RecordedExchange], head: Json | None = None, *, form: str = "yaml"
) -> tuple[str, dict[str, bytes]]:
    """Write a cassette: its text, and the attachments that go beside it by the name of their file.

    head: what stands under `fakegemini:`; nothing if it is empty
    form: "yaml" or "json"
    """
    attachments: dict[str, bytes] = {}
    value: Json = {NOTE_KEY: head} if head else {}
    value |= {
        "interactions": [_vcr_entry(recorded, attachments) for recorded in exchanges],
        "version": 1,
    }
    return spell_file(value, form), attachments


def spell_file(value: Json, form: str, *, python_objects: bool = False) -> str:
    """Write a cassette's text, as YAML or JSON.

    python_objects: whether there may be files and iterators in it, which vcrpy writes as such
    """
    if form == "json":
        return spell_json(_without_bytes(value), indent=1) + "\n"
    return _dump_yaml(value, python_objects=python_objects)


def _vcr_entry(recorded: RecordedExchange, attachments: dict[str, bytes]) -> Json:
    """Build the entry of an exchange; adds its long values to `attachments`."""
    exchange = recorded.exchange
    code = exchange.status or 200
    headers = exchange.response_headers
    entry: Json = {
        "request": {
            "method": exchange.method,
            "uri": exchange.uri,
            "headers": {
                k: [v] for k, v in exchange.request_headers.items() if k in KEPT_REQUEST_HEADERS
            },
            "body": _body_text(exchange.request_body, attachments),
        },
        "response": {
            "status": {"code": code, "message": _reason_phrase(code)},
            "headers": {k: [v] for k, v in headers.items() if k not in DROPPED_RESPONSE_HEADERS},
            "body": {"string": _body_text(exchange.response_body, attachments)},
        },
    }
    if recorded.chunks or recorded.ending != ENDING_WHOLE:
        note = {"chunks": " ".join(f"{at:.3f}:{size}" for at, size in recorded.chunks)}
        entry[NOTE_KEY] = note | (
            {"ended": recorded.ending} if recorded.ending != ENDING_WHOLE else {}
        )
    return entry


def _reason_phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return ""


def _body_text(body: bytes, attachments: dict[str, bytes]) -> str | bytes:
    """Write a body as it stands in a cassette: JSON indented, other text and bytes unchanged."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    if text[:1] in ("{", "["):
        try:
            text = spell_json(parse_json(text), indent=2) + "\n"
        except ValueError:
            return text  # begins as JSON does and is none
    elif not text.startswith(("event:", "data:")):
        return text
    return extract_attachments(text.translate(BREAK_ESCAPES), attachments)


def _without_bytes(value: Any) -> Any:
    """Write bytes as vcrpy does in JSON, which has none: under `base64_string`."""
    if isinstance(value, bytes):
        return {"base64_string": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        if isinstance(value.get("string"), bytes):
            return _without_bytes(value["string"])
        return {key: _without_bytes(member) for key, member in value.items()}
    return [_without_bytes(element) for element in value] if isinstance(value, list) else value


def _dump_yaml(value: Json, *, python_objects: bool = False) -> str:
    import yaml

    # libyaml would write a whole body with an emoji in it as one quoted line.
    fast_dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    base_dumper: Any = yaml.SafeDumper if _is_beyond_libyaml(value) else fast_dumper
    if python_objects:
        base_dumper = yaml.Dumper

    def represent_text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        if any(mark in value for mark in _OTHER_BREAKS):
            style = '"'  # YAML would read these as its own line breaks
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    dumper: Any = type("Dumper", (base_dumper,), {})
    dumper.add_representer(str, represent_text)
    yaml_text: str = yaml.dump(
        value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    return yaml_text


def _recorded_exchange(
    exchange: Exchange, note: Any, locate: Callable[[int], str]
) -> RecordedExchange:
    """Read the note about an exchange; raises `Unreadable` for one that we would not write."""
    if not isinstance(note, dict):
        raise Unreadable(f"{locate(exchange.number)}: its `{NOTE_KEY}` is not an object")
    ending = note.get("ended", ENDING_WHOLE)
    if ending not in (ENDING_WHOLE, ENDING_CUT):
        raise Unreadable(f'{locate(exchange.number)}: `ended` is "whole" or "cut", not {ending!r}')
    chunk_texts = str(note.get("chunks", "")).split()
    chunks = tuple(_parse_chunk(text, exchange.number, locate) for text in chunk_texts)
    if chunks and sum(size for _, size in chunks) != len(exchange.response_body):
        # Somebody edited the body by hand, which is allowed; its old chunks do not fit any more.
        chunks = ()
    return RecordedExchange(exchange, chunks, ending)


def _parse_chunk(text: str, number: int, locate: Callable[[int], str]) -> tuple[float, int]:
    """Read `seconds:bytes` of exchange `number`; raises `Unreadable` for any other text."""
    seconds, _, size = text.partition(":")
    try:
        return float(seconds), int(size)
    except ValueError:
        raise Unreadable(f"{locate(number)}: `chunks` has {text!r}, not seconds:bytes") from None
