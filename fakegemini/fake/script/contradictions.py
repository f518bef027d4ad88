"""Find where a scripted reply contradicts the request that it answers.

A reply that no model could give to its request lets a test pass that nothing real would pass. Each
kind is a row of `CONTRADICTIONS` and can be allowed by its name. Whether the live model never does
it was observed by nobody: that these fail a test is our choice, but for the forms that the
documentation promises.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from ...protocol.ask import Ask
from ...protocol.schemas import schema_names
from ...protocol.status import Status
from ...protocol.step_reading import text_of
from ...protocol.turn import Turn
from ...wire.http import Json
from ...wording import brief_json, did_you_mean, five_parts, nearest_name, readable_json

Finder: TypeAlias = Callable[[Ask, Turn], Iterator[str]]
"""Yields a sentence for each contradiction between a request and the turn that answers it."""

_HIDDEN_FUNCTIONS = frozenset({"mcp_server", "computer_use", "tool_search"})
"""The tools whose functions are known only to the server."""


def describe_contradictions(ask: Ask, turn: Turn) -> Iterator[tuple[str, str]]:
    """Yield the name of each contradiction, and its text in five parts.

    Turns of recordings are not looked at; those of agents, which have functions of their own, and
    those that end early only for what is wrong whatever was asked.
    """
    if turn.is_verbatim:
        return
    is_judged_by_request = not ask.agent and turn.outcome in _COMPLETE
    for name, find in CONTRADICTIONS.items():
        if not is_judged_by_request and find is not _find_unknown_steps:
            continue
        for sentence in find(ask, turn):
            yield (
                name,
                five_parts(
                    "A scripted reply contradicts the request that it answers.",
                    asked=readable_json(ask.body),
                    nearest=readable_json(list(turn.steps)),
                    difference=sentence,
                    fix="correct the reply, or the request of the code under test; if the test "
                    f'means it, say so with\nfakegemini.allow("{name}")',
                ),
            )


_COMPLETE = frozenset({Status.COMPLETED.value, Status.REQUIRES_ACTION.value})


def _calls(turn: Turn) -> Iterator[Json]:
    return (step for step in turn.steps if step.get("type") == "function_call")


def _declared_functions(ask: Ask) -> dict[str, Json]:
    return {str(tool.get("name")): tool for tool in ask.tools if tool.get("type") == "function"}


def _find_undeclared_calls(ask: Ask, turn: Turn) -> Iterator[str]:
    # A request without any tool is not judged: tests of loops often leave the tools out.
    if not ask.tools or not _HIDDEN_FUNCTIONS.isdisjoint(tool.get("type") for tool in ask.tools):
        return
    functions = _declared_functions(ask)
    for call in _calls(turn):
        if call.get("name") not in functions:
            names = ", ".join(map(repr, functions)) or "no function"
            hint = did_you_mean(call.get("name"), functions)
            yield f"the reply calls {call.get('name')!r}, the request declares {names}{hint}"


def _find_bad_arguments(ask: Ask, turn: Turn) -> Iterator[str]:
    functions = _declared_functions(ask)
    for call in _calls(turn):
        schema = functions.get(str(call.get("name")), {}).get("parameters")
        fault = _find_fault(schema, call.get("arguments", {}))
        if fault:
            yield f"the arguments of {call.get('name')!r} do not fit its parameters: {fault}"


def _find_forbidden_calls(ask: Ask, turn: Turn) -> Iterator[str]:
    if ask.config.get("tool_choice") != "none":
        return
    for call in _calls(turn):
        yield f"the reply calls {call.get('name')!r}, the request has tool_choice 'none'"


def _find_missing_tools(ask: Ask, turn: Turn) -> Iterator[str]:
    if not ask.tools:
        return
    types = {tool.get("type") for tool in ask.tools}
    for step in turn.steps:
        kind = str(step.get("type"))
        tool = kind.removesuffix("_call").removesuffix("_tool")
        is_built_in = kind.endswith("_call") and f"interactions/tool/{tool}" in schema_names()
        if is_built_in and tool not in types and kind != "function_call":
            yield f"the reply has a {kind}, the request does not declare the tool {tool!r}"


def _find_bad_json(ask: Ask, turn: Turn) -> Iterator[str]:
    if not any(ask.body.get(name) for name in ("response_format", "response_mime_type")):
        return
    from ...model.requested_formats import requested_formats, wants_json

    formats = requested_formats(ask)
    text = "".join(text_of(step) for step in turn.steps if step.get("type") == "model_output")
    if len(formats) != 1 or not wants_json(formats[0]) or not text:
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield f"response_format wants JSON, the reply says {brief_json(text)}: {error}"
        return
    fault = _find_fault(formats[0].get("schema"), value)
    if fault:
        yield f"the JSON of the reply does not fit the schema of response_format: {fault}"


def _find_fault(schema: Any, value: Any) -> str:
    """Say where a value does not fit a schema; empty where it fits, or the schema is none."""
    from jsonschema_rs import ReferencingError, ValidationError, validator_for

    if not isinstance(schema, dict):
        return ""
    try:
        judge = validator_for(schema, retriever=_fetch_nothing)
        error = next(judge.iter_errors(value), None)
    except (ValidationError, ReferencingError, ValueError):
        # Types in capitals and the like: nobody can judge by it.
        return ""
    if error is None:
        return ""
    path = "".join(f"[{part!r}]" for part in error.instance_path)
    return f"{path} {error.message}".strip()


def _fetch_nothing(uri: str) -> Any:
    """Refuse to get a schema from elsewhere: a test talks to nobody."""
    raise ValueError(f"{uri} is not fetched")


_MAGIC = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "application/pdf": b"%PDF",
}
"""How the bytes of a type begin."""


def _find_wrong_media(ask: Ask, turn: Turn) -> Iterator[str]:
    for block in _blocks(turn):
        mime_type, data = block.get("mime_type"), block.get("data")
        if not isinstance(data, str) or mime_type not in _MAGIC:
            continue
        try:
            beginning = base64.b64decode(data[:16] + "=" * (-len(data[:16]) % 4))
        except ValueError:
            continue
        actual = next((name for name, magic in _MAGIC.items() if beginning.startswith(magic)), None)
        if actual and actual != mime_type:
            yield f"the reply has a block of mime_type {mime_type}, its bytes are {actual}"


def _find_citations_beyond(ask: Ask, turn: Turn) -> Iterator[str]:
    for block in _blocks(turn):
        size = len(
            str(block.get("text", "")).encode("utf-8", "surrogatepass")
        )  # offsets are of UTF-8 bytes
        annotations = block.get("annotations")
        for annotation in annotations if isinstance(annotations, list) else ():
            end = annotation.get("end_index") if isinstance(annotation, dict) else None
            if isinstance(end, int) and end > size:
                yield f"a citation ends at byte {end}, its text has {size}"


def _blocks(turn: Turn) -> Iterator[Json]:
    for step in turn.steps:
        content = step.get("content")
        if step.get("type") == "model_output" and isinstance(content, list):
            yield from (block for block in content if isinstance(block, dict))


_STEPS = "interactions/step/"
_NEARLY = 0.8
"""How alike two types are of which one is taken for a slip of the other."""


def _find_unknown_steps(ask: Ask, turn: Turn) -> Iterator[str]:
    """Find types that look like a known one; another may be of the server of tomorrow."""
    known_types = [name.removeprefix(_STEPS) for name in schema_names(_STEPS)]
    for step in turn.steps:
        kind = str(step.get("type"))
        nearest = "" if kind in known_types else nearest_name(kind, known_types, cutoff=_NEARLY)
        if nearest:
            yield f"no step has the type {kind!r}, did you mean {nearest!r}?"


ContradictionName: TypeAlias = Literal[
    "undeclared_call",
    "bad_arguments",
    "forbidden_call",
    "missing_tool",
    "bad_json",
    "wrong_media",
    "citation_beyond",
    "unknown_step",
]

CONTRADICTIONS: dict[ContradictionName, Finder] = {
    "undeclared_call": _find_undeclared_calls,
    "bad_arguments": _find_bad_arguments,
    "forbidden_call": _find_forbidden_calls,
    "missing_tool": _find_missing_tools,
    "bad_json": _find_bad_json,
    "wrong_media": _find_wrong_media,
    "citation_beyond": _find_citations_beyond,
    "unknown_step": _find_unknown_steps,
}
"""The kinds of contradictions, by the name that `allow` takes."""
