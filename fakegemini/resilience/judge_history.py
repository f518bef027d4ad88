"""Judges of what a client sends back: the results of calls, and signed history."""

from __future__ import annotations

from typing import Any

from ..errors import BadBody
from ..protocol.ask import FROM_THE_USER, hoisted, steps_of, text_of, unanswered
from ..protocol.request_log import Asked
from ..protocol.signatures import SENTINELS
from ..wire.http import Json
from .evidence import Evidence


def answers_some(day: Evidence) -> str | None:
    """Leaves one of several calls of a turn without a result."""
    for asked in day.requests.creates:
        calls = {str(one["id"]) for one in unanswered(asked.made.steps)} if asked.made else set()
        if len(calls) < 2:
            continue
        told = [
            len(answered) for one in day.requests.creates if (answered := _answered(one, calls))
        ]
        if told and min(told) < len(calls):
            return f"answered {min(told)} of {len(calls)} calls in one request"
        if not told and not day.error and day.ended:
            return f"{day.outcome} and answered none of {len(calls)} calls"
    return None


def _answered(asked: Asked, calls: set[str]) -> set[str]:
    given = _given(asked)
    return {
        str(one.get("call_id")) for one in given if one.get("type") == "function_result"
    } & calls


def _given(asked: Asked) -> list[Json]:
    try:
        body: Any = asked.json()
    except BadBody:
        return []
    return hoisted(steps_of(body.get("input"))) if isinstance(body, dict) else []


def drops_signatures(day: Evidence) -> str | None:
    """Resends what the model said without the signature of the thought before it."""
    turns = [one.made.steps for one in day.requests.creates if one.made]
    given = {step["signature"] for turn in turns for step in turn if step.get("signature")}
    for asked in day.requests.creates:
        resent = _resent(asked)
        there = {step.get("signature") for step in resent}
        if any(
            _thinks(step) and step.get("signature") not in (None, "", *given) for step in resent
        ):
            continue  # edited, which is another fault
        for step in resent:
            # Two turns may have said the same words: one of them must be whole.
            maybe = [_signatures(turn) for turn in turns if _said(turn, step)]
            if maybe and all(signed and not signed & there for signed in maybe):
                return "resent a turn of the model without the signature of its thought"
    return None


def edits_signatures(day: Evidence) -> str | None:
    """Resends a thought with a signature that no thought had."""
    given = {
        step.get("signature") for one in day.requests.creates if one.made for step in one.made.steps
    }
    for asked in day.requests.creates:
        for step in _resent(asked):
            signature = step.get("signature")
            if _thinks(step) and signature and signature not in given | SENTINELS:
                return f"resent a thought signed {str(signature)[:12]}…, which no thought was"
    return None


def _resent(asked: Asked) -> tuple[Json, ...]:
    # What has a parent is history that the server keeps itself.
    return asked.resent if asked.made and not asked.made.ask.parent else ()


def _thinks(step: Json) -> bool:
    return step.get("type") == "thought"


def _signatures(turn: tuple[Json, ...]) -> set[str]:
    return {step["signature"] for step in turn if step.get("signature")} - SENTINELS


def _said(turn: tuple[Json, ...], resent: Json) -> bool:
    """Whether a step that came back is of that turn: known by its id, or by its words."""
    if resent.get("type") in FROM_THE_USER or _thinks(resent):
        return False
    key, words = resent.get("id"), text_of(resent)
    same = (one for one in turn if one.get("type") == resent.get("type"))
    return any(
        one.get("id") == key if key else bool(words) and text_of(one) == words for one in same
    )
