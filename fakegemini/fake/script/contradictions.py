"""Find where a scripted reply contradicts the request that it answers.

A reply that no model could give to its request lets a test pass that nothing real would pass. Each
kind is a row of `CONTRADICTIONS` and can be allowed by its name. Whether the live model never does
it was observed by nobody: that these fail a test is our choice, but for the forms that the
documentation promises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from ...protocol.ask import Ask
from ...protocol.schemas import schema_names
from ...protocol.status import Status
from ...protocol.step_reading import text_of
from ...protocol.tool_types import FUNCTION, HIDDEN_FUNCTIONS, tool_of_step
from ...protocol.turn import Turn
from ...wire.http import Json
from ...wording import brief_json, did_you_mean, five_parts, nearest_name, readable_json

Finder: TypeAlias = Callable[[Ask, Turn], Iterator[str]]
"""Yields a sentence for each contradiction between a request and the turn that answers it."""


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
    return {str(tool.get("name")): tool for tool in ask.tools if tool.get("type") == FUNCTION}


def _find_undeclared_calls(ask: Ask, turn: Turn) -> Iterator[str]:
    # A request without any tool is not judged: tests of loops often leave the tools out.
    if not ask.tools or not HIDDEN_FUNCTIONS.isdisjoint(tool.get("type") for tool in ask.tools):
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
        fault = _misfit_of(call.get("arguments", {}), schema)
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
        tool = tool_of_step(kind) if kind.endswith("_call") else ""
        if tool not in ("", FUNCTION) and tool not in types:
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
    fault = _misfit_of(value, formats[0].get("schema"))
    if fault:
        yield f"the JSON of the reply does not fit the schema of response_format: {fault}"


def _misfit_of(value: Any, schema: Any) -> str:
    """Say where a value does not fit a schema; empty where it fits, or the schema is none."""
    if not isinstance(schema, dict):
        return ""
    from ...contract.rules.json_fit import find_misfit  # late: few answers need it

    return find_misfit(schema, value)


def _find_wrong_media(ask: Ask, turn: Turn) -> Iterator[str]:
    for block in _blocks(turn):
        mime_type, data = block.get("mime_type"), block.get("data")
        if not isinstance(data, str) or not isinstance(mime_type, str):
            continue
        from ...contract.rules.media_bytes import (  # late: few answers have any
            begins_as,
            guess_type,
        )

        actual = guess_type(data)
        if actual and begins_as(data, mime_type) is False:
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
