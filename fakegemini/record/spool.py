"""The spool: a hidden file beside a cassette, with a line of JSON for each exchange so far.

A cassette is written once, at the end of its recording. A recording that is killed before that
leaves its spool, from which it can be recovered.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import time
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..errors import NotRecorded
from ..recordings.exchange import Exchange, RecordedExchange
from ..recordings.plain_files import open_own_file, read_plain_file
from ..wire.http import Json
from ..wording import spell_json

_SUFFIX = ".partial"


class Spool:
    """The spool of one recording; its file is created by the first exchange, removed by `drop`."""

    def __init__(self, cassette: Path, mode: str) -> None:
        resolved = cassette.resolve()
        self.mode = mode
        self.path = resolved.with_name(f".{resolved.name}.{time.time_ns()}{_SUFFIX}")

    def add(self, line: bytes) -> None:
        """Append the line of an exchange and wait until the disk has it; raises OSError."""
        if not os.path.lexists(self.path):
            self.rewrite([line])
            return
        handle = open_own_file(self.path, os.O_RDWR | os.O_APPEND)
        with open(handle, "ab", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            try:
                _write_all(file, line)
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)  # half a line would make the next one unreadable
                raise

    def rewrite(self, lines: Iterable[bytes]) -> None:
        """Replace the file by one with the lines of these exchanges alone; raises OSError."""
        temporary = self.path.with_suffix(".tmp")
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()  # whatever lies there, perhaps a link: only its name goes
        handle = open_own_file(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps({"mode": self.mode}).encode() + b"\n")
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)

    def drop(self) -> None:
        """Remove the file, if there is one."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


def _write_all(file: io.FileIO, content: bytes) -> None:
    """Write all of it: an unbuffered file may take a part only."""
    view = memoryview(content)
    while view:
        view = view[file.write(view) or 0 :]


def find_spools(cassette: Path) -> list[Path]:
    """Return the spools that interrupted recordings of a cassette left, the oldest first."""
    resolved = cassette.resolve()
    prefix = f".{resolved.name}."
    if not resolved.parent.is_dir():
        return []
    return sorted(
        resolved.with_name(name)
        for name in os.listdir(resolved.parent)
        if name.startswith(prefix) and name.endswith(_SUFFIX)
        if name[len(prefix) : -len(_SUFFIX)].isdigit()
    )


def read_spool(spool: Path) -> tuple[str, list[RecordedExchange]]:
    """Return the name of the mode, and the exchanges up to an unfinished line, from number 1."""
    try:
        content = read_plain_file(spool, follow=False)
    except OSError as error:
        raise NotRecorded(f"{spool}: cannot be recovered: {error.strerror or error}") from None
    head, *lines = content.split(b"\n")
    exchanges = []
    for line in lines:
        try:
            exchanges.append(_decode_line(json.loads(line)))
        except (ValueError, KeyError, TypeError, RecursionError):
            break
    ordered = sorted(exchanges, key=lambda recorded: recorded.exchange.number)
    try:
        mode = str(json.loads(head)["mode"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotRecorded(f"{spool}: is no interrupted recording of ours") from None
    return mode, [
        replace(recorded, exchange=replace(recorded.exchange, number=number))
        for number, recorded in enumerate(ordered, start=1)
    ]


def encode_line(recorded: RecordedExchange) -> bytes:
    """Write an exchange as a line of a spool."""
    members: Json = {
        field.name: _encode_value(getattr(recorded.exchange, field.name))
        for field in fields(Exchange)
    }
    line = {"exchange": members, "chunks": recorded.chunks, "ended": recorded.ending}
    return spell_json(line, compact=True).encode() + b"\n"


def _encode_value(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _decode_line(line: Json) -> RecordedExchange:
    members: Json = {
        name: _decode_body(value) if name.endswith("_body") else value
        for name, value in line["exchange"].items()
    }
    chunks = tuple((float(seconds), int(size)) for seconds, size in line["chunks"])
    return RecordedExchange(Exchange(**members), chunks, line["ended"])


def _decode_body(body: Json) -> bytes:
    return body["text"].encode() if "text" in body else base64.b64decode(body["base64"])
