"""Turn events into bytes and bytes into events. The decoder is fed; it never reads.

An event is the JSON object behind `data:`; its name is the object's `event_type`.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from .http import Json
from .json_text import dump_json

DONE_FRAME = b"event: done\ndata: [DONE]\n\n"
_BOM = b"\xef\xbb\xbf"


def encode_frame(event: Json) -> bytes:
    """Write one frame as recorded: the name, the data, a blank line, each ended by LF."""
    return f"event: {event['event_type']}\ndata: {dump_json(event)}\n\n".encode()


class Frame(NamedTuple):
    """One frame of a stream: the `event:` name (or None) and the text behind `data:`."""

    name: str | None
    data: str

    @property
    def is_done(self) -> bool:
        """Tell whether it is the `[DONE]` frame that ends a stream."""
        return self.data.strip() == "[DONE]"

    def json(self) -> Any:
        """Parse the data as JSON; raises ValueError where it is not JSON."""
        try:
            return json.loads(self.data)
        except RecursionError:
            raise ValueError("it is nested too deeply to be read") from None


class Decoder:
    """Turns the bytes of a stream, cut anywhere, into whole frames.

    Reads LF, CRLF and CR line ends, several `data:` lines, comments and a leading BOM, as the
    SSE standard asks. `unframed` are the bytes of a frame that is not complete: where any are left
    at the end of a stream, the stream was cut inside a frame.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._name: str | None = None
        self._data: list[str] = []
        self._lines: list[bytes] = []
        self._started = False

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take the next bytes and return the frames that they complete."""
        self._buffer += chunk
        if not self._started and (self._buffer[:3] == _BOM or not _BOM.startswith(self._buffer)):
            self._started = True
            self._buffer = self._buffer.removeprefix(_BOM)
        frames = []
        while (line := self._next_line()) is not None:
            frame = self._take_line(line)
            if frame is not None:
                frames.append(frame)
        return frames

    def close(self) -> list[Frame]:
        """Return the frames that the end of the stream completes: a last CR may end a line."""
        if self._buffer.endswith(b"\r"):
            self._buffer += b"\n"
            return self.feed(b"")
        return []

    @property
    def unframed(self) -> bytes:
        """Return the bytes that belong to no frame yet."""
        return b"\n".join([*self._lines, self._buffer])

    def _next_line(self) -> bytes | None:
        buffer = self._buffer
        lf, cr = buffer.find(b"\n"), buffer.find(b"\r")
        if lf < 0 and cr < 0:
            return None
        if cr < 0 or 0 <= lf < cr:
            end, next_start = lf, lf + 1
        elif cr + 1 == len(buffer):
            return None  # the LF of a CRLF may still come
        else:
            end, next_start = cr, cr + (2 if buffer[cr + 1 : cr + 2] == b"\n" else 1)
        self._buffer = buffer[next_start:]
        return buffer[:end]

    def _take_line(self, line: bytes) -> Frame | None:
        if line:
            self._lines.append(line)
            field, _, value = line.decode("utf-8", "replace").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                self._name = value
            elif field == "data":
                self._data.append(value)
            return None
        frame = Frame(self._name, "\n".join(self._data)) if self._data else None
        self._name, self._data, self._lines = None, [], []
        return frame
