"""Which agent makes what. A new family is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable

from ...protocol.ask import Ask
from ...protocol.known_models import AGENTS
from ...protocol.turn import Turn
from .antigravity import work
from .code_mender import mend
from .deep_research import research
from .task import Errand

FAMILIES: dict[str, Callable[[Errand], Turn]] = {
    "deep-research": research,
    "antigravity": work,
    "code-mender": mend,
}
"""By the tag of `agent_config`. What has no row answers as a model does: `dynamic`, and agents
that nobody knows."""


def family(ask: Ask) -> Callable[[Errand], Turn] | None:
    """What makes the turn of an agent: by its name, or else by its configuration."""
    known = AGENTS.get(ask.agent or "")
    config = ask.body.get("agent_config")
    tag = config.get("type") if isinstance(config, dict) else None
    return FAMILIES.get(known.family if known and known.family else str(tag))
