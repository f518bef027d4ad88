"""The probes of the canary: what each asks, what it costs, and what it reads off the answers.

A probe returns facts by name. The same probe asks the fake, so that nothing is written down twice:
what differs is news. A fact that is called like a row of `protocol.eras` tells whether that row
holds; the others are what the fake does and nobody may have observed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from ...wire.http import Json
from .asker import Answer, Asker

Cost: TypeAlias = Literal["free", "tokens", "search"]
"""What a request costs: nothing where it is refused, a few hundred tokens, or a search."""

Facts: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """One measurement, and the most requests that it makes."""

    name: str
    question: str
    cost: Cost
    requests: int
    run: Callable[[Asker], Facts]


PROBES: dict[str, Probe] = {}
"""Every probe by its name, the most telling first."""


def probe(
    cost: Cost, requests: int
) -> Callable[[Callable[[Asker], Facts]], Callable[[Asker], Facts]]:
    """Register the decorated function as a probe; its docstring is the question."""

    def register(run: Callable[[Asker], Facts]) -> Callable[[Asker], Facts]:
        name = run.__name__.replace("_", " ")
        question = " ".join((run.__doc__ or "").partition("\n\n")[0].split())
        PROBES[name] = Probe(name, question, cost, requests, run)
        return run

    return register


_LONG = "Count these words and answer with the number alone: " + " ".join(
    f"lighthouse number {number} stands on a cliff above the tide" for number in range(8)
)
_TOOL = {
    "type": "function",
    "name": "read_tide",
    "description": "Reads the tide table of a harbour.",
    "parameters": {
        "type": "object",
        "properties": {"harbour": {"type": "string"}},
        "required": ["harbour"],
    },
}


def _steps_of(answer: Answer, kind: str) -> list[Json]:
    return [step for step in answer.json.get("steps", ()) if step.get("type") == kind]


def _refusal_of(answer: Answer) -> str:
    """Spell a refusal: its status, code and words; of what is granted, the status alone."""
    error = answer.error
    return f"{answer.status} {error.get('code', '')}: {error.get('message', '')}".strip(" :")


@probe("tokens", 8)
def conversation(asker: Asker) -> Facts:
    """Create, continue, read with its input, cancel what is over, and delete twice."""
    first = asker.create(input=_LONG)
    second = asker.create(input="Again.", previous_interaction_id=first.json.get("id", ""))
    identifier = second.json.get("id", "")
    shown = asker.ask("GET", f"interactions/{identifier}?include_input=true")
    cancelled = asker.ask("POST", f"interactions/{identifier}/cancel")
    resumed = asker.ask("GET", f"interactions/{identifier}?stream=true&last_event_id=no-such-event")
    deleted = asker.ask("DELETE", f"interactions/{identifier}")
    gone = asker.ask("GET", f"interactions/{identifier}")
    again = asker.ask("DELETE", f"interactions/{identifier}")
    usage, later_usage = first.json.get("usage", {}), second.json.get("usage", {})
    return {
        "members of an answer": " ".join(sorted(first.json)),
        "members of usage": " ".join(sorted(usage)),
        "types of steps": " ".join(step.get("type", "") for step in first.json.get("steps", ())),
        "prompts are counted raw": "raw_prompt_token" in usage,
        "history is counted": later_usage.get("total_input_tokens", 0)
        > usage.get("total_input_tokens", 0),
        "input is shown": "input" in shown.json or bool(_steps_of(shown, "user_input")),
        # The words name the id, which is another one each time.
        "a cancel of what is over": _refusal_of(cancelled).replace(identifier, "ID"),
        "a stream behind an event that there is not": _refusal_of(resumed),
        "a delete": f"{deleted.status} {deleted.text.strip()}",
        "a get of what is deleted": _refusal_of(gone),
        "a second delete": _refusal_of(again),
    }


@probe("tokens", 1)
def stream(asker: Asker) -> Facts:
    """Stream a stored interaction."""
    answer = asker.create(input="Say OK.", stream=True)
    events = answer.events
    kinds = [event.get("event_type", "") for event in events]
    with_usage = [event for event in events if "total_usage" in (event.get("metadata") or {})]
    return {
        "kinds of events": " ".join(dict.fromkeys(kinds)),
        "the end of a stream": "[DONE]" if "data: [DONE]" in answer.text else kinds[-1:],
        "the content type of a stream": answer.content_type,
        "events have ids": any("event_id" in event for event in events),
        "events have usage": bool(with_usage),
    }


@probe("tokens", 1)
def unstored_stream(asker: Asker) -> Facts:
    """Stream an interaction that is not stored."""
    first = asker.create(input="Say OK.", stream=True, store=False).events[:1]
    interaction = first[0].get("interaction", {}) if first else {}
    return {"unstored streams are bare": "id" not in interaction and "status" not in interaction}


@probe("tokens", 3)
def function_call(asker: Asker) -> Facts:
    """Let a function be called, and answer the call; then answer it under another name."""
    body = {"tools": [_TOOL], "generation_config": {"tool_choice": "any"}}
    first = asker.create(input="When is high tide in Sines?", **body)
    call = next(iter(_steps_of(first, "function_call")), {})
    parent = first.json.get("id", "")

    def give_result(call_id: str) -> Answer:
        result = {
            "type": "function_result",
            "name": "read_tide",
            "call_id": call_id,
            "result": [{"type": "text", "text": "14:20"}],
        }
        return asker.create(input=[result], previous_interaction_id=parent, tools=[_TOOL])

    return {
        "the status of a call": first.json.get("status"),
        "members of a call": " ".join(sorted(set(call) - {"signature"})),
        "calls are signed": "signature" in call,
        "a result for a call that is not there": _refusal_of(give_result("no-such-call")),
        "the status behind a result": give_result(str(call.get("id", ""))).json.get("status"),
    }


@probe("tokens", 1)
def streamed_thought(asker: Asker) -> Facts:
    """Stream a thought with summaries."""
    config = {"thinking_level": "high", "thinking_summaries": "auto"}
    events = asker.create(
        input="Is 3599 prime? Think carefully.", stream=True, generation_config=config
    ).events
    deltas = [event["delta"] for event in events if event.get("event_type") == "step.delta"]
    kinds = dict.fromkeys(delta.get("type", "") for delta in deltas)
    empty = any(
        delta.get("type") == "thought_signature" and not delta.get("signature") for delta in deltas
    )
    return {
        "deltas of a thought": " ".join(kind for kind in kinds if kind.startswith("thought")),
        "summaries are interleaved": empty,
    }


@probe("search", 1)
def search(asker: Asker) -> Facts:
    """Search with a 2.5 model."""
    answer = asker.create(
        model="gemini-2.5-flash",
        input="Search the web: who won the 2026 Tour de France?",
        tools=[{"type": "google_search"}],
    )
    kinds = [step.get("type", "") for step in answer.json.get("steps", ())]
    calls = [place for place, kind in enumerate(kinds) if kind.endswith("search_call")]
    outputs = [place for place, kind in enumerate(kinds) if kind.endswith("output")]
    return {"search comes last": bool(calls and outputs) and calls[0] > outputs[0]}


def _refused_bodies() -> Iterator[tuple[str, Json | bytes]]:
    """Yield what is refused before a model works: a name, and the body of a create."""
    model = {"model": "gemini-3.5-flash", "input": "Say OK."}
    unknown_id = "v1_ChdBQlhmYXNNRVAzaU5FWHNoUkxVSGQ1axIXQUJYZmFzTUVQM2lORVhzaFJMVUhkNWs"
    yield "a body that is no JSON", b'{"model": '
    yield "neither model nor agent", {"input": "Say OK."}
    yield "both model and agent", {**model, "agent": "deep-research-preview-04-2026"}
    yield "a model that there is not", {**model, "model": "gemini-0.1-nonesuch"}
    yield "a member that there is not", {**model, "no_such_member": 1}
    yield "a member that is missing", {**model, "tools": [{"type": "function"}, {}]}
    yield "a tool that there is not", {**model, "tools": [{"type": "no_such_tool"}]}
    yield "a parent that there is not", {**model, "previous_interaction_id": unknown_id}
    yield "a parent that is no id", {**model, "previous_interaction_id": "no id"}
    yield "a continuation token that there is not", {**model, "continuation_token": "bm9uZQ=="}
    yield "background without store", {**model, "background": True, "store": False}
    yield (
        "a webhook in the foreground",
        {**model, "webhook_config": {"uris": ["https://hooks.example.com/gemini"]}},
    )
    yield (
        "research in the foreground",
        {"agent": "deep-research-preview-04-2026", "input": "The history of tide tables."},
    )
    yield "a model with the config of an agent", {**model, "agent_config": {"type": "dynamic"}}
    yield "response_mime_type alone", {**model, "response_mime_type": "application/json"}
    yield (
        "a choice of functions without functions",
        {**model, "generation_config": {"tool_choice": "any"}},
    )
    yield "a function without a name", {**model, "tools": [{**_TOOL, "name": ""}]}
    yield "two functions of one name", {**model, "tools": [_TOOL, _TOOL]}
    yield (
        "a picture that is a sound",
        {**model, "input": [{"type": "image", "mime_type": "audio/wav", "data": "UklGRg=="}]},
    )
    yield (
        "a result without its call",
        {
            **model,
            "input": [
                {"type": "user_input", "content": [{"type": "text", "text": "Say OK."}]},
                {"type": "function_result", "name": "f", "call_id": "a1", "result": "1"},
            ],
        },
    )
    yield (
        "an old turn",
        {**model, "input": [{"role": "user", "content": "Say OK."}]},
    )


def _register_refusals() -> None:
    for name, body in _refused_bodies():

        def run(asker: Asker, name: str = name, body: Json | bytes = body) -> Facts:
            return {name: _refusal_of(asker.ask("POST", "interactions", body))}

        PROBES[name] = Probe(name, f"How is {name} refused?", "free", 1, run)
    for name, method, path in (
        ("a get of an id that there is not", "GET", "interactions/v1_no-such-id"),
        ("a cancel of an id that there is not", "POST", "interactions/v1_no-such-id/cancel"),
        ("an unknown query parameter", "GET", f"interactions/{quote('v1_x')}?no_such=1"),
    ):

        def ask(asker: Asker, name: str = name, method: str = method, path: str = path) -> Facts:
            return {name: _refusal_of(asker.ask(method, path))}

        PROBES[name] = Probe(name, f"How is {name} refused?", "free", 1, ask)


_register_refusals()
