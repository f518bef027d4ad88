"""Which declared functions the prompt asks for, and with which arguments."""

from __future__ import annotations

import re
from typing import Any

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..wire.http import Json
from .tools.tool_search import follows_search, loaded_functions
from .values.fit import fit
from .values.json_schema import enum_words
from .values.prompt_values import PromptValues
from .values.prompt_words import Mention, find_mentions, split_identifier, word_stems

_MAX_CALLS = 8  # calls in one turn
_CLAUSE = re.compile(r"[,;.?!]\s|\b(?:and|then|also|plus)\b", re.IGNORECASE)
_REPETITIONS = {"twice": 2, "thrice": 3}
_NAME_SCORE = 100


def tool_choice_mode(ask: Ask) -> str:
    """How functions may be called: auto, any, none or validated."""
    choice = ask.config.get("tool_choice")
    allowed_tools = _allowed_tools(ask)
    setting = allowed_tools.get("mode") if allowed_tools else choice
    return setting.lower() if isinstance(setting, str) else "auto"


def callable_functions(ask: Ask) -> list[Json]:
    """The functions that `tool_choice` leaves: those found by a tool search, then the declared."""
    functions = [tool for tool in ask.tools if tool.get("type") == "function" and tool.get("name")]
    loaded_by_name = {function["name"]: function for function in loaded_functions(ask)}
    if follows_search(ask):  # what it did not find is not there: no second search for it
        functions = [tool for tool in functions if not tool.get("defer_loading")]
    functions = [
        *loaded_by_name.values(),
        *(tool for tool in functions if tool["name"] not in loaded_by_name),
    ]
    allowed_tools = _allowed_tools(ask)
    allowed_names = allowed_tools.get("tools") if allowed_tools else None
    return [tool for tool in functions if not allowed_names or tool["name"] in allowed_names]


def _allowed_tools(ask: Ask) -> Json | None:
    choice = ask.config.get("tool_choice")
    allowed_tools = choice.get("allowed_tools") if isinstance(choice, dict) else None
    return allowed_tools if isinstance(allowed_tools, dict) else None


def score_function(function: Json, text: str) -> int:
    """How well a function suits a text: its own name counts most, then the words of its name."""
    name = str(function["name"])
    name_pattern = r"[\s_-]*".join(map(re.escape, split_identifier(name)))
    if name_pattern and re.search(rf"(?<!\w){name_pattern}(?!\w)", text[:4000], re.IGNORECASE):
        return _NAME_SCORE
    prompt_stems, schema = word_stems(text), function.get("parameters")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    description_stems = word_stems(str(function.get("description", "")))
    value_stems = word_stems(
        " ".join([*(properties if isinstance(properties, dict) else ()), *enum_words(schema)])
    )
    return (
        4 * len(word_stems(name) & prompt_stems)
        + len(description_stems & prompt_stems)
        + len(value_stems & prompt_stems)
    )


def asks_for_function(functions: list[Json], text: str) -> bool:
    """Whether the text asks for one of the functions rather than for anything else."""
    return any(score_function(function, text) >= 2 for function in functions)


def make_calls(functions: list[Json], text: str, ids: IdSource) -> list[Json]:
    """The call steps: at least one, the functions in order of mention."""
    calls = [
        (function, arguments)
        for function, clause in _assign_clauses(functions, text)
        for arguments in _argument_sets(function, clause, text)
    ]
    if len(calls) == 1:
        calls *= next((times for word, times in _REPETITIONS.items() if word in text.lower()), 1)
    return [
        {
            "id": ids.call_id(),
            "type": "function_call",
            "name": function["name"],
            "arguments": arguments,
        }
        for function, arguments in calls[:_MAX_CALLS]
    ]


def _assign_clauses(functions: list[Json], text: str) -> list[tuple[Json, str]]:
    # Each clause goes to the function it suits; one that suits none belongs to the one before.
    assignments: list[tuple[Json, int]] = []
    starts = [0, *(hit.end() for hit in _CLAUSE.finditer(text[:4000]))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        best = _best_function(functions, text[start:end])
        if score_function(best, text[start:end]) >= 4 and (
            not assignments or assignments[-1][0] is not best
        ):
            assignments.append((best, start))
    if len({id(function) for function, _ in assignments}) < 2:
        if len(functions) == 2 and re.search(r"\bboth\b", text, re.IGNORECASE):
            return [(function, text) for function in functions]
        return [(_best_function(functions, text), text)]
    begins = [0, *(start for _, start in assignments[1:])]
    ends = [*begins[1:], len(text)]
    return [
        (function, text[begin:end])
        for (function, _), begin, end in zip(assignments, begins, ends, strict=True)
    ]


def _best_function(functions: list[Json], text: str) -> Json:
    return max(functions, key=lambda function: score_function(function, text))


def _argument_sets(function: Json, clause: str, text: str) -> list[Json]:
    schema = function.get("parameters") or {"type": "object"}
    terms = enum_words(schema)
    prompt_mentions = find_mentions(clause, terms) or find_mentions(text, terms)
    arguments, used_mentions = _fit_arguments(schema, clause, prompt_mentions)
    argument_sets = [arguments]
    for mention in used_mentions:
        enumeration = [
            candidate for candidate in prompt_mentions if candidate.group == mention.group
        ]
        if (
            len(enumeration) > 1
            and sum(candidate in enumeration for candidate in used_mentions) == 1
        ):
            # The prompt enumerates values for one argument: a call for each of them.
            for sibling in enumeration:
                if sibling is not mention:
                    remaining_mentions = tuple(
                        candidate
                        for candidate in prompt_mentions
                        if candidate.group != mention.group or candidate is sibling
                    )
                    argument_sets.append(_fit_arguments(schema, clause, remaining_mentions)[0])
            break
    return argument_sets


def _fit_arguments(
    schema: Any, text: str, mentions: tuple[Mention, ...]
) -> tuple[Json, list[Mention]]:
    value, prompt_values = fit(schema, lambda: PromptValues(text, mentions), for_call=True)
    return (value if isinstance(value, dict) else {}), prompt_values.used_mentions
