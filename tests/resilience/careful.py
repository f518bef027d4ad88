"""Four clients that do everything right, each fault of theirs one method away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

MODEL = "gemini-3.5-flash"
PROMPT = "Tell me about the tide in the harbour of Bergen, and when to come back."
TOOL = {
    "type": "function",
    "name": "read_tide",
    "description": "The tide of a harbour",
    "parameters": {"type": "object", "properties": {"harbour": {"type": "string"}}},
}
Event = dict[str, Any]
Step = dict[str, Any]


class Broken(Exception):
    """The client noticed that something went wrong, and says so."""


class Http:
    """Sends requests: tries four times, waits as it is told, repeats nothing that is refused."""

    tries = 4

    def __init__(self, url: str, sleep: Callable[[float], object] = time.sleep) -> None:
        self.sleep = sleep
        self.http = httpx.Client(base_url=f"{url}/v1", timeout=10, trust_env=False)

    def close(self) -> None:
        """No more requests."""
        self.http.close()

    def pause(self, answer: httpx.Response) -> float:
        """How long to wait before the next try."""
        told = answer.headers.get("retry-after-ms")
        return float(told) / 1000 if told else 0.05

    def again(self, answer: httpx.Response) -> bool:
        """Whether to try again at all."""
        return answer.status_code in (408, 409, 429) or answer.status_code >= 500

    def send(self, method: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        """The answer of one request, opened as a stream; raises `Broken` for a refusal."""
        for _ in range(self.tries):
            request = self.http.build_request(method, path, json=body, params=query)
            answer = self.http.send(request, stream=True)
            if answer.status_code == 200:
                return answer
            answer.close()
            if not self.again(answer):
                break
            self.sleep(self.pause(answer))
        raise Broken(f"HTTP {answer.status_code}")

    def ask(self, **body: Any) -> Any:
        """A create that is answered whole, in as many hops as it takes."""
        body = {"model": MODEL, **body}
        turn = self.whole(self.send("POST", "/interactions", body))
        steps = list(turn.get("steps", ()))
        while self.more(turn):
            hop = {**body, "continuation_token": turn["continuation_token"]}
            if body.get("store") is not False:
                del hop["input"]
                hop["previous_interaction_id"] = turn["id"]
            turn = self.whole(self.send("POST", "/interactions", hop))
            steps += turn["steps"]
            turn["steps"] = steps
        return turn

    def more(self, turn: Any) -> bool:
        """Whether there is more of a turn."""
        return bool(turn["status"] == "requires_continuation")

    def whole(self, answer: httpx.Response) -> Any:
        """The JSON of an answer."""
        answer.read()
        answer.close()
        return answer.json()

    def __call__(self) -> Any:
        """One question, one answer."""
        return self.text(self.known(self.ask(input=PROMPT)))

    def known(self, turn: Any) -> Any:
        """The turn; raises `Broken` where its status is none of those that end well."""
        if turn["status"] not in ("completed", "requires_action"):
            raise Broken(f"status {turn['status']}")
        return turn

    def text(self, turn: Any) -> str:
        """The text of a turn."""
        return "".join(map(self.text_of, turn["steps"]))

    def text_of(self, step: Step) -> str:
        """The text of a step; none of one that has no text."""
        blocks = step["content"] if step["type"] == "model_output" else ()
        return "".join(block["text"] for block in blocks if block["type"] == "text")


class Streaming(Http):
    """Reads a background stream, and resumes it where it broke off."""

    def __call__(self) -> str:
        """The text of a whole stream."""
        self.parts: list[str] = []
        self.id = self.last = ""
        body = {"model": MODEL, "input": PROMPT, "background": True, "stream": True}
        answer = self.send("POST", "/interactions", body)
        for _ in range(3):
            if self.read(answer):
                return "".join(self.parts)
            answer = self.resumed()
        raise Broken("the stream never came to its end")

    def resumed(self) -> httpx.Response:
        """The rest of the stream, from behind the last event that came whole."""
        path = f"/interactions/{self.id}"
        return self.send("GET", path, stream="true", last_event_id=self.last)

    def read(self, answer: httpx.Response) -> bool:
        """Take in a stream; whether it came to its end."""
        try:
            for event in self.events(answer):
                self.last = event.get("event_id", self.last)
                if self.take(event):
                    return True
        except httpx.TransportError:
            return self.cut()
        finally:
            answer.close()
        return self.ended()

    def events(self, answer: httpx.Response) -> Iterator[Event]:
        """The events of a stream that came whole."""
        for line in answer.iter_lines():
            if line.startswith("data: ") and line != "data: [DONE]":
                yield json.loads(line.removeprefix("data: "))

    def take(self, event: Event) -> bool:
        """Take in one event; whether it is the last."""
        match event["event_type"]:
            case "interaction.created":
                self.id = event["interaction"]["id"]
            case "step.delta" if event["delta"]["type"] == "text":
                self.parts.append(event["delta"]["text"])
            case "error":
                return self.failed(event)
            case "interaction.completed":
                self.known(event["interaction"])
                return True
        return False

    def failed(self, event: Event) -> bool:
        """An error event came; whether that is the end."""
        raise Broken(event["error"]["message"])

    def cut(self) -> bool:
        """The connection dropped; whether that is the end."""
        return False

    def ended(self) -> bool:
        """The stream ended without its last event; whether that is the end."""
        return False


class Polling(Http):
    """Polls a background run, not too fast and not for ever, and cancels what it gives up."""

    most = 40
    pause_seconds = 0.012

    def __call__(self) -> Any:
        """The text of a run."""
        run = self.ask(input=PROMPT, background=True)
        for _ in range(self.most):
            seen = self.poll(run["id"])
            if seen and not self.going(seen["status"]):
                return self.text(self.known(seen))
            self.sleep(self.pause_seconds)
        self.give_up(run["id"])
        raise Broken("the run took too long")

    def going(self, status: str) -> bool:
        """Whether a run of that status goes on."""
        return status in ("queued", "in_progress")

    def poll(self, identifier: str) -> Any:
        """What a poll finds; None where it failed."""
        try:
            return self.whole(self.send("GET", f"/interactions/{identifier}"))
        except Broken:
            return None

    def give_up(self, identifier: str) -> None:
        """Leave no run behind."""
        self.send("POST", f"/interactions/{identifier}/cancel", {}).close()


class Calling(Http):
    """Answers every call that the model makes, with the parent's id."""

    store = True

    def __call__(self) -> str:
        """The text after all calls."""
        turn = self.first()
        for _ in range(5):
            results = [self.result(call) for call in self.calls(turn)]
            if not results:
                return self.text(self.known(turn))
            turn = self.next(turn, results)
        raise Broken("it calls for ever")

    def first(self) -> Any:
        """The first turn."""
        return self.ask(input=PROMPT, tools=[TOOL])

    def next(self, turn: Any, results: list[Step]) -> Any:
        """The turn after these results."""
        return self.ask(input=results, tools=[TOOL], previous_interaction_id=turn["id"])

    def calls(self, turn: Any) -> list[Step]:
        """The calls of a turn."""
        return [step for step in turn.get("steps", ()) if step["type"] == "function_call"]

    def result(self, call: Step) -> Step:
        """What a call comes back with."""
        return {
            "type": "function_result",
            "name": call["name"],
            "call_id": call["id"],
            "result": "rising",
        }


class Stateless(Calling):
    """The same, with the history sent back as it came."""

    def first(self) -> Any:
        """The first turn, which the server does not keep."""
        self.history: list[Step] = [
            {"type": "user_input", "content": [{"type": "text", "text": PROMPT}]}
        ]
        return self.ask(input=self.history, tools=[TOOL], store=False)

    def next(self, turn: Any, results: list[Step]) -> Any:
        """The turn after the whole history."""
        self.history += [*self.kept(turn["steps"]), *results]
        return self.ask(input=self.history, tools=[TOOL], store=False)

    def kept(self, steps: list[Step]) -> list[Step]:
        """What goes into the history of a turn: all of it."""
        return steps
