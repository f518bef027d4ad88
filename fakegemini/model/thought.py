"""The thought that comes before an answer, and what it costs."""

from __future__ import annotations

from ..protocol.ask import Ask
from ..protocol.ids import NO_THOUGHT_SIGNATURE, IdSource
from ..protocol.usage import estimate_tokens
from ..wire.http import Json

_TOKENS_BY_LEVEL = {"minimal": 0, "low": 16, "medium": 48, "high": 80, "xhigh": 112}
_DEFAULT_TOKENS = 64
_MIN_TOKENS = 16  # below this budget a thought alone uses everything up


def make_thought(
    ask: Ask, ids: IdSource, text: str, intent: str, *, only_results: bool
) -> tuple[list[Json], int]:
    """The thought step, if the model has one, and its tokens.

    `only_results` True: a turn that only digests function results has the constant signature and
    costs nothing (recorded); so does `thinking_level` minimal (our choice).
    """
    if not can_think(ask):
        return [], 0
    cost = 0 if only_results else _count_thought_tokens(ask, text)
    if not cost:
        return [{"signature": NO_THOUGHT_SIGNATURE, "type": "thought"}], 0
    thought: Json = {"signature": ids.signature()}
    if _wants_summary(ask):
        thought["summary"] = [{"text": f"**Unscripted answer**\n\n{intent}", "type": "text"}]
    return [{**thought, "type": "thought"}], cost


def can_think(ask: Ask) -> bool:
    """Agents think, and so do models that nobody knows."""
    capability = ask.capability
    return capability is None or capability.thinks


def _count_thought_tokens(ask: Ask, text: str) -> int:
    level = str(ask.config.get("thinking_level", "")).lower()
    cost = _TOKENS_BY_LEVEL.get(level, _DEFAULT_TOKENS)
    cost += min(16, estimate_tokens(text) // 4) if cost else 0
    limit = ask.config.get("max_output_tokens")
    # Thinking counts towards the limit: three quarters of a reasonable one are for the answer.
    return min(cost, max(_MIN_TOKENS, limit // 4)) if isinstance(limit, int) else cost


def _wants_summary(ask: Ask) -> bool:
    agent = ask.body.get("agent_config")
    configs = [ask.config, agent if isinstance(agent, dict) else {}]
    return any(config.get("thinking_summaries") == "auto" for config in configs)
