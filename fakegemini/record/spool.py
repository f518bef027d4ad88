"""What was recorded so far, beside the cassette: a line of JSON for each finished exchange.

The cassette itself is written once, at the end. Whoever is killed before that leaves the lines.
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

from ..recordings.exchange import Exchange, Recorded
from ..wire.http import Json

_SUFFIX = ".partial"


class Spool:
    """The lines of one recording; the file comes with the first and goes with `drop`."""

    def __init__(self, cassette: Path, mode: str) -> None:
        place = cassette.resolve()
        self.mode = mode
        self.path = place.with_name(f".{place.name}.{time.time_ns()}{_SUFFIX}")

    def add(self, recorded: Recorded) -> None:
        """Add a line, down to the disk; raises OSError."""
        if not self.path.exists():
            self.write([recorded])
            return
        with self.path.open("ab", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            try:
                _all(file, _line(recorded))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)  # half a line would spoil the next
                raise

    def write(self, recorded: Iterable[Recorded]) -> None:
        """Begin anew with these lines, so that what stood there before is gone; raises OSError."""
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            os.chmod(temporary, 0o600)
            file.write(json.dumps({"mode": self.mode}).encode() + b"\n")
            file.writelines(map(_line, recorded))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)

    def drop(self) -> None:
        """Remove the file."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


def _all(file: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


def left(cassette: Path) -> list[Path]:
    """The spools that recordings of the cassette have left, the oldest first."""
    place = cassette.resolve()
    prefix = f".{place.name}."
    if not place.parent.is_dir():
        return []
    return sorted(
        place.with_name(name)
        for name in os.listdir(place.parent)
        if name.startswith(prefix) and name.endswith(_SUFFIX)
        if name[len(prefix) : -len(_SUFFIX)].isdigit()
    )


def read(spool: Path) -> tuple[str, list[Recorded]]:
    """The mode of a spool and its exchanges, up to a line that was never finished."""
    head, *lines = spool.read_bytes().split(b"\n")
    made = []
    for line in lines:
        try:
            made.append(_recorded(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            break
    numbered = sorted(made, key=lambda one: one.exchange.number)
    return json.loads(head)["mode"], [
        replace(one, exchange=replace(one.exchange, number=number))
        for number, one in enumerate(numbered, start=1)
    ]


def _line(recorded: Recorded) -> bytes:
    members: Json = {
        one.name: _plain(getattr(recorded.exchange, one.name)) for one in fields(Exchange)
    }
    line = {"exchange": members, "chunks": recorded.chunks, "ended": recorded.ended}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _recorded(line: Json) -> Recorded:
    members: Json = {
        name: _bytes(value) if name.endswith("_body") else value
        for name, value in line["exchange"].items()
    }
    chunks = tuple((float(seconds), int(size)) for seconds, size in line["chunks"])
    return Recorded(Exchange(**members), chunks, line["ended"])


def _bytes(body: Json) -> bytes:
    return body["text"].encode() if "text" in body else base64.b64decode(body["base64"])
