"""Ways in which a recorded exchange can go wrong, each with the path where it went wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from fakegemini.protocol.ids import InteractionId
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.sse import DONE_FRAME, encode_frame

Recording = list[Exchange]
Kind = Callable[[Recording, int], Iterator[tuple[Exchange, str]]]

FREE = frozenset({"arguments", "result", "search_suggestions", "parameters", "schema", "labels"})
"""Members whose inside belongs to the user."""
TAGS = frozenset({"type", "status", "object", "service_tier", "modality", "event_type"})
LAST = InteractionId("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA")
"""An id that decodes and that no recording holds."""


@dataclass(frozen=True)
class Mutant:
    """A recording with one fault, at `path` of exchange `number`."""

    kind: str
    recording: Recording
    number: int
    path: str


def mutants(recording: Recording) -> Iterator[Mutant]:
    """Every mutant of a recording that is current and granted, kind by kind."""
    for name, kind in KINDS.items():
        for at, exchange in enumerate(recording):
            for changed, path in kind(recording, at):
                whole = [*recording[:at], changed, *recording[at + 1 :]]
                yield Mutant(name, whole, exchange.number, path)


def answered(exchange: Exchange) -> Any:
    """The JSON answer of a granted create, get or cancel, else None."""
    if exchange.status != 200 or exchange.is_stream or exchange.operation == "delete":
        return None
    return exchange.response_json


def asked(exchange: Exchange) -> Any:
    """The body of a granted create, else None."""
    granted = exchange.operation == "create" and exchange.status == 200
    return exchange.request_json if granted else None


def refusal(exchange: Exchange) -> Any:
    """The error of a refusal that the service wrote itself, else None."""
    refused = exchange.status and exchange.status >= 400 and not exchange.is_stream
    body = exchange.response_json if refused else None
    inner = body.get("error", {}) if isinstance(body, dict) else {}
    return inner if isinstance(inner.get("code"), str) else None


def events(exchange: Exchange) -> list[Any]:
    """The events of a granted stream, without `[DONE]`; else none."""
    if exchange.status != 200 or not exchange.is_stream:
        return []
    return [frame.json() for frame in exchange.frames[0] if not frame.is_done]


def with_answer(exchange: Exchange, body: Any) -> Exchange:
    """The exchange with another JSON answer."""
    return replace(exchange, response_body=json.dumps(body).encode())


def with_question(exchange: Exchange, body: Any) -> Exchange:
    """The exchange with another JSON request."""
    return replace(exchange, request_body=json.dumps(body).encode())


def with_events(exchange: Exchange, made: list[Any], end: bytes = DONE_FRAME) -> Exchange:
    """The exchange with another stream."""
    return replace(exchange, response_body=b"".join(map(encode_frame, made)) + end)


def places(value: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Every member and item in a value: its holder, its key and its path; not what is free."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        place = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        yield value, key, place
        if isinstance(item, dict | list) and key not in FREE:
            yield from places(item, place)


def edited(
    exchange: Exchange, edit: Callable[[Any], Iterator[str]]
) -> Iterator[tuple[Exchange, str]]:
    """The answers that result when `edit` changes a copy of each part and yields the place.

    `edit` is a generator: it changes its value, yields a path, and puts the value back.
    """
    body = answered(exchange)
    if isinstance(body, dict):
        body = copy.deepcopy(body)
        for path in edit(body):
            yield with_answer(exchange, body), f"response.body{path}"
    made = copy.deepcopy(events(exchange))
    for number, event in enumerate(made):
        for path in edit(event):
            changed = _framed(exchange, made)
            yield changed, f"response.events[{number}]{path}"


def _framed(exchange: Exchange, made: list[Any]) -> Exchange:
    # The `event:` lines stay as they were recorded.
    frames = [frame for frame in exchange.frames[0] if not frame.is_done]
    body = b"".join(
        f"event: {frame.name}\ndata: {json.dumps(event)}\n\n".encode()
        for frame, event in zip(frames, made, strict=True)
    )
    return replace(exchange, response_body=body + DONE_FRAME)


def _swapped(where: Any, key: Any, value: Any) -> Iterator[None]:
    old = where[key]
    where[key] = value
    yield
    where[key] = old


def wrong_type(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A member of the answer has another JSON type."""

    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            other: Any = 7 if isinstance(holder[key], str | dict | list) else "7"
            for _ in _swapped(holder, key, other):
                yield path

    return edited(recording[at], edit)


def null(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A member that must be there is null."""

    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            if key in ("status", "created", "text", "index", "delta", "step", "usage", "type"):
                for _ in _swapped(holder, key, None):
                    yield path

    return edited(recording[at], edit)


NEEDED = frozenset(
    (
        "id status usage created updated object model agent steps service_tier type text name "
        "arguments call_id result index delta step interaction interaction_id event_type "
        "total_tokens total_input_tokens total_output_tokens total_thought_tokens "
        "total_cached_tokens total_tool_use_tokens"
    ).split()
)
MAY_LACK = {
    ("name", "function_result"),
    ("arguments", "google_search_call"),
    ("arguments", "arguments_delta"),
}
"""Members of types that were seen without them, or are not said to have them."""


def dropped(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A member that every recording has is gone."""

    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            if not isinstance(holder, dict) or key not in NEEDED:
                continue
            if (key, holder.get("type")) in MAY_LACK:
                continue
            members = list(holder.items())
            del holder[key]
            yield path
            holder.clear()
            holder.update(members)

    return edited(recording[at], edit)


def unknown_value(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A value outside its list."""

    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            if key in TAGS and isinstance(holder[key], str):
                for _ in _swapped(holder, key, "bogus"):
                    yield path

    return edited(recording[at], edit)


def unknown_member(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A member that nobody declared."""

    def edit(value: Any) -> Iterator[str]:
        inner = [
            (holder[key], path)
            for holder, key, path in places(value)
            if isinstance(holder[key], dict) and key not in FREE
        ]
        for target, path in [(value, ""), *inner]:
            target["mystery"] = 1
            yield f"{path}.mystery"
            del target["mystery"]

    return edited(recording[at], edit)


def off_by_one(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """The index of an event is one too high."""

    def edit(value: Any) -> Iterator[str]:
        if "index" in value:
            for _ in _swapped(value, "index", value["index"] + 1):
                yield ".index"

    return edited(recording[at], edit)


def sum_of_tokens(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A total that is not the sum of its parts."""
    return edited(recording[at], _raised("total_tokens", 1))


def sum_of_modality(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A breakdown that does not make its total."""

    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            if key == "tokens":
                for _ in _swapped(holder, key, holder[key] + 3):
                    yield path.rpartition("[")[0]

    for changed, path in edited(recording[at], edit):
        # The counts of model calls stand there twice: which of the two is wrong, nobody can say.
        twin = path.replace(".model_invocation", ".non_grounding_model_invocation")
        yield changed, path if twin == path else f"{path}|{twin.removeprefix('response.')}"


def negative(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A count below zero."""
    return edited(recording[at], _raised("total_cached_tokens", -10_000_000))


def _raised(name: str, by: int) -> Callable[[Any], Iterator[str]]:
    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            if key == name:
                for _ in _swapped(holder, key, holder[key] + by):
                    yield path

    return edit


OTHER_END = {"completed": "requires_action", "requires_action": "completed"}


def other_end(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A final status that its steps contradict."""
    if (asked(recording[at]) or {}).get("store") is False:
        return iter(())

    def edit(value: Any) -> Iterator[str]:
        holder, path = value, ""
        if value.get("event_type") == "interaction.completed":
            holder, path = value["interaction"], ".interaction"
        if holder.get("status") in OTHER_END:
            for _ in _swapped(holder, "status", OTHER_END[holder["status"]]):
                yield f"{path}.status"

    return edited(recording[at], edit)


def still_running(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An answer to a foreground create, or the end of a stream, that says it runs."""

    def edit(value: Any) -> Iterator[str]:
        holder, path = value, ""
        if value.get("event_type") == "interaction.completed":
            holder, path = value["interaction"], ".interaction"
        elif recording[at].operation != "create":
            return
        if holder.get("status") in OTHER_END:
            for _ in _swapped(holder, "status", "in_progress"):
                yield f"{path}.status"

    return edited(recording[at], edit)


def resurrected(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A poll that runs again after the end, or ends differently."""
    exchange, body = recording[at], answered(recording[at])
    before = [each for each in recording[:at] if _final(each) == exchange.interaction_id]
    if exchange.operation == "get" and isinstance(body, dict) and before:
        for status in ("in_progress", "failed", "cancelled", "completed"):
            if status != body["status"]:
                yield with_answer(exchange, {**body, "status": status}), "response.body.status"


def _final(exchange: Exchange) -> str:
    body = answered(exchange)
    ended = isinstance(body, dict) and body.get("status") not in ("in_progress", "queued")
    return str(body.get("id")) if ended else ""


def day_late(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """`created` is a day after what id and `updated` say."""
    return edited(recording[at], _moved("created", timedelta(days=1)))


def updated_early(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """`updated` is before `created`."""
    return edited(recording[at], _moved("updated", timedelta(hours=-1)))


def _moved(name: str, by: timedelta) -> Callable[[Any], Iterator[str]]:
    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            identifier = holder.get("id") if isinstance(holder, dict) else None
            clocked = InteractionId.parse(identifier or "") or name == "updated"
            if key == name and clocked and "updated" in holder and "created" in holder:
                moved = (datetime.fromisoformat(holder[key]) + by).strftime("%Y-%m-%dT%H:%M:%SZ")
                for _ in _swapped(holder, key, moved):
                    yield path

    return edit


def odd_time(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A time in another form."""

    def edit(value: Any) -> Iterator[str]:
        for holder, key, path in list(places(value)):
            if key in ("created", "updated"):
                for _ in _swapped(holder, key, "05/10/2026 14:46"):
                    yield path

    return edited(recording[at], edit)


def odd_id(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An id that does not decode."""
    return edited(recording[at], _named("int_123"))


def foreign_id(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An id inside a stream, or of a poll, that belongs to something else."""
    if answered(recording[at]) is not None and recording[at].operation == "create":
        return iter(())
    return edited(recording[at], _named(str(LAST), first=False))


def _named(name: str, *, first: bool = True) -> Callable[[Any], Iterator[str]]:
    def edit(value: Any) -> Iterator[str]:
        if value.get("event_type") == "interaction.created" and not first:
            return
        where = value.get("interaction", value)
        prefix = ".interaction" if "interaction" in value else ""
        for key in ("id", "interaction_id"):
            if where.get(key):
                for _ in _swapped(where, key, name):
                    yield f"{prefix}.{key}"

    return edit


def re_rooted(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """The id of a turn has a root that is not its parent's, or not its own."""
    exchange, body = recording[at], answered(recording[at])
    if exchange.operation != "create" or not isinstance(body, dict):
        return
    own = InteractionId.parse(body.get("id", ""))
    if own:
        moved = str(InteractionId(LAST.root, own.own_half))
        yield with_answer(exchange, {**body, "id": moved}), "response.body.id"


def polled_id(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A GET whose path names another interaction than its answer."""
    exchange, body = recording[at], answered(recording[at])
    if exchange.operation == "get" and isinstance(body, dict):
        uri = exchange.uri.replace(exchange.interaction_id, str(LAST))
        yield replace(exchange, uri=uri), "response.body.id"


def lost_parent(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A parent that the recording does not hold."""
    exchange, body = recording[at], asked(recording[at])
    if isinstance(body, dict) and body.get("previous_interaction_id"):
        for name in ("v1_bogus", str(LAST)):
            changed = {**body, "previous_interaction_id": name}
            yield with_question(exchange, changed), "request.body.previous_interaction_id"


def _results(body: Any) -> Iterator[tuple[Any, str]]:
    items = body.get("input") if isinstance(body, dict) else None
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if item.get("type") == "function_result":
            yield item, f"request.body.input[{number}]"


def lost_call(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A result for a call that nobody made."""
    body = copy.deepcopy(asked(recording[at]))
    for item, path in _results(body):
        for _ in _swapped(item, "call_id", "zzzzzzzz"):
            yield with_question(recording[at], body), f"{path}.call_id"


def answered_twice(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A second result for one call."""
    body = asked(recording[at])
    for item, _ in _results(body):
        if "REDACTED" not in item["call_id"]:
            twice = {**body, "input": [*body["input"], item]}
            yield with_question(recording[at], twice), f"request.body.input[{len(body['input'])}]"


def nameless_result(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A result without its name or its call."""
    body = copy.deepcopy(asked(recording[at]))
    for item, path in _results(body):
        for key in ("name", "call_id"):
            kept = dict(item)
            item.pop(key, None)
            yield with_question(recording[at], body), f"{path}.{key}"
            item.update(kept)


def lost_search(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A result of a tool of the server for a call that it never made."""
    body = copy.deepcopy(answered(recording[at]))
    steps = body.get("steps", []) if isinstance(body, dict) else []
    for number, step in enumerate(steps):
        if step["type"].endswith("_result") and step["type"] != "function_result":
            for _ in _swapped(step, "call_id", "zzzzzzzz"):
                yield with_answer(recording[at], body), f"response.body.steps[{number}].call_id"


def same_call_id(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """Two calls of one id."""
    body = copy.deepcopy(answered(recording[at]))
    steps = body.get("steps", []) if isinstance(body, dict) else []
    calls = [at for at, step in enumerate(steps) if step["type"] == "function_call"]
    for first, second in pairwise(calls):
        for _ in _swapped(steps[second], "id", steps[first]["id"]):
            yield with_answer(recording[at], body), f"response.body.steps[{second}].id"


def asked_unknown(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A request with a member that the server does not know."""
    body = copy.deepcopy(asked(recording[at]))
    if isinstance(body, dict):
        inner = [(body[key], f".{key}") for key in ("generation_config",) if key in body]
        tools = body.get("tools", [])
        inner += [(tool, f".tools[{number}]") for number, tool in enumerate(tools)]
        for target, path in [(body, ""), *inner]:
            target["mystery"] = 1
            yield with_question(recording[at], body), f"request.body{path}.mystery"
            del target["mystery"]


def asked_type(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A request with a member of the wrong type."""
    body = copy.deepcopy(asked(recording[at]))
    for key in list(body) if isinstance(body, dict) else ():
        other: Any = 7 if isinstance(body[key], str | dict | list) else "7"
        for _ in _swapped(body, key, other):
            yield with_question(recording[at], body), f"request.body.{key}"


def asked_value(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A request with a value outside its list."""
    body = copy.deepcopy(asked(recording[at]))
    if not isinstance(body, dict):
        return
    for number, tool in enumerate(body.get("tools", [])):
        for _ in _swapped(tool, "type", "bogus"):
            yield with_question(recording[at], body), f"request.body.tools[{number}].type"
    for key in ("thinking_level", "thinking_summaries"):
        if key in body.get("generation_config", {}):
            for _ in _swapped(body["generation_config"], key, "bogus"):
                path = f"request.body.generation_config.{key}"
                yield with_question(recording[at], body), path


def asked_nobody(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A request for neither a model nor an agent, or for both."""
    body = asked(recording[at])
    if isinstance(body, dict):
        rest = {key: value for key, value in body.items() if key not in ("model", "agent")}
        yield with_question(recording[at], rest), "request.body.model"
        both = {**rest, "model": "gemini-3.8-flash", "agent": "x"}
        yield with_question(recording[at], both), "request.body.model"


def asked_no_stream(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An answer that is a stream where none was asked for, or none where one was."""
    body, headers = asked(recording[at]), recording[at].response_headers
    if isinstance(body, dict) and recording[at].response_body:
        if recording[at].query.get("alt") == "sse":
            return  # whether this asks for a stream, nobody has measured
        streamed = recording[at].is_stream
        path = "response.body" if streamed else "response.headers.content-type"
        if headers:
            yield with_question(recording[at], {**body, "stream": not streamed}), path


def swapped_events(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """Two neighbouring events of different kinds in the other order."""
    made = events(recording[at])
    for number in range(len(made) - 1):
        first, second = made[number : number + 2]
        if first["event_type"] != second["event_type"]:
            moved = [*made[:number], second, first, *made[number + 2 :]]
            yield with_events(recording[at], moved), f"response.events[{number}]|[{number + 1}]"


def lost_event(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An event is gone that no stream is without; the next one shows it."""
    made = events(recording[at])
    for number, event in enumerate(made):
        if event["event_type"] != "step.delta":
            left = [*made[:number], *made[number + 1 :]]
            yield with_events(recording[at], left), f"response.events[{number}]"


def repeated_event(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An event comes twice that no stream repeats."""
    made = events(recording[at])
    for number, event in enumerate(made):
        if event["event_type"] not in ("step.delta", "interaction.status_update"):
            twice = [*made[: number + 1], event, *made[number + 1 :]]
            yield with_events(recording[at], twice), f"response.events[{number + 1}]"


def no_done(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A stream without `[DONE]`."""
    made = events(recording[at])
    if made:
        yield with_events(recording[at], made, b""), f"response.events[{len(made)}]"


def odd_done(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A `[DONE]` under another name, or one with something behind it."""
    made = events(recording[at])
    if made:
        end = b"event: end\ndata: [DONE]\n\n"
        yield with_events(recording[at], made, end), f"response.events[{len(made)}].event"
        more = DONE_FRAME + encode_frame(made[-1])
        yield with_events(recording[at], made, more), f"response.events[{len(made) + 1}]"


def event_name(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An `event:` line that is not the event's type, or no such line."""
    made = events(recording[at])
    for number, event in enumerate(made):
        frames = [encode_frame(each) for each in made]
        name = event["event_type"].encode()
        for other in (b"event: message\n", b""):
            frames[number] = encode_frame(event).replace(b"event: " + name + b"\n", other)
            body = b"".join(frames) + DONE_FRAME
            yield replace(recording[at], response_body=body), f"response.events[{number}].event"


def cut(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A stream or a body that ends in the middle."""
    exchange, made = recording[at], events(recording[at])
    for number, event in enumerate(made):
        body = b"".join(map(encode_frame, made[:number])) + encode_frame(event)[:-9]
        yield replace(exchange, response_body=body), f"response.events[{number}]"
    if isinstance(answered(exchange), dict):
        yield replace(exchange, response_body=exchange.response_body[:-9]), "response.body"


def twin_key(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An object that names a member twice."""
    exchange = recording[at]
    for number, _ in enumerate(events(exchange)):
        frames = exchange.response_body.split(b"\n\n")
        frames[number] = frames[number].replace(b"data: {", b'data: {"event_type":"x",', 1)
        body = b"\n\n".join(frames)
        yield replace(exchange, response_body=body), f"response.events[{number}]"
    if isinstance(answered(exchange), dict):
        body = exchange.response_body.replace(b"{", b'{"status":"x",', 1)
        yield replace(exchange, response_body=body), "response.body"


def broken_arguments(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """Fragments of arguments that make no JSON."""

    def edit(value: Any) -> Iterator[str]:
        delta = value.get("delta", {})
        if delta.get("type") == "arguments_delta":
            for _ in _swapped(delta, "arguments", delta["arguments"][:-1]):
                yield ".delta.arguments"

    return edited(recording[at], edit)


def misfit_delta(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A delta that belongs into another step."""

    def edit(value: Any) -> Iterator[str]:
        if value.get("event_type") == "step.delta":
            misfit: Any = {"signature": "AAAA", "type": "thought_signature"}
            if value["delta"]["type"].startswith("thought"):
                misfit = {"text": "x", "type": "text"}
            for _ in _swapped(value, "delta", misfit):
                yield ".delta.type"

    return edited(recording[at], edit)


def content_type(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A content type that does not belong to the answer."""
    exchange = recording[at]
    if exchange.response_headers and exchange.operation != "delete":
        other = "application/json" if exchange.is_stream else "text/event-stream"
        for name in (other, "text/plain", "text/html"):
            headers = {**exchange.response_headers, "content-type": name}
            changed = replace(exchange, response_headers=headers)
            yield changed, "response.headers.content-type|body"


def odd_success(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A success that is not 200."""
    if recording[at].status == 200:
        for status in (201, 202, 204):
            yield replace(recording[at], status=status), "response.status"


def refused_with(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A refusal under another status."""
    exchange = recording[at]
    inner = refusal(exchange)
    for status in (400, 404, 500):
        if inner and status != exchange.status:
            yield replace(exchange, status=status), "response.body.error.code"


def odd_refusal(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A refusal without its words, with another code, or of another shape."""
    exchange = recording[at]
    inner = refusal(exchange)
    if not inner:
        return
    for key in inner:
        rest = {name: value for name, value in inner.items() if name != key}
        yield with_answer(exchange, {"error": rest}), f"response.body.error.{key}"
        odd = {**inner, key: ["x"]}
        yield with_answer(exchange, {"error": odd}), f"response.body.error.{key}"
    yield with_answer(exchange, {"error": {**inner, "code": "oops"}}), "response.body.error.code"
    yield with_answer(exchange, {"message": "x"}), "response.body.error"


def old_schema(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """An answer with `outputs`, or a stream of the events before 2026-05-20."""
    exchange, body = recording[at], answered(recording[at])
    if isinstance(body, dict) and "steps" in body:
        old = {("outputs" if key == "steps" else key): item for key, item in body.items()}
        yield with_answer(exchange, old), "response.body.outputs"
    made = events(exchange)
    if made:
        first = {**made[0], "event_type": "interaction.start"}
        yield with_events(exchange, [first, *made[1:]]), "response.events[0].event"


def after_delete(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A deleted interaction that is still there."""
    exchange = recording[at]
    deleted = [each for each in recording[:at] if each.operation == "delete"]
    first = next((each for each in recording if isinstance(answered(each), dict)), None)
    if exchange.operation == "get" and exchange.status == 404 and deleted and first:
        body = {**answered(first), "id": exchange.interaction_id}
        yield replace(with_answer(exchange, body), status=200), "request.uri"


def odd_delete(recording: Recording, at: int) -> Iterator[tuple[Exchange, str]]:
    """A DELETE that answers with something."""
    if recording[at].operation == "delete" and recording[at].status == 200:
        yield with_answer(recording[at], {"deleted": True}), "response.body"


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        wrong_type,
        null,
        dropped,
        unknown_value,
        unknown_member,
        off_by_one,
        sum_of_tokens,
        sum_of_modality,
        negative,
        other_end,
        still_running,
        resurrected,
        day_late,
        updated_early,
        odd_time,
        odd_id,
        foreign_id,
        re_rooted,
        polled_id,
        lost_parent,
        lost_call,
        answered_twice,
        nameless_result,
        lost_search,
        same_call_id,
        asked_unknown,
        asked_type,
        asked_value,
        asked_nobody,
        asked_no_stream,
        swapped_events,
        lost_event,
        repeated_event,
        no_done,
        odd_done,
        event_name,
        cut,
        twin_key,
        broken_arguments,
        misfit_delta,
        content_type,
        odd_success,
        refused_with,
        odd_refusal,
        old_schema,
        after_delete,
        odd_delete,
    )
}
"""Every kind of fault, by name."""
