"""What does not fit together in a conversation: calls, their results, signatures, media."""

from __future__ import annotations

from collections.abc import Iterator

from ...wire.http import Json
from ..ask import FROM_THE_USER, unanswered
from . import limits, refusal
from .refusal import Refusal
from .subject import Check, Look, media


def unpaired(look: Look) -> Refusal | None:
    """A result without a call, two for one call, and a call without a result.

    The only rule anybody reported is that results follow their calls at once.
    """
    ask = look.ask
    calls = {step.get("id") for step in ask.conversation if step.get("type") == "function_call"}
    seen: set[str] = set()
    for result in ask.results:
        call = str(result.get("call_id"))
        if call not in calls or call in seen:
            return _out_of_place(result)
        seen.add(call)
    waiting = unanswered(ask.conversation)
    if waiting and (ask.results or ask.history):
        return _out_of_place(waiting[0])
    return None


def out_of_order(look: Look) -> Refusal | None:
    """In resent history, a result that does not come right behind the turn that called.

    What stands beside it in the user's turn does not matter. The server runs functions of agents
    itself, so their history is not looked at.
    """
    if look.ask.parent or look.ask.agent:
        return None
    called: set[str] = set()
    for turn in _turns(look.ask.conversation):
        if turn[0].get("type") not in FROM_THE_USER:
            called = {str(step.get("id")) for step in turn}
            continue
        for step in turn:
            if step.get("type") == "function_result" and str(step.get("call_id")) not in called:
                return _out_of_place(step)
    return None


def _turns(steps: tuple[Json, ...]) -> Iterator[list[Json]]:
    """Runs of the user's steps and of the model's, in turn."""
    turn: list[Json] = []
    for step in steps:
        if turn and (step.get("type") in FROM_THE_USER) != (turn[0].get("type") in FROM_THE_USER):
            yield turn
            turn = []
        turn.append(step)
    if turn:
        yield turn


def _out_of_place(step: Json) -> Refusal:
    return refusal.result_out_of_place(str(step.get("name", "")))


def deaf(look: Look) -> Refusal | None:
    """Measured where a track that the model had made came back to it in a chain."""
    if look.model is None or look.model.hears:
        return None
    heard = any(block["type"] == "audio" for block in media(look.ask.conversation))
    return limits.deaf() if heard else None


def badly_signed(look: Look) -> Refusal | None:
    """Signatures of history that the client keeps; that of a chain the server has itself."""
    ask = look.ask
    if ask.parent or ask.agent or (look.model and not look.model.signed):
        return None
    wrong = look.signatures.judge(ask.conversation)
    if wrong is None:
        return None
    refuse = _REFUSALS[wrong.kind]
    return refuse(f"{_place(look, wrong.step)} ({wrong.step.get('type')}): {wrong.why}")


_REFUSALS = {
    "missing": limits.unsigned_call,
    "altered": limits.corrupted_signature,
    "moved": limits.misplaced_signature,
}


def _place(look: Look, step: Json) -> str:
    given = look.body.get("input")
    if isinstance(given, list):
        for at, item in enumerate(given):
            if item is step:
                return f"input[{at}]"
    return "input"


HISTORY: tuple[Check, ...] = (unpaired, out_of_order, deaf, badly_signed)
"""The fourth layer: what was said before."""
