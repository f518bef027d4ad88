"""What a check sees of a request, and how a table of checks is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...wire.http import Json
from ..ask import CONTENT_TYPES, Ask
from ..known_models import Agent, Model
from ..signatures import Signatures
from .refusal import Refusal


@dataclass(frozen=True, slots=True)
class Subject:
    """One request. `models` and `agents` are the names that are known, `any_model` takes all
    others; `enterprise` says that it came on the path of the Gemini Enterprise Agent Platform.
    `signatures` are those that were sent."""

    ask: Ask
    models: Mapping[str, Model]
    agents: Mapping[str, Agent]
    any_model: bool = False
    enterprise: bool = False
    signatures: Signatures = field(default_factory=Signatures)

    @property
    def body(self) -> Json:
        """The body, without nulls and of a good shape."""
        return self.ask.body

    @property
    def model(self) -> Model | None:
        """What the model can do; None for an agent and a model nobody described."""
        return self.models.get(self.ask.model or "")

    @property
    def agent(self) -> Agent | None:
        """What the agent can do; None for a model and an agent nobody described."""
        return self.agents.get(self.ask.agent or "")

    @property
    def tool_types(self) -> list[str]:
        """The types of the declared tools."""
        return [str(tool.get("type")) for tool in self.ask.tools]

    @property
    def formats(self) -> list[Json]:
        """The wanted outputs, one or many; a bare JSON Schema is one too."""
        value = self.body.get("response_format", [])
        return value if isinstance(value, list) else [value]


Check: TypeAlias = Callable[[Subject], Refusal | None]
"""One row of a table: the refusal that a request earns, or None."""


def first_refusal(checks: Iterable[Check], subject: Subject) -> Refusal | None:
    """The first refusal of a table, or None."""
    return next((refusal for check in checks if (refusal := check(subject))), None)


def media_blocks(steps: Iterable[Json]) -> Iterator[Json]:
    """The content blocks of these steps, those in the results of functions included."""
    for step in steps:
        yield from _content_blocks(step.get("content"))
        yield from _content_blocks(step.get("result"))


def _content_blocks(value: Any) -> Iterator[Json]:
    for block in value if isinstance(value, list) else ():
        if isinstance(block, dict):
            if block.get("type") in CONTENT_TYPES:
                yield block
            yield from _content_blocks(block.get("result"))
