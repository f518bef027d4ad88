"""What a fake answers to many requests, as one hash for each group of them.

`python -m tests.same_bytes` writes `tests/same_bytes.json` anew. Do that only where an answer is
meant to change: whatever makes the fake faster has to leave every hash as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from fakegemini import Fake, Reply, Request, call, faults, say, think

from . import every_medium, every_tool, every_type, scenarios

HASHES = Path(__file__).with_suffix(".json")
MODEL = "gemini-3.5-flash"
AGENT = "deep-research-pro-preview-12-2025"
TOOL = scenarios.TIDE
LONG_TEXT = "Tides follow the moon, and a little the sun; <b>twice</b> a day & more. 🌊 " * 40


class Client:
    """Asks one fake, and hashes status, head and body of each answer."""

    def __init__(self, **options: Any) -> None:
        self.fake = Fake(seed="same bytes", **options)
        self.digest = hashlib.sha256()

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Send a request; gives the parsed body, or the last interaction of a stream."""
        payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = (("content-type", "application/json"),)
        reply = self.fake.handle(Request(method, path, tuple(query.items()), headers, payload))
        return self._read(reply)

    def _read(self, reply: Reply) -> Any:
        raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        self.digest.update(repr((reply.status, reply.headers)).encode() + b"\n" + raw)
        if not raw.startswith(b"event:"):
            return json.loads(raw)
        lines = [line[6:] for line in raw.splitlines() if line.startswith(b"data: {")]
        return json.loads(lines[-1]).get("interaction", {})

    def create(self, given: Any = "Why are there tides?", **body: Any) -> Any:
        """POST a create, to the model unless the body names another one or an agent."""
        target = {} if "agent" in body or "model" in body else {"model": MODEL}
        return self.ask("POST", "/v1/interactions", target | {"input": given} | body)

    def get(self, identifier: str, **query: str) -> Any:
        """GET an interaction."""
        return self.ask("GET", f"/v1/interactions/{identifier}", **query)


def ask_twice(client: Client, body: dict[str, Any]) -> None:
    """Ask for one body as JSON and as a stream, and read what is stored of it."""
    given = body.get("input")
    rest = {key: value for key, value in body.items() if key != "input"}
    made = client.create(given, **rest)
    client.create(given, **rest, stream=True)
    if "id" in made:
        client.get(made["id"])
        client.get(made["id"], include_input="true", stream="true")


def plain_turns(client: Client) -> None:
    """Questions in all forms of input, short and long, in a chain and without storing."""
    first = client.create()
    client.create()
    second = client.create(LONG_TEXT, previous_interaction_id=first["id"])
    client.create([{"type": "text", "text": "<1 & 2>"}], previous_interaction_id=second["id"])
    client.create([{"type": "user_input", "content": "bare"}], store=False)
    client.create({"type": "text", "text": "Grüße 🐧"}, store=False, stream=True)
    client.create(LONG_TEXT, stream=True, system_instruction="Be brief.", service_tier="flex")
    history = [{"type": "user_input", "content": [{"type": "text", "text": "Hi"}]}]
    client.create([*history, *first["steps"], *history], store=False)
    client.create(generation_config={"thinking_summaries": "auto", "temperature": 0.5})
    client.create(generation_config={"max_output_tokens": 3}, stream=True)
    client.ask("GET", "/v1/models")
    client.ask("GET", f"/v1beta/interactions/{second['id']}")
    client.ask("DELETE", f"/v1/interactions/{second['id']}")
    client.get(second["id"])
    vertex = "/v1beta1/projects/p/locations/global/interactions"
    client.ask("POST", vertex, {"model": MODEL, "input": "Hi", "labels": {"a": "b"}})


def functions(client: Client) -> None:
    """Calls of the unscripted model and their results, as JSON and as streams."""
    for stream in (False, True):
        turn = client.create("Call read_tide", tools=[TOOL], stream=stream)
        calls = [step for step in client.get(turn["id"])["steps"] if step["type"][-5:] == "_call"]
        results = [
            {"type": "function_result", "call_id": made["id"], "name": made["name"], "result": "up"}
            for made in calls
        ]
        client.create(results, previous_interaction_id=turn["id"], tools=[TOOL], stream=stream)
        client.create("And now?", previous_interaction_id=turn["id"], tools=[TOOL])


def scripted(client: Client) -> None:
    """Replies and rules, used up and for ever, with faults of their own."""
    client.fake.replies(think("Hm."), say(LONG_TEXT))
    client.fake.replies(call("read_tide", harbour="Dover"), usage={"total_tokens": 7})
    client.fake.when(input=re.compile("moon"), times=3).replies(say("The moon it is."))
    client.fake.default("As always.")
    for given in ("first", "second", "the moon", "the moon", "anything"):
        client.create(given, tools=[TOOL])
        client.create(f"{given} again", tools=[TOOL], stream=True)


def runs(client: Client) -> None:
    """Background runs of models and agents: polled, streamed, cancelled, resumed."""
    for body in ({"background": True}, {"agent": AGENT, "background": True}):
        run = client.create("A long report.", **body)
        for _ in range(4):
            client.get(run["id"])
        client.get(run["id"], stream="true")
        client.create("Another one.", **body, stream=True)
        stopped = client.create("A third.", **body)
        client.ask("POST", f"/v1/interactions/{stopped['id']}/cancel")
        client.get(stopped["id"], stream="true")
    client.create("Build it.", agent="antigravity-preview-09-2026", environment="remote")


def refusals(client: Client) -> None:
    """What is refused, in each layer, as JSON and as a stream."""
    bodies: list[dict[str, Any]] = [
        {"odd": 1},
        {"input": []},
        {"input": [{"type": "text"}]},
        {"model": "gemini-of-tomorrow"},
        {"tools": [{"type": "time_machine"}]},
        {"tools": [{"type": "google_search"}, {"type": "file_search"}]},
        {"background": True, "store": False},
        {"previous_interaction_id": "v1_bogus"},
        {"generation_config": {"tool_choice": "any"}},
        {"generation_config": {"temperature": "warm"}},
        {"response_mime_type": "text/plain"},
        {"safety_settings": [{}]},
        {"input": [{"type": "image", "uri": "files/x"}]},
        {"input": [{"type": "image", "mime_type": "audio/wav", "data": "AAAA"}]},
        {"input": [{"type": "function_result", "call_id": "x", "name": "y", "result": "z"}]},
    ]
    for body in bodies:
        for extra in ({}, {"stream": True}):
            client.ask("POST", "/v1/interactions", {"model": MODEL, "input": "x"} | body | extra)
    client.get("v1_bogus")
    client.ask("GET", "/v1/nothing")
    client.ask("PUT", "/v1/interactions", {})


def spoiled(client: Client) -> None:
    """Answers with faults in force."""
    client.fake.faults(faults.drop("step.delta"), times=2)
    client.create(stream=True)
    client.create()
    client.fake.clear_faults()


def groups() -> Iterator[tuple[str, str]]:
    """Name each group of requests, with the hash of what is answered."""
    parts: dict[str, Callable[[Client], None]] = {
        part.__name__: part for part in (plain_turns, functions, scripted, runs, refusals, spoiled)
    }
    for name, body in (every_tool.ASKS | every_medium.ASKS).items():
        parts[f"ask: {name}"] = partial(ask_twice, body=body)
    parts["steps of all types"] = answer_every_step
    for name, part in parts.items():
        client = Client()
        part(client)
        yield name, client.digest.hexdigest()[:16]
    for era in ("2026-05", "2026-06", "2026-08"):
        client = Client(era=era)
        plain_turns(client)
        functions(client)
        yield f"era {era}", client.digest.hexdigest()[:16]
    client = Client(decode_limit=20)
    token = client.create(LONG_TEXT).get("continuation_token")
    while token:
        token = client.create(LONG_TEXT, continuation_token=token).get("continuation_token")
    yield "hops", client.digest.hexdigest()[:16]
    for scenario in scenarios.SCENARIOS:
        recorder = scenarios.Client()
        scenario(recorder)
        text = scenarios.dump(recorder.exchanges)
        yield f"scenario {scenario.__name__}", hashlib.sha256(text.encode()).hexdigest()[:16]


def answer_every_step(client: Client) -> None:
    """Answer with a step of each type, as JSON and as a stream."""
    for step in [*every_type.STEPS.values(), *every_type.STRANGE.values()]:
        for stream in (False, True):
            client.fake.replies(step)
            client.create(stream=stream)


if __name__ == "__main__":
    HASHES.write_text(json.dumps(dict(groups()), indent=1) + "\n", "utf-8")
    print(f"{len(dict(groups()))} hashes in {HASHES.name}")
