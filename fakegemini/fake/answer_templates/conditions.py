"""Say what an answer depends on besides its request, and work it out by the ordinary functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...protocol.ask import Ask, build_ask
from ...protocol.eras import Era
from ...protocol.finish_turn import finish
from ...protocol.ids import IdSource
from ...protocol.known_models import Model
from ...protocol.turn import Turn
from ...wire.http import Json, Request
from ..ask_ids import digest_of, dump_sorted, make_ids
from ..read_create import read_create


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an answer depends on besides the request, as it was when the template was made."""

    seed: str
    era: Era
    known_model: Model | None
    origin: str

    def are_of(self, ask: Ask, seed: str) -> bool:
        """Tell whether these are the conditions under which that was asked."""
        return (
            self.era is ask.era
            and self.known_model is ask.known_model
            and (self.seed, self.origin) == (seed, ask.origin)
        )

    def build_ask(self, body: bytes, history: Sequence[Json] = ()) -> Ask:
        """Build the complete record of a create, of the bytes of its body and what came before."""
        return build_ask(
            read_create(Request("POST", "", body=body)),
            known_model=self.known_model,
            era=self.era,
            origin=self.origin,
            history=history,
        )

    def make_turn(self, ask: Ask, number: int) -> Turn:
        """Make the unscripted turn of the `number`-th create of a body, as the server sends it."""
        from ...model import improvise

        ids = self.make_ids(ask, digest_of(dump_sorted(ask.body)), number)
        ids.own_half(0)  # is drawn before the model speaks
        return finish(improvise(ask, ids), ask, ids, thinks=ask.thinks)

    def make_ids(self, ask: Ask, digest: str, number: int) -> IdSource:
        """Make the ids of the `number`-th create of a body."""
        return make_ids(self.seed, digest, number, ask)
