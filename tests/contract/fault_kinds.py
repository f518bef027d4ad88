"""Single faults in good exchanges, more than 200 kinds of them, each a row with its path.

A kind is a function from a recording and the place of an exchange in it to changed exchanges, each
with the path where the fault is: several paths, parted by `|`, where it shows at one of them.
"""

# ruff: noqa: E501  (a row stands on a line)

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from fakegemini.protocol.ids import NO_THOUGHT_SIGNATURE
from fakegemini.recordings.exchange import Exchange

from .mutants import (
    Recording,
    answered,
    asked,
    events,
    refusal,
    with_answer,
    with_events,
    with_question,
)

Fault = tuple[Exchange, str]
FaultKind = Callable[[Recording, int], Iterator[Fault]]
Edit = Callable[[Any], "str | None"]
"""Changes a value and says where, as a path that begins with a dot or a bracket; None: not there."""

KINDS: dict[str, FaultKind] = {}
"""Every kind by what is wrong."""

UNKNOWN: dict[str, str] = {}
"""Kinds that are not found, each with the reason why it must not be, or cannot."""


def kind(name: str) -> Callable[[FaultKind], FaultKind]:
    """Add a kind."""

    def add(function: FaultKind) -> FaultKind:
        assert name not in KINDS, name
        KINDS[name] = function
        return function

    return add


@dataclass(frozen=True)
class Part:
    """A part of an exchange that is JSON: how it is read, and put back changed."""

    read: Callable[[Exchange], Any]
    write: Callable[[Exchange, Any], Exchange]
    path: Callable[[Exchange], str]


def _last_interaction(exchange: Exchange) -> Any:
    made = events(exchange)
    return made[-1]["interaction"] if made and "interaction" in made[-1] else None


def _with_last(exchange: Exchange, interaction: Any) -> Exchange:
    made = events(exchange)
    return with_events(exchange, [*made[:-1], {**made[-1], "interaction": interaction}])


BODY = Part(answered, with_answer, lambda _: "response.body")
END = Part(
    _last_interaction, _with_last, lambda e: f"response.events[{len(events(e)) - 1}].interaction"
)
REQUEST = Part(asked, with_question, lambda _: "request.body")
CREATED = Part(lambda e: answered(e) if asked(e) else None, with_answer, lambda _: "response.body")
"""The answer to a create, as a body."""
UNSUMMED = Part(
    lambda e: answered(e) if asked(e) and not _has_summaries(e) else None,
    with_answer,
    lambda _: "response.body",
)
"""The answer to a create that wants no summaries."""


def _has_summaries(exchange: Exchange) -> bool:
    config = asked(exchange).get("generation_config", {})
    return bool(config.get("thinking_summaries") == "auto")


def edits(name: str, *parts: Part, ways: Edit) -> None:
    """Add a kind that edits parts."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        for part in parts:
            value = copy.deepcopy(part.read(recording[at]))
            if not isinstance(value, dict):
                continue
            where = ways(value)
            if where is not None:
                prefix = part.path(recording[at])
                paths = "|".join(f"{prefix}{path}" for path in where.split("|"))
                yield part.write(recording[at], value), paths

    kind(name)(make)


def sets(member: str, value: Any) -> Edit:
    """Set a member, `usage.total_tokens`; nothing where it is not there, or the same."""

    def edit(body: Any) -> str | None:
        *above, last = member.split(".")
        for name in above:
            body = body.get(name)
            if not isinstance(body, dict):
                return None
        if last not in body or body[last] == value:
            return None
        old = body[last]
        body[last] = value(old) if callable(value) else value
        return f".{member}" if body[last] != old else None

    return edit


def adds(member: str, value: Any, path: str = "") -> Edit:
    """Add a member that is not there."""

    def edit(body: Any) -> str | None:
        *above, last = member.split(".")
        for name in above:
            body = body.setdefault(name, {})
        if last in body:
            return None
        body[last] = value
        return path or f".{member}"

    return edit


def drops(member: str) -> Edit:
    """Take a member away."""

    def edit(body: Any) -> str | None:
        *above, last = member.split(".")
        for name in above:
            body = body.get(name)
            if not isinstance(body, dict):
                return None
        return f".{member}" if body.pop(last, None) is not None else None

    return edit


def of_whole(edit: Edit) -> Edit:
    """Leave a turn alone that was cut, which may lack much."""
    return lambda body: None if body.get("status") == "incomplete" else edit(body)


# Members of the interaction

for _member in ("id", "status", "created", "updated", "service_tier", "object", "model"):
    edits(f"{_member} is a number", BODY, END, ways=sets(_member, 7))
    edits(f"{_member} is null", BODY, END, ways=sets(_member, None))
    edits(f"{_member} is an object", BODY, END, ways=sets(_member, {}))
    edits(f"{_member} is missing", BODY, END, ways=drops(_member))
for _member in ("id", "status", "created", "updated", "service_tier", "object"):
    edits(f"{_member} is another word", BODY, END, ways=sets(_member, "bogus"))
for _member in ("usage", "steps"):
    edits(f"{_member} is a text", BODY, ways=sets(_member, "x"))
    edits(f"{_member} is null", BODY, ways=sets(_member, None))
    edits(f"{_member} is missing", BODY, ways=of_whole(drops(_member)))
edits("an unknown member", BODY, END, ways=adds("mood", "fine"))
edits("outputs beside steps", BODY, ways=lambda b: _swap(b, "steps", "outputs"))
edits("a role", BODY, END, ways=adds("role", "model"))
edits("output_text, which the SDK adds", BODY, END, ways=adds("output_text", "x"))
edits("created has a fraction", BODY, END, ways=sets("created", lambda t: t[:-1] + ".25Z"))
edits("created is in another zone", BODY, END, ways=sets("created", lambda t: t[:-1] + "+02:00"))
edits(
    "created lacks its zone", BODY, END, ways=sets("created", lambda t: t[:-1] if t > "2025" else t)
)
edits("created is a Unix time", BODY, END, ways=sets("created", 1767225600))


def _swap(body: Any, old: str, new: str) -> str | None:
    if old not in body:
        return None
    body[new] = body.pop(old)
    return f".{new}"


@kind("created is a day late")
def created_late(recording: Recording, at: int) -> Iterator[Fault]:
    """Later than the id and `updated` say."""
    for part in (BODY, END):
        body = copy.deepcopy(part.read(recording[at]))
        if isinstance(body, dict) and str(body.get("created")) > "2025-12" and "id" in body:
            body["created"] = body["created"].replace("-", "-1", 1)[:4] + body["created"][4:]
            day = int(body["created"][8:10])
            body["created"] = f"{body['created'][:8]}{day % 27 + 1:02}{body['created'][10:]}"
            yield (
                part.write(recording[at], body),
                f"{part.path(recording[at])}.created|"
                + (f"{part.path(recording[at])}.updated|{part.path(recording[at])}.id"),
            )


@kind("updated is a minute after created in the foreground")
def updated_late(recording: Recording, at: int) -> Iterator[Fault]:
    """Recorded: the same second."""
    request = asked(recording[at]) or {}
    for part in (BODY, END):
        body = copy.deepcopy(part.read(recording[at]))
        is_known = isinstance(body, dict) and str(body.get("created")) > "2025-12"
        if is_known and request and not request.get("background"):
            body["updated"] = f"{body['updated'][:14]}59:59Z"
            yield part.write(recording[at], body), f"{part.path(recording[at])}.updated"


@kind("created is after the Date header")
def created_after_date(recording: Recording, at: int) -> Iterator[Fault]:
    """The header of an hour before."""
    body = answered(recording[at])
    if isinstance(body, dict) and str(body.get("created")) > "2025-12":
        headers = {**recording[at].response_headers, "date": "Mon, 01 Dec 2025 08:00:00 GMT"}
        yield replace(recording[at], response_headers=headers), "response.body.created"


# Token counts

TOTALS = ("tokens", "input_tokens", "output_tokens", "thought_tokens", "tool_use_tokens")
for _member in (*TOTALS, "cached_tokens"):
    _path = f"usage.total_{_member}"
    edits(f"total_{_member} is a text", BODY, END, ways=sets(_path, "7"))
    edits(f"total_{_member} is missing", BODY, END, ways=drops(_path))
    edits(f"total_{_member} is negative", BODY, END, ways=sets(_path, -70000))
    edits(f"total_{_member} has a fraction", BODY, END, ways=sets(_path, 7.5))


def one_more(member: str) -> Edit:
    """Count one more; which of the sum is wrong, nobody can say."""
    edit = sets(f"usage.total_{member}", lambda count: count + 1)
    return lambda body: ".usage" if edit(body) else None


for _member in TOTALS:
    edits(f"total_{_member} is one more", BODY, END, ways=one_more(_member))


def _rows(body: Any) -> list[Any]:
    usage = body.get("usage")
    return (usage or {}).get("input_tokens_by_modality") or []


def in_row(change: Callable[[Any], object], path: str) -> Edit:
    """Change the first row of the breakdown of the input."""

    def edit(body: Any) -> str | None:
        for row in _rows(body)[:1]:
            change(row)
            return f".usage.input_tokens_by_modality{path}"
        return None

    return edit


edits("a breakdown is one more", BODY, END, ways=in_row(lambda r: r.update(tokens=99999), ""))
edits("a modality is unknown", BODY, END, ways=in_row(lambda r: r.update(modality="smell"), "[0]"))
edits(
    "a modality is in capitals", BODY, END, ways=in_row(lambda r: r.update(modality="TEXT"), "[0]")
)
edits("tokens of a row are a text", BODY, END, ways=in_row(lambda r: r.update(tokens="9"), "[0]"))
edits("a row has no tokens", BODY, END, ways=in_row(lambda r: r.pop("tokens"), ""))
edits("a row has no modality", BODY, END, ways=in_row(lambda r: r.pop("modality"), "[0]"))
edits("a row has another member", BODY, END, ways=in_row(lambda r: r.update(x=1), "[0].x"))
edits("raw_prompt_token of another type", BODY, END, ways=sets("usage.raw_prompt_token", "7"))
edits("reasoning tokens of old", BODY, END, ways=adds("usage.total_reasoning_tokens", 3))


@kind("a medium is counted that is not there")
def counted_medium(recording: Recording, at: int) -> Iterator[Fault]:
    """A text answer with tokens of an image."""
    for part in (BODY, END):
        body = copy.deepcopy(part.read(recording[at]))
        is_text = recording[at].operation == "create" and isinstance(body, dict)
        if is_text and body.get("usage") and "output_tokens_by_modality" not in body["usage"]:
            body["usage"]["output_tokens_by_modality"] = [{"modality": "image", "tokens": 1}]
            spoilt = part.write(recording[at], body)
            yield spoilt, f"{part.path(recording[at])}.usage.output_tokens_by_modality"


# Steps of a body


def steps(
    name: str, step_type: str, change: Callable[[Any], object], path: str, part: Part = BODY
) -> None:
    """Add a kind that changes the first step of a type in a body."""

    def edit(body: Any) -> str | None:
        for number, step in enumerate(body.get("steps") or ()):
            if step.get("type") == step_type and change(step) is not MISSING:
                return f".steps[{number}]{path}"
        return None

    edits(name, part, ways=edit)


MISSING = object()


def pops(*names: str) -> Callable[[Any], object]:
    """Take a member of a step away."""

    def change(step: Any) -> object:
        for name in names[:-1]:
            step = step[name] if not isinstance(step, list) else step[0]
        return step.pop(names[-1], MISSING)

    return change


def puts(name: str, value: Any) -> Callable[[Any], object]:
    """Set a member of a step."""
    return lambda step: step.update({name: value})


def first_block(change: Callable[[Any], object]) -> Callable[[Any], object]:
    """Change the first content block of a step."""
    return lambda step: change(step["content"][0]) if step.get("content") else MISSING


steps("a thought has no type", "thought", pops("type"), ".type")
steps("a thought has no signature", "thought", pops("signature"), ".signature")
steps("a signature is a number", "thought", puts("signature", 7), ".signature")
steps("a signature is no base64", "thought", puts("signature", "no base64!" * 6), ".signature")
steps(
    "a summary nobody asked for",
    "thought",
    puts("summary", [{"type": "text", "text": "x"}]),
    ".summary",
    part=UNSUMMED,
)
steps("a summary is a text", "thought", puts("summary", "x"), ".summary")
steps("an output has no content", "model_output", pops("content"), "")
steps("content is a text", "model_output", puts("content", "x"), ".content")
steps("a step has another member", "model_output", puts("mood", "x"), ".mood")
steps("a step of an unknown type", "model_output", puts("type", "dream"), ".type")
steps("a step with a role", "model_output", puts("role", "model"), ".role")
steps("a block has no type", "model_output", first_block(pops("type")), ".content[0].type")
steps(
    "a block of an unknown type",
    "model_output",
    first_block(puts("type", "smell")),
    ".content[0].type",
)
steps("a block has no text", "model_output", first_block(pops("text")), ".content[0].text")
steps("a text is a number", "model_output", first_block(puts("text", 7)), ".content[0].text")
steps("a text is null", "model_output", first_block(puts("text", None)), ".content[0].text")
steps("a user input in the answer", "model_output", puts("type", "user_input"), "", part=CREATED)
_CITATION = {"type": "url_citation", "url": "https://tide.example", "title": "x"}


def cites(start: Any, end: Any) -> Callable[[Any], object]:
    """Put one citation into a text of three characters of two bytes."""
    span = {**_CITATION, "start_index": start, "end_index": end}
    return first_block(lambda block: block.update(text="äöü", annotations=[span]))


_SPAN = ".content[0].annotations[0]"
steps("a citation ends behind the text", "model_output", cites(0, 7), f"{_SPAN}.end_index")
steps("a citation is empty", "model_output", cites(2, 2), f"{_SPAN}.start_index")
steps("a citation runs backwards", "model_output", cites(4, 2), f"{_SPAN}.start_index")
steps("a citation begins before the text", "model_output", cites(-2, 2), f"{_SPAN}.start_index")
steps(
    "a citation begins inside of a character", "model_output", cites(1, 4), f"{_SPAN}.start_index"
)
steps("a citation ends inside of a character", "model_output", cites(0, 3), f"{_SPAN}.end_index")
steps("an index of a citation is a text", "model_output", cites("0", 2), f"{_SPAN}.start_index")
_JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(20)).decode()
_WAVE = base64.b64encode(b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(8)).decode()


def media(**block: Any) -> Callable[[Any], object]:
    """Put a medium in the place of the text."""
    return puts("content", [block])


_MEDIUM = ".content[0]"
steps(
    "a JPEG that is called PNG",
    "model_output",
    media(type="image", data=_JPEG, mime_type="image/png"),
    f"{_MEDIUM}.data",
)
steps(
    "a WAV that is called MP3",
    "model_output",
    media(type="audio", data=_WAVE, mime_type="audio/mp3"),
    f"{_MEDIUM}.data",
)
steps(
    "a picture that is called a film",
    "model_output",
    media(type="video", data=_JPEG, mime_type="video/mp4"),
    f"{_MEDIUM}.data",
)
steps(
    "a picture that is called sound",
    "model_output",
    media(type="audio", data=_JPEG, mime_type="audio/l16"),
    f"{_MEDIUM}.data",
)
steps(
    "media are no base64",
    "model_output",
    media(type="image", data="%%%%", mime_type="image/png"),
    f"{_MEDIUM}.data",
)
steps(
    "media are a number",
    "model_output",
    media(type="image", data=7, mime_type="image/png"),
    f"{_MEDIUM}.data",
)

# Calls of functions

steps("a call has no id", "function_call", pops("id"), ".id")
steps("a call has no name", "function_call", pops("name"), ".name")
steps("the id of a call is a number", "function_call", puts("id", 7), "")
steps("the name of a call is a number", "function_call", puts("name", 7), ".name")
steps("arguments are a text", "function_call", puts("arguments", "{}"), ".arguments")
steps("arguments are a list", "function_call", puts("arguments", []), ".arguments")
steps("arguments are missing", "function_call", pops("arguments"), ".arguments")
steps(
    "arguments do not fit",
    "function_call",
    puts("arguments", {"harbour": 7, "x": 7, "y": "7", "location": 7, "a": "7"}),
    ".arguments",
)
steps("a function nobody declared", "function_call", puts("name", "sail_away"), ".name")
steps(
    "a call with another signature", "code_execution_call", puts("signature", _JPEG), ".signature"
)
steps("a call has another member", "function_call", puts("mood", "x"), ".mood")


@kind("a call is lost")
def lost_call(recording: Recording, at: int) -> Iterator[Fault]:
    """The status still waits for its result."""
    body = copy.deepcopy(answered(recording[at]))
    if isinstance(body, dict) and body.get("status") == "requires_action":
        body["steps"] = [step for step in body["steps"] if step["type"] != "function_call"]
        yield with_answer(recording[at], body), "response.body.status"


@kind("a call that nobody waits for")
def idle_call(recording: Recording, at: int) -> Iterator[Fault]:
    """Completed, with a call."""
    body = copy.deepcopy(answered(recording[at]))
    # A turn that is not stored was recorded so.
    is_stored = isinstance(body, dict) and "id" in body
    if is_stored and body.get("status") == "requires_action":
        body["status"] = "completed"
        yield with_answer(recording[at], body), "response.body.status"


@kind("requires_action without a call")
def no_call(recording: Recording, at: int) -> Iterator[Fault]:
    """Nothing waits."""
    for part in (BODY, END):
        body = copy.deepcopy(part.read(recording[at]))
        if isinstance(body, dict) and body.get("status") == "completed":
            body["status"] = "requires_action"
            yield part.write(recording[at], body), f"{part.path(recording[at])}.status"


# Built-in tools

for _tool in ("google_search", "code_execution"):
    steps(f"a call of {_tool} has no id", f"{_tool}_call", pops("id"), "")
    steps(
        f"a result of {_tool} is of no call",
        f"{_tool}_result",
        puts("call_id", "bogus123"),
        ".call_id",
    )
    steps(f"a result of {_tool} has no call_id", f"{_tool}_result", pops("call_id"), ".call_id")
    steps(
        f"the arguments of {_tool} are a text",
        f"{_tool}_call",
        puts("arguments", "x"),
        ".arguments",
    )

    def _without_result(body: Any, tool: str = _tool) -> str | None:
        kept = [step for step in body.get("steps") or () if step.get("type") != f"{tool}_result"]
        calls = [at for at, step in enumerate(kept) if step.get("type") == f"{tool}_call"]
        if not calls or len(kept) == len(body["steps"]):
            return None
        body["steps"] = kept
        return f".steps[{calls[0]}]"

    def _without_call(body: Any, tool: str = _tool) -> str | None:
        kept = [step for step in body.get("steps") or () if step.get("type") != f"{tool}_call"]
        results = [at for at, step in enumerate(kept) if step.get("type") == f"{tool}_result"]
        if not results or len(kept) == len(body["steps"]):
            return None
        body["steps"] = kept
        return f".steps[{results[0]}].call_id"

    edits(f"a call of {_tool} has no result", BODY, ways=_without_result)
    edits(f"a result of {_tool} has no call", BODY, ways=_without_call)

    def _undeclared(recording: Recording, at: int, tool: str = _tool) -> Iterator[Fault]:
        request, body = asked(recording[at]), answered(recording[at])
        numbers = [
            number
            for number, step in enumerate((body or {}).get("steps") or ())
            if isinstance(body, dict) and step["type"] == f"{tool}_call"
        ]
        if isinstance(request, dict) and numbers:
            rest = {name: value for name, value in request.items() if name != "tools"}
            yield with_question(recording[at], rest), f"response.body.steps[{numbers[0]}].type"

    kind(f"steps of {_tool} that nobody asked for")(_undeclared)

# Requests

edits("an unknown parameter", REQUEST, ways=adds("cached_content", "x"))
edits("a misspelt parameter", REQUEST, ways=adds("system_instructions", "x"))
edits("an unknown setting", REQUEST, ways=adds("generation_config.temprature", 1))
edits("a setting at the top", REQUEST, ways=adds("tool_choice", "any"))
edits(
    "both model and agent", REQUEST, ways=adds("agent", "deep-research-preview-04-2026", ".model")
)
edits(
    "neither model nor agent",
    REQUEST,
    ways=lambda b: ".model" if b.pop("model", b.pop("agent", None)) else None,
)
edits("no input", REQUEST, ways=drops("input"))
edits("input is a number", REQUEST, ways=sets("input", 7))
edits("stream is a text", REQUEST, ways=sets("stream", "true"))
edits("store is a text", REQUEST, ways=adds("store", "yes"))
edits("background is a number", REQUEST, ways=adds("background", 1))
edits("tools are an object", REQUEST, ways=sets("tools", {}))
edits("a tool is a text", REQUEST, ways=lambda b: _first_tool(b, lambda t: "x", ""))
edits(
    "a tool of an unknown type",
    REQUEST,
    ways=lambda b: _first_tool(b, lambda t: {**t, "type": "magic"}, ".type"),
)
edits(
    "a tool has no type",
    REQUEST,
    ways=lambda b: _first_tool(b, lambda t: {k: v for k, v in t.items() if k != "type"}, ".type"),
)
edits(
    "a tool has another member",
    REQUEST,
    ways=lambda b: _first_tool(b, lambda t: {**t, "nmae": 1}, ".nmae"),
)
edits("a level nobody has", REQUEST, ways=adds("generation_config.thinking_level", "deep"))
edits(
    "summaries of another word", REQUEST, ways=adds("generation_config.thinking_summaries", "yes")
)
edits("a limit that is a text", REQUEST, ways=adds("generation_config.max_output_tokens", "9"))
edits("a temperature that is a text", REQUEST, ways=adds("generation_config.temperature", "hot"))
edits("a tier of another name", REQUEST, ways=adds("service_tier", "luxury"))
edits("a system_instruction that is a list", REQUEST, ways=adds("system_instruction", []))
edits("a config that is a list", REQUEST, ways=adds("generation_config", []))
edits("contents of another API", REQUEST, ways=adds("contents", []))


def _first_tool(body: Any, change: Callable[[Any], Any], path: str) -> str | None:
    if not body.get("tools"):
        return None
    body["tools"][0] = change(body["tools"][0])
    return f".tools[0]{path}"


# Requests that the server is known to refuse

edits("response_mime_type", REQUEST, ways=adds("response_mime_type", "application/json"))
edits("labels outside of the platform", REQUEST, ways=adds("labels", {"team": "tide"}))
edits(
    "safety_settings outside of the platform",
    REQUEST,
    ways=adds(
        "safety_settings", [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    ),
)
edits("the tool retrieval", REQUEST, ways=lambda b: _more_tools(b, {"type": "retrieval"}))
edits(
    "two searches",
    REQUEST,
    ways=lambda b: _more_tools(
        b,
        {"type": "google_search"},
        {"type": "file_search", "file_search_store_names": ["fileSearchStores/x"]},
    ),
)
edits(
    "delivery of an image",
    REQUEST,
    ways=adds("response_format", {"type": "image", "delivery": "uri"}),
)


def _more_tools(body: Any, *tools: Any) -> str | None:
    body.setdefault("tools", []).extend(tools)
    return ".tools"


@kind("a background run of 2.5-flash")
def refused_background(recording: Recording, at: int) -> Iterator[Fault]:
    """Recorded: refused."""
    request, body = asked(recording[at]), answered(recording[at])
    if isinstance(request, dict) and isinstance(body, dict) and not request.get("background"):
        request = {**request, "model": "gemini-2.5-flash", "background": True}
        changed = with_answer(recording[at], {**body, "model": "gemini-2.5-flash"})
        yield with_question(changed, request), "request.body.background"


# Request beside reply


def replies(name: str, request: dict[str, Any], where: str, **needs: Any) -> None:
    """Add a kind that changes the request, so that the reply is wrong; `where` in the reply."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        body, old = answered(recording[at]), asked(recording[at])
        last = _last_interaction(recording[at])
        if not isinstance(old, dict) or "agent" in old:
            return
        for answer, prefix in ((body, "response.body"), (last, END.path)):
            fits = isinstance(answer, dict) and all(answer.get(n) == v for n, v in needs.items())
            if fits and any(old.get(member) != value for member, value in request.items()):
                path = prefix if isinstance(prefix, str) else prefix(recording[at])
                yield with_question(recording[at], {**old, **request}), f"{path}{where}"

    kind(name)(make)


replies("an answer of another model", {"model": "gemini-3.1-flash-lite"}, ".model")
replies(
    "more tokens than the limit",
    {"generation_config": {"max_output_tokens": 1}},
    ".usage",
    status="completed",
)
replies(
    "an id although nothing is stored", {"store": False}, ".id|response.events[0].interaction.id"
)
for _echo in (
    "previous_interaction_id",
    "input",
    "tools",
    "system_instruction",
    "generation_config",
):
    _value: Any = {"input": [], "tools": [], "generation_config": {}}.get(_echo, "x")

    def _echoed(
        recording: Recording, at: int, member: str = _echo, value: Any = _value
    ) -> Iterator[Fault]:
        if isinstance(asked(recording[at]), dict):
            for part in (BODY, END):
                body = part.read(recording[at])
                if isinstance(body, dict) and member not in body:
                    changed = part.write(recording[at], {**body, member: value})
                    yield changed, f"{part.path(recording[at])}.{member}"

    kind(f"{_echo} comes back")(_echoed)


@kind("a prose where JSON was asked for")
def prose(recording: Recording, at: int) -> Iterator[Fault]:
    """The text is no JSON."""
    request, body = asked(recording[at]), answered(recording[at])
    if not isinstance(request, dict) or not isinstance(body, dict):
        return
    outputs = [
        n for n, step in enumerate(body.get("steps") or ()) if step["type"] == "model_output"
    ]
    if outputs and body["status"] == "completed":
        form = {"type": "text", "mime_type": "application/json"}
        body = copy.deepcopy(body)
        body["steps"][outputs[-1]]["content"] = [{"type": "text", "text": "At noon."}]
        changed = with_answer(recording[at], body)
        path = f"response.body.steps[{outputs[-1]}].content"
        yield with_question(changed, {**request, "response_format": form}), path


@kind("JSON that does not fit its schema")
def misfit(recording: Recording, at: int) -> Iterator[Fault]:
    """A list where an object was asked for."""
    for changed, path in prose(recording, at):
        body, request = answered(changed), asked(changed)
        for step in body["steps"]:
            if step["type"] == "model_output":
                step["content"] = [{"type": "text", "text": "[1]"}]
        request["response_format"]["schema"] = {"type": "object"}
        yield with_question(with_answer(changed, body), request), path


def chooses(name: str, choice: Any, *, calls: bool) -> None:
    """Add a kind that sets `tool_choice`, so that calls, or none, are wrong."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        request, body = asked(recording[at]), answered(recording[at])
        if not isinstance(request, dict) or not isinstance(body, dict) or request.get("agent"):
            return
        numbers = [n for n, s in enumerate(body.get("steps") or ()) if s["type"] == "function_call"]
        config = {**request.get("generation_config", {}), "tool_choice": choice}
        changed = with_question(recording[at], {**request, "generation_config": config})
        if calls and numbers:
            yield changed, f"response.body.steps[{numbers[0]}].name"
        elif not calls and not numbers and body.get("status") == "completed":
            yield changed, "response.body.status"

    kind(name)(make)


chooses("a call under none", "none", calls=True)
chooses(
    "a call outside of the allowed", {"allowed_tools": {"mode": "any", "tools": ["f"]}}, calls=True
)
chooses("no call under any", "any", calls=False)


# HTTP

for _status in (201, 202, 204, 206, 302, 304):

    def _odd_status(recording: Recording, at: int, status: int = _status) -> Iterator[Fault]:
        if recording[at].status == 200:
            yield replace(recording[at], status=status), "response.status"

    kind(f"a success of {_status}")(_odd_status)
for _type in ("text/plain", "text/html", "application/octet-stream", "multipart/mixed"):

    def _odd_type(recording: Recording, at: int, name: str = _type) -> Iterator[Fault]:
        exchange = recording[at]
        if exchange.response_headers and exchange.operation != "delete" and exchange.status == 200:
            headers = {**exchange.response_headers, "content-type": name}
            yield replace(exchange, response_headers=headers), "response.headers.content-type|body"

    kind(f"a success as {_type}")(_odd_type)


@kind("a body that is no JSON")
def no_json(recording: Recording, at: int) -> Iterator[Fault]:
    """Cut in the middle."""
    if isinstance(answered(recording[at]), dict):
        body = recording[at].response_body
        yield replace(recording[at], response_body=body[: len(body) // 2]), "response.body"


@kind("a member twice")
def twice(recording: Recording, at: int) -> Iterator[Fault]:
    """Two of a name."""
    if isinstance(answered(recording[at]), dict):
        body = recording[at].response_body.replace(b"{", b'{"object":"x",', 1)
        yield replace(recording[at], response_body=body), "response.body"


@kind("a stream that nobody asked for")
def unasked_stream(recording: Recording, at: int) -> Iterator[Fault]:
    """The request has no `stream`."""
    request, exchange = asked(recording[at]), recording[at]
    if isinstance(request, dict) and exchange.is_stream and exchange.query.get("alt") != "sse":
        yield with_question(exchange, {**request, "stream": False}), "response.body"


@kind("no stream where one was asked for")
def missing_stream(recording: Recording, at: int) -> Iterator[Fault]:
    """A whole body."""
    request, exchange = asked(recording[at]), recording[at]
    if isinstance(request, dict) and isinstance(answered(exchange), dict):
        where = "response.body|response.headers.content-type"
        yield with_question(exchange, {**request, "stream": True}), where


# Refusals


def refuses(name: str, change: Callable[[Any], Any], path: str) -> None:
    """Add a kind that changes the error of a refusal."""

    def make(recording: Recording, at: int) -> Iterator[Fault]:
        inner = refusal(recording[at])
        if inner:
            body = {"error": change(dict(inner))}
            yield with_answer(recording[at], body), f"response.body.error{path}"

    kind(name)(make)


refuses("an error without a code", lambda e: {"message": e["message"]}, ".code")
refuses("an error without a message", lambda e: {"code": e["code"]}, ".message")
refuses("an error with a code nobody knows", lambda e: {**e, "code": "tired"}, ".code")
refuses("an error whose code is a list", lambda e: {**e, "code": []}, ".code")
refuses("an error whose message is a number", lambda e: {**e, "message": 7}, ".message")
refuses(
    "an error that says what nobody saw",
    lambda e: {**e, "message": "No such thing, sorry."},
    ".message",
)
refuses(
    "an error with the words of another status",
    lambda e: {
        **e,
        "message": "Missing input." if e["code"] == "not_found" else "Method not found.",
    },
    ".message",
)
refuses(
    "an error with the code of another status",
    lambda e: {**e, "code": "not_found" if e["code"] != "not_found" else "invalid_request"},
    ".code",
)
refuses("an error with another member", lambda e: {**e, "status": "INVALID_ARGUMENT"}, "")
refuses("an error that is a text", lambda e: "x", "")
for _status in (404, 409, 429, 500, 503):

    def _other_refusal(recording: Recording, at: int, status: int = _status) -> Iterator[Fault]:
        inner = refusal(recording[at])
        if inner and recording[at].status != status and inner["code"] == "invalid_request":
            yield replace(recording[at], status=status), "response.body.error.code"

    kind(f"an invalid_request of {_status}")(_other_refusal)


# What is not found, and why

UNKNOWN["an answer that says something else"] = "what a model says is its own"


@kind("an answer that says something else")
def other_text(recording: Recording, at: int) -> Iterator[Fault]:
    """With no GET behind it that knows better."""
    body, request = copy.deepcopy(answered(recording[at])), asked(recording[at]) or {}
    is_free = "model" in request and "response_format" not in request
    for step in (body or {}).get("steps") or ():
        if step["type"] == "model_output" and is_free and len(recording) == at + 1:
            step["content"] = [{"type": "text", "text": "Something else."}]
            yield with_answer(recording[at], body), "response.body.steps"
            return


UNKNOWN["a thought behind the output"] = "recorded in both orders (2026-05, google_search)"
edits(
    "a thought behind the output",
    CREATED,
    ways=lambda b: (
        b["steps"].append(b["steps"].pop(0)) or ".steps"
        if len(b.get("steps") or ()) > 1 and b["steps"][0]["type"] == "thought"
        else None
    ),
)
UNKNOWN["two outputs in a turn"] = "measured: several may come"
edits(
    "two outputs in a turn", CREATED, ways=lambda b: _first_of(b, "model_output", lambda s: [s, s])
)
UNKNOWN["the constant signature beside thought tokens"] = "3 of 61 recorded replies have both"
edits(
    "the constant signature beside thought tokens",
    CREATED,
    ways=lambda b: _first_of(b, "thought", lambda s: [{**s, "signature": NO_THOUGHT_SIGNATURE}]),
)
UNKNOWN["members in another order"] = "recorders sort them"


@kind("members in another order")
def other_order(recording: Recording, at: int) -> Iterator[Fault]:
    """Backwards."""
    body = answered(recording[at])
    if isinstance(body, dict) and asked(recording[at]):
        backwards = dict(reversed(body.items()))
        yield with_answer(recording[at], backwards), "response.body"


def _first_of(body: Any, step_type: str, change: Callable[[Any], list[Any]]) -> str | None:
    """Put steps in the place of the first one of a type."""
    for number, step in enumerate(body.get("steps") or ()):
        if step["type"] == step_type:
            body["steps"][number : number + 1] = change(step)
            return f".steps[{number}]"
    return None
