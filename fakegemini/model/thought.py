"""The thought that comes before an answer, and what it costs."""

from __future__ import annotations

from ..protocol.ask import Ask
from ..protocol.ids import NO_THOUGHT_SIGNATURE, Mint
from ..protocol.usage import tokens
from ..wire.http import Json

_COSTS = {"minimal": 0, "low": 16, "medium": 48, "high": 80, "xhigh": 112}
_USUAL = 64
_LEAST = 16  # below this budget a thought alone uses everything up


def think(ask: Ask, mint: Mint, text: str, intent: str, *, idle: bool) -> tuple[list[Json], int]:
    """The thought step, if the model has one, and its tokens.

    `idle` True: a turn that only digests function results carries the constant signature and
    costs nothing (recorded); so does `thinking_level` minimal (our choice).
    """
    if not thinks(ask):
        return [], 0
    cost = 0 if idle else _cost(ask, text)
    if not cost:
        return [{"signature": NO_THOUGHT_SIGNATURE, "type": "thought"}], 0
    thought: Json = {"signature": mint.signature()}
    if _summaries(ask):
        thought["summary"] = [{"text": f"**Unscripted answer**\n\n{intent}", "type": "text"}]
    return [{**thought, "type": "thought"}], cost


def thinks(ask: Ask) -> bool:
    """Agents think, and so do models that nobody knows."""
    known = ask.capability
    return known is None or known.thinks


def _cost(ask: Ask, text: str) -> int:
    level = str(ask.config.get("thinking_level", "")).lower()
    cost = _COSTS.get(level, _USUAL)
    cost += min(16, tokens(text) // 4) if cost else 0
    limit = ask.config.get("max_output_tokens")
    # Thinking counts towards the limit: three quarters of a reasonable one are for the answer.
    return min(cost, max(_LEAST, limit // 4)) if isinstance(limit, int) else cost


def _summaries(ask: Ask) -> bool:
    agent = ask.body.get("agent_config")
    given = [ask.config, agent if isinstance(agent, dict) else {}]
    return any(config.get("thinking_summaries") == "auto" for config in given)
