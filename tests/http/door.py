"""A small client over a real socket: what it sends is in the test, what came is told whole."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from fakegemini.wire.http import Json
from fakegemini.wire.sse import Decoder

MODEL = "gemini-3.5-flash"
AGENT = "deep-research-pro-preview-12-2025"
VERTEX_PREFIX = "v1beta1/projects/p/locations/global"
NOT_FOUND = {"error": {"message": "Requested entity was not found.", "code": "not_found"}}


def invalid(message: str) -> Json:
    """The body of a 400 as the live server writes nearly all of them."""
    return {"error": {"message": message, "code": "invalid_request"}}


@dataclass(frozen=True)
class Answer:
    """An answer that has been read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Its content type."""
        return self.headers.get("content-type", "")

    @property
    def json(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """What the model said, all text blocks in order."""
        blocks = (block for step in self.json["steps"] for block in step.get("content", ()))
        return "".join(block.get("text", "") for block in blocks)

    @property
    def events(self) -> list[Json]:
        """The events of a stream; asserts that it is one and that nothing is left over."""
        assert self.kind == "text/event-stream"
        decoder = Decoder()
        frames = decoder.feed(self.body)
        assert decoder.unframed == b""
        assert [frame.is_done for frame in frames[:-1]] == [False] * (len(frames) - 1)
        return [frame.json() for frame in frames if not frame.is_done]

    @property
    def done(self) -> bool:
        """Whether a stream ended with `[DONE]`."""
        return self.body.endswith(b"event: done\ndata: [DONE]\n\n")


class Live:
    """A stream that is read event by event."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response

    def frame(self) -> bytes:
        """The bytes of the next frame; empty at the end."""
        raw = b""
        while line := self.response.readline():
            raw += line
            if line == b"\n":
                break
        return raw

    def event(self) -> Json:
        """The next event."""
        event: Json = json.loads(self.frame().split(b"data: ", 1)[1])
        return event

    def rest(self) -> Answer:
        """Everything that still comes."""
        headers = {key.lower(): value for key, value in self.response.getheaders()}
        return Answer(self.response.status, headers, self.response.read())


class Door:
    """Asks the server at `url`, below `version`."""

    def __init__(self, url: str, version: str = "v1") -> None:
        self.url = url
        self.version = version

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request to any path; gives the response as it begins."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        target = f"{place.path}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            connection.request(
                method, target, payload, {"Content-Type": "application/json"} | (headers or {})
            )
            yield connection.getresponse()
        finally:
            connection.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Answer:
        """Send a request to any path and read the answer."""
        with self.open(method, path, body, headers, **query) as response:
            return Live(response).rest()

    def create(self, given: Any = "Hi", **body: Any) -> Answer:
        """POST a create, to a model unless the body names an agent."""
        if "agent" not in body:
            body.setdefault("model", MODEL)
        if given is not None:
            body["input"] = given
        return self.ask("POST", f"/{self.version}/interactions", body)

    def get(self, identifier: str, **query: str) -> Answer:
        """GET an interaction."""
        return self.ask("GET", f"/{self.version}/interactions/{identifier}", None, None, **query)

    def cancel(self, identifier: str) -> Answer:
        """POST a cancel."""
        return self.ask("POST", f"/{self.version}/interactions/{identifier}/cancel")

    def delete(self, identifier: str) -> Answer:
        """DELETE an interaction."""
        return self.ask("DELETE", f"/{self.version}/interactions/{identifier}")

    @contextmanager
    def live(self, given: Any = "Hi", **body: Any) -> Iterator[Live]:
        """POST a streamed create and read it as it comes."""
        body = {"model": MODEL, "input": given, "stream": True} | body
        with self.open("POST", f"/{self.version}/interactions", body) as response:
            yield Live(response)

    @contextmanager
    def follow(self, identifier: str, **query: str) -> Iterator[Live]:
        """GET the stream of an interaction and read it as it comes."""
        path = f"/{self.version}/interactions/{identifier}"
        with self.open("GET", path, None, None, stream="true", **query) as response:
            yield Live(response)


def shape(value: Any) -> Any:
    """A value with its leaves replaced by their type, keys in their order."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__
