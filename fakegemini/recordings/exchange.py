"""Hold one recorded request and its response, as bytes and as what these bytes mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from ..protocol.paths import VERSION, is_other_route
from ..wire.json_text import parse_json
from ..wire.sse import Decoder, Frame

_METHODS = frozenset({"POST", "GET", "DELETE"})
_BOM = b"\xef\xbb\xbf"
ENDING_WHOLE, ENDING_CUT = "whole", "cut"
"""How the body of an answer ended: completely, or because upstream broke off."""


T = TypeVar("T")


class _lazy_property(Generic[T]):
    """A property that is computed once; that of functools takes a lock before Python 3.12."""

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
    """One request and its response, as a recording has them. Header names are in lower case.

    number: its place in its file, from 1
    method, uri: empty where only the body of an answer was recorded
    status: None where no response was recorded
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
        """Split the path into its decoded parts."""
        return _split_path_of(self.uri)

    @_lazy_property
    def query(self) -> dict[str, str]:
        """Return the query parameters; of several with one name the last."""
        return (
            {}
            if "?" not in self.uri
            else dict(parse_qsl(urlsplit(self.uri).query, keep_blank_values=True))
        )

    @property
    def targets_interactions(self) -> bool:
        """Tell whether this is traffic of the Interactions API; True where the URI is unknown."""
        return not self.uri or self._below_interactions is not None

    @_lazy_property
    def operation(self) -> str:
        """Return `create`, `get`, `delete` or `cancel`; empty where the request is unknown."""
        if not self.uri:
            return ""
        if self.method == "POST":
            return "cancel" if self._below_interactions else "create"
        return {"GET": "get", "DELETE": "delete"}.get(self.method, "")

    @property
    def interaction_id(self) -> str:
        """Return the id in the path, or an empty string."""
        return (
            self._below_interactions[0].removesuffix(":cancel") if self._below_interactions else ""
        )

    @_lazy_property
    def _below_interactions(self) -> tuple[str, ...] | None:
        """Split the path below `interactions`; None for a path or a method of something else."""
        return _split_below_interactions(self.method, self.path_parts)

    @property
    def has_lost_request(self) -> bool:
        """Tell whether a create was answered of which the recorder kept no request body.

        vcrpy before 8 loses what aiohttp sends with `json=`.
        """
        is_answered = self.status is None or self.status < 400
        return self.operation == "create" and is_answered and not self.request_body.strip()

    @_lazy_property
    def request_json(self) -> Any:
        """Parse the request's body, None without one; raises `ValueError` where it is not JSON."""
        return parse_json(self.request_body) if self.request_body.strip() else None

    @property
    def content_type(self) -> str:
        """Return the response's media type in lower case, without parameters."""
        return self.response_headers.get("content-type", "").partition(";")[0].strip().lower()

    @_lazy_property
    def is_stream(self) -> bool:
        """Tell whether the response's body is an event stream, whatever its headers say."""
        head = self.response_body[:256].removeprefix(_BOM).lstrip()
        return head.startswith((b"event:", b"data:", b"id:", b"retry:", b":"))

    @property
    def bare_json(self) -> str:
        """Return the last line of a stream if it is a JSON object without `data:`, else nothing.

        The live server was reported to refuse content in a stream that way.
        """
        last_line = self.response_body.rstrip().rpartition(b"\n")[2]
        return last_line.decode("utf-8", "replace") if last_line.startswith(b"{") else ""

    @_lazy_property
    def response_json(self) -> Any:
        """Parse the response's body, None without one; raises `ValueError` where it is not JSON."""
        return parse_json(self.response_body) if self.response_body.strip() else None

    @_lazy_property
    def created_id(self) -> str:
        """Return the id that the answer to a create gives, or an empty string."""
        body: Any = None
        try:
            if not self.is_stream:
                body = self.response_json
            elif self.frames[0]:
                body = self.frames[0][0].json().get("interaction")
        except (ValueError, AttributeError):
            return ""
        value = body.get("id") if isinstance(body, dict) else ""
        return value if isinstance(value, str) else ""

    @_lazy_property
    def frames(self) -> tuple[list[Frame], bytes]:
        """Split a streamed response into its frames and the bytes that belong to none."""
        return _split_frames(self.response_body)


@lru_cache(1024)
def _split_path_of(uri: str) -> tuple[str, ...]:
    path = urlsplit(uri).path
    if "%" in path:
        return tuple(unquote(part) for part in path.split("/") if part)
    return tuple(filter(None, path.split("/")))


@lru_cache(1024)
def _split_below_interactions(method: str, parts: tuple[str, ...]) -> tuple[str, ...] | None:
    if method not in _METHODS or "interactions" not in parts:
        return None
    index = len(parts) - 1 - parts[::-1].index("interactions")
    above, below = parts[:index], parts[index + 1 :]
    if above and not (VERSION.fullmatch(above[-1]) or above[-2:-1] == ("locations",)):
        return None
    if is_other_route(method, below):
        return None
    return below if len(below) < 2 or below[1:] == ("cancel",) else None


def _split_frames(body: bytes) -> tuple[list[Frame], bytes]:
    """Split all of a stream into its frames and the bytes that belong to none.

    A stream whose frames are all a name and one line of data, as the live server sends them, is
    split at once, which is much faster; the decoder reads any other.
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
    """An exchange with its response body unpacked, and how that body arrived.

    chunks: of each chunk the seconds since the request was sent, and its bytes; empty where nobody
        noted them, and for an answer in one piece
    ending: `ENDING_WHOLE`, or `ENDING_CUT` where upstream broke off
    """

    exchange: Exchange
    chunks: tuple[tuple[float, int], ...] = ()
    ending: str = ENDING_WHOLE
