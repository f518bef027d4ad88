"""One recorded request and its response, as bytes and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from ..protocol.paths import VERSION, beside
from ..wire.json_text import parse
from ..wire.sse import Decoder, Frame

_METHODS = frozenset({"POST", "GET", "DELETE"})
_BOM = b"\xef\xbb\xbf"
WHOLE, CUT = "whole", "cut"
"""How the chunks of an answer ended."""


T = TypeVar("T")


class _lazy(Generic[T]):
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

    @_lazy
    def parts(self) -> tuple[str, ...]:
        """The decoded parts of the path."""
        path = urlsplit(self.uri).path
        if "%" in path:
            return tuple(unquote(part) for part in path.split("/") if part)
        return tuple(filter(None, path.split("/")))

    @_lazy
    def query(self) -> dict[str, str]:
        """The query parameters; of several with one name the last."""
        return (
            {}
            if "?" not in self.uri
            else dict(parse_qsl(urlsplit(self.uri).query, keep_blank_values=True))
        )

    @property
    def ours(self) -> bool:
        """Whether it is traffic of the Interactions API."""
        return not self.uri or self._below is not None

    @_lazy
    def operation(self) -> str:
        """`create`, `get`, `delete`, `cancel`; empty where the request is not known."""
        if not self.uri:
            return ""
        if self.method == "POST":
            return "cancel" if self._below else "create"
        return {"GET": "get", "DELETE": "delete"}.get(self.method, "")

    @property
    def identifier(self) -> str:
        """The id in the path, or an empty string."""
        return self._below[0].removesuffix(":cancel") if self._below else ""

    @_lazy
    def _below(self) -> tuple[str, ...] | None:
        """The parts below `interactions`, None for a path or a method of something else."""
        parts = self.parts
        if self.method not in _METHODS or "interactions" not in parts:
            return None
        at = len(parts) - 1 - parts[::-1].index("interactions")
        above, below = parts[:at], parts[at + 1 :]
        if above and not (VERSION.fullmatch(above[-1]) or above[-2:-1] == ("locations",)):
            return None
        if beside(self.method, below):
            return None
        return below if len(below) < 2 or below[1:] == ("cancel",) else None

    @_lazy
    def asked(self) -> Any:
        """The request's body as JSON, None without one; raises ValueError where it is not JSON."""
        return parse(self.request_body) if self.request_body.strip() else None

    @property
    def content_type(self) -> str:
        """The response's media type, without parameters."""
        return self.response_headers.get("content-type", "").partition(";")[0].strip().lower()

    @_lazy
    def streamed(self) -> bool:
        """Whether the response's body is SSE, whatever its headers say."""
        head = self.response_body[:256].removeprefix(_BOM).lstrip()
        return head.startswith((b"event:", b"data:", b"id:", b"retry:", b":"))

    @property
    def bare(self) -> str:
        """A JSON object that stands in a stream without `data:`, as its last line; else empty."""
        last = self.response_body.rstrip().rpartition(b"\n")[2]
        return last.decode("utf-8", "replace") if last.startswith(b"{") else ""

    @_lazy
    def answered(self) -> Any:
        """The response's body as JSON, None without one; raises ValueError where it is not JSON."""
        return parse(self.response_body) if self.response_body.strip() else None

    @_lazy
    def frames(self) -> tuple[list[Frame], bytes]:
        """The frames of a streamed response and the bytes that no frame used."""
        return _frames(self.response_body)


def _frames(body: bytes) -> tuple[list[Frame], bytes]:
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
    return frames, decoder.rest


@dataclass(frozen=True)
class Recorded:
    """An exchange with its response body unpacked, and the chunks in which that body came.

    chunks: seconds since the request was sent, and bytes, of each; () where unknown or unary
    ended: "whole", or "cut" where upstream broke off
    """

    exchange: Exchange
    chunks: tuple[tuple[float, int], ...] = ()
    ended: str = WHOLE
