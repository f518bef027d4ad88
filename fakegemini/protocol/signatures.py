"""Who signed what: the thought signatures that were sent, and what of them comes back.

A stateless client resends its history, and the server checks its signatures. The live ones are
sealed; ours need no seal, because the fake remembers each turn that it sent, stored or not,
scripted or recorded or made up. A signature that comes back has to stand in the turn it was sent
in: with the same calls, behind turns of the same conversation that went before it.

A signature that the fake never sent may be a good one of the live server's, as in a recorded
history, so it passes where it could be one: base64 of protobuf records, as all recorded ones are.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ..wire.http import Json
from .ask import FROM_THE_USER
from .ids import NO_THOUGHT_SIGNATURE, records

_SKIP = b"skip_thought_signature_validator"
_ENGINEERING = b"context_engineering_is_the_way_to_go"

BYPASSES = frozenset(
    form
    for text in (_SKIP, _ENGINEERING)
    for form in (text.decode(), base64.b64encode(text).decode())
)
"""For history of other models, as they are and as base64. Reported to be taken here too (2026-09);
documented for generateContent."""

SENTINELS = BYPASSES | {NO_THOUGHT_SIGNATURE}
"""Signatures that are nobody's: the bypasses, and that of a turn without a thought."""


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """A turn that was sent: its place in time, its steps, and the turns in its history."""

    number: int
    steps: tuple[Json, ...]
    before: frozenset[int]

    def calls(self) -> Iterator[Json]:
        """Its function calls."""
        return (step for step in self.steps if _is_call(step))

    def holds(self, call: Json) -> bool:
        """Whether that call is one of its own as it was sent; a client may have renamed its id."""
        own = [step for step in self.calls() if step.get("id") == call.get("id")]
        return any(_same_call(step, call) for step in own or self.calls())


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a resent step: `kind` is missing, altered, or moved."""

    kind: str
    step: Json
    why: str


class Signatures:
    """All turns that were sent, by their signatures and by the ids of their calls."""

    def __init__(self) -> None:
        self._numbers = count()
        self._signed: dict[str, list[Sent]] = {}
        self._called: dict[str, list[Sent]] = {}
        self._trusted = set(BYPASSES)
        self._all = False

    def trust(self, signatures: Iterable[str]) -> None:
        """Take these wherever they stand, and every one where none is given."""
        given = set(signatures)
        self._trusted |= given
        self._all = self._all or not given

    def forget(self) -> None:
        """Nothing was sent, and nothing is trusted but the bypasses."""
        self._signed, self._called = {}, {}
        self._trusted, self._all = set(BYPASSES), False

    def note(self, steps: tuple[Json, ...], history: Iterable[Json]) -> None:
        """Remember a turn and the conversation that it answers."""
        before = frozenset(sent.number for step in history for sent in self._of(step))
        sent = Sent(next(self._numbers), steps, before)
        for step in steps:
            signature = _signature(step)
            if signature and signature not in SENTINELS:
                _file(self._signed, signature, sent)
            if _is_call(step):
                _file(self._called, str(step.get("id")), sent)

    def judge(self, steps: Sequence[Json]) -> Wrong | None:
        """The first thing that is wrong with the signatures of a resent history, or None."""
        if self._all:
            return None
        earlier: list[Sent] = []
        for run in _runs(steps):
            wrong = self._unsigned(run) or self._unknown(run) or self._moved(run, earlier)
            if wrong:
                return wrong
        return None

    def _moved(self, run: Sequence[Json], earlier: list[Sent]) -> Wrong | None:
        """Whether the run is no turn that was sent, where it stands; `earlier` takes the one it is.

        Branches of one conversation may be joined.
        """
        if any(_signature(step) in self._trusted for step in run):
            return None
        maybe: list[Sent] | None = None
        for step in run:
            known = self._of(step)
            if not known:
                continue
            same = [sent for sent in known if maybe is None or sent in maybe]
            maybe = [sent for sent in same if _misfit(sent, run, earlier) is None]
            if not maybe:
                return Wrong("moved", step, _misfit(known[-1], run, earlier) or _ANOTHER)
        if maybe:
            earlier.append(maybe[0])
        return None

    def _of(self, step: Json) -> list[Sent]:
        """The turns that it was sent in, as far as one can tell."""
        signed = self._signed.get(_signature(step), [])
        called = self._called.get(str(step.get("id")), []) if _is_call(step) else []
        return signed or called

    def _unsigned(self, run: Sequence[Json]) -> Wrong | None:
        """The first call must be signed, or stand behind something that is (measured)."""
        for step in run:
            if _signature(step):
                return None
            if _is_call(step):
                name = step.get("name")
                why = f"nothing signs the call of {name!r}: the thought before it is gone or bare"
                return Wrong("missing", step, why)
        return None

    def _unknown(self, run: Sequence[Json]) -> Wrong | None:
        for step in run:
            signature = _signature(step)
            if not signature or signature in self._signed or signature in self._trusted:
                continue
            if signature == NO_THOUGHT_SIGNATURE:
                continue
            near = next((one for one in [*self._signed] if _alike(one, signature)), None)
            if near:
                return Wrong("altered", step, f"it was sent as {_short(near)}")
            if not _genuine(signature):
                return Wrong("altered", step, f"{_short(signature)} is no signature")
        return None


_ANOTHER = "it was sent in another turn than the steps beside it"


def _file(places: dict[str, list[Sent]], key: str, sent: Sent) -> None:
    places[key] = [*(one for one in places.get(key, ()) if one is not sent), sent]


def _misfit(sent: Sent, run: Sequence[Json], earlier: Sequence[Sent]) -> str | None:
    """Why this run cannot be that turn, behind those that stand before it; or None."""
    for call in run:
        if _is_call(call) and not sent.holds(call):
            return f"its turn did not call {call.get('name')!r} like this"
    for other in earlier:
        if sent is other or sent.number in other.before:
            return "its turn came before one that stands before it"
        if other.number not in sent.before and not other.before & sent.before:
            return "its turn is of another conversation than one that stands before it"
    return None


def _signature(step: Json) -> str:
    signature = step.get("signature")
    return signature if isinstance(signature, str) else ""


def _is_call(step: Json) -> bool:
    return step.get("type") == "function_call"


def _same_call(one: Json, other: Json) -> bool:
    return (one.get("name"), one.get("arguments")) == (other.get("name"), other.get("arguments"))


def _runs(steps: Sequence[Json]) -> Iterator[list[Json]]:
    """The model's turns: its steps between two of the user."""
    run: list[Json] = []
    for step in steps:
        if step.get("type") not in FROM_THE_USER:
            run.append(step)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _alike(known: str, given: str) -> bool:
    """Whether one is the other with a few characters changed, added, or cut off at an end."""
    if given.startswith(known) or known.startswith(given) or known.endswith(given):
        return True
    if len(known) != len(given):
        return False
    return sum(a != b for a, b in zip(known, given, strict=True)) <= len(known) // 4


def _genuine(signature: str) -> bool:
    """Whether the live server could have made it."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return records(raw)


def _short(signature: str) -> str:
    return f"{signature[:12]}…" if len(signature) > 12 else repr(signature)
