"""Show a request to the layers behind the shape: its body, and what the fake knows besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...wire.http import Json
from ..ask import Ask
from ..known_models import Agent, Model
from ..lazy import Lazy
from ..signatures import SignatureProblem, Signatures
from ..step_reading import media_blocks


@dataclass(frozen=True)  # no slots: several rows ask the same, so the answers are kept
class Subject:
    """One create whose shape is good, as the rows of a layer look at it.

    `models` and `agents` are the names that are known, and `any_model` says that every other name
    of a model is taken too. `enterprise` says that the request came on the path of the Gemini
    Enterprise Agent Platform. `signatures` are those that the server sent.
    """

    ask: Ask
    models: Mapping[str, Model]
    agents: Mapping[str, Agent]
    any_model: bool = False
    enterprise: bool = False
    signatures: Signatures = field(default_factory=Signatures)

    @property
    def body(self) -> Json:
        """Return the body, without nulls and of a good shape."""
        return self.ask.body

    @Lazy
    def model(self) -> Model | None:
        """Return what the model can do; None for an agent and for a model nobody described."""
        return self.models.get(self.ask.model or "")

    @Lazy
    def agent(self) -> Agent | None:
        """Return what the agent can do; None for a model and for an agent nobody described."""
        return self.agents.get(self.ask.agent or "")

    @Lazy
    def tool_types(self) -> list[str]:
        """Return the types of the declared tools."""
        return [str(tool.get("type")) for tool in self.ask.tools]

    @Lazy
    def formats(self) -> list[Json]:
        """Return the output formats, one or many; a bare JSON Schema counts as one too."""
        value = self.body.get("response_format", [])
        return value if isinstance(value, list) else [value]

    @Lazy
    def media(self) -> list[Json]:
        """Return the media of the input, texts among them."""
        return list(media_blocks(self.ask.input_steps))

    @Lazy
    def signature_problem(self) -> SignatureProblem | None:
        """Return the first thing that is wrong with the signatures of a resent history, or None.

        Only a history that the client keeps is looked at: that of a chain the server has itself.
        """
        ask = self.ask
        if ask.parent or ask.agent or (self.model and not self.model.signed):
            return None
        if not ask.dialogue.facts.model_turns:
            return None
        return self.signatures.find_problem(ask.dialogue)
