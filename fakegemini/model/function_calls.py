"""Choose which functions the prompt asks for, and make calls whose arguments fit their schemas."""

from __future__ import annotations

import re
from typing import Any

from ..wire.http import Json
from .step_builders import function_call_step
from .task import Task
from .values.fit import fit
from .values.json_schema import enum_words
from .values.mentions import Mention, find_mentions
from .values.prompt_values import PromptValues
from .values.words import SEARCHED_LENGTH, split_identifier, word_stems

_MAX_CALLS = 8  # calls in one turn
_CLAUSE = re.compile(r"[,;.?!]\s|\b(?:and|then|also|plus)\b", re.IGNORECASE)
_REPETITIONS = {"twice": 2, "thrice": 3}
_NAME_SCORE = 100  # the prompt has the function's own name
_NAME_WORD_SCORE = 4  # the prompt has a word of its name
_ASKING_SCORE = 2  # from here on the prompt asks for the function rather than for anything else


def asks_for_function(functions: list[Json], text: str) -> bool:
    """Return whether the text asks for one of the functions rather than for anything else."""
    return any(_score_function(function, text) >= _ASKING_SCORE for function in functions)


def make_calls(task: Task, functions: list[Json]) -> list[Json]:
    """Return the call steps, at least one and at most eight: the functions in order of mention."""
    text = task.situation.question
    calls = [
        (function, arguments)
        for function, clause in _assign_clauses(functions, text)
        for arguments in _argument_sets(function, clause, text)
    ]
    if len(calls) == 1:
        calls *= next((times for word, times in _REPETITIONS.items() if word in text.lower()), 1)
    return [
        function_call_step(task.ids, function["name"], arguments)
        for function, arguments in calls[:_MAX_CALLS]
    ]


def _score_function(function: Json, text: str) -> int:
    """Return how well a function suits a text: its whole name counts most, then its words."""
    name = str(function["name"])
    name_pattern = r"[\s_-]*".join(map(re.escape, split_identifier(name)))
    searched_text = text[:SEARCHED_LENGTH]
    if name_pattern and re.search(rf"(?<!\w){name_pattern}(?!\w)", searched_text, re.IGNORECASE):
        return _NAME_SCORE
    prompt_stems, schema = word_stems(text), function.get("parameters")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    description_stems = word_stems(str(function.get("description", "")))
    value_stems = word_stems(
        " ".join([*(properties if isinstance(properties, dict) else ()), *enum_words(schema)])
    )
    return (
        _NAME_WORD_SCORE * len(word_stems(name) & prompt_stems)
        + len(description_stems & prompt_stems)
        + len(value_stems & prompt_stems)
    )


def _assign_clauses(functions: list[Json], text: str) -> list[tuple[Json, str]]:
    """Return the functions to call, each with its part of the prompt.

    Each clause goes to the function it suits; one that suits none belongs to the one before.
    """
    assignments: list[tuple[Json, int]] = []
    starts = [0, *(hit.end() for hit in _CLAUSE.finditer(text[:SEARCHED_LENGTH]))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        best = _best_function(functions, text[start:end])
        if _score_function(best, text[start:end]) >= _NAME_WORD_SCORE and (
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
    return max(functions, key=lambda function: _score_function(function, text))


def _argument_sets(function: Json, clause: str, text: str) -> list[Json]:
    """Return the arguments of each call: several where the prompt lists values for one argument."""
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
    """Return arguments for the schema, and the mentions of the prompt that they use."""
    value, prompt_values, _ = fit(schema, lambda: PromptValues(text, mentions), for_call=True)
    return (value if isinstance(value, dict) else {}), prompt_values.used_mentions
