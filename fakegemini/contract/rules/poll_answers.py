"""What holds between an answer and a later one about the same interaction: it says the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...protocol.step_reading import FROM_THE_USER
from ...wire.http import Json
from ...wire.json_paths import ABSENT, find_differences, join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .recorder_marks import is_redacted
from .registry import CHAINS, IDENTITY_SCOPE, add_rule, problem

_MEMBERS = ("usage", "service_tier", "object", "environment_id")
_MEDIA_MEMBERS = frozenset(("data", "uri"))
"""A film may be a URI in one answer and inline in another (measured)."""

add_rule(
    "answer-moved",
    "a GET shows of a final interaction what the answer before it showed",
    otherwise="drift for everything but model and agent",
    bears_on="polls",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example='response.body.model: "gemini-2.5-flash"; expected "gemini-3.8-flash", as before',
)


def check_same_answer(
    previous: Json, earlier_steps: list[Json], body: Json, steps: list[Json], *, streamed: bool
) -> Iterator[Problem]:
    """Find what two answers about one final interaction say differently.

    Types of steps and times have rules of their own; `streamed`: one of them was a stream, whose
    signatures differ from those of bodies (recorded).
    """
    for name in ("model", "agent"):
        if name in previous and name in body and previous[name] != body[name]:
            expected = f"{brief_json(previous[name])}, as before"
            yield problem("answer-moved", name, brief_json(body[name]), expected)
    for name in _MEMBERS:
        if name in previous and name in body:
            yield from _differences(previous[name], body[name], name)
    numbers = [at for at, step in enumerate(steps) if step.get("type") not in FROM_THE_USER]
    own_steps = [step for step in earlier_steps if step.get("type") not in FROM_THE_USER]
    if len(numbers) != len(own_steps):
        return
    for number, earlier_step in zip(numbers, own_steps, strict=True):
        if earlier_step.get("type") == steps[number].get("type"):
            yield from _step_differences(earlier_step, steps[number], number, streamed=streamed)


def _step_differences(
    earlier_step: Json, step: Json, number: int, *, streamed: bool
) -> Iterator[Problem]:
    for each in _differences(earlier_step, step, f"steps[{number}]"):
        name = each.path.rpartition(".")[2]
        if name in _MEDIA_MEMBERS or (name == "signature" and streamed):
            continue
        yield each


def _differences(earlier: Any, later: Any, path: str) -> Iterator[Problem]:
    if earlier == later and repr(earlier) == repr(later):  # a number may equal a boolean
        return
    for place, before, after in find_differences(earlier, later):
        if _is_placeholder(before) or _is_placeholder(after):
            continue
        expected = "nothing" if before is ABSENT else brief_json(before)
        observed = "it is not there" if after is ABSENT else brief_json(after)
        where = join_path(path, place)
        yield problem("answer-moved", where, observed, f"{expected}, as before", kind=Kind.DRIFT)


def _is_placeholder(value: Any) -> bool:
    """Say whether a recorder put this there; a text with spaces is prose, stars and all."""
    return isinstance(value, str) and " " not in value and is_redacted(value)
