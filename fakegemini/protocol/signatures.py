"""Remember the thought signatures that were sent, and check those that clients resend.

A stateless client resends its history, and the server checks its signatures (measured). The live
ones are sealed; ours need no seal, because the fake remembers each turn that it sent, whether it
was stored or not, scripted, recorded or made up. A resent signature has to stand in the turn in
which it was sent: with the same calls, behind turns of the same conversation that came before it.

A signature that the fake never sent may be one of the live server's, as in a recorded history. It
passes where it could be one: base64 of protobuf records, as all recorded ones are.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from operator import ne
from typing import NamedTuple, TypeAlias

from ..wire.http import Json
from .ids import NO_THOUGHT_SIGNATURE, is_protobuf, unwrap_signature
from .step_reading import is_from_user, split_turns

_SKIP_TEXT = b"skip_thought_signature_validator"
_ENGINEERING_TEXT = b"context_engineering_is_the_way_to_go"

BYPASSES = frozenset(
    form
    for text in (_SKIP_TEXT, _ENGINEERING_TEXT)
    for form in (text.decode(), base64.b64encode(text).decode())
)
"""Signatures for history of other models, plain and as base64. Documented for generateContent;
reported to be accepted here too (2026-09)."""

SENTINELS = BYPASSES | {NO_THOUGHT_SIGNATURE}
"""Signatures that belong to no turn: the bypasses, and that of a turn without a thought."""


@dataclass(slots=True, eq=False)
class SentTurn:
    """A turn that was sent: its number, its steps, and the conversation that it answers.

    `earlier_numbers` are those of the turns before it, None until a client resends it: in a chain
    nobody asks, and to look them up for every turn would walk the whole chain each time.
    """

    number: int
    steps: tuple[Json, ...]
    history: Iterable[Json]
    earlier_numbers: frozenset[int] | None = None

    def calls(self) -> Iterator[Json]:
        """Yield its function calls."""
        return (step for step in self.steps if _is_call(step))

    def has_call(self, call: Json) -> bool:
        """Tell whether the turn made this call as it is; a client may have renamed its id."""
        same_id_calls = [step for step in self.calls() if step.get("id") == call.get("id")]
        return any(_same_call(step, call) for step in same_id_calls or self.calls())


_Turns: TypeAlias = tuple[SentTurn, ...]


@dataclass(slots=True)
class _TurnsBefore:
    """The good turns of a resent history so far: their numbers, and all that cannot follow them."""

    turns: list[SentTurn] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    used_up_numbers: set[int] = field(default_factory=set)

    def add(self, turn: SentTurn, numbers_before: frozenset[int]) -> None:
        self.turns.append(turn)
        self.numbers.add(turn.number)
        self.used_up_numbers |= numbers_before
        self.used_up_numbers.add(turn.number)


class SignatureProblem(NamedTuple):
    """What is wrong with a resent step. `kind` is missing, altered, or moved; `reason` says why."""

    kind: str
    step: Json
    reason: str


class Signatures:
    """The turns that a server sent, by their signatures and by the ids of their calls."""

    def __init__(self) -> None:
        self._numbers = count()
        self._turns_by_signature: dict[str, _Turns] = {}
        self._turns_by_call_id: dict[str, _Turns] = {}
        self._compared_counts: dict[str, int] = {}
        self._trusted_signatures = set(BYPASSES)
        self._trusts_all = False

    def trust(self, signatures: Iterable[str]) -> None:
        """Accept these signatures wherever they stand; without any, accept every signature."""
        trusted = set(signatures)
        self._trusted_signatures |= trusted
        self._trusts_all = self._trusts_all or not trusted

    def forget(self) -> None:
        """Forget all turns, and trust only the bypasses again."""
        self._turns_by_signature, self._turns_by_call_id = {}, {}
        self._compared_counts = {}
        self._trusted_signatures, self._trusts_all = set(BYPASSES), False

    def remember(self, steps: tuple[Json, ...], history: Iterable[Json]) -> None:
        """Remember a turn and the conversation that it answers."""
        self._index(SentTurn(next(self._numbers), steps, history), steps)

    def remember_recalled(self, steps: Iterable[Json], make: Callable[[int], SentTurn]) -> None:
        """Remember a turn of these steps; `make` gets its number, and recalls them when asked."""
        self._index(make(next(self._numbers)), steps)

    def _index(self, turn: SentTurn, steps: Iterable[Json]) -> None:
        for step in steps:
            signature = _signature_of(step)
            if signature and signature not in SENTINELS:
                for form in _sent_forms(step, signature):
                    _add_turn(self._turns_by_signature, form, turn)
            if _is_call(step):
                _add_turn(self._turns_by_call_id, str(step.get("id")), turn)

    def _numbers_before(self, turn: SentTurn) -> frozenset[int]:
        """Return the numbers of the turns of its conversation that were sent before a turn."""
        if turn.earlier_numbers is None:
            turn.earlier_numbers = frozenset(
                earlier_turn.number
                for step in turn.history
                for earlier_turn in self._turns_with(step, turn.number)
            )
            turn.history = ()
        return turn.earlier_numbers

    def find_problem(self, steps: Iterable[Json]) -> SignatureProblem | None:
        """Return the first thing that is wrong with the signatures of a resent history, or None."""
        if self._trusts_all:
            return None
        earlier_turns = _TurnsBefore()
        model_turns = (turn for turn in split_turns(steps) if not is_from_user(turn[0]))
        for turn_steps in model_turns:
            problem = (
                self._find_missing(turn_steps)
                or self._find_altered(turn_steps)
                or self._find_moved(turn_steps, earlier_turns)
            )
            if problem:
                return problem
        return None

    def _find_moved(
        self, turn_steps: Sequence[Json], earlier_turns: _TurnsBefore
    ) -> SignatureProblem | None:
        """Return the problem of steps that are not one turn that was sent, at this place.

        A good turn is added to `earlier_turns`. Branches of one conversation may be joined.
        """
        if any(_signature_of(step) in self._trusted_signatures for step in turn_steps):
            return None
        candidates: list[SentTurn] | None = None
        for step in turn_steps:
            turns = self._turns_with(step)
            if not turns:
                continue
            common_turns = [turn for turn in turns if candidates is None or turn in candidates]
            candidates = [
                turn
                for turn in common_turns
                if self._mismatch_reason(turn, turn_steps, earlier_turns) is None
            ]
            if not candidates:
                return SignatureProblem(
                    "moved",
                    step,
                    self._mismatch_reason(turns[-1], turn_steps, earlier_turns) or _OTHER_TURN,
                )
        if candidates:
            earlier_turns.add(candidates[0], self._numbers_before(candidates[0]))
        return None

    def _mismatch_reason(
        self, turn: SentTurn, turn_steps: Sequence[Json], earlier_turns: _TurnsBefore
    ) -> str | None:
        """Say why these steps cannot be that turn, behind `earlier_turns`; None where they can."""
        for call in turn_steps:
            if _is_call(call) and not turn.has_call(call):
                return f"its turn did not call {call.get('name')!r} like this"
        numbers_before = self._numbers_before(turn)
        is_next = turn.number not in earlier_turns.used_up_numbers
        if is_next and earlier_turns.numbers <= numbers_before:
            return None  # as the loop below would find, turn by turn
        for earlier_turn in earlier_turns.turns:
            earlier_numbers = self._numbers_before(earlier_turn)
            if turn is earlier_turn or turn.number in earlier_numbers:
                return "its turn came before one that stands before it"
            if earlier_turn.number not in numbers_before and not earlier_numbers & numbers_before:
                return "its turn is of another conversation than one that stands before it"
        return None

    def _turns_with(self, step: Json, before: int | None = None) -> _Turns:
        """Return the turns in which the step was sent, as far as signature and call id tell.

        With `before` only those of lower numbers: what was known when that turn was sent.
        """
        by_signature = self._turns_by_signature.get(_signature_of(step), ())
        by_call_id = self._turns_by_call_id.get(str(step.get("id")), ()) if _is_call(step) else ()
        if before is None:
            return by_signature or by_call_id
        return _sent_before(by_signature, before) or _sent_before(by_call_id, before)

    def _find_missing(self, turn_steps: Sequence[Json]) -> SignatureProblem | None:
        """Return the first call, if nothing in its turn signs it up to there (measured)."""
        for step in turn_steps:
            if _signature_of(step):
                return None
            if _is_call(step):
                name = step.get("name")
                reason = (
                    f"nothing signs the call of {name!r}: the thought before it is gone or bare"
                )
                return SignatureProblem("missing", step, reason)
        return None

    def _find_altered(self, turn_steps: Sequence[Json]) -> SignatureProblem | None:
        """Return the first signature that nearly is one that was sent, or that can be none."""
        for step in turn_steps:
            signature = _signature_of(step)
            if (
                not signature
                or signature in self._turns_by_signature
                or signature in self._trusted_signatures
            ):
                continue
            if signature == NO_THOUGHT_SIGNATURE:
                continue
            similar = self._find_similar(signature)
            if similar:
                return SignatureProblem("altered", step, f"it was sent as {_shorten(similar)}")
            if not _could_be_genuine(step, signature):
                return SignatureProblem("altered", step, f"{_shorten(signature)} is no signature")
        return None

    def _find_similar(self, signature: str) -> str | None:
        """Return the first sent signature that an unknown one nearly is, or None.

        A client resends its history in each turn: it is compared with none of them twice.
        """
        compared_count = self._compared_counts.get(signature, 0)
        sent_signatures = [*islice([*self._turns_by_signature], compared_count, None)]
        for sent_signature in sent_signatures:
            if _is_similar(sent_signature, signature):
                return sent_signature
        if len(self._compared_counts) >= _MOST_UNKNOWN:
            self._compared_counts.clear()
        self._compared_counts[signature] = compared_count + len(sent_signatures)
        return None


_MOST_UNKNOWN = 10_000
"""How many unknown signatures are remembered."""

_OTHER_TURN = "it was sent in another turn than the steps beside it"


def _add_turn(turns_by_key: dict[str, _Turns], key: str, turn: SentTurn) -> None:
    turns = turns_by_key.get(key, ())
    if not turns or turns[-1] is not turn:
        turns_by_key[key] = (*turns, turn)


def _sent_before(turns: _Turns, number: int) -> _Turns:
    return tuple([turn for turn in turns if turn.number < number])


def _signature_of(step: Json) -> str:
    signature = step.get("signature")
    return signature if isinstance(signature, str) else ""


def _is_call(step: Json) -> bool:
    return step.get("type") == "function_call"


def _same_call(first: Json, second: Json) -> bool:
    return (first.get("name"), first.get("arguments")) == (
        second.get("name"),
        second.get("arguments"),
    )


def _is_similar(original: str, candidate: str) -> bool:
    """Tell whether one is the other with a few characters changed, added, or cut at an end."""
    if (
        candidate.startswith(original)
        or original.startswith(candidate)
        or original.endswith(candidate)
    ):
        return True
    if len(original) != len(candidate):
        return False
    changed_count: int = sum(map(ne, original, candidate))
    return changed_count <= len(original) // 4


def _sent_forms(step: Json, signature: str) -> set[str]:
    """Return the forms in which a signature was sent: a streamed code call has the inner bytes."""
    return {signature, unwrap_signature(signature)} if _runs_code(step) else {signature}


def _runs_code(step: Json) -> bool:
    return step.get("type") == "code_execution_call"


def _could_be_genuine(step: Json, signature: str) -> bool:
    """Tell whether the live server could have made this signature."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return is_protobuf(raw) or _runs_code(step)


def _shorten(signature: str) -> str:
    return f"{signature[:12]}…" if len(signature) > 12 else repr(signature)
