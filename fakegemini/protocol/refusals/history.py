"""Refuse what does not fit together in a conversation: calls, results, signatures, media."""

from __future__ import annotations

from ...wire.http import Json
from ..step_reading import is_from_user, split_turns
from . import live_words
from .refusal import Refusal, catch_all, invalid
from .registry import TABLES, Layer, refusal
from .subject import Subject

HISTORY = TABLES[Layer.HISTORY]


@refusal(Layer.HISTORY, "X")
def result_out_of_place(subject: Subject) -> Refusal | None:
    """Refuse a result without its call, not right behind it, or twice; a call without its result.

    The words were reported for results that do not follow their calls; that the others are
    refused, and in these words too, is unverified.
    """
    step = _unpaired_step(subject) or _misplaced_result(subject)
    if step is None:
        return None
    return invalid(
        "Please ensure that function response turn comes immediately after a function call turn. "
        f"Got function response with name '{step.get('name', '')}'."
    )


def _unpaired_step(subject: Subject) -> Json | None:
    """Return the first result without a call or beyond the first, or a call without a result."""
    ask = subject.ask
    calls_by_id = ask.dialogue.find_calls(str(result.get("call_id")) for result in ask.results)
    answered_ids: set[str] = set()
    for result in ask.results:
        call_id = str(result.get("call_id"))
        if call_id not in calls_by_id or call_id in answered_ids:
            return result
        answered_ids.add(call_id)
    waiting_calls = ask.dialogue.facts.open_calls
    return waiting_calls[0] if waiting_calls and (ask.results or ask.earlier) else None


def _misplaced_result(subject: Subject) -> Json | None:
    """Return the first result, in resent history, that is not right behind the turn that called.

    What stands beside it in the user's turn does not matter. The server runs functions of agents
    itself, so their history is not looked at.
    """
    if subject.ask.parent or subject.ask.agent or not subject.ask.results:
        return None
    call_ids: set[str] = set()
    for turn in split_turns(subject.ask.dialogue):
        if not is_from_user(turn[0]):
            call_ids = {str(step.get("id")) for step in turn}
            continue
        for step in turn:
            if step.get("type") == "function_result" and str(step.get("call_id")) not in call_ids:
                return step
    return None


@refusal(Layer.HISTORY, "L")
def no_audio_input(subject: Subject) -> Refusal | None:
    """Refuse audio, as input or in the history, for a model that only makes it.

    Measured where a track that the model had made came back to it in a chain.
    """
    if subject.model is None or subject.model.hears:
        return None
    if not subject.ask.dialogue.facts.has_audio:
        return None
    return invalid(live_words.unsupported_mime_type("audio/s16le"))


@refusal(Layer.HISTORY, "L")
def unsigned_call(subject: Subject) -> Refusal | None:
    """Refuse resent history whose function call has no signature, nor a signed thought before it.

    Measured in 2026-08 and 2026-09, with the words of the catch-all.
    """
    hint = _signature_hint(subject, "missing")
    return catch_all(hint) if hint else None


@refusal(Layer.HISTORY, "C")
def corrupted_signature(subject: Subject) -> Refusal | None:
    """Refuse resent history with a signature that was altered, or with a text that is no signature.

    Recorded on 2026-08-21.
    """
    hint = _signature_hint(subject, "altered")
    return invalid(_CORRUPTED, hint) if hint else None


@refusal(Layer.HISTORY, "X")
def misplaced_signature(subject: Subject) -> Refusal | None:
    """Refuse resent history with a signature of another step or another conversation.

    The words are those for an altered one.
    """
    hint = _signature_hint(subject, "moved")
    return invalid(_CORRUPTED, hint) if hint else None


@refusal(Layer.HISTORY, "L")
def call_out_of_place(subject: Subject) -> Refusal | None:
    """Refuse a resent call with neither a turn of the user nor results before it.

    Measured in 2026-08 and 2026-09. With a parent, the turn before it is the parent's.
    """
    if subject.ask.parent or subject.ask.agent:
        return None
    first_turn = next(iter(split_turns(subject.ask.dialogue)), None)
    if not first_turn or is_from_user(first_turn[0]):
        return None
    call = next((step for step in first_turn if step.get("type") == "function_call"), None)
    if call is None:
        return None
    return invalid(
        "Please ensure that function call turn comes immediately after a user turn or after a "
        "function response turn.",
        f"{_input_place(subject, call)} (function_call): no turn of the user stands before it",
    )


_CORRUPTED = "Corrupted thought signature."


def _signature_hint(subject: Subject, kind: str) -> str:
    """Say which step has a signature problem of this kind, and why; empty where none has."""
    problem = subject.signature_problem
    if problem is None or problem.kind != kind:
        return ""
    place = _input_place(subject, problem.step)
    return f"{place} ({problem.step.get('type')}): {problem.reason}"


def _input_place(subject: Subject, step: Json) -> str:
    input_value = subject.body.get("input")
    if isinstance(input_value, list):
        for index, input_step in enumerate(input_value):
            if input_step is step:
                return f"input[{index}]"
    return "input"
