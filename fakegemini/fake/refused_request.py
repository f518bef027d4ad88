"""Bundle a refused request with what the fake knows, and what explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..protocol.ask import parent_id
from ..protocol.refusals.refusal import Refusal
from ..protocol.request_log import LoggedRequest
from ..wire.http import Json
from .settings import Settings
from .state.state import State


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """Bundle a refused request with what the fake knows; `body` is None where it is no object."""

    state: State
    settings: Settings
    entry: LoggedRequest
    refusal: Refusal
    body: Json | None

    @property
    def created_ids(self) -> list[str]:
        """List the ids that this fake gave, oldest first."""
        return [str(create.id) for create in self.state.requests.creates if create.id]

    @property
    def identifier(self) -> str:
        """Find the id that the request names: of its path, or of the parent."""
        if self.entry.operation != "create":
            return self.entry.id or self.entry.path
        return parent_id(self.body or {}) or ""

    @property
    def subject(self) -> str:
        """Say how the request names its id."""
        if self.entry.operation == "create":
            return f"previous_interaction_id {self.identifier!r}"
        return f"the id {self.identifier!r}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Hold what the words on the wire do not say: nearest, difference, fix."""

    nearest: str
    difference: str
    fix: str = "correct the request"


Explainer: TypeAlias = Callable[[RefusedRequest], Explanation]
"""Says of a refused request what the words on the wire do not say."""
