"""Choose who makes the turn of an agent. A new family is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...protocol.known_models import AGENTS
from ...protocol.turn import Turn
from ..task import Task
from .antigravity import antigravity_turn
from .code_mender import code_mender_turn
from .deep_research import deep_research_turn


@dataclass(frozen=True, slots=True)
class Family:
    """One family of agents: its title in Google's pages, who makes its turns, and what they do.

    `answer` is what the pages say of its unscripted turns.
    """

    title: str
    make_turn: Callable[[Task], Turn]
    answer: str


FAMILIES: dict[str, Family] = {
    "deep-research": Family(
        "Deep Research",
        deep_research_turn,
        "runs in the background: a poll finds it at work, the next one done. It makes a plan where"
        " `collaborative_planning` is true, else a report with citations, a picture with"
        ' `visualization: "auto"`, and its sources. `thinking_summaries: "auto"` shows its thought',
    ),
    "antigravity": Family(
        "Antigravity",
        antigravity_turn,
        "works in a sandbox: steps of code execution, an `environment_id` that the next turn goes"
        " on in, calls of your functions, and `incomplete` when `max_total_tokens` is spent",
    ),
    "code-mender": Family("CodeMender", code_mender_turn, "says what it was given"),
}
"""By the tag of `agent_config`. An agent without a row answers as a model does: `dynamic`, and
agents that we do not know."""


def find_turn_maker(task: Task) -> Callable[[Task], Turn] | None:
    """Return who makes the turn: by the agent's name, or else by its configuration's tag.

    None where the request asks a model, and for an agent without a family of ours.
    """
    if not task.ask.agent:
        return None
    agent = AGENTS.get(task.ask.agent)
    tag = agent.family if agent and agent.family else str(task.agent_config.get("type"))
    family = FAMILIES.get(tag)
    return family.make_turn if family else None
