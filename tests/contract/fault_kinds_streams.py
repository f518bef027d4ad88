"""Single faults in streams and in conversations: more rows of `fault_kinds.KINDS`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from fakegemini.protocol.ids import InteractionId
from fakegemini.wire.sse import DONE_FRAME, encode_frame

from .fault_kinds import Fault, kind
from .mutants import (
    LAST,
    Recording,
    answered,
    asked,
    events,
    with_answer,
    with_events,
    with_question,
)

Change = Callable[[Any], object]
SKIP = object()


def event(name: str, event_type: str, change: Change, path: str, *, first: bool = True) -> None:
    """Add a kind that changes the first, or the last, event of a type."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        made = copy.deepcopy(events(recording[at]))
        numbers = [n for n, each in enumerate(made) if each["event_type"] == event_type]
        for number in numbers if first else numbers[::-1]:
            if change(made[number]) is not SKIP:
                yield with_events(recording[at], made), f"response.events[{number}]{path}"
                return

    kind(name)(make)


def sets(*names: str, to: Any) -> Change:
    """Set a member, however deep."""

    def change(value: Any) -> object:
        for name in names[:-1]:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, dict) or names[-1] not in value:
            return SKIP
        value[names[-1]] = to(value[names[-1]]) if callable(to) else to
        return None

    return change


def drops(*names: str) -> Change:
    """Take a member away, however deep."""

    def change(value: Any) -> object:
        for name in names[:-1]:
            value = value.get(name) if isinstance(value, dict) else None
        return value.pop(names[-1], SKIP) if isinstance(value, dict) else SKIP

    return change


def adds(*names: str, value: Any) -> Change:
    """Add a member, however deep."""

    def change(holder: Any) -> object:
        for name in names[:-1]:
            holder = holder[name]
        holder[names[-1]] = value
        return None

    return change


CREATED, UPDATE, COMPLETED = (
    "interaction.created",
    "interaction.status_update",
    "interaction.completed",
)
START, DELTA, STOP = "step.start", "step.delta", "step.stop"

for _type in (CREATED, UPDATE, START, DELTA, STOP, COMPLETED):
    event(f"{_type} has another member", _type, adds("mood", value=1), ".mood")
    event(f"{_type} has an event_id", _type, adds("event_id", value="evt_1"), ".event_id")
for _type in (START, DELTA, STOP):
    event(f"the index of {_type} is missing", _type, drops("index"), ".index")
    event(f"the index of {_type} is a text", _type, sets("index", to="0"), ".index")
    event(f"the index of {_type} is negative", _type, sets("index", to=-1), ".index")
    event(f"the index of {_type} is one more", _type, sets("index", to=lambda n: n + 1), "")
event("the first event has no interaction", CREATED, drops("interaction"), ".interaction")
event("the first event has no model", CREATED, drops("interaction", "model"), ".interaction.model")
event(
    "the first event is of another model",
    CREATED,
    sets("interaction", "model", to="gemini-3.1-flash-lite"),
    ".interaction.model",
)
event(
    "the first event has no object", CREATED, drops("interaction", "object"), ".interaction.object"
)
event(
    "the first event is completed",
    CREATED,
    sets("interaction", "status", to="completed"),
    ".interaction.status",
)
event(
    "the first event has a status nobody knows",
    CREATED,
    sets("interaction", "status", to="dozing"),
    ".interaction.status",
)
event(
    "the first event has steps",
    CREATED,
    adds("interaction", "steps", value=[]),
    ".interaction.steps",
)
event(
    "the first event has usage",
    CREATED,
    adds("interaction", "usage", value={}),
    ".interaction.usage",
)
event("the update has no status", UPDATE, drops("status"), ".status")
event("the update has a status nobody knows", UPDATE, sets("status", to="dozing"), ".status")
event("the update is completed", UPDATE, sets("status", to="completed"), ".status")
event(
    "the update is of another id", UPDATE, sets("interaction_id", to=str(LAST)), ".interaction_id"
)
event("the update has no id", UPDATE, drops("interaction_id"), ".interaction_id")
event(
    "the last event is of another id",
    COMPLETED,
    sets("interaction", "id", to=str(LAST)),
    ".interaction.id",
)
event(
    "the last event has no status", COMPLETED, drops("interaction", "status"), ".interaction.status"
)
event(
    "the last event still runs",
    COMPLETED,
    sets("interaction", "status", to="in_progress"),
    ".interaction.status",
)
event(
    "the last event has steps",
    COMPLETED,
    adds("interaction", "steps", value=[]),
    ".interaction.steps",
)
event("the last event has no interaction", COMPLETED, drops("interaction"), ".interaction")
event("a start has no step", START, drops("step"), ".step")
event("a start has no type", START, drops("step", "type"), ".step.type")
event("a start of an unknown type", START, sets("step", "type", to="dream"), ".step.type")
event("a start with a signature", START, adds("step", "signature", value="AAAA"), ".step.signature")
event(
    "a start with content",
    START,
    lambda e: (
        e["step"].update(content=[{"type": "text", "text": "x"}])
        if e["step"]["type"] == "model_output"
        else SKIP
    ),
    ".step.content",
)
event(
    "a start with arguments",
    START,
    lambda e: e["step"].update(arguments={"a": 1}) if "arguments" in e["step"] else SKIP,
    ".step.arguments",
)
event("a start of a call without arguments", START, drops("step", "arguments"), ".step.arguments")
event("a start of a call without an id", START, drops("step", "id"), ".step.id")
event("a start of a call without a name", START, drops("step", "name"), ".step.name")
event("a delta has no delta", DELTA, drops("delta"), ".delta")
event("a delta has no type", DELTA, drops("delta", "type"), ".delta.type")
event("a delta of an unknown type", DELTA, sets("delta", "type", to="dream"), ".delta.type")
event("a delta has another member", DELTA, adds("delta", "mood", value=1), ".delta.mood")
event("a delta of text has no text", DELTA, drops("delta", "text"), ".delta.text", first=False)
event("a delta of text is a number", DELTA, sets("delta", "text", to=7), ".delta.text", first=False)
event(
    "a delta of a signature is a number",
    DELTA,
    sets("delta", "signature", to=7),
    ".delta.signature",
)
event(
    "a delta of a signature is no base64",
    DELTA,
    sets("delta", "signature", to="no base64!" * 6),
    ".delta.signature",
)


@kind("a summary in a stream nobody asked for")
def streamed_summary(recording: Recording, at: int) -> Iterator[Fault]:
    """A summary in the place of a signature."""
    request = asked(recording[at]) or {}
    config = request.get("generation_config", {})
    made = copy.deepcopy(events(recording[at]))
    for number, each in enumerate(made):
        is_signature = each.get("delta", {}).get("type") == "thought_signature"
        if is_signature and request and config.get("thinking_summaries") != "auto":
            block = {"type": "text", "text": "x"}
            made[number] = {**each, "delta": {"type": "thought_summary", "content": block}}
            yield with_events(recording[at], made), f"response.events[{number}].delta"
            return


event(
    "arguments in a delta are an object",
    DELTA,
    lambda e: (
        e["delta"].update(arguments={}) if isinstance(e["delta"].get("arguments"), str) else SKIP
    ),
    ".delta.arguments",
)
event(
    "arguments in a delta are cut",
    DELTA,
    lambda e: (
        e["delta"].update(arguments=e["delta"]["arguments"][:-1])
        if isinstance(e["delta"].get("arguments"), str)
        else SKIP
    ),
    ".delta.arguments",
)
event(
    "arguments in a delta are a list",
    DELTA,
    lambda e: (
        e["delta"].update(arguments="[1]") if isinstance(e["delta"].get("arguments"), str) else SKIP
    ),
    ".delta.arguments",
)
event(
    "arguments in a delta do not fit",
    DELTA,
    lambda e: (
        e["delta"].update(arguments='{"x":"7","y":"7","harbour":7}')
        if isinstance(e["delta"].get("arguments"), str)
        else SKIP
    ),
    ".delta.arguments",
)
event(
    "a delta of another step",
    DELTA,
    lambda e: e.update(
        delta={"type": "thought_signature", "signature": "AAAA"}
        if e["delta"]["type"] == "text"
        else {"type": "text", "text": "x"}
    ),
    ".delta.type",
)


def stream(name: str, change: Callable[[list[Any]], tuple[list[Any], int] | None]) -> None:
    """Add a kind that changes the row of events; gives the events and the number of the fault."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        made = events(recording[at])
        changed = change(list(made)) if made else None
        if changed:
            yield with_events(recording[at], changed[0]), f"response.events[{changed[1]}]"

    kind(name)(make)


def _number(made: list[Any], event_type: str) -> int | None:
    return next((n for n, each in enumerate(made) if each["event_type"] == event_type), None)


for _type in (CREATED, UPDATE, START, STOP, COMPLETED):

    def _lost(made: list[Any], event_type: str = _type) -> tuple[list[Any], int] | None:
        number = _number(made, event_type)
        return None if number is None else ([*made[:number], *made[number + 1 :]], number)

    def _twice(made: list[Any], event_type: str = _type) -> tuple[list[Any], int] | None:
        number = _number(made, event_type)
        if number is None:
            return None
        return [*made[: number + 1], made[number], *made[number + 1 :]], number + 1

    stream(f"{_type} is lost", _lost)
    stream(f"{_type} comes twice", _twice)
stream("the first event comes last", lambda made: ([*made[1:], made[0]], 0))
stream("the last event comes first", lambda made: ([made[-1], *made[:-1]], 0))
stream(
    "an update among the steps",
    lambda made: (
        ([made[0], *made[2:-1], made[1], made[-1]], 1)
        if len(made) > 5 and made[1]["event_type"] == UPDATE
        else None
    ),
)
stream(
    "an event behind the last", lambda made: ([*made, {"index": 9, "event_type": STOP}], len(made))
)
stream(
    "an event of an unknown type",
    lambda made: ([*made[:2], {"event_type": "step.pause", "index": 0}, *made[2:]], 2),
)
stream(
    "an event of the old schema",
    lambda made: ([*made[:2], {"event_type": "content.delta", "index": 0}, *made[2:]], 2),
)
stream(
    "an event without a type",
    lambda made: ([*made[:2], {"event_type": None, "index": 0}, *made[2:]], 2),
)


def raw(name: str, change: Callable[[list[bytes]], bytes], path: Callable[[int], str]) -> None:
    """Add a kind that changes the bytes of a stream; `path` is given the number of events."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        made = events(recording[at])
        if made:
            body = change([*map(encode_frame, made)])
            where = f"response.events[{path(len(made))}]"
            yield replace(recording[at], response_body=body), where

    kind(name)(make)


raw("a stream without [DONE]", b"".join, lambda n: f"{n}")
raw(
    "[DONE] of another name",
    lambda f: b"".join(f) + b"event: end\ndata: [DONE]\n\n",
    lambda n: f"{n}",
)
raw("[DONE] without a name", lambda f: b"".join(f) + b"data: [DONE]\n\n", lambda n: f"{n}")
raw("[DONE] twice", lambda f: b"".join(f) + DONE_FRAME * 2, lambda n: f"{n + 1}")
raw("an event behind [DONE]", lambda f: b"".join(f) + DONE_FRAME + f[-1], lambda n: f"{n + 1}")
raw("a stream that is cut", lambda f: b"".join(f[:-1]) + f[-1][:-9], lambda n: f"{n - 1}")
raw(
    "a stream that ends before its end", lambda f: b"".join(f[: len(f) // 2]), lambda n: f"{n // 2}"
)
raw(
    "an event that is no JSON",
    lambda f: b"".join(f[:1]) + f[1].replace(b"{", b"[", 1) + b"".join(f[2:]) + DONE_FRAME,
    lambda n: "1",
)
raw(
    "an event that is a list",
    lambda f: f[0] + b"event: x\ndata: []\n\n" + b"".join(f[2:]) + DONE_FRAME,
    lambda n: "1",
)
raw(
    "an event without its name",
    lambda f: b"".join(f).replace(b"event: interaction.status_update\n", b"", 1) + DONE_FRAME,
    lambda n: "1",
)
raw(
    "events named message",
    lambda f: b"".join(f).replace(b"event: interaction.created", b"event: message") + DONE_FRAME,
    lambda n: "0",
)
raw(
    "a bare error",
    lambda f: b"".join(f[:-1]) + b'{"error":{"message":"x","code":"prohibited_content"}}\n',
    lambda n: f"{n - 1}",
)


# Conversations


def poll(name: str, change: Change, path: str) -> None:
    """Add a kind that changes what a GET shows of what was created."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        exchange, body = recording[at], copy.deepcopy(answered(recording[at]))
        earlier = [answered(each) for each in recording[:at] if isinstance(answered(each), dict)]
        same = [
            one for one in earlier if isinstance(body, dict) and one.get("id") == body.get("id")
        ]
        is_final = bool(same) and same[-1]["status"] == body["status"] == "completed"
        if exchange.operation == "get" and is_final and change(body) is not SKIP:
            yield with_answer(exchange, body), f"response.body{path}"

    kind(name)(make)


def last_step(change: Change) -> Change:
    """Change the last step."""
    return lambda body: change(body["steps"][-1]) if body.get("steps") else SKIP


poll("a GET of another id", sets("id", to=str(LAST)), ".id")
poll("a GET of another model", sets("model", to="gemini-3.1-flash-lite"), ".model")
poll("a GET of another tier", sets("service_tier", to="flex"), ".service_tier")
poll(
    "a GET with other counts",
    lambda b: b["usage"].update(
        total_output_tokens=b["usage"]["total_output_tokens"] + 1,
        total_tokens=b["usage"]["total_tokens"] + 1,
    ),
    ".usage",
)
poll("a GET that runs again", sets("status", to="in_progress"), ".status")
poll("a GET that failed", sets("status", to="failed"), ".status")
poll(
    "a GET of another time",
    lambda b: b.update(created="2026-03-01T08:00:00Z", updated="2026-03-01T08:00:00Z"),
    ".created",
)
poll("a GET with fewer steps", lambda b: b["steps"].pop(), ".steps")
poll(
    "a GET with another text",
    last_step(lambda s: s["content"][0].update(text="Quite another text.")),
    ".steps",
)
poll(
    "a GET with another step",
    last_step(lambda s: s.update(type="thought", signature="AAAA") or s.pop("content")),
    ".steps",
)


def chained(name: str, change: Callable[[Any, Any], str | None]) -> None:
    """Add a kind that changes request and answer of a chained create."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        request, body = copy.deepcopy(asked(recording[at])), copy.deepcopy(answered(recording[at]))
        if isinstance(request, dict) and request.get("previous_interaction_id") and body:
            path = change(request, body)
            if path:
                yield with_question(with_answer(recording[at], body), request), path

    kind(name)(make)


def _parent(request: Any, value: Any) -> str:
    request["previous_interaction_id"] = value
    return "request.body.previous_interaction_id"


def _id(body: Any, make: Callable[[InteractionId], InteractionId]) -> str | None:
    own = InteractionId.parse(body.get("id", ""))
    if own is None:
        return None
    body["id"] = str(make(own))
    return "response.body.id"


def _result(request: Any, change: Change, path: str) -> str | None:
    for number, step in enumerate(request["input"] if isinstance(request["input"], list) else ()):
        if step.get("type") == "function_result":
            return f"request.body.input[{number}]{path}" if change(step) is not SKIP else None
    return None


chained("a parent nobody made", lambda q, b: _parent(q, str(LAST)))
chained("a parent that is no id", lambda q, b: _parent(q, "int_123"))
chained("a parent that is a number", lambda q, b: _parent(q, 7))
chained(
    "an answer of another root", lambda q, b: _id(b, lambda i: InteractionId(LAST.root, i.own_half))
)
chained(
    "an answer that is its own root",
    lambda q, b: _id(b, lambda i: InteractionId(i.own_half, i.own_half)),
)
chained(
    "an answer with the id of its parent",
    lambda q, b: (
        "response.body.id"
        if b.update(id=q["previous_interaction_id"]) is None and InteractionId.parse(b["id"])
        else None
    ),
)
chained("a result of no call", lambda q, b: _result(q, sets("call_id", to="bogus123"), ".call_id"))
chained("a result without a call_id", lambda q, b: _result(q, drops("call_id"), ".call_id"))
chained("a result without a name", lambda q, b: _result(q, drops("name"), ".name"))
chained("a result without a result", lambda q, b: _result(q, drops("result"), ".result"))
chained("a result that is a number", lambda q, b: _result(q, sets("result", to=7), ".result"))
chained("a result with another member", lambda q, b: _result(q, adds("mood", value=7), ".mood"))
chained("a result twice", lambda q, b: _twice_result(q))


def _twice_result(request: Any) -> str | None:
    entries = request["input"] if isinstance(request["input"], list) else []
    if not any(entry.get("type") == "function_result" for entry in entries):
        return None
    entries.append(copy.deepcopy(next(e for e in entries if e.get("type") == "function_result")))
    return f"request.body.input[{len(entries) - 1}].call_id"


@kind("a signature that comes back altered")
def altered(recording: Recording, at: int) -> Iterator[Fault]:
    """A client that keeps the history itself and changes one character."""
    body, request = answered(recording[at]), asked(recording[at])
    if not isinstance(body, dict) or not isinstance(request, dict) or at + 1 >= len(recording):
        return
    following = copy.deepcopy(asked(recording[at + 1]))
    signed = [step for step in body.get("steps") or () if len(step.get("signature", "")) >= 40]
    if not isinstance(following, dict) or not signed or "REDACTED" in signed[0]["signature"]:
        return
    old = signed[0]["signature"]
    step = {**signed[0], "signature": old[:20] + ("A" if old[20] != "A" else "B") + old[21:]}
    entries = following["input"]
    blocks = [{"type": "text", "text": entries}] if isinstance(entries, str) else entries
    following["input"] = [{"type": "user_input", "content": [{"type": "text", "text": "x"}]}, step]
    following["input"] += blocks
    changed = with_question(recording[at + 1], following)
    yield replace(changed, number=recording[at + 1].number), "request.body.input[1].signature"


@kind("a deleted interaction that is there")
def undead(recording: Recording, at: int) -> Iterator[Fault]:
    """A GET after the delete is granted."""
    exchange = recording[at]
    deleted = any(
        each.operation == "delete" and each.interaction_id == exchange.interaction_id
        for each in recording[:at]
    )
    first = next((answered(each) for each in recording if isinstance(answered(each), dict)), None)
    if exchange.operation == "get" and exchange.status == 404 and deleted and first:
        body = {**first, "id": exchange.interaction_id}
        yield replace(with_answer(exchange, body), status=200), "request.uri"


@kind("a delete that says something")
def talkative_delete(recording: Recording, at: int) -> Iterator[Fault]:
    """Recorded: an empty object."""
    if recording[at].operation == "delete" and recording[at].status == 200:
        yield with_answer(recording[at], {"deleted": True}), "response.body"


@kind("a first turn with a foreign root")
def foreign_root(recording: Recording, at: int) -> Iterator[Fault]:
    """Nothing came before it."""
    request, body = asked(recording[at]), answered(recording[at])
    is_first = isinstance(request, dict) and not request.get("previous_interaction_id")
    own = InteractionId.parse(body.get("id", "")) if is_first and isinstance(body, dict) else None
    if own:
        new_id = str(InteractionId(LAST.root, own.own_half))
        yield with_answer(recording[at], {**body, "id": new_id}), "response.body.id"


@kind("an id of another day")
def other_day(recording: Recording, at: int) -> Iterator[Fault]:
    """The clock in it is not that of `created`."""
    body = answered(recording[at])
    is_clear = isinstance(body, dict) and str(body.get("created")) > "2025-12"
    if is_clear and asked(recording[at]) and InteractionId.parse(body.get("id", "")):
        yield with_answer(recording[at], {**body, "id": str(LAST)}), "response.body.id"
