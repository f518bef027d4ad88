"""Look up what supports a rule: how many genuine exchanges, of which kinds, and which are missing.

The counts lie in `counts.json`, counted from recordings of other projects; a test counts them
again where these recordings are present.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...wire.http import Json
from ..rules.registry import RULES, Rule


@dataclass(frozen=True, slots=True)
class RuleSupport:
    """What supports one rule.

    exchanges: how many genuine exchanges it bears on
    contradictions: in how many recordings it is broken all the same
    kinds: by dimension, how many of these exchanges are of each kind
    """

    exchanges: int
    contradictions: int
    kinds: dict[str, dict[str, int]]

    def spell_kinds(self, dimension: str) -> str:
        """Write the kinds of a dimension with their numbers: `models (53), agents (1)`."""
        counts = self.kinds.get(dimension, {})
        is_by_time = dimension == "month"
        names = sorted(counts, key=lambda kind: 0 if is_by_time else -counts[kind])
        return ", ".join(f"{kind} ({counts[kind]})" for kind in names)


@cache
def _counts() -> Json:
    counts: Json = json.loads(Path(__file__).with_name("counts.json").read_bytes())
    return counts


def support_of(rule: Rule) -> RuleSupport:
    """Return what supports a rule; nothing where no recording bears on it."""
    counts = _counts()
    row = counts["bearings"].get(rule.bears_on, {"exchanges": 0})
    kinds = {name: values for name, values in row.items() if name != "exchanges"}
    return RuleSupport(row["exchanges"], counts["contradictions"].get(rule.name, 0), kinds)


def kinds_outside(rule_name: str, kinds: dict[str, frozenset[str]]) -> list[str]:
    """Return the kinds of an answer for which nothing supports a rule, in the order of its scope.

    An answer of which a dimension is not known is inside of it.
    """
    rule = RULES[rule_name]
    supported = support_of(rule).kinds
    outside = []
    for dimension in rule.scope:
        covered = supported.get(dimension, {}).keys() | rule.recorded_elsewhere
        outside += sorted(kinds.get(dimension, frozenset()) - covered)
    return outside
