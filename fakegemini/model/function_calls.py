"""Which declared functions the prompt asks for, and with which arguments."""

from __future__ import annotations

import re
from typing import Any

from ..protocol.ask import Ask
from ..protocol.ids import Mint
from ..wire.http import Json
from .tools.tool_search import found, just_searched
from .values.fit import fit
from .values.json_schema import vocabulary
from .values.prompt_values import Offer
from .values.prompt_words import Mention, mentions, parts, stems

_MOST = 8  # calls in one turn
_CLAUSE = re.compile(r"[,;.?!]\s|\b(?:and|then|also|plus)\b", re.IGNORECASE)
_OFTEN = {"twice": 2, "thrice": 3}
_NAMED = 100


def mode(ask: Ask) -> str:
    """How functions may be called: auto, any, none or validated."""
    choice = ask.config.get("tool_choice")
    allowed = _allowed(ask)
    named = allowed.get("mode") if allowed else choice
    return named.lower() if isinstance(named, str) else "auto"


def callable_functions(ask: Ask) -> list[Json]:
    """The functions that `tool_choice` leaves: those found by a tool search, then the declared."""
    declared = [t for t in ask.tools if t.get("type") == "function" and t.get("name")]
    loaded = {function["name"]: function for function in found(ask)}
    if just_searched(ask):  # what it did not find is not there: no second search for it
        declared = [tool for tool in declared if not tool.get("defer_loading")]
    declared = [*loaded.values(), *(tool for tool in declared if tool["name"] not in loaded)]
    allowed = _allowed(ask)
    names = allowed.get("tools") if allowed else None
    return [tool for tool in declared if not names or tool["name"] in names]


def _allowed(ask: Ask) -> Json | None:
    choice = ask.config.get("tool_choice")
    allowed = choice.get("allowed_tools") if isinstance(choice, dict) else None
    return allowed if isinstance(allowed, dict) else None


def score(function: Json, text: str) -> int:
    """How well a function suits a text: its own name counts most, then the words of its name."""
    name = str(function["name"])
    spoken = r"[\s_-]*".join(map(re.escape, parts(name)))
    if spoken and re.search(rf"(?<!\w){spoken}(?!\w)", text[:4000], re.IGNORECASE):
        return _NAMED
    said, schema = stems(text), function.get("parameters")
    members = schema.get("properties") if isinstance(schema, dict) else None
    about = stems(str(function.get("description", "")))
    values = stems(" ".join([*(members if isinstance(members, dict) else ()), *vocabulary(schema)]))
    return 4 * len(stems(name) & said) + len(about & said) + len(values & said)


def wanted(functions: list[Json], text: str) -> bool:
    """Whether the text asks for one of the functions rather than for anything else."""
    return any(score(function, text) >= 2 for function in functions)


def calls(functions: list[Json], text: str, mint: Mint) -> list[Json]:
    """The call steps: at least one, the functions in order of mention."""
    made = [
        (function, arguments)
        for function, clause in _assigned(functions, text)
        for arguments in _arguments(function, clause, text)
    ]
    if len(made) == 1:
        made *= next((times for word, times in _OFTEN.items() if word in text.lower()), 1)
    return [
        {
            "id": mint.call_id(),
            "type": "function_call",
            "name": function["name"],
            "arguments": arguments,
        }
        for function, arguments in made[:_MOST]
    ]


def _assigned(functions: list[Json], text: str) -> list[tuple[Json, str]]:
    # Each clause goes to the function it suits; one that suits none belongs to the one before.
    assigned: list[tuple[Json, int]] = []
    starts = [0, *(hit.end() for hit in _CLAUSE.finditer(text[:4000]))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        best = _best(functions, text[start:end])
        if score(best, text[start:end]) >= 4 and (not assigned or assigned[-1][0] is not best):
            assigned.append((best, start))
    if len({id(function) for function, _ in assigned}) < 2:
        if len(functions) == 2 and re.search(r"\bboth\b", text, re.IGNORECASE):
            return [(function, text) for function in functions]
        return [(_best(functions, text), text)]
    begins = [0, *(start for _, start in assigned[1:])]
    ends = [*begins[1:], len(text)]
    return [
        (function, text[begin:end])
        for (function, _), begin, end in zip(assigned, begins, ends, strict=True)
    ]


def _best(functions: list[Json], text: str) -> Json:
    return max(functions, key=lambda function: score(function, text))


def _arguments(function: Json, clause: str, text: str) -> list[Json]:
    schema = function.get("parameters") or {"type": "object"}
    terms = vocabulary(schema)
    found = mentions(clause, terms) or mentions(text, terms)
    first, taken = _fitted(schema, clause, found)
    every = [first]
    for one in taken:
        alike = [other for other in found if other.group == one.group]
        if len(alike) > 1 and sum(other in alike for other in taken) == 1:
            # The prompt enumerates values for one argument: a call for each of them.
            for other in alike:
                if other is not one:
                    rest = tuple(m for m in found if m.group != one.group or m is other)
                    every.append(_fitted(schema, clause, rest)[0])
            break
    return every


def _fitted(schema: Any, text: str, found: tuple[Mention, ...]) -> tuple[Json, list[Mention]]:
    value, offer = fit(schema, lambda: Offer(text, found), thrifty=True)
    return (value if isinstance(value, dict) else {}), offer.taken
