"""Hold the settings of a fake: its seed, its time, whom it knows. A reset changes none of them."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.clock import Clock
from ..protocol.eras import CURRENT_ERA, Era
from ..protocol.known_models import Agent, Model
from ..protocol.turn import TurnMaker
from ..wire.http import Request


@dataclass(slots=True)
class Settings:
    """The settings of one fake.

    `models` and `agents` are the names it knows; with `any_model` it answers every other model's
    name as well, as a thinking text model. `seed` makes its ids, `era` is the time whose server it
    is, `timer` says when a request came, in seconds. `unscripted_model` speaks where a test has
    scripted nothing, None for the one that improvises. `url` is where a door serves it, as the
    base URL of an SDK; empty until then.
    """

    models: dict[str, Model]
    agents: dict[str, Agent]
    timer: Clock
    any_model: bool = False
    seed: str = "0"
    era: Era = CURRENT_ERA
    unscripted_model: TurnMaker | None = None
    url: str = ""

    def origin_of(self, request: Request) -> str:
        """Find the start of the address at which a request reached the server."""
        return self.url or f"http://{request.header('host')}"
