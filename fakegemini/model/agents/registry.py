"""Which agent makes what. A new family is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable

from ...protocol.ask import Ask
from ...protocol.known_models import AGENTS
from ...protocol.turn import Turn
from .antigravity import antigravity_turn
from .code_mender import code_mender_turn
from .deep_research import deep_research_turn
from .task import Task

FAMILIES: dict[str, Callable[[Task], Turn]] = {
    "deep-research": deep_research_turn,
    "antigravity": antigravity_turn,
    "code-mender": code_mender_turn,
}
"""By the tag of `agent_config`. What has no row answers as a model does: `dynamic`, and agents
that nobody knows."""


def find_turn_maker(ask: Ask) -> Callable[[Task], Turn] | None:
    """What makes the turn of an agent: by its name, or else by its configuration."""
    agent = AGENTS.get(ask.agent or "")
    config = ask.body.get("agent_config")
    tag = config.get("type") if isinstance(config, dict) else None
    return FAMILIES.get(agent.family if agent and agent.family else str(tag))
