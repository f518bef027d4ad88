"""The models family, as far as clients of interactions touch it: list and get.

Some clients list the models before anything else. The shape is the classic camelCase one of this
API; what the live server says of each model is not emulated.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.known_models import Model
from ..protocol.refusals import lookups as refusals
from ..protocol.refusals.refuse import refusal_reply
from ..wire.http import Json, Reply, Request
from ..wire.replies import json_reply
from .routes import Route


@dataclass(frozen=True, slots=True)
class Models:
    """The family's handlers around the names the fake knows."""

    models: dict[str, Model]

    def routes(self) -> tuple[Route, ...]:
        """What it answers."""
        return (Route("GET", "models", self.list), Route("GET", "models/{}", self.get))

    def list(self, request: Request) -> Reply:
        """`GET /models`: all on one page."""
        return json_reply({"models": [_model_resource(model) for model in self.models.values()]})

    def get(self, request: Request, name: str) -> Reply:
        """`GET /models/{id}`."""
        model = self.models.get(name)
        return json_reply(_model_resource(model)) if model else refusal_reply(refusals.not_found())


def _model_resource(model: Model) -> Json:
    return {
        "name": f"models/{model.name}",
        "version": "001",
        "displayName": model.name.replace("-", " ").title(),
        "description": "A model of fakegemini: it says what a test scripted.",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "createInteraction"],
        "thinking": model.thinks,
    }
