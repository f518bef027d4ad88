"""Send a turn in several hops: `requires_continuation`, and the tokens that continue it.

The server yields where one request may not decode more; the client asks for the rest with the
token. Known from google-genai 3.4.0 and the reference, never captured: the forms of the requests
are those that the SDKs send, what is refused and where a stream has checkpoints is unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ...protocol.refusals.lookups import wrong_continuation
from ...protocol.refusals.refusal import Refusal
from ...protocol.status import Status
from ...protocol.turn import Turn
from ...wire.http import Json

if TYPE_CHECKING:
    from ...protocol.split_turn import HopSteps


class Hop(NamedTuple):
    """One hop of a turn: what it was asked, its steps, and the token behind each of its steps.

    The last token is None where the turn ends with this hop.
    """

    ask: Ask
    turn: Turn
    tokens: tuple[str | None, ...] = ()


@dataclass(slots=True, eq=False)
class DividedTurn:
    """A turn in several hops. `parts` are their steps, `tokens` what goes on behind each step.

    `steps_sent` is how many of its steps were sent, `owners` the interactions that sent each token:
    the one that sent it is the parent of the request that comes with it.
    """

    ask: Ask
    turn: Turn
    parts: list[HopSteps]
    tokens: tuple[str, ...]
    steps_sent: int = 0
    owners: dict[str, set[str]] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Json, ...]:
        """All of its steps, as they are sent."""
        return tuple(step for part in self.parts for step in part)

    def make_hop(self, ask: Ask, start: int) -> Hop:
        """Return the hop that begins behind so many steps."""
        steps = self.steps
        end = next(end for end in accumulate(map(len, self.parts)) if end > start)
        turn = replace(self.turn, steps=steps[start:end], is_verbatim=True)
        if end < len(steps):
            yields = Status.REQUIRES_CONTINUATION
            turn = replace(turn, status=yields, usage=None, errors=(), id=None)
        else:
            turn = replace(turn, status=self.turn.outcome)
        if start:
            earlier = self.ask.dialogue.followed_by(steps[:start])
            ask = replace(ask, input_steps=(), earlier=earlier)
            turn = replace(turn, thought_tokens=0, tool_use_tokens=0, grounding=(), fault=None)
        self.steps_sent = max(self.steps_sent, end)
        return Hop(ask, turn, tuple([*self.tokens, None][start:end]))


class Continuations:
    """The divided turns, by their continuation tokens. `limit` is the most tokens of one hop."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._turns_by_token: dict[str, tuple[DividedTurn, int]] = {}

    def begin(self, ask: Ask, turn: Turn, ids: IdSource) -> Hop:
        """Return the first hop of a finished turn, which is all of it where it is not divided.

        Background runs and agents are never divided: no SDK would continue them.
        """
        parts = [turn.steps]
        if (turn.hops > 1 or self.limit) and not (ask.background or ask.agent):
            from ...protocol.split_turn import split_by_limit, split_in_hops

            if turn.hops > 1:
                parts = split_in_hops(turn.steps, turn.hops)
            elif self.limit:
                parts = split_by_limit(turn.steps, self.limit)
        if len(parts) < 2:
            return Hop(ask, turn)
        starts = range(1, sum(map(len, parts)))
        divided_turn = DividedTurn(
            ask, turn, parts, tuple(ids.continuation_token() for _ in starts)
        )
        for start, token in zip(starts, divided_turn.tokens, strict=True):
            self._turns_by_token[token] = divided_turn, start
        return divided_turn.make_hop(ask, 0)

    def resume(self, ask: Ask) -> Hop | Refusal:
        """Return the hop that the token of a request asks for, or why there is none."""
        token = str(ask.body["continuation_token"])
        if token not in self._turns_by_token:
            return wrong_continuation("the fake gave no such continuation_token")
        divided_turn, start = self._turns_by_token[token]
        mismatch = _find_mismatch(divided_turn, token, ask)
        return wrong_continuation(mismatch) if mismatch else divided_turn.make_hop(ask, start)

    def note_owner(self, hop: Hop, identifier: str) -> None:
        """Note which interaction sends the tokens of a hop: what continues it names it."""
        for token in filter(None, hop.tokens):
            self._turns_by_token[token][0].owners.setdefault(token, set()).add(identifier)

    def forget(self) -> None:
        """Forget all divided turns: their tokens are unknown from now on."""
        self._turns_by_token.clear()

    @property
    def unfinished_turns(self) -> Iterator[DividedTurn]:
        """The turns of which nobody asked for the rest."""
        divided_turns = {id(turn): turn for turn, _ in self._turns_by_token.values()}
        return (turn for turn in divided_turns.values() if turn.steps_sent < len(turn.steps))


def _find_mismatch(divided_turn: DividedTurn, token: str, ask: Ask) -> str:
    """Say why a request with a known token does not continue its turn; empty where it does."""
    first_ask = divided_turn.ask
    if ask.model != first_ask.model:
        return f"the turn of this continuation_token is of model {first_ask.model}"
    if ask.background:
        return "a continuation does not run in the background"
    if ask.store != first_ask.store:
        return f"the turn of this continuation_token has store={str(first_ask.store).lower()}"
    if first_ask.store:
        owners = divided_turn.owners.get(token, set())
        if ask.parent not in owners:
            return f"previous_interaction_id must be that of the hop: {', '.join(sorted(owners))}"
        if ask.input_steps and ask.input_steps != first_ask.input_steps:
            return "a continuation of a stored turn has no input"
    elif (ask.input_steps, ask.parent) != (first_ask.input_steps, first_ask.parent):
        return "a continuation of an unstored turn repeats its input"
    return ""
