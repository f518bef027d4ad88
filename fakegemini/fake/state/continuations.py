"""Turns that are told in several hops: `requires_continuation`, and the tokens that go on.

The server yields where one request may not decode more; the client asks for the rest with the
token. Known from google-genai 3.4.0 and the reference, never captured: the forms of the requests
are those that the SDKs send, what is refused and where a stream has checkpoints is unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate

from ...errors import BadScript
from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ...protocol.refusals.refusal import Refusal, wrong_continuation
from ...protocol.split_turn import Part, by_limit, in_hops
from ...protocol.status import Status
from ...protocol.turn import Turn
from ...wire.http import Json


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop: what it was asked, its steps, and the token behind each of its steps.

    The last token is None where the turn ends with this hop.
    """

    ask: Ask
    turn: Turn
    tokens: tuple[str | None, ...] = ()


@dataclass(slots=True, eq=False)
class Relay:
    """A turn in several hops. `parts` are their steps, `tokens` what goes on behind each step.

    `told` is how many of its steps were told, `owners` the interactions that told each token: the
    one that told it is the parent of the request that comes with it.
    """

    ask: Ask
    turn: Turn
    parts: list[Part]
    tokens: tuple[str, ...]
    told: int = 0
    owners: dict[str, set[str]] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Json, ...]:
        """All of its steps, as they are told."""
        return tuple(step for part in self.parts for step in part)

    def hop(self, ask: Ask, place: int) -> Hop:
        """The hop that goes on behind so many steps."""
        steps = self.steps
        end = next(end for end in accumulate(map(len, self.parts)) if end > place)
        turn = replace(self.turn, steps=steps[place:end], whole=True)
        if end < len(steps):
            yields = Status.REQUIRES_CONTINUATION
            turn = replace(turn, status=yields, usage=None, errors=(), id=None)
        else:
            turn = replace(turn, status=self.turn.outcome)
        if place:
            ask = replace(ask, given=(), history=(*self.ask.conversation, *steps[:place]))
            turn = replace(turn, thought_tokens=0, tool_use_tokens=0, grounding=(), fault=None)
        self.told = max(self.told, end)
        return Hop(ask, turn, tuple([*self.tokens, None][place:end]))


class Relays:
    """The turns that are on their way, by their tokens. `limit` is the most tokens of one hop.

    Raises `BadScript` for a limit that lets nothing through.
    """

    def __init__(self, limit: int | None = None) -> None:
        if limit is not None and (not isinstance(limit, int) or limit < 1):
            raise BadScript(f"decode_limit= takes a number of tokens from 1, not {limit!r}")
        self.limit = limit
        self._known: dict[str, tuple[Relay, int]] = {}

    def begin(self, ask: Ask, turn: Turn, mint: Mint) -> Hop:
        """The first hop of a finished turn, which is all of it where it is not divided.

        Background runs and agents are never divided: no SDK would continue them.
        """
        parts = [turn.steps]
        if not (ask.background or ask.agent):
            if turn.hops > 1:
                parts = in_hops(turn.steps, turn.hops)
            elif self.limit:
                parts = by_limit(turn.steps, self.limit)
        if len(parts) < 2:
            return Hop(ask, turn)
        places = range(1, sum(map(len, parts)))
        relay = Relay(ask, turn, parts, tuple(mint.token() for _ in places))
        for place, token in zip(places, relay.tokens, strict=True):
            self._known[token] = relay, place
        return relay.hop(ask, 0)

    def resume(self, ask: Ask) -> Hop | Refusal:
        """The hop that the token of a request asks for, or why there is none."""
        token = str(ask.body["continuation_token"])
        if token not in self._known:
            return wrong_continuation("the fake gave no such continuation_token")
        relay, place = self._known[token]
        wrong = _mismatch(relay, token, ask)
        return wrong_continuation(wrong) if wrong else relay.hop(ask, place)

    def told(self, hop: Hop, identifier: str) -> None:
        """That interaction tells the tokens of this hop."""
        for token in filter(None, hop.tokens):
            self._known[token][0].owners.setdefault(token, set()).add(identifier)

    def forget(self) -> None:
        """No turn is on its way."""
        self._known.clear()

    @property
    def unfinished(self) -> Iterator[Relay]:
        """The turns of which nobody asked for the rest."""
        relays = {id(relay): relay for relay, _ in self._known.values()}
        return (relay for relay in relays.values() if relay.told < len(relay.steps))


def _mismatch(relay: Relay, token: str, ask: Ask) -> str:
    """Why a request with a good token does not continue its turn; empty where it does."""
    first = relay.ask
    if ask.model != first.model:
        return f"the turn of this continuation_token is of model {first.model}"
    if ask.background:
        return "a continuation does not run in the background"
    if ask.store != first.store:
        return f"the turn of this continuation_token has store={str(first.store).lower()}"
    if first.store:
        owners = relay.owners.get(token, set())
        if ask.parent not in owners:
            return f"previous_interaction_id must be that of the hop: {', '.join(sorted(owners))}"
        if ask.given and ask.given != first.given:
            return "a continuation of a stored turn has no input"
    elif (ask.given, ask.parent) != (first.given, first.parent):
        return "a continuation of an unstored turn repeats its input"
    return ""
