"""Small programs against the fake, as recordings: what `cassettes/` holds.

`python -m tests.scenarios` writes the cassettes anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fakegemini import Fake, Request, call, say, step, think
from fakegemini.contract.guards import build_exchange
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.wire.replies import LIVE_HEADERS

CASSETTES = Path(__file__).parent.parent / "cassettes" / "interactions"
HOST = "https://generativelanguage.googleapis.com"
MODEL = "gemini-3.5-flash"
UNKNOWN = "v1_ChdBTGxWYVg1RDB2dU9KWldpbWRiTThMRRIXQUxsVmFYNUQwdnVPSlpXaW1kYk04TEU"


def dump(exchanges: list[Exchange]) -> str:
    """A cassette with these exchanges; none of them has anything to put aside."""
    text, aside = dump_cassette([RecordedExchange(exchange) for exchange in exchanges])
    assert not aside
    return text


class Client:
    """Talks to a fake and keeps what was said."""

    def __init__(self) -> None:
        self.fake = Fake()
        self.exchanges: list[Exchange] = []
        self.keeps_heads = False

    def create(self, *, client: str = "", **body: Any) -> Any:
        """POST a create, by a client of that name; gives the body, or the text of a stream."""
        headers = (("x-goog-api-client", client),) if client else ()
        body = {"model": MODEL} | body
        return self._ask("POST", "/v1/interactions", body=body, headers=headers)

    def get(self, identifier: str, **query: str) -> Any:
        """GET an interaction."""
        return self._ask("GET", f"/v1/interactions/{identifier}", query=tuple(query.items()))

    def cancel(self, identifier: str) -> Any:
        """POST a cancel."""
        return self._ask("POST", f"/v1/interactions/{identifier}/cancel")

    def delete(self, identifier: str) -> Any:
        """DELETE an interaction."""
        return self._ask("DELETE", f"/v1/interactions/{identifier}")

    @staticmethod
    def payload(body: Any) -> bytes:
        """A body as it is sent."""
        return json.dumps(body, ensure_ascii=False).encode()

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: tuple[tuple[str, str], ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Any:
        payload = b"" if body is None else self.payload(body)
        headers = (("content-type", "application/json"), *headers)
        request = Request(method, path, query, headers, payload)
        reply = self.fake.handle(request)
        raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        own = tuple(pair for pair in reply.headers if pair not in LIVE_HEADERS)
        # What is in every head says nothing, but for one cassette.
        plain = reply if self.keeps_heads else replace(reply, headers=own)
        exchange = build_exchange(len(self.exchanges) + 1, request, plain, raw)
        uri = exchange.uri.replace("http://127.0.0.1", HOST)
        self.exchanges.append(replace(exchange, uri=uri))
        return raw.decode() if exchange.is_stream else json.loads(raw)


def text(client: Client) -> None:
    """One question, one answer."""
    client.fake.replies(say("Tides follow the moon."))
    client.create(input="Why are there tides?")


def stream(client: Client) -> None:
    """A streamed answer with a thought summary."""
    client.fake.replies(
        think("Weighing moon and sun."),
        say("Tides follow the moon, and a little the sun, twice a day in most harbours."),
    )
    client.create(
        input="Why are there tides?",
        generation_config={"thinking_summaries": "auto"},
        stream=True,
    )


def chain(client: Client) -> None:
    """Three turns, the last a branch of the first."""
    for words in ("Noted: two dogs.", "Eight paws.", "Two tails."):
        client.fake.replies(say(words))
    first = client.create(input="I have 2 dogs in my house.")
    client.create(input="How many paws?", previous_interaction_id=first["id"])
    client.create(input="How many tails?", previous_interaction_id=first["id"])


TIDE = {
    "type": "function",
    "name": "read_tide",
    "description": "The tide at a harbour.",
    "parameters": {
        "type": "object",
        "properties": {"harbour": {"type": "string"}},
        "required": ["harbour"],
    },
}


def function_loop(client: Client) -> None:
    """A call, its result, the answer."""
    client.fake.replies(call("read_tide", harbour="Cuxhaven"))
    client.fake.replies(say("It is rising in Cuxhaven."))
    turn = client.create(input="How is the tide in Cuxhaven?", tools=[TIDE])
    client.create(
        input=[_result(turn["steps"][-1], {"state": "rising"})],
        previous_interaction_id=turn["id"],
        tools=[TIDE],
    )


def parallel_calls(client: Client) -> None:
    """Two calls in one streamed turn, answered in the other order."""
    client.fake.replies(call("read_tide", harbour="Cuxhaven"), call("read_tide", harbour="Dover"))
    client.fake.replies(say("Rising in Cuxhaven, falling in Dover."))
    events = client.create(input="The tides in Cuxhaven and Dover?", tools=[TIDE], stream=True)
    lines = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: {")]
    calls = [line["step"] for line in lines if line.get("step", {}).get("name")]
    client.create(
        input=[_result(calls[1], "falling"), _result(calls[0], "rising")],
        previous_interaction_id=lines[-1]["interaction"]["id"],
        tools=[TIDE],
    )


def structured_output(client: Client) -> None:
    """JSON that satisfies a schema."""
    client.fake.replies(say('{"harbour":"Dover","metres":6.4}'))
    client.create(
        input="The spring tide at Dover, as JSON",
        response_format={
            "type": "text",
            "mime_type": "application/json",
            "schema": {
                "type": "object",
                "properties": {"harbour": {"type": "string"}, "metres": {"type": "number"}},
                "required": ["harbour", "metres"],
            },
        },
    )


def search(client: Client) -> None:
    """Google Search steps before the answer, with a citation."""
    sentence = "High water in Dover is at noon."
    citation = {
        "type": "url_citation",
        "start_index": 0,
        "end_index": len(sentence.encode()),
        "title": "tides.example",
        "url": "https://tides.example/dover",
    }
    client.fake.replies(
        step(
            "google_search_call",
            arguments={"queries": ["high water Dover"]},
            search_type="web_search",
        ),
        step(
            "google_search_result",
            result=[{"search_suggestions": '<div class="chip">high water Dover</div>'}],
            is_error=False,
        ),
        say({"text": sentence, "type": "text", "annotations": [citation]}),
    )
    client.create(input="When is high water in Dover?", tools=[{"type": "google_search"}])


def background(client: Client) -> None:
    """A run that is polled until it is done, one that is cancelled, one that is deleted."""
    for words in ("A long report on tides.", "never seen", "seen and deleted"):
        client.fake.replies(say(words))
    turn = client.create(input="Write a long report on tides.", background=True)
    while turn["status"] == "in_progress":
        turn = client.get(turn["id"])
    stopped = client.create(input="Write another one.", background=True)
    client.cancel(stopped["id"])
    client.get(stopped["id"])
    gone = client.create(input="A short one.")
    client.delete(gone["id"])
    client.get(gone["id"])


def errors(client: Client) -> None:
    """What the server refuses, in its words."""
    client.create(input="x", model="gemini-of-tomorrow")
    client.create(input="x", audio_format="mp3")
    client.create(input="x", tools=[{"type": "time_machine"}])
    client.create(input="x", model="gemini-2.5-flash", background=True)
    client.create(input="x", previous_interaction_id="v1_bogus")
    client.get("v1_bogus")
    client.create(input="x", previous_interaction_id=UNKNOWN)
    client.get(UNKNOWN)
    client.create(input="x", audio_format="mp3", stream=True)


def legacy(client: Client) -> None:
    """What is refused of the schema before steps; not among the cassettes, which pass the check."""
    client.create(input="x", client="google-genai-sdk/1.75.0 gl-python/3.12")
    client.create(input="x", client="google-genai-sdk/1.33.0 gl-node/22")
    client.create(input=[{"role": "user", "content": "x"}])


def whole_heads(client: Client) -> None:
    """An answer, a stream and a refusal with every header."""
    client.keeps_heads = True
    client.fake.replies(say("At noon."))
    client.fake.replies(say("At noon, and at midnight."))
    client.create(input="When is high water?")
    client.create(input="When is high water?", stream=True)
    client.get(UNKNOWN)


def unstored(client: Client) -> None:
    """Answers that nothing keeps, whole and streamed, and a call among them."""
    client.fake.replies(say("Tides follow the moon."))
    client.fake.replies(say("Tides follow the moon."))
    client.fake.replies(call("read_tide", harbour="Dover"))
    client.create(input="Why are there tides?", store=False)
    client.create(input="Why are there tides?", store=False, stream=True)
    client.create(input="How is the tide in Dover?", store=False, tools=[TIDE])


def code_execution(client: Client) -> None:
    """Code that the server runs, whole and streamed."""
    program = (
        step("code_execution_call", arguments={"code": "print(6 * 7)", "language": "python"}),
        step("code_execution_result", is_error=False, result="42\n"),
    )
    tools = [{"type": "code_execution"}]
    for _ in range(2):
        client.fake.replies(*program, say("It is 42."))
    client.create(input="What is 6 times 7?", tools=tools)
    client.create(input="What is 6 times 7?", tools=tools, store=False, stream=True)


def history(client: Client) -> None:
    """A chain, and what gets show of it."""
    client.fake.replies(think("Two cliffs."), say("The cliffs of Dover."))
    client.fake.replies(say("Of chalk."))
    first = client.create(input="What is white?", generation_config={"thinking_summaries": "auto"})
    second = client.create(input="Of what?", previous_interaction_id=first["id"])
    client.get(first["id"])
    client.get(second["id"], include_input="true")


def limits(client: Client) -> None:
    """Limits that the thinking reaches, with a summary and without."""
    config = {"max_output_tokens": 32, "thinking_level": "high"}
    client.create(input="x", generation_config={**config, "thinking_summaries": "auto"})
    client.create(input="x", generation_config=config)


SCENARIOS: tuple[Callable[[Client], None], ...] = (
    text,
    stream,
    chain,
    function_loop,
    parallel_calls,
    structured_output,
    search,
    background,
    errors,
    whole_heads,
    unstored,
    code_execution,
    history,
    limits,
)


def cassettes() -> Iterator[tuple[Path, str]]:
    """Each cassette's path and text."""
    for scenario in SCENARIOS:
        client = Client()
        scenario(client)
        yield CASSETTES / f"{scenario.__name__}.yaml", dump(client.exchanges)


def _result(call_step: Any, result: object) -> dict[str, object]:
    return {
        "type": "function_result",
        "name": call_step["name"],
        "call_id": call_step["id"],
        "result": result,
    }


if __name__ == "__main__":
    CASSETTES.mkdir(parents=True, exist_ok=True)
    for path, written in cassettes():
        path.write_text(written, encoding="utf-8")
        print(path.name, len(written))
