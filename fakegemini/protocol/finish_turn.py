"""What the server adds to what a model says: ids, links between call and result, signatures."""

from __future__ import annotations

from dataclasses import replace

from ..wire.http import Json
from .ask import Ask
from .ids import NO_THOUGHT_SIGNATURE, Mint
from .turn import Turn

_SPOKEN = ("function_call", "model_output")
_THOUGHT_TOKENS = 40


def finish(turn: Turn, ask: Ask, mint: Mint, *, thinks: bool) -> Turn:
    """The turn as the server sends it; what a script fixed stays as it is.

    A thinking model's turn has a thought before its first call or output, even with no thought
    tokens (recorded). A function call of a stored interaction repeats the signature of its
    thought (recorded on 2026-10-05; only the first call of a batch needs one, measured).
    """
    if turn.whole:
        return turn
    steps = [dict(step) for step in turn.steps]
    spent = turn.thought_tokens
    if thinks and steps and not any(step.get("type") == "thought" for step in steps):
        spoken = [at for at, step in enumerate(steps) if step.get("type") in _SPOKEN]
        # Recorded: a turn that only digests results does not think.
        idle = {step.get("type") for step in ask.tail} == {"function_result"}
        thought: Json = {
            "signature": NO_THOUGHT_SIGNATURE if idle else mint.signature(),
            "type": "thought",
        }
        steps.insert(spoken[0] if spoken else 0, thought)
    if not spent and any(_thought(step) for step in steps):
        spent = _THOUGHT_TOKENS
    return replace(turn, steps=tuple(_linked(steps, ask, mint)), thought_tokens=spent)


def _thought(step: Json) -> bool:
    return step.get("type") == "thought" and step.get("signature") != NO_THOUGHT_SIGNATURE


def _linked(steps: list[Json], ask: Ask, mint: Mint) -> list[Json]:
    links = _Links()
    signed = ask.store and ask.era.does("calls are signed")
    signature: str | None = None
    linked = []
    for step in steps:
        kind = str(step.get("type"))
        if kind == "thought":
            step = {"signature": mint.signature(), **step} if "signature" not in step else step
            signature = step["signature"] or None
        elif kind.endswith("_call"):
            identity = {"id": step.get("id") or mint.call_id()}
            links.call(kind.removesuffix("_call"), identity["id"])
            if kind == "function_call" and "signature" not in step and signature and signed:
                identity["signature"], signature = signature, None
            step = {**identity, **{key: step[key] for key in step if key != "id"}}
        elif kind.endswith("_result"):
            call_id = links.result(kind.removesuffix("_result"), step.get("call_id"))
            if call_id and "call_id" not in step:
                step = {"call_id": call_id, **step}
        linked.append(step)
    return linked


class _Links:
    """Which call a result answers: the oldest of its family that waits, or else the newest."""

    def __init__(self) -> None:
        self._made: dict[str, list[str]] = {}
        self._answered: set[str] = set()

    def call(self, family: str, identity: str) -> None:
        self._made.setdefault(family, []).append(identity)

    def result(self, family: str, named: str | None) -> str | None:
        made = self._made.get(family, [])
        waiting = [identity for identity in made if identity not in self._answered]
        answers = named or next(iter(waiting or made[-1:]), None)
        self._answered |= {answers} if answers else set()
        return answers
