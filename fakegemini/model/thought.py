"""Make the thought that comes before an answer, and count what it costs."""

from __future__ import annotations

from ..protocol.ids import NO_THOUGHT_SIGNATURE
from ..protocol.tokens import estimate_tokens
from ..wire.http import Json
from .step_builders import thought_step
from .task import Task

AGENT_THOUGHT_TOKENS = 80
"""What a turn of an agent that works on files counts as thinking: our choice, none was captured."""

_TOKENS_BY_LEVEL = {"minimal": 0, "low": 16, "medium": 48, "high": 80, "xhigh": 112}
_DEFAULT_TOKENS = 64
_MAX_PROMPT_TOKENS = 16  # what a long prompt adds at most


def make_thought(task: Task, intent: str, *, only_results: bool) -> tuple[list[Json], int]:
    """Return the thought step in a list, empty for a model that does not think, and its tokens.

    `intent` is the sentence of its summary, where the request wants one. A turn that only digests
    function results (`only_results`) has the constant signature and costs nothing (recorded); so
    does `thinking_level` minimal (our choice).
    """
    if not task.ask.thinks:
        return [], 0
    cost = 0 if only_results else count_thought_tokens(task.ask.config, task.situation.question)
    if not cost:
        return [thought_step(NO_THOUGHT_SIGNATURE)], 0
    signature = task.ids.signature()
    summaries = [f"**Unscripted answer**\n\n{intent}"] if _wants_summary(task) else []
    return [thought_step(signature, summaries)], cost


def count_thought_tokens(config: Json, question: str) -> int:
    """Return what thinking about a question costs, with this `generation_config`."""
    level = str(config.get("thinking_level", "")).lower()
    cost = _TOKENS_BY_LEVEL.get(level, _DEFAULT_TOKENS)
    # A limit does not shorten it (recorded): where it is reached, nothing is left for an answer.
    cost += min(_MAX_PROMPT_TOKENS, estimate_tokens(question) // 4) if cost else 0
    return cost


def _wants_summary(task: Task) -> bool:
    configs = (task.ask.config, task.agent_config)
    return any(config.get("thinking_summaries") == "auto" for config in configs)
