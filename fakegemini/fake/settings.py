"""Hold the settings of a fake: options, timer, address. A reset changes none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..protocol.clock import Clock
from ..protocol.turn import TurnMaker
from ..wire.http import Request
from .option_values import check_names, read_option
from .options import OPTIONS

if TYPE_CHECKING:
    from ..protocol.eras import Era
    from ..protocol.known_models import Agent, Model


class Settings:
    """The settings of one fake: a member for each of `OPTIONS`, as `read_option` gives it.

    `timer` says when a request came, in seconds. `unscripted_model` speaks where a test has
    scripted nothing, None for the one that improvises. `url` is where a door serves it, as the
    base URL of an SDK; empty until then. `version` grows whenever one of them is set. Raises
    `BadScript` for an option that cannot be, and `TypeError` for one that there is not.
    """

    seed: str
    era: Era
    models: dict[str, Model]
    agents: dict[str, Agent]
    any_model: bool
    decode_limit: int | None
    allow: tuple[str, ...]
    version: int = 0

    def __init__(self, timer: Clock, options: Mapping[str, Any]) -> None:
        self.timer = timer
        self.unscripted_model: TurnMaker | None = None
        self.url = ""
        check_names(options, OPTIONS, "Fake")
        for name, option in OPTIONS.items():
            self.set(name, options.get(name, option.default))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set what somebody sets, and count it: `version` is another one from then on."""
        super().__setattr__(name, value)
        super().__setattr__("version", self.version + 1)

    def set(self, name: str, value: Any) -> None:
        """Set an option; raises `BadScript` for a value that cannot be."""
        setattr(self, name, read_option(name, value))

    def get(self, name: str) -> Any:
        """Return what an option is, in the form that `set` takes."""
        return getattr(self, name)

    def all_options(self) -> Any:
        """Return every option, as the arguments of a fake like this one."""
        return {name: self.get(name) for name in OPTIONS}

    def play_options(self) -> Any:
        """Return how cassettes are played where nobody says otherwise: a `PlayOptions`."""
        return {name: self.get(name) for name, option in OPTIONS.items() if option.plays}

    def origin_of(self, request: Request) -> str:
        """Find the start of the address at which a request reached the server."""
        return self.url or f"http://{request.header('host')}"
