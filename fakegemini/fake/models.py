"""Serve the models family as far as clients of interactions touch it: list and get.

Some clients list the models before anything else. The shape is the classic camelCase one of this
API; what the live server says of each model is not emulated.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.known_models import Model
from ..protocol.refusals import lookups as refusals
from ..wire.http import Json, Reply, Request
from ..wire.replies import json_reply
from .routes import AnswerPlan, Route
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """The family's endpoints around the names that the fake knows."""

    settings: Settings

    def routes(self) -> tuple[Route, ...]:
        """List the routes of the family."""
        return (Route("GET", "models", self.list), Route("GET", "models/{}", self.get))

    def list(self, request: Request) -> Reply:
        """Answer `GET /models` with all of them on one page."""
        return json_reply(
            {"models": [_model_resource(model) for model in self.settings.models.values()]}
        )

    def get(self, request: Request, name: str) -> Reply | AnswerPlan:
        """Answer `GET /models/{id}`; 404 for a name that the fake does not know."""
        model = self.settings.models.get(name)
        if model is None:
            return AnswerPlan.of_refusal(refusals.not_found())
        return json_reply(_model_resource(model))


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
