"""Checked forms as what the script and the weather are made of. Nothing is added here."""

from __future__ import annotations

import re
from typing import Any

from ...errors import Misplaced
from ...faults.in_force import Spell
from ...faults.registry import fault_of
from ...protocol.background import Course, never_ending, running_for
from ...protocol.builders import call, say, think
from ...protocol.ids import InteractionId
from ...protocol.turn import Turn
from ...wire.http import Json
from ...wire.json_paths import JsonPath as Path
from ..script.rules import Match, Rule, Wanted, turn_of

_FIXED = ("status", "usage", "id")


def rule_of_reply(form: Json, path: Path) -> Rule:
    """A reply to whatever is asked next."""
    return Rule(Match(), _count(form.get("times", 1)), [_turn(form, path)])


def rule_of(form: Json, path: Path) -> Rule:
    """A rule with its replies, each as often as it says."""
    when = form.get("when", {})
    wanted = {name: _wanted(value, (*path, "when", name)) for name, value in when.items()}
    turns = [
        turn
        for at, reply in enumerate(form["replies"])
        for turn in [_turn(reply, (*path, "replies", at))] * int(reply.get("times", 1))
    ]
    return Rule(Match(wanted), _count(form.get("times")), [*turns])


def spell_of(form: Json, path: Path) -> Spell:
    """A fault with its times and its operation."""
    return Spell(fault_of(form, path), form.get("on"), _count(form.get("times")))


def _count(value: float | None) -> int | None:
    # JSON's whole numbers may be written 2.0.
    return None if value is None else int(value)


def _wanted(value: Any, path: Path) -> Wanted:
    if not isinstance(value, dict):
        return value
    try:
        return re.compile(value["pattern"])
    except (re.error, OverflowError, RecursionError) as error:
        raise Misplaced((*path, "pattern"), f"is no regular expression: {error}") from None


def _turn(form: Json, path: Path) -> Turn:
    steps = _steps(form)
    if "id" in form and InteractionId.parse(form["id"]) is None:
        raise Misplaced((*path, "id"), "is no id of an interaction; take one that the fake gave")
    fixed = {name: form[name] for name in _FIXED if name in form}
    errors = tuple(form.get("errors", ()))
    if not steps and not any(fixed.values()) and not errors:
        raise Misplaced(path, 'answers nothing; give it steps, e.g. {"say": "Hello"}')
    return turn_of(
        *steps,
        hops=int(form.get("hops", 1)),
        **fixed,
        errors=errors,
        course=_course(form["background"]) if "background" in form else None,
        fault=fault_of(form["fault"], (*path, "fault")) if "fault" in form else None,
    )


def _steps(form: Json) -> list[Json | str]:
    given = form.get("steps", [])
    steps: list[Json | str] = [given] if isinstance(given, str) else [*given]
    if "think" in form:
        steps.append(think(form["think"]))
    if "say" in form:
        steps.append(say(form["say"]))
    calls = form.get("call", [])
    for each in calls if isinstance(calls, list) else [calls]:
        steps.append(call(each["name"], **each.get("arguments", {})))
    return steps


def _course(form: Json | str) -> Course:
    return never_ending() if isinstance(form, str) else running_for(**form)
