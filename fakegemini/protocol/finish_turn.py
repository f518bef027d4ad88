"""Add what the server adds to a turn: ids, links between call and result, signatures."""

from __future__ import annotations

from dataclasses import replace

from ..wire.http import Json
from .ask import Ask
from .ids import NO_THOUGHT_SIGNATURE, IdSource
from .turn import Turn

_OUTPUT_TYPES = ("function_call", "model_output")
_CODE_CALL = "code_execution_call"
_THOUGHT_TOKENS = 40


def finish(turn: Turn, ask: Ask, ids: IdSource, *, thinks: bool) -> Turn:
    """Complete a turn as the server sends it; what a script fixed stays as it is.

    A thinking model's turn has a thought before its first call or output, even with no thought
    tokens (recorded), and one before the code that it runs (recorded in 2026-10). A function call
    of a stored interaction repeats the signature of its thought (recorded on 2026-10-05; only the
    first call of a batch needs one, measured); the call of code execution always does.
    """
    if turn.is_verbatim:
        return turn
    steps = [dict(step) for step in turn.steps]
    thought_tokens = turn.thought_tokens
    if thinks and steps and not any(step.get("type") == "thought" for step in steps):
        # Recorded: a turn that only digests results does not think.
        digests_results = {step.get("type") for step in ask.steps_to_answer} == {"function_result"}
        first_output = _first_position(steps, _OUTPUT_TYPES) or 0
        first_code = _first_position(steps, (_CODE_CALL,))
        positions = {first_output} if first_code is None else {first_code, first_output}
        for position in sorted(positions, reverse=True):
            signature = NO_THOUGHT_SIGNATURE if digests_results else ids.signature()
            steps.insert(position, {"signature": signature, "type": "thought"})
    if not thought_tokens and any(_costs_tokens(step) for step in steps):
        thought_tokens = _THOUGHT_TOKENS
    return replace(turn, steps=tuple(_link_steps(steps, ask, ids)), thought_tokens=thought_tokens)


def _first_position(steps: list[Json], types: tuple[str, ...]) -> int | None:
    return next((n for n, step in enumerate(steps) if step.get("type") in types), None)


def _costs_tokens(step: Json) -> bool:
    return step.get("type") == "thought" and step.get("signature") != NO_THOUGHT_SIGNATURE


def _link_steps(steps: list[Json], ask: Ask, ids: IdSource) -> list[Json]:
    links = _CallLinks()
    signs_calls = ask.store and ask.era.does("calls are signed")
    signature: str | None = None
    linked_steps = []
    for step in steps:
        step_type = str(step.get("type"))
        if step_type == "thought":
            step = {"signature": ids.signature(), **step} if "signature" not in step else step
            signature = step["signature"] or None
        elif step_type.endswith("_call"):
            identity = {"id": step.get("id") or ids.call_id(step_type)}
            links.add_call(step_type.removesuffix("_call"), identity["id"])
            is_signed = step_type == _CODE_CALL or (step_type == "function_call" and signs_calls)
            if is_signed and "signature" not in step and signature:
                identity["signature"], signature = signature, None
            step = {**identity, **{key: step[key] for key in step if key != "id"}}
        elif step_type.endswith("_result"):
            call_id = links.answer_call(step_type.removesuffix("_result"), step.get("call_id"))
            if call_id and "call_id" not in step:
                step = {"call_id": call_id, **step}
        linked_steps.append(step)
    return linked_steps


class _CallLinks:
    """Finds the call that a result answers: the oldest of its family that waits, or the newest."""

    def __init__(self) -> None:
        self._calls: dict[str, list[str]] = {}
        self._answered_ids: set[str] = set()

    def add_call(self, family: str, call_id: str) -> None:
        self._calls.setdefault(family, []).append(call_id)

    def answer_call(self, family: str, call_id: str | None) -> str | None:
        calls = self._calls.get(family, [])
        waiting_calls = [call for call in calls if call not in self._answered_ids]
        answered_id = call_id or next(iter(waiting_calls or calls[-1:]), None)
        self._answered_ids |= {answered_id} if answered_id else set()
        return answered_id
