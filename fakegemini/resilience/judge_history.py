"""Judge what a client sends back: the results of calls, and signed history.

A judge returns what the client did wrong, or None.
"""

from __future__ import annotations

from typing import Any

from ..errors import BadBody
from ..protocol.ask import steps_of
from ..protocol.request_log import LoggedRequest
from ..protocol.signatures import SENTINELS
from ..protocol.step_reading import FROM_THE_USER, hoist_results, text_of, unanswered_calls
from ..wire.http import Json
from .evidence import Evidence


def judge_call_results(evidence: Evidence) -> str | None:
    """Find a client that leaves one of several calls of a turn without a result."""
    for request in evidence.requests.creates:
        call_ids = (
            {str(call["id"]) for call in unanswered_calls(request.interaction.steps)}
            if request.interaction
            else set()
        )
        if len(call_ids) < 2:
            continue
        answer_counts = [
            len(answered_ids)
            for create in evidence.requests.creates
            if (answered_ids := _answered_call_ids(create, call_ids))
        ]
        if answer_counts and min(answer_counts) < len(call_ids):
            return f"answered {min(answer_counts)} of {len(call_ids)} calls in one request"
        if not answer_counts and not evidence.error and evidence.came_back:
            return f"{evidence.outcome} and answered none of {len(call_ids)} calls"
    return None


def _answered_call_ids(request: LoggedRequest, call_ids: set[str]) -> set[str]:
    """Return which of these calls a request has results for."""
    input_steps = _input_steps(request)
    return {
        str(step.get("call_id")) for step in input_steps if step.get("type") == "function_result"
    } & call_ids


def _input_steps(request: LoggedRequest) -> list[Json]:
    try:
        body: Any = request.json()
    except BadBody:
        return []
    return hoist_results(steps_of(body.get("input"))) if isinstance(body, dict) else []


def judge_missing_signatures(evidence: Evidence) -> str | None:
    """Find a client that resends a turn of the model without the signature of its thought."""
    turns = [create.interaction.steps for create in evidence.requests.creates if create.interaction]
    known_signatures = {
        step["signature"] for turn in turns for step in turn if step.get("signature")
    }
    for request in evidence.requests.creates:
        resent_steps = _resent_steps(request)
        resent_signatures = {step.get("signature") for step in resent_steps}
        if any(
            _is_thought(step) and step.get("signature") not in (None, "", *known_signatures)
            for step in resent_steps
        ):
            continue  # it was edited, which another day judges
        for step in resent_steps:
            # Two turns may have said the same words: one of them must be whole.
            possible_signatures = [
                _signatures_of(turn) for turn in turns if _is_step_of(turn, step)
            ]
            if possible_signatures and all(
                signatures and not signatures & resent_signatures
                for signatures in possible_signatures
            ):
                return "resent a turn of the model without the signature of its thought"
    return None


def judge_edited_signatures(evidence: Evidence) -> str | None:
    """Find a client that resends a thought with a signature that no thought had."""
    known_signatures = {
        step.get("signature")
        for create in evidence.requests.creates
        if create.interaction
        for step in create.interaction.steps
    }
    for request in evidence.requests.creates:
        for step in _resent_steps(request):
            signature = step.get("signature")
            if _is_thought(step) and signature and signature not in known_signatures | SENTINELS:
                return f"resent a thought signed {str(signature)[:12]}…, which no thought was"
    return None


def _resent_steps(request: LoggedRequest) -> tuple[Json, ...]:
    # The server itself keeps the history of a request that names its parent.
    return request.resent if request.interaction and not request.interaction.ask.parent else ()


def _is_thought(step: Json) -> bool:
    return step.get("type") == "thought"


def _signatures_of(turn: tuple[Json, ...]) -> set[str]:
    return {step["signature"] for step in turn if step.get("signature")} - SENTINELS


def _is_step_of(turn: tuple[Json, ...], resent_step: Json) -> bool:
    """Return whether a step that was resent is of that turn, by its id or else by its text."""
    if resent_step.get("type") in FROM_THE_USER or _is_thought(resent_step):
        return False
    key, text = resent_step.get("id"), text_of(resent_step)
    candidates = (step for step in turn if step.get("type") == resent_step.get("type"))
    return any(
        candidate.get("id") == key if key else bool(text) and text_of(candidate) == text
        for candidate in candidates
    )
