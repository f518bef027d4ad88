"""Decide which requests a scripted reply is for: rules, and the conditions they set.

Exact by default; a compiled pattern is searched for, a function is asked. What is matched is the
normalised request, see `Ask`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, TypeAlias, TypedDict, Unpack

from ...errors import BadScript
from ...protocol.ask import Ask, steps_of
from ...protocol.builders import say
from ...protocol.ids import InteractionId
from ...protocol.steps import find_unstreamable
from ...protocol.turn import Turn
from ...recordings.own_functions import call_own_function, function_name
from ...wire.bounded_patterns import search_bounded
from ...wire.http import Json
from ..option_values import check_names
from .reply_options import ReplyOptions, turn_members

Condition: TypeAlias = Any
"""A value that must be equal, a compiled pattern that must be found, or a function that decides."""


def _tool_names(ask: Ask) -> list[str]:
    return [str(tool.get("name") or tool.get("type")) for tool in ask.tools]


ASPECTS: dict[str, Callable[[Ask], Any]] = {
    "input": lambda ask: ask.text,
    "model": lambda ask: ask.model,
    "agent": lambda ask: ask.agent,
    "tools": _tool_names,
    "turn": lambda ask: ask.turn,
    "previous": lambda ask: ask.parent,
    "where": lambda ask: ask,
}
"""What each word of `when` looks at. A new word is a row here, and its line below."""


class RuleWords(TypedDict, total=False):
    """The words of `Fake.when`, for type checkers; see there for what each looks at."""

    input: Condition
    model: Condition
    agent: Condition
    tools: Condition
    turn: Condition
    previous: Condition
    where: Callable[[Ask], object] | None


@dataclass(slots=True)
class Match:
    """The conditions of a rule; without any it takes every request."""

    conditions: dict[str, Condition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, condition in self.conditions.items():
            if name == "where" and not callable(condition):
                raise BadScript(f"when(where=…) takes a function of the request, not {condition!r}")
            if isinstance(condition, re.Pattern) and not isinstance(condition.pattern, str):
                raise BadScript(f"when({name}=…) takes a pattern of text, not of {condition!r}")

    def find_misses(self, ask: Ask) -> list[str]:
        """Find why the request does not fit: a line for each condition that it misses."""
        return [
            line
            for name, condition in self.conditions.items()
            if (line := _find_miss(name, condition, ask))
        ]

    def __str__(self) -> str:
        words = ", ".join(
            f"{name}={_condition_text(condition)}" for name, condition in self.conditions.items()
        )
        return f"when({words})" if words else "any request"


def _find_miss(name: str, condition: Condition, ask: Ask) -> str | None:
    actual = ASPECTS[name](ask)
    if name == "input" and isinstance(condition, dict | list):
        actual, condition = list(ask.input_steps), steps_of(condition)
    if name == "previous" and isinstance(condition, bool):
        actual = actual is not None
    if name == "tools" and isinstance(condition, list | tuple | set | frozenset):
        return (
            None
            if sorted(condition) == sorted(actual)
            else _miss_line(name, sorted(condition), actual)
        )
    if isinstance(condition, re.Pattern):
        fits = isinstance(actual, str) and search_bounded(condition, actual)
    elif callable(condition):
        fits = call_own_function(condition, bool, actual)
    else:
        fits = condition == actual
    return None if fits else _miss_line(name, condition, actual)


def _miss_line(name: str, condition: Condition, actual: Any) -> str:
    request_part = "" if name == "where" else f", the request has {actual!r}"
    return f"{name}: the rule wants {_condition_text(condition)}{request_part}"


def _condition_text(condition: Condition) -> str:
    if isinstance(condition, re.Pattern):
        return f"re.compile({condition.pattern!r})"
    return function_name(condition) if callable(condition) else repr(condition)


Answerer: TypeAlias = Callable[[Ask], "Json | str | Turn | Iterable[Json | str]"]
"""A function that is the model: it gets the conversation and gives or yields steps."""


class Level(IntEnum):
    """Whose rule it is: a test's own are asked first, then those of fixtures, then defaults.

    Behind them stands what answers whatever is asked.
    """

    TEST = 0
    FIXTURE = 1
    DEFAULT = 2
    FALLBACK = 3


_LONG_TURN = 65_536
"""How long a turn is, written out, that is a long one."""


@dataclass(slots=True)
class Rule:
    """Which requests, and what they get: its turns in order, the last one again and again.

    `times` is how many requests it answers, None any number. `answer_count` counts them. `origin`
    names the file that it comes from; empty for what a test or a request scripted. One that
    `is_optional` waits for nobody. It `asks_functions` where one makes or spoils a turn, and
    `holds_much` where a turn is long. Rules of a lower `level` are asked before those of a higher
    one.
    """

    match: Match
    times: int | None = None
    turns: list[Turn | Answerer] = field(default_factory=list)
    answer_count: int = 0
    origin: str = ""
    is_optional: bool = False
    level: Level = Level.TEST
    asks_functions: bool = field(default=False, init=False)
    holds_much: bool = field(default=False, init=False)

    @property
    def is_spent(self) -> bool:
        """Whether it has answered as many requests as it answers at all."""
        return self.times is not None and self.answer_count >= self.times

    @property
    def owed_count(self) -> int:
        """How many requests it still waits for: each of its turns must be asked for once."""
        if self.is_optional:
            return 0
        return max(
            0, (max(1, len(self.turns)) if self.times is None else self.times) - self.answer_count
        )

    @property
    def calls_users_code(self) -> bool:
        """Whether it asks a function of the test's, as an answer or as a condition."""
        return self.asks_functions or any(map(callable, self.match.conditions.values()))

    def __post_init__(self) -> None:
        for turn in self.turns:
            self._note_cost(turn)

    def add_turn(self, turn: Turn | Answerer) -> None:
        """Add a turn, or a function that makes one, behind its others."""
        self.turns.append(turn)
        self._note_cost(turn)

    def _note_cost(self, turn: Turn | Answerer) -> None:
        if not isinstance(turn, Turn) or turn.fault is not None:
            self.asks_functions = True
        else:
            self.holds_much = self.holds_much or len(repr(turn.steps)) > _LONG_TURN

    def take_turn(self) -> Turn | Answerer:
        """Take its next turn, or the function that makes it; the request is counted."""
        next_turn = self.turns[min(self.answer_count, len(self.turns) - 1)]
        self.answer_count += 1
        return next_turn

    def covers(self, other: Rule) -> bool:
        """Tell whether it takes, for ever, every request that another rule takes."""
        conditions, other_conditions = self.match.conditions, other.match.conditions
        return (
            self.times is None
            and bool(self.turns)
            and all(
                name in other_conditions and other_conditions[name] == value
                for name, value in conditions.items()
            )
        )


def check_conditions(words: Mapping[str, Condition]) -> dict[str, Condition]:
    """Return the conditions that words of `when` set; `where=None` sets none.

    Raises `TypeError` for an unknown word, as Python does for an unknown argument.
    """
    check_names(words, ASPECTS, "when")
    return {name: words[name] for name in words if name != "where" or words[name] is not None}


def make_rule(times: int | None, conditions: dict[str, Any], *, optional: bool = False) -> Rule:
    """Make a rule without turns; raises `BadScript` for a `times` that cannot be."""
    if times is not None and (not isinstance(times, int) or times < 1):
        raise BadScript(f"times= takes a number of requests from 1, not {times!r}")
    return Rule(Match(conditions), times, is_optional=optional)


def build_turn(*steps: Json | str, **options: Unpack[ReplyOptions]) -> Turn:
    """Build a turn of these steps; a string is short for `say(string)`. Raises `BadScript`."""
    members = turn_members(options)
    hops = members.setdefault("hops", 1)
    if not isinstance(hops, int) or hops < 1:
        raise BadScript(f"hops= takes a number of answers from 1, not {hops!r}")
    if not steps and not any(value for name, value in members.items() if name != "hops"):
        raise BadScript('a reply needs a step, e.g. replies(say("Hello"))')
    return check_turn(Turn(tuple(_as_step(step) for step in steps), **members))


def turn_for(next_turn: Turn | Answerer, ask: Ask) -> Turn:
    """Return a turn as it is, or what its function makes of the request."""
    if isinstance(next_turn, Turn):
        return next_turn
    turn: Turn = call_own_function(next_turn, _turn_from_result, ask)
    return turn


def check_turn(turn: Turn) -> Turn:
    """Return the turn; raises `BadScript` where what it fixes cannot be."""
    if turn.id is not None and not (isinstance(turn.id, str) and InteractionId.parse(turn.id)):
        raise BadScript(
            f"id= takes the id of an interaction, not {turn.id!r}; take one that the fake gave, "
            "such as str(…) of an earlier answer's id, or leave it out"
        )
    return turn


def check_answerer(function: Answerer) -> Answerer:
    """Return the function; raises `BadScript` for what cannot be called."""
    if not callable(function):
        raise BadScript(
            f"answers() takes a function of the request, not {function!r}; what is said whatever "
            "is asked is for replies()"
        )
    return function


def _turn_from_result(result: Any) -> Turn:
    if isinstance(result, Turn):
        return check_turn(replace(result, steps=tuple(map(_as_step, result.steps))))
    if isinstance(result, str | dict):
        return build_turn(result)
    if result is None:
        raise BadScript("the function of answers() gave nothing; it must return or yield steps")
    return build_turn(*result)


def _as_step(step: Json | str) -> Json:
    if isinstance(step, str):
        return say(step)
    if isinstance(step, dict) and isinstance(step.get("type"), str):
        problem = find_unstreamable(step)
        if problem:
            raise BadScript(f"a step of type {step['type']} cannot be streamed: its {problem}")
        return step
    hint = (
        "; a list is no step: call replies() once for each turn, or give the steps of one turn "
        "without the list, replies(*steps)"
        if isinstance(step, list | tuple)
        else ""
    )
    raise BadScript(
        f"a reply is made of steps, not of {step!r}; build them with say(), call(), think(), "
        f"step(){hint}"
    )
