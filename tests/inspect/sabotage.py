"""Ways to break the fake: each is put around it, and `verify` has to say what broke.

A row is a name, what breaks, and a word of what `verify` must call it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from fakegemini import Fake
from fakegemini.wire.http import Handler, Json, Reply, Request
from fakegemini.wire.json_text import dump_json
from fakegemini.wire.replies import json_reply
from fakegemini.wire.sse import Decoder

OTHER_ID = "v1_ChdBTGxWYVg1RDB2dU9KWldpbWRiTThMRRIXQUxsVmFYNUQwdnVPSlpXaW1kYk04TEU"
Wrapper = Callable[[Handler], Handler]
Change = Callable[[Json], Any]


@dataclass(frozen=True)
class Break:
    """A way to break the fake, and a word of what is told."""

    wrapper: Wrapper
    told: str


def body_of(reply: Reply) -> bytes:
    """All bytes of an answer."""
    return b"".join(beat for beat in reply.beats if isinstance(beat, bytes))


def kind_of(reply: Reply) -> str:
    """The content type of an answer."""
    return next((value for name, value in reply.headers if name == "content-type"), "")


def on_bytes(change: Callable[[bytes], bytes], *, kind: str = "") -> Wrapper:
    """The bytes of every answer of that content type changed."""

    def wrap(handler: Handler) -> Handler:
        def handle(request: Request) -> Reply:
            reply = handler(request)
            body = body_of(reply)
            return replace(reply, beats=(change(body) if kind in kind_of(reply) else body,))

        return handle

    return wrap


def on_events(change: Callable[[list[Json]], list[Json]]) -> Wrapper:
    """The events of every stream that ends changed; `[DONE]` stays."""

    def rewrite(body: bytes) -> bytes:
        frames = Decoder().feed(body)
        events = [frame.json() for frame in frames if not frame.is_done]
        if len(events) < 2:
            return body
        return b"".join(write(event) for event in change(events)) + b"event: done\ndata: [DONE]\n\n"

    return on_bytes(rewrite, kind="event-stream")


def write(event: Json) -> bytes:
    """A frame of an event; its name is `event_type`, or `message` where that is gone."""
    return f"event: {event.get('event_type', 'message')}\ndata: {dump_json(event)}\n\n".encode()


def on_each(change: Change) -> Wrapper:
    """Each event changed in place; a change that returns False drops it."""
    return on_events(lambda events: [event for event in events if change(event) is not False])


def on_bodies(change: Change, *, status: int = 200) -> Wrapper:
    """Each JSON body of that status changed in place; a change that returns a dict replaces it."""

    def wrap(handler: Handler) -> Handler:
        def handle(request: Request) -> Reply:
            reply = handler(request)
            body = body_of(reply)
            if reply.status == status and "json" in kind_of(reply):
                value = json.loads(body)
                changed = change(value)
                value = changed if isinstance(changed, dict) else value
                body = dump_json(value).encode()
            return replace(reply, beats=(body,))

        return handle

    return wrap


def everywhere(change: Change) -> Wrapper:
    """Both each body and each event."""
    on_body, on_event = on_bodies(change), on_each(change)
    return lambda handler: on_body(on_event(handler))


def on_interactions(change: Change) -> Wrapper:
    """Each interaction, as a body and in the last event of a stream."""

    def spoil(value: Json) -> None:
        interaction = value.get("interaction", value)
        if "usage" in interaction:
            change(interaction)

    return everywhere(spoil)


def objects(value: Any) -> Iterator[Json]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from objects(child)


def on_objects(type_: str, change: Change) -> Wrapper:
    """Each object of that type, wherever it is."""

    def spoil(value: Json) -> None:
        for one in objects(value):
            if one.get("type") == type_:
                change(one)

    return everywhere(spoil)


def on_steps(change: Callable[[list[Json]], list[Json]]) -> Wrapper:
    """The steps of each body."""

    def spoil(body: Json) -> None:
        if "steps" in body:
            body["steps"] = change(body["steps"])

    return on_bodies(spoil)


def on_requests(change: Callable[[Request], Request]) -> Wrapper:
    """What reaches the fake changed."""
    return lambda handler: lambda request: handler(change(request))


def on_headers(change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> Wrapper:
    """The head of every answer changed."""

    def wrap(handler: Handler) -> Handler:
        def handle(request: Request) -> Reply:
            reply = handler(request)
            return replace(reply, headers=tuple(change([*reply.headers])))

        return handle

    return wrap


def without_header(name: str) -> Wrapper:
    """A header that is lost."""
    return on_headers(lambda pairs: [pair for pair in pairs if pair[0] != name])


def asked(request: Request) -> Json:
    """The body of a request, empty where it has none."""
    value = json.loads(request.body) if request.body else {}
    return value if isinstance(value, dict) else {}


def asks(request: Request, **members: Any) -> Request:
    """The request with other members; None takes one away."""
    body = {**asked(request), **members}
    kept = {key: value for key, value in body.items() if value is not None}
    return replace(request, body=json.dumps(kept).encode()) if request.body else request


def echo(name: str) -> Wrapper:
    """A member of the request that comes back."""

    def wrap(handler: Handler) -> Handler:
        def handle(request: Request) -> Reply:
            value = asked(request).get(name)
            spoiled = on_bodies(lambda body: body.update({name: value}) if value else None)
            return spoiled(handler)(request)

        return handle

    return wrap


PLAIN = Request("POST", "/v1/interactions", body=b'{"model":"gemini-3.5-flash","input":"x"}')


def granted(condition: Callable[[Request, Reply], bool]) -> Wrapper:
    """An answer where a refusal belongs."""

    def wrap(handler: Handler) -> Handler:
        def handle(request: Request) -> Reply:
            reply = handler(request)
            return Fake().handle(PLAIN) if condition(request, reply) else reply

        return handle

    return wrap


def set_member(name: str, value: Any) -> Change:
    """A change that sets a member where there is one."""
    return lambda one: one.update({name: value}) if name in one else None


def pop(name: str) -> Change:
    """A change that takes a member away."""
    return lambda one: one.pop(name, None) and None


def is_event(event: Json, kind: str) -> bool:
    """Whether it is an event of that type."""
    return event.get("event_type") == kind


def event(kind: str, change: Change) -> Wrapper:
    """Each event of that type changed."""
    return on_each(lambda one: change(one) if is_event(one, kind) else None)


def dropped(kind: str) -> Wrapper:
    """Events of that type that never come."""
    return on_each(lambda one: not is_event(one, kind))


def twice(kind: str) -> Wrapper:
    """Events of that type that come twice."""
    return on_events(
        lambda events: [one for each in events for one in [each] * (1 + is_event(each, kind))]
    )


def renamed(kind: str, name: str) -> Wrapper:
    """Events of that type under another name."""
    return event(kind, lambda one: one.update(event_type=name))


def deltas(kind: str, change: Change) -> Wrapper:
    """Each delta of that type changed; False drops its event."""
    return on_each(
        lambda one: change(one["delta"]) if one.get("delta", {}).get("type") == kind else None
    )


def shifted(event: Json) -> None:
    """Indexes from 1 on."""
    if "index" in event:
        event["index"] += 1


def first_again(one: Json) -> None:
    """Every index is that of the first step."""
    if "index" in one:
        one["index"] = 0


def event_type_first(one: Json) -> None:
    """The type before everything else."""
    rest = {key: value for key, value in one.items() if key != "event_type"}
    kind = one["event_type"]
    one.clear()
    one.update(event_type=kind, **rest)


def sorted_members(value: Any) -> Any:
    """A JSON value as a recorder sorts it; never what the server sends."""
    if isinstance(value, dict):
        return {key: sorted_members(value[key]) for key in sorted(value, reverse=True)}
    return [sorted_members(one) for one in value] if isinstance(value, list) else value


def with_nulls(body: Json) -> None:
    """Members that nobody set, as null."""
    if "object" in body:
        body["environment_id"] = None


def usage(change: Change) -> Wrapper:
    """The counts of each interaction."""
    return on_interactions(lambda one: change(one["usage"]))


def same_ids(steps: Iterator[Json]) -> None:
    """One id for all calls."""
    for one in steps:
        if str(one.get("type")).endswith("_call") and "id" in one:
            one["id"] = "aaaaaaaa"


def signed_anew(steps: list[Json]) -> list[Json]:
    """A call with a signature of its own."""
    return [
        {**one, "signature": "CgR0aWRl"} if one["type"].endswith("_call") else one for one in steps
    ]


def without_type(kind: str) -> Callable[[list[Json]], list[Json]]:
    """Steps of that type that are lost."""
    return lambda steps: [one for one in steps if one["type"] != kind]


def without_member(kind: str, name: str) -> Callable[[list[Json]], list[Json]]:
    """A member that steps of that type lose."""
    return lambda steps: [
        {key: value for key, value in one.items() if key != name} if one["type"] == kind else one
        for one in steps
    ]


def later(one: Json) -> None:
    """Updated after it was created."""
    if "updated" in one:
        one["updated"] = one["updated"].replace("00Z", "07Z")


def retime(pattern: str, text: str) -> Change:
    """Times in another form."""

    def spoil(one: Json) -> None:
        for name in ("created", "updated"):
            if name in one:
                one[name] = re.sub(pattern, text, one[name])

    return spoil


def as_error(value: Any, status: int | None = None) -> Wrapper:
    """Every refusal of another form, or with another status."""

    def wrap(handler: Handler) -> Handler:
        def handle(request: Request) -> Reply:
            reply = handler(request)
            if reply.status < 400:
                return reply
            body = body_of(reply)
            if value is not None and body.startswith(b"{"):
                body = dump_json(value(json.loads(body))).encode()
            return replace(reply, status=status or reply.status, beats=(body,))

        return handle

    return wrap


def one_answer_for_all(handler: Handler) -> Handler:
    """A stream for whoever wants none, and the other way round."""

    def handle(request: Request) -> Reply:
        if request.method != "POST" or "cancel" in request.path:
            return handler(request)
        return handler(asks(request, stream=not asked(request).get("stream")))

    return handle


def stateless(handler: Handler) -> Handler:
    """A parent is forgotten: the child begins a conversation."""
    return lambda request: handler(
        asks(request, previous_interaction_id=None) if request.method == "POST" else request
    )


def no_deletes(handler: Handler) -> Handler:
    """A delete says that it did, and did not."""
    return lambda request: json_reply({}) if request.method == "DELETE" else handler(request)


def repeats_calls(handler: Handler) -> Handler:
    """The turn that digests a result repeats the call."""

    def handle(request: Request) -> Reply:
        given = asked(request).get("input")
        results = (
            [one for one in given if one.get("type") == "function_result"]
            if isinstance(given, list)
            else []
        )
        call = {"id": "aaaaaaaa", "type": "function_call", "name": "read_tide", "arguments": {}}
        spoil = on_steps(lambda steps: [call, *steps]) if results else (lambda inner: inner)
        return spoil(handler)(request)

    return handle


def refused(request: Request, reply: Reply) -> bool:
    """Whether a create is refused."""
    return request.method == "POST" and reply.status >= 400


STREAM, JSON_BODY = "event-stream", "json"
DONE = b"event: done\ndata: [DONE]\n\n"
TEXT = "text"

BREAKS: dict[str, Break] = {
    "text lost": Break(on_objects(TEXT, set_member("text", "")), "text.text"),
    "text replaced": Break(on_objects(TEXT, set_member("text", "Moo.")), "text.text"),
    "text in capitals": Break(
        on_objects(TEXT, lambda one: one.update(text=one.get("text", "").upper())), "text.text"
    ),
    "text in a stream lost": Break(deltas(TEXT, set_member("text", "")), "text.text"),
    "text in a stream twice": Break(
        deltas(TEXT, lambda one: one.update(text=one["text"] * 2)), "text.text"
    ),
    "no text deltas": Break(deltas(TEXT, lambda one: False), "event step.delta text"),
    "annotations lost": Break(on_objects(TEXT, pop("annotations")), "text.annotations"),
    "annotations moved": Break(
        on_objects("url_citation", lambda one: one.update(end_index=one["end_index"] - 1)),
        "url_citation.end_index",
    ),
    "another blank block": Break(
        on_objects(
            "model_output", lambda one: one.setdefault("content", []).append({"type": TEXT})
        ),
        "model_output.content",
    ),
    "arguments changed": Break(
        on_objects("function_call", set_member("arguments", {"harbour": "Rome"})), "harbour"
    ),
    "arguments lost": Break(on_objects("function_call", set_member("arguments", {})), "harbour"),
    "arguments as a text": Break(
        on_objects("function_call", set_member("arguments", "{}")), "function_call.arguments"
    ),
    "arguments of a stream changed": Break(
        deltas("arguments_delta", set_member("arguments", '{"harbour":"Rome"}')),
        "arguments_delta.arguments",
    ),
    "arguments of a stream in pieces": Break(
        on_events(
            lambda events: [
                one
                for each in events
                for one in (
                    [
                        {**each, "delta": {**each["delta"], "arguments": part}}
                        for part in (each["delta"]["arguments"][:3], each["delta"]["arguments"][3:])
                    ]
                    if each.get("delta", {}).get("type") == "arguments_delta"
                    else [each]
                )
            ]
        ),
        "event step.delta arguments_delta, how often",
    ),
    "arguments of a stream lost": Break(
        deltas("arguments_delta", lambda one: False), "event step.delta arguments_delta"
    ),
    "a stream's call without arguments": Break(
        event("step.start", lambda one: one["step"].pop("arguments", None) and None),
        "function_call.arguments",
    ),
    "another function": Break(
        on_objects("function_call", set_member("name", "eat")), "function_call.name"
    ),
    "search queries lost": Break(
        on_objects("google_search_call", set_member("arguments", {})), "queries"
    ),
    "results of a search lost": Break(
        on_objects("google_search_result", set_member("result", [])), "google_search_result.result"
    ),
    "printed output changed": Break(
        on_objects("code_execution_result", set_member("result", "41\n")),
        "code_execution_result.result",
    ),
    "summaries lost": Break(on_objects("thought", pop("summary")), "thought.summary"),
    "summaries of a stream lost": Break(
        deltas("thought_summary", lambda one: False), "event step.delta thought_summary"
    ),
    "no [DONE]": Break(on_bytes(lambda body: body.replace(DONE, b""), kind=STREAM), "done [DONE]"),
    "[DONE] twice": Break(
        on_bytes(lambda body: body.replace(DONE, DONE * 2), kind=STREAM), "done [DONE], how often"
    ),
    "[DONE] of another name": Break(
        on_bytes(lambda body: body.replace(b"event: done", b"event: end"), kind=STREAM),
        "the end of a stream",
    ),
    "CRLF": Break(on_bytes(lambda body: body.replace(b"\n", b"\r\n"), kind=STREAM), "line ends"),
    "CR": Break(on_bytes(lambda body: body.replace(b"\n", b"\r"), kind=STREAM), "line ends"),
    "comments": Break(on_bytes(lambda body: b": ping\n\n" + body, kind=STREAM), "fields of events"),
    "ids of SSE": Break(
        on_bytes(lambda body: body.replace(b"event: ", b"id: 1\nevent: "), kind=STREAM),
        "fields of events",
    ),
    "data alone": Break(
        on_bytes(lambda body: re.sub(rb"event: .*\n", b"", body), kind=STREAM), "fields of events"
    ),
    "no space behind colons": Break(
        on_bytes(lambda body: body.replace(b"data: ", b"data:"), kind=STREAM), "colons of fields"
    ),
    "spaces in a stream's JSON": Break(
        on_bytes(lambda body: body.replace(b'":', b'": '), kind=STREAM), "spaces in JSON"
    ),
    "spaces in a body": Break(
        on_bytes(lambda body: body.replace(b'":', b'": '), kind=JSON_BODY), "spaces in JSON"
    ),
    "brackets not escaped": Break(
        on_bytes(lambda body: body.replace(rb"\u003c", b"<").replace(rb"\u003e", b">")),
        "angle brackets in JSON",
    ),
    "no status update": Break(
        dropped("interaction.status_update"), "event interaction.status_update"
    ),
    "status update twice": Break(
        twice("interaction.status_update"), "event interaction.status_update, how often"
    ),
    "another id in a status update": Break(
        event("interaction.status_update", set_member("interaction_id", OTHER_ID)),
        "interaction.status_update.interaction_id",
    ),
    "another status in a status update": Break(
        event("interaction.status_update", set_member("status", "queued")),
        "interaction.status_update.status",
    ),
    "no first event": Break(dropped("interaction.created"), "event interaction.created"),
    "no last event": Break(dropped("interaction.completed"), "event interaction.completed"),
    "the last event of May": Break(
        renamed("interaction.completed", "interaction.complete"), "event interaction.completed"
    ),
    "steps in the last event": Break(
        event("interaction.completed", lambda one: one["interaction"].update(steps=[])),
        "interaction.steps",
    ),
    "usage in the first event": Break(
        event("interaction.created", lambda one: one["interaction"].update(usage={})),
        "interaction.usage",
    ),
    "another id in the last event": Break(
        event("interaction.completed", lambda one: set_member("id", OTHER_ID)(one["interaction"])),
        "interaction.id",
    ),
    "steps that do not stop": Break(dropped("step.stop"), "event step.stop"),
    "steps that do not start": Break(dropped("step.start"), "event step.start"),
    "indexes from 1": Break(on_each(shifted), "event step.st"),
    "one index for all": Break(on_each(first_again), "event step."),
    "no event_type": Break(on_each(pop("event_type")), "event interaction."),
    "event_type first": Break(on_each(event_type_first), "order of interaction.created"),
    "event ids in the foreground": Break(on_each(lambda one: one.update(event_id="x")), "event_id"),
    "thoughts not signed in a stream": Break(
        deltas("thought_signature", lambda one: False), "event step.delta thought_signature"
    ),
    "wrapped signatures of code in a stream": Break(
        deltas("code_execution_call", set_member("signature", "CgR0aWRl")),
        "code_execution_call.signature",
    ),
    "streams as bodies": Break(one_answer_for_all, "content-type"),
    "completed at once in a stream": Break(
        event(
            "interaction.created", lambda one: set_member("status", "completed")(one["interaction"])
        ),
        "interaction.status",
    ),
    "never completed in a stream": Break(
        event(
            "interaction.completed",
            lambda one: set_member("status", "in_progress")(one["interaction"]),
        ),
        "interaction.status",
    ),
    "UUIDs as ids": Break(
        on_interactions(set_member("id", "9b2f1d1e-7a3c-4b52-9a3e-0d6c1f2e3a4b")), "form of ids"
    ),
    "one id for all": Break(on_interactions(set_member("id", OTHER_ID)), "interaction.id"),
    "no id": Break(on_interactions(pop("id")), "interaction.id"),
    "a child begins anew": Break(stateless, "form of ids"),
    "an id with store=false": Break(
        on_requests(lambda one: asks(one, store=None) if one.method == "POST" else one),
        "interaction.id",
    ),
    "an empty id in bare streams": Break(
        event(
            "interaction.status_update", lambda one: one.setdefault("interaction_id", "") and None
        ),
        "interaction.status_update.interaction_id",
    ),
    "one id for all calls": Break(everywhere(lambda value: same_ids(objects(value))), "_call.id"),
    "results of other calls": Break(
        on_steps(
            lambda steps: [
                {**one, "call_id": "aaaaaaaa"} if "call_id" in one else one for one in steps
            ]
        ),
        "call_id",
    ),
    "requires_action never": Break(
        on_interactions(
            lambda one: one.update(
                status="completed" if one["status"] == "requires_action" else one["status"]
            )
        ),
        "interaction.status",
    ),
    "another word for completed": Break(
        on_interactions(
            lambda one: one.update(status="done" if one["status"] == "completed" else one["status"])
        ),
        "interaction.status",
    ),
    "incomplete never": Break(
        on_interactions(
            lambda one: one.update(
                status="completed" if one["status"] == "incomplete" else one["status"]
            )
        ),
        "interaction.status",
    ),
    "a background run in the foreground": Break(
        on_requests(lambda one: asks(one, background=None) if one.method == "POST" else one),
        "interaction.status",
    ),
    "a run that never ends": Break(
        on_bodies(set_member("status", "in_progress")), "interaction.status"
    ),
    "a cancel without effect": Break(
        on_bodies(
            lambda one: (
                one.update(
                    status="in_progress" if one.get("status") == "cancelled" else one.get("status")
                )
                if "status" in one
                else None
            )
        ),
        "interaction.status",
    ),
    "a delete without effect": Break(no_deletes, "get answered 404"),
    "a delete with a body": Break(
        on_bodies(lambda one: {"deleted": True} if one == {} else None), "deleted"
    ),
    "an unknown parent accepted": Break(
        granted(lambda request, reply: refused(request, reply) and reply.status == 404),
        "create answered 404",
    ),
    "every create accepted": Break(granted(refused), "create answered 400"),
    "a legacy client accepted": Break(
        granted(lambda request, _: "sdk/1." in (request.header("x-goog-api-client") or "")),
        "create answered 400",
    ),
    "refusals as 500": Break(as_error(None, 500), "answered 40"),
    "refusals as 200": Break(as_error(None, 200), "answered 40"),
    "another code": Break(
        as_error(lambda one: {"error": {**one["error"], "code": "bad_request"}}), "code"
    ),
    "another message": Break(
        as_error(lambda one: {"error": {**one["error"], "message": "No."}}), "message"
    ),
    "the code before the message": Break(
        as_error(lambda one: {"error": dict(reversed([*one["error"].items()]))}), "order of"
    ),
    "refusals of another form": Break(as_error(lambda one: {"detail": one["error"]}), "detail"),
    "refusals in an array": Break(as_error(lambda one: [one]), "answered 40"),
    "details beside the error": Break(
        as_error(lambda one: {"error": {**one["error"], "details": []}}), "details"
    ),
    "errors without a charset": Break(
        on_headers(
            lambda pairs: [(name, value.replace("; charset=UTF-8", "")) for name, value in pairs]
        ),
        "header content-type",
    ),
    "a charset on success": Break(
        on_headers(
            lambda pairs: [
                (name, f"{value}; charset=utf-8" if name == "content-type" else value)
                for name, value in pairs
            ]
        ),
        "header content-type",
    ),
    "another server": Break(
        on_headers(
            lambda pairs: [
                (name, "uvicorn" if name == "server" else value) for name, value in pairs
            ]
        ),
        "header server",
    ),
    "no vary": Break(without_header("vary"), "header vary"),
    "no nosniff": Break(without_header("x-content-type-options"), "header x-content-type-options"),
    "no server-timing": Break(without_header("server-timing"), "header server-timing"),
    "a wrong total": Break(usage(lambda one: one.update(total_tokens=1)), "sums"),
    "a wrong breakdown": Break(
        usage(lambda one: one["input_tokens_by_modality"][0].update(tokens=9999)), "sums"
    ),
    "a negative count": Break(
        usage(lambda one: one.update(total_thought_tokens=-1, total_tokens=-1)), "sums"
    ),
    "no usage": Break(on_interactions(pop("usage")), "interaction.usage"),
    "usage of other names": Break(
        usage(lambda one: one.update(prompt_tokens=one.pop("total_input_tokens"))),
        "total_input_tokens",
    ),
    "no raw count": Break(usage(pop("raw_prompt_token")), "raw_prompt_token"),
    "the raw count first": Break(
        usage(
            lambda one: one.update({name: one.pop(name) for name in [*one] if name[:3] != "raw"})
        ),
        "order of members",
    ),
    "no breakdown": Break(usage(pop("input_tokens_by_modality")), "input_tokens_by_modality"),
    "no counts by call": Break(
        usage(pop("model_invocation_token_counts")), "model_invocation_token_counts"
    ),
    "no count of tool use": Break(usage(pop("total_tool_use_tokens")), "total_tool_use_tokens"),
    "an echo of the parent": Break(echo("previous_interaction_id"), "previous_interaction_id"),
    "an echo of the input": Break(echo("input"), "interaction.input"),
    "an echo of the tools": Break(echo("tools"), "interaction.tools"),
    "an echo of the configuration": Break(
        echo("generation_config"), "interaction.generation_config"
    ),
    "output_text": Break(on_interactions(lambda one: one.update(output_text="x")), "output_text"),
    "a role": Break(on_interactions(lambda one: one.update(role="model")), "role"),
    "members as null": Break(on_bodies(with_nulls), "environment_id"),
    "members in another order": Break(on_bodies(sorted_members), "order of"),
    "fractions of a second": Break(everywhere(lambda one: retime("Z$", ".5Z")(one)), "created"),
    "times with an offset": Break(everywhere(retime("Z$", "+00:00")), "created"),
    "updated later": Break(everywhere(later), "updated"),
    "another year": Break(everywhere(retime("^20..", "2031")), "created"),
    "no tier": Break(on_interactions(pop("service_tier")), "service_tier"),
    "no object": Break(on_interactions(pop("object")), "object"),
    "another model": Break(on_interactions(set_member("model", "gemini-pro")), "interaction.model"),
    "the model as an agent": Break(
        on_interactions(lambda one: one.update(agent=one.pop("model"))), "interaction.agent"
    ),
    "no thoughts": Break(on_steps(without_type("thought")), "interaction.steps"),
    "steps backwards": Break(on_steps(lambda steps: [*reversed(steps)]), "type"),
    "thoughts not signed": Break(
        on_steps(without_member("thought", "signature")), "thought.signature"
    ),
    "calls not signed": Break(
        on_steps(without_member("function_call", "signature")), "function_call.signature"
    ),
    "calls signed anew": Break(on_steps(signed_anew), "_call.signature"),
    "results of code signed": Break(
        on_objects("code_execution_result", lambda one: one.update(signature="CgR0aWRl")),
        "code_execution_result.signature",
    ),
    "code without a thought": Break(
        on_steps(lambda steps: steps[1:] if any("code" in one["type"] for one in steps) else steps),
        "thought.",
    ),
    "earlier calls repeated": Break(repeats_calls, "interaction.steps"),
    "gets without the user's step": Break(
        on_steps(without_type("user_input")), "interaction.steps"
    ),
    "gets without input": Break(on_bodies(pop("input")), "interaction.input"),
    "steps that are empty": Break(on_steps(lambda steps: []), "interaction.steps"),
    "an empty list of steps": Break(
        on_interactions(lambda one: one.setdefault("steps", []) and None), "interaction.steps"
    ),
    "nothing": Break(
        on_bodies(lambda one: {"error": {"message": "", "code": ""}}), "interaction.id"
    ),
}
