"""`fakegemini demo`: four short programs against the fake, over real HTTP, told as they run."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import DemoFailed
from ..wire.http import Json
from ..wire.sse import Decoder

_MODEL = "gemini-3.5-flash"
_WEATHER: Json = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


@dataclass(frozen=True, slots=True)
class Teller:
    """Talks to the server at `url` and shows each exchange through `show`."""

    url: str
    show: Callable[[str], object]

    def post(self, body: Json) -> Json:
        """Create an interaction and show both sides."""
        self.show(f"  → POST /v1/interactions {_compact(body)}")
        return self._answer(self._request("POST", "/v1/interactions", body))

    def get(self, identifier: str) -> Json:
        """Poll an interaction and show the answer."""
        self.show(f"  → GET  /v1/interactions/{_short(identifier, 24)}")
        return self._answer(self._request("GET", f"/v1/interactions/{identifier}"))

    def stream(self, body: Json) -> Iterator[Json]:
        """Create a streamed interaction and show each event as it comes."""
        self.show(f"  → POST /v1/interactions {_compact(body)}")
        decoder, response = Decoder(), self._request("POST", "/v1/interactions", body)
        while chunk := response.read1():
            for frame in decoder.feed(chunk):
                self.show(f"  ← {frame.name}: {_short(frame.data, 96)}")
                if not frame.done:
                    yield frame.json()

    def _answer(self, response: http.client.HTTPResponse) -> Json:
        body: Json = json.loads(response.read())
        if response.status != 200:
            raise DemoFailed(f"{response.status} {body['error']['message']}")
        self.show(f"  ← {response.status} {body.get('status', '')}")
        for step in body.get("steps", ()):
            self.show(f"      {_compact(step, 150)}")
        return body

    def _request(
        self, method: str, path: str, body: Json | None = None
    ) -> http.client.HTTPResponse:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
        payload = json.dumps(body) if body is not None else None
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        return connection.getresponse()


def tell(url: str, show: Callable[[str], object]) -> None:
    """Run the four programs against the server at `url`."""
    teller = Teller(url, show)
    for title, story in (
        ("A conversation: the second turn names the first, the server keeps the history", _chat),
        ("A streamed answer: the events, in the order of the live server", _stream),
        ("A function-calling loop: the model asks, your code answers, the model goes on", _loop),
        ("A background job: polled until it is done, without a sleep", _background),
    ):
        show(f"\n{title}")
        story(teller)


def _chat(teller: Teller) -> None:
    first = teller.post({"model": _MODEL, "input": "I have 2 dogs in my house."})
    teller.post(
        {
            "model": _MODEL,
            "input": "How many paws are in my house?",
            "previous_interaction_id": first["id"],
        }
    )


def _stream(teller: Teller) -> None:
    for _ in teller.stream({"model": _MODEL, "input": "Explain how AI works", "stream": True}):
        pass


def _loop(teller: Teller) -> None:
    body: Json = {"model": _MODEL, "input": "What is the weather in Paris?", "tools": [_WEATHER]}
    while True:
        answer = teller.post(body)
        results = [
            {
                "type": "function_result",
                "name": step["name"],
                "call_id": step["id"],
                "result": {"sky": "clear", "celsius": 18},
            }
            for step in answer["steps"]
            if step["type"] == "function_call"
        ]
        if not results:
            return
        body = {**body, "input": results, "previous_interaction_id": answer["id"]}


def _background(teller: Teller) -> None:
    answer = teller.post({"model": _MODEL, "input": "Write a long report.", "background": True})
    while answer["status"] == "in_progress":
        answer = teller.get(answer["id"])


def _compact(value: Json, wide: int = 150) -> str:
    shortened = {
        key: _short(item, 12) if isinstance(item, str) and key in _OPAQUE else item
        for key, item in value.items()
    }
    return _short(json.dumps(shortened, ensure_ascii=False), wide)


_OPAQUE = ("signature", "previous_interaction_id")


def _short(text: str, wide: int) -> str:
    return text if len(text) <= wide else f"{text[: wide - 1]}…"
