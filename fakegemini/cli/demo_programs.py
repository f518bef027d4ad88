"""The programs of `fakegemini demo`: four, over real HTTP, each exchange shown as it happens."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import DemoFailed
from ..wire.http import Json
from ..wire.sse import Decoder
from ..wording import shorten

_MODEL = "gemini-3.5-flash"
_WEATHER_TOOL: Json = {
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
class Narrator:
    """A client of the server at `url` that hands each line about an exchange to `show`."""

    url: str
    show: Callable[[str], object]

    def post(self, body: Json) -> Json:
        """Create an interaction, show both sides, and return it; raises `DemoFailed`."""
        self.show(f"  → POST /v1/interactions {_brief_object(body)}")
        return self._show_answer(self._send("POST", "/v1/interactions", body))

    def get(self, identifier: str) -> Json:
        """Get an interaction, show the answer, and return it; raises `DemoFailed`."""
        self.show(f"  → GET  /v1/interactions/{shorten(identifier, 24)}")
        return self._show_answer(self._send("GET", f"/v1/interactions/{identifier}"))

    def stream(self, body: Json) -> Iterator[Json]:
        """Create a streamed interaction; show and yield each event as it comes."""
        self.show(f"  → POST /v1/interactions {_brief_object(body)}")
        decoder, response = Decoder(), self._send("POST", "/v1/interactions", body)
        while chunk := response.read1():
            for frame in decoder.feed(chunk):
                self.show(f"  ← {frame.name}: {shorten(frame.data, 96)}")
                if not frame.is_done:
                    yield frame.json()

    def _show_answer(self, response: http.client.HTTPResponse) -> Json:
        body: Json = json.loads(response.read())
        if response.status != 200:
            raise DemoFailed(f"{response.status} {body['error']['message']}")
        self.show(f"  ← {response.status} {body.get('status', '')}")
        for step in body.get("steps", ()):
            self.show(f"      {_brief_object(step)}")
        return body

    def _send(self, method: str, path: str, body: Json | None = None) -> http.client.HTTPResponse:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        payload = json.dumps(body) if body is not None else None
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        return connection.getresponse()


def run_demo(url: str, show: Callable[[str], object]) -> None:
    """Run the four programs against the server at `url`; raises `DemoFailed`."""
    narrator = Narrator(url, show)
    for title, program in (
        (
            "A conversation: the second turn names the first, the server keeps the history",
            _run_chat,
        ),
        ("A streamed answer: the events, in the order of the live server", _run_stream),
        (
            "A function-calling loop: the model asks, your code answers, the model goes on",
            _run_loop,
        ),
        ("A background job: polled until it is done, without a sleep", _run_background),
    ):
        show(f"\n{title}")
        program(narrator)


def _run_chat(narrator: Narrator) -> None:
    first = narrator.post({"model": _MODEL, "input": "I have 2 dogs in my house."})
    narrator.post(
        {
            "model": _MODEL,
            "input": "How many paws are in my house?",
            "previous_interaction_id": first["id"],
        }
    )


def _run_stream(narrator: Narrator) -> None:
    for _ in narrator.stream({"model": _MODEL, "input": "Explain how AI works", "stream": True}):
        pass


def _run_loop(narrator: Narrator) -> None:
    body: Json = {
        "model": _MODEL,
        "input": "What is the weather in Paris?",
        "tools": [_WEATHER_TOOL],
    }
    while True:
        answer = narrator.post(body)
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


def _run_background(narrator: Narrator) -> None:
    answer = narrator.post({"model": _MODEL, "input": "Write a long report.", "background": True})
    while answer["status"] == "in_progress":
        answer = narrator.get(answer["id"])


def _brief_object(value: Json) -> str:
    """Return an object as JSON on one line, its signatures and ids shortened, then the whole."""
    members = {
        key: shorten(member, 12) if isinstance(member, str) and key in _OPAQUE_MEMBERS else member
        for key, member in value.items()
    }
    return shorten(json.dumps(members, ensure_ascii=False), 150)


_OPAQUE_MEMBERS = ("signature", "previous_interaction_id")
