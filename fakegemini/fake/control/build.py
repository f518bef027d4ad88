"""Translate checked forms into rules, turns and faults. Nothing is added to a fake here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from ...errors import BadScript, FormMistake
from ...faults.in_force import FaultInForce
from ...faults.registry import make_fault
from ...protocol.background import Course, never_ending, running_for
from ...protocol.builders import call, say, think
from ...protocol.ids import InteractionId
from ...protocol.turn import Turn, check_outcome
from ...wire.http import Json
from ...wire.json_paths import JsonPath as Path
from ..script.reply_options import REPLY_OPTIONS, ReplyOptions
from ..script.rules import Condition, Match, Rule, build_turn

_ANSWERS_ALONE = ("status", "usage", "id", "errors")
"""The options that make a reply even where it has no steps."""


def reply_rule_from_form(form: Json, path: Path) -> Rule:
    """Build the rule of a reply to whatever is asked next."""
    rule = Rule(Match(), _integer_or_none(form.get("times", 1)), [_turn_from_form(form, path)])
    rule.is_optional = form.get("optional", False)
    return rule


def rule_from_form(form: Json, path: Path) -> Rule:
    """Build a rule with its replies, each as often as it says."""
    when = form.get("when", {})
    conditions = {
        name: _condition_from_form(value, (*path, "when", name)) for name, value in when.items()
    }
    turns = [
        turn
        for index, reply in enumerate(form["replies"])
        for turn in [_turn_from_form(reply, (*path, "replies", index))] * int(reply.get("times", 1))
    ]
    times = _integer_or_none(form.get("times"))
    return Rule(Match(conditions), times, [*turns], is_optional=form.get("optional", False))


def fault_in_force_from_form(form: Json, path: Path) -> FaultInForce:
    """Build a fault with its times and its operation."""
    return FaultInForce(make_fault(form, path), form.get("on"), _integer_or_none(form.get("times")))


def _integer_or_none(value: float | None) -> int | None:
    # JSON's whole numbers may be written 2.0.
    return None if value is None else int(value)


def _condition_from_form(value: Any, path: Path) -> Condition:
    if not isinstance(value, dict):
        return value
    try:
        return re.compile(value["pattern"])
    except (re.error, OverflowError, RecursionError) as error:
        raise FormMistake((*path, "pattern"), f"is no regular expression: {error}") from None


def _turn_from_form(form: Json, path: Path) -> Turn:
    steps = _steps_from_form(form)
    if "id" in form and InteractionId.parse(form["id"]) is None:
        raise FormMistake((*path, "id"), "is no id of an interaction; take one that the fake gave")
    names = [name for name in REPLY_OPTIONS if name in form]
    if not steps and not any(form[name] for name in names if name in _ANSWERS_ALONE):
        raise FormMistake(path, 'answers nothing; give it steps, e.g. {"say": "Hello"}')
    options = {name: _option_from_form(name, form[name], (*path, name)) for name in names}
    if "status" in form:
        try:
            check_outcome(form["status"])
        except BadScript as error:
            raise FormMistake((*path, "status"), str(error).removeprefix("status=")) from None
    return build_turn(*steps, **cast(ReplyOptions, options))


def _option_from_form(name: str, value: Any, path: Path) -> Any:
    return _OPTION_READERS[name](value, path) if name in _OPTION_READERS else value


def _steps_from_form(form: Json) -> list[Json | str]:
    listed_steps = form.get("steps", [])
    steps: list[Json | str] = [listed_steps] if isinstance(listed_steps, str) else [*listed_steps]
    if "think" in form:
        steps.append(think(form["think"]))
    if "say" in form:
        steps.append(say(form["say"]))
    calls = form.get("call", [])
    for function_call in calls if isinstance(calls, list) else [calls]:
        steps.append(call(function_call["name"], **function_call.get("arguments", {})))
    return steps


def _course_from_form(form: Json | str) -> Course:
    return never_ending() if isinstance(form, str) else running_for(**form)


_OPTION_READERS: dict[str, Callable[[Any, Path], Any]] = {
    "background": lambda form, path: _course_from_form(form),
    "fault": make_fault,
    "hops": lambda number, path: int(number),  # JSON's whole numbers may be written 2.0
}
"""How the options of a reply are read whose JSON is not the value itself."""
