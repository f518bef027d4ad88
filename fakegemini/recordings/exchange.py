"""One recorded request and its response, as bytes and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from ..protocol.paths import VERSION, is_other_route
from ..wire.json_text import parse_json
from ..wire.sse import Decoder, Frame

_METHODS = frozenset({"POST", "GET", "DELETE"})
_BOM = b"\xef\xbb\xbf"
WHOLE, CUT = "whole", "cut"
"""How the chunks of an answer ended."""


T = TypeVar("T")


class _lazy_property(Generic[T]):
    """A property that is computed once; functools' own takes a lock before Python 3.12."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        value = instance.__dict__[self._name] = self._compute(instance)
        return value


@dataclass(frozen=True)
class Exchange:
    """An exchange of a recording. Header names are lower case.

    `method` is empty where only a body is known; `status` is None where no response is.
    """

    number: int
    method: str = ""
    uri: str = ""
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    status: int | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: bytes = b""

    @_lazy_property
    def path_parts(self) -> tuple[str, ...]:
        """The decoded parts of the path."""
        path = urlsplit(self.uri).path
        if "%" in path:
            return tuple(unquote(part) for part in path.split("/") if part)
        return tuple(filter(None, path.split("/")))

    @_lazy_property
    def query(self) -> dict[str, str]:
        """The query parameters; of several with one name the last."""
        return (
            {}
            if "?" not in self.uri
            else dict(parse_qsl(urlsplit(self.uri).query, keep_blank_values=True))
        )

    @property
    def targets_interactions(self) -> bool:
        """Whether it is traffic of the Interactions API."""
        return not self.uri or self._below_interactions is not None

    @_lazy_property
    def operation(self) -> str:
        """`create`, `get`, `delete`, `cancel`; empty where the request is not known."""
        if not self.uri:
            return ""
        if self.method == "POST":
            return "cancel" if self._below_interactions else "create"
        return {"GET": "get", "DELETE": "delete"}.get(self.method, "")

    @property
    def interaction_id(self) -> str:
        """The id in the path, or an empty string."""
        return (
            self._below_interactions[0].removesuffix(":cancel") if self._below_interactions else ""
        )

    @_lazy_property
    def _below_interactions(self) -> tuple[str, ...] | None:
        """The parts below `interactions`, None for a path or a method of something else."""
        parts = self.path_parts
        if self.method not in _METHODS or "interactions" not in parts:
            return None
        index = len(parts) - 1 - parts[::-1].index("interactions")
        above, below = parts[:index], parts[index + 1 :]
        if above and not (VERSION.fullmatch(above[-1]) or above[-2:-1] == ("locations",)):
            return None
        if is_other_route(self.method, below):
            return None
        return below if len(below) < 2 or below[1:] == ("cancel",) else None

    @_lazy_property
    def request_json(self) -> Any:
        """The request's body as JSON, None without one; raises ValueError where it is not JSON."""
        return parse_json(self.request_body) if self.request_body.strip() else None

    @property
    def content_type(self) -> str:
        """The response's media type, without parameters."""
        return self.response_headers.get("content-type", "").partition(";")[0].strip().lower()

    @_lazy_property
    def is_stream(self) -> bool:
        """Whether the response's body is SSE, whatever its headers say."""
        head = self.response_body[:256].removeprefix(_BOM).lstrip()
        return head.startswith((b"event:", b"data:", b"id:", b"retry:", b":"))

    @property
    def bare_json(self) -> str:
        """A JSON object that stands in a stream without `data:`, as its last line; else empty."""
        last_line = self.response_body.rstrip().rpartition(b"\n")[2]
        return last_line.decode("utf-8", "replace") if last_line.startswith(b"{") else ""

    @_lazy_property
    def response_json(self) -> Any:
        """The response's body as JSON, None without one; raises ValueError where it is not JSON."""
        return parse_json(self.response_body) if self.response_body.strip() else None

    @_lazy_property
    def frames(self) -> tuple[list[Frame], bytes]:
        """The frames of a streamed response and the bytes that no frame used."""
        return _split_frames(self.response_body)


def _split_frames(body: bytes) -> tuple[list[Frame], bytes]:
    """All frames of a stream that is complete, and the bytes that none of them used.

    Frames in the recorded form, a name and a line of data, are read at once; all else is the
    decoder's.
    """
    frames: list[Frame] = []
    if b"\r" not in body and not body.startswith(_BOM):
        blocks = body.decode("utf-8", "replace").split("\n\n")
        for block in blocks[:-1]:
            name, _, data = block.partition("\n")
            if not name.startswith("event: ") or not data.startswith("data: ") or "\n" in data:
                break
            frames.append(Frame(name[7:], data[6:]))
        else:
            if not blocks[-1]:
                return frames, b""
    decoder = Decoder()
    frames = decoder.feed(body) + decoder.close()
    return frames, decoder.unframed


@dataclass(frozen=True)
class RecordedExchange:
    """An exchange with its response body unpacked, and the chunks in which that body came.

    chunks: seconds since the request was sent, and bytes, of each; () where unknown or unary
    ending: "whole", or "cut" where upstream broke off
    """

    exchange: Exchange
    chunks: tuple[tuple[float, int], ...] = ()
    ending: str = WHOLE
