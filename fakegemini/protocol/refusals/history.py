"""What does not fit together in a conversation: calls, their results, signatures, media."""

from __future__ import annotations

from collections.abc import Iterator

from ...wire.http import Json
from ..ask import FROM_THE_USER, unanswered_calls
from . import limits, refusal
from .refusal import Refusal
from .subject import Check, Subject, media_blocks


def unpaired_call_or_result(subject: Subject) -> Refusal | None:
    """A result without a call, two for one call, and a call without a result.

    The only rule anybody reported is that results follow their calls at once.
    """
    ask = subject.ask
    call_ids = {step.get("id") for step in ask.conversation if step.get("type") == "function_call"}
    answered_ids: set[str] = set()
    for result in ask.results:
        call_id = str(result.get("call_id"))
        if call_id not in call_ids or call_id in answered_ids:
            return _refuse_out_of_place(result)
        answered_ids.add(call_id)
    waiting_calls = unanswered_calls(ask.conversation)
    if waiting_calls and (ask.results or ask.history):
        return _refuse_out_of_place(waiting_calls[0])
    return None


def result_out_of_order(subject: Subject) -> Refusal | None:
    """In resent history, a result that does not come right behind the turn that called.

    What stands beside it in the user's turn does not matter. The server runs functions of agents
    itself, so their history is not looked at.
    """
    if subject.ask.parent or subject.ask.agent:
        return None
    call_ids: set[str] = set()
    for turn in _split_turns(subject.ask.conversation):
        if turn[0].get("type") not in FROM_THE_USER:
            call_ids = {str(step.get("id")) for step in turn}
            continue
        for step in turn:
            if step.get("type") == "function_result" and str(step.get("call_id")) not in call_ids:
                return _refuse_out_of_place(step)
    return None


def _split_turns(steps: tuple[Json, ...]) -> Iterator[list[Json]]:
    """Runs of the user's steps and of the model's, in turn."""
    turn: list[Json] = []
    for step in steps:
        if turn and (step.get("type") in FROM_THE_USER) != (turn[0].get("type") in FROM_THE_USER):
            yield turn
            turn = []
        turn.append(step)
    if turn:
        yield turn


def _refuse_out_of_place(step: Json) -> Refusal:
    return refusal.result_out_of_place(str(step.get("name", "")))


def no_audio_input(subject: Subject) -> Refusal | None:
    """Measured where a track that the model had made came back to it in a chain."""
    if subject.model is None or subject.model.hears:
        return None
    has_audio = any(block["type"] == "audio" for block in media_blocks(subject.ask.conversation))
    return limits.no_audio_input() if has_audio else None


def bad_signature(subject: Subject) -> Refusal | None:
    """Signatures of history that the client keeps; that of a chain the server has itself."""
    ask = subject.ask
    if ask.parent or ask.agent or (subject.model and not subject.model.signed):
        return None
    problem = subject.signatures.find_problem(ask.conversation)
    if problem is None:
        return None
    make_refusal = _SIGNATURE_REFUSALS[problem.kind]
    return make_refusal(
        f"{_input_place(subject, problem.step)} ({problem.step.get('type')}): {problem.reason}"
    )


_SIGNATURE_REFUSALS = {
    "missing": limits.unsigned_call,
    "altered": limits.corrupted_signature,
    "moved": limits.misplaced_signature,
}


def _input_place(subject: Subject, step: Json) -> str:
    input_value = subject.body.get("input")
    if isinstance(input_value, list):
        for index, input_step in enumerate(input_value):
            if input_step is step:
                return f"input[{index}]"
    return "input"


HISTORY: tuple[Check, ...] = (
    unpaired_call_or_result,
    result_out_of_order,
    no_audio_input,
    bad_signature,
)
"""The fourth layer: what was said before."""
