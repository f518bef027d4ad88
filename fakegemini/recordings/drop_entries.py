"""Take exchanges out of a cassette; everything else of the file stays as it is, byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..errors import NotWritten, Unreadable
from .atomic_write import lock_file, write_atomically
from .plain_files import read_plain_file
from .strict_yaml import compose_yaml
from .vcr_file import parse_vcr_text

_LIST_NAME = "interactions"
_JSON_SPACE = re.compile(r"[ \t\r\n]*")


def drop_entries(path: Path, numbers: Collection[int]) -> None:
    """Take the exchanges of these numbers, from 1, out of a cassette, in one move.

    Raises `Unreadable` for a file that is no VCR cassette, and `NotWritten` where they cannot be
    taken out of its text, or all of them would be.
    """
    with lock_file(path):
        text = read_plain_file(path).decode("utf-8")
        value = parse_vcr_text(text, path)
        entries = value.get(_LIST_NAME) if isinstance(value, dict) else None
        if not isinstance(entries, list):
            raise Unreadable(f"{path}: no cassette: it has no list `{_LIST_NAME}`")
        left = [entry for number, entry in enumerate(entries, start=1) if number not in numbers]
        if not left:
            raise NotWritten(f"{path}: no exchange would be left")
        shortened = _drop_spans(text, _find_spans(text, path), numbers)
        if not _is_value(shortened, {**value, _LIST_NAME: left}, path):
            raise NotWritten(
                f"{path}: exchanges {', '.join(map(str, sorted(numbers)))} cannot be taken out of "
                "its text alone. Fix: record it again"
            )
        write_atomically(path, shortened.encode())


def _is_value(text: str, value: Any, path: Path) -> bool:
    try:
        return bool(parse_vcr_text(text, path) == value)
    except Unreadable:
        return False


def _find_spans(text: str, path: Path) -> list[tuple[int, int]]:
    """Return where each entry begins and where the next one does, or the list ends."""
    body = text.removeprefix("\ufeff")
    start = len(text) - len(body)
    if body.lstrip().startswith("{"):
        spans = _find_json_spans(body, path)
    else:
        spans = _find_yaml_spans(body)
    return [(start + begin, start + end) for begin, end in spans]


def _find_yaml_spans(text: str) -> list[tuple[int, int]]:
    """Return the lines of the entries, from their dashes on."""
    for key, nodes in compose_yaml(text).value:
        if key.value == _LIST_NAME:
            starts = [_line_start(text, node.start_mark.index) for node in nodes.value]
            end = nodes.end_mark.index
            behind = text[end:].strip(" \t\r\n.-")
            ends = [*starts[1:], _line_start(text, end) if behind else len(text)]
            return [*zip(starts, ends, strict=True)]
    return []


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _find_json_spans(text: str, path: Path) -> list[tuple[int, int]]:
    """Return the entries with the comma behind each; of the last one, with that before it."""
    decoder = json.JSONDecoder()
    position = text.index("{") + 1
    while True:
        name, position = decoder.raw_decode(text, _skip(text, position))
        position = _skip(text, position) + 1  # behind the colon
        position = _skip(text, position)
        if name == _LIST_NAME:
            return _find_elements(text, position + 1, decoder)
        _, position = decoder.raw_decode(text, position)
        position = _skip(text, position) + 1  # behind the comma


def _find_elements(text: str, position: int, decoder: json.JSONDecoder) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    while True:
        begin = position
        _, end = decoder.raw_decode(text, _skip(text, position))
        spans.append((begin, end))
        position = _skip(text, end)
        if text[position] != ",":
            return spans
        position += 1


def _drop_spans(text: str, spans: list[tuple[int, int]], numbers: Collection[int]) -> str:
    """Return the text without the spans of these numbers; JSON gets its commas right."""
    is_json = text.removeprefix("\ufeff").lstrip().startswith("{")
    kept = [text[slice(*span)] for n, span in enumerate(spans, start=1) if n not in numbers]
    middle = ",".join(kept) if is_json else "".join(kept)
    return f"{text[: spans[0][0]]}{middle}{text[spans[-1][1] :]}"


def _skip(text: str, position: int) -> int:
    match = _JSON_SPACE.match(text, position)
    return match.end() if match else position
