"""Read a file as exchanges: VCR YAML and JSON, HAR, raw JSON, SSE text, JSONL of events.

Its content tells what a file is, not its name. A file that cannot be read raises `Unreadable` with
the line; it is never an empty recording.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import AttachmentLost, Unreadable
from ..wire.compression import unpacking_together
from ..wire.json_text import parse_json
from .attachments import ATTACHMENT_FOLDER, has_attachments, restore_attachments
from .contents import BODIES, EVENTS, Contents
from .dialects import is_dialect
from .exchange import Exchange
from .har_file import contents_from_har
from .json_file import (
    exchange_from_body,
    exchanges_from_lines,
    exchanges_from_values,
    unreadable_json,
)
from .other_texts import refuse_other_text
from .packed_file import plain_suffix, unpack_file
from .plain_files import read_plain_file
from .strict_yaml import load_documents, load_strict_yaml
from .vcr_file import contents_from_vcr

SUFFIXES = frozenset(
    {".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".har", ".sse", ".toml", ".txt"}
)
"""The files of a folder that are read, also packed (`.yaml.gz`).

A file that is named itself is read whatever its suffix.
"""

_NO_FILE = "no such file or folder"
_CONFLICT_MARKERS = re.compile(r"^(?:<{7} |>{7} |\|{7} |={7}\r?$)", re.MULTILINE)
"""The lines that git writes between two versions; somebody may have left one of them."""

_CONFLICT_PARTS = ("<<<<<<<", ">>>>>>>", "|||||||", "=======")
"""What one of them has; looking for these takes a thirtieth of the time."""

_TOML_STARTS = ("version =", "[[interactions]]")
_YAML_STARTS = ("interactions:", "version:", "---", "http_interactions:", "requests:")
_HTTPMOCK_STARTS = ("when:", "then:")


def files_in(path: Path) -> list[Path]:
    """List the files to read under `path`, sorted; raises `Unreadable` where there is none."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        is_there = path.exists()  # a FIFO or a device, which might never end
        raise Unreadable(f"{path}: {'it is no plain file' if is_there else _NO_FILE}")
    files = [
        file
        for file in sorted(_paths_below(path))
        if plain_suffix(file) in SUFFIXES and file.is_file() and not _is_hidden(file, path)
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


def read_exchanges(path: Path) -> list[Exchange]:
    """Read the Interactions exchanges of a file; raises `Unreadable` where there is none."""
    return [exchange for exchange in read_contents(path).exchanges if exchange.targets_interactions]


def read_contents(path: Path) -> Contents:
    """Read all of a file; raises `Unreadable` where it has no Interactions exchange."""
    return parse_contents(_read_bytes(path), path)


def parse_contents(raw: bytes, path: Path) -> Contents:
    """Read all of a file's bytes; raises `Unreadable` where they are no Interactions exchange."""
    with unpacking_together():
        contents = _contents_of(raw, path)
    if not any(exchange.targets_interactions for exchange in contents.exchanges):
        raise Unreadable(f"{path}: it holds no traffic of the Interactions API")
    return contents


def read_any_contents(path: Path) -> Contents:
    """Read all of a file in any form, of whatever API; raises `Unreadable`."""
    with unpacking_together():
        return _contents_of(_read_bytes(path), path)


def _read_bytes(path: Path) -> bytes:
    try:
        raw = read_plain_file(path)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None
    return unpack_file(raw, path)


def _contents_of(raw: bytes, path: Path) -> Contents:
    """Tell the form of a file by its first characters, and read it."""
    text = _readable_text(raw, path)
    start = _start_of(text)
    is_yaml = plain_suffix(path) in (".yaml", ".yml")
    stream = Exchange(1, status=200, response_body=raw)
    if stream.is_stream and not is_yaml:  # `data:` and `id:` may be members as well
        return Contents([stream], tool=EVENTS)
    if start[0] in "{[":
        return _contents_from_json(text.removeprefix("\ufeff"), path)
    if start.removeprefix("---").lstrip().startswith(_HTTPMOCK_STARTS):
        return contents_from_vcr(load_documents(text, path), path)
    if is_yaml or start.startswith(_YAML_STARTS):
        return contents_from_vcr(load_strict_yaml(text, path), path, text)
    if path.suffix == ".toml" or start.startswith(_TOML_STARTS):
        return contents_from_vcr(_load_toml(text, path), path)
    raise Unreadable(f"{path}:1: neither JSON, YAML nor an event stream: {start[:40]!r}")


def _load_toml(text: str, path: Path) -> Any:
    """Parse TOML, in which cassetter can write; raises `Unreadable`."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"{path}: not TOML: {error}") from None


def _contents_from_json(text: str, path: Path) -> Contents:
    """Tell what JSON text is by its members: HAR, a cassette, events or bodies."""
    try:
        value = parse_json(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and "\n" in text.strip():
            return Contents(exchanges_from_lines(text, path), tool=BODIES)
        raise unreadable_json(error, path) from None
    except ValueError as error:
        raise unreadable_json(error, path) from None
    if isinstance(value, list):
        if not value:
            raise Unreadable(f"{path}: it holds no traffic of the Interactions API")
        if is_dialect(value):
            return contents_from_vcr(value, path)
        return Contents(exchanges_from_values(value, path), tool=BODIES)
    if isinstance(value.get("log"), dict) and "entries" in value["log"]:
        return contents_from_har(value["log"], path)
    if "interactions" in value or is_dialect(value):
        return contents_from_vcr(value, path)
    if "event_type" in value:
        return Contents(exchanges_from_values([value], path), tool=BODIES)
    return Contents([exchange_from_body(1, value, path)], tool=BODIES)


def _readable_text(raw: bytes, path: Path) -> str:
    """Decode a file and put its attachments back.

    Raises `Unreadable` for binary, empty and half-merged files, and for a lost attachment.
    """
    text = _decode_text(raw, path)
    try:
        text = restore_attachments(text, path) if has_attachments(text) else text
    except AttachmentLost as error:
        raise Unreadable(f"{path}: {error}") from None
    if not _start_of(text):
        raise Unreadable(f"{path}:1: the file is empty")
    may_conflict = any(part in text for part in _CONFLICT_PARTS)
    if may_conflict and (match := _CONFLICT_MARKERS.search(text)):
        line = text.count("\n", 0, match.start()) + 1
        raise Unreadable(f"{path}:{line}: a conflict marker from git; resolve it first")
    refuse_other_text(_start_of(text), path)
    return text


def _start_of(text: str) -> str:
    """Return a text without the byte order mark and the white space before it."""
    return text.lstrip("\ufeff \t\r\n")


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


def _is_hidden(file: Path, root: Path) -> bool:
    """Tell whether a file is below a folder of attachments, or its path has a hidden part."""
    parts = file.relative_to(root).parts
    return ATTACHMENT_FOLDER in parts[:-1] or any(part.startswith(".") for part in parts)
