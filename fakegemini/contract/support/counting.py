"""Count what recordings say for each rule and against it, by the kinds of the answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from ...recordings.exchange import Exchange
from ...wire.http import Json
from ..checker import check_exchanges
from ..findings import Kind
from ..rules.legacy import find_legacy
from ..rules.registry import RULES
from .answer_kinds import DIMENSIONS, kinds_of
from .answer_parts import AnswerParts, read_parts
from .bearings import BEARINGS


def count_support(recordings: Iterable[list[Exchange]]) -> dict[str, Json]:
    """Count for each bearing the exchanges and their kinds, and for each rule the breaches.

    Exchanges of the old schema are left out. The result is what `counts.json` holds.
    """
    bearings: dict[str, dict[str, Counter[str]]] = {
        name: defaultdict(Counter) for name in sorted(BEARINGS)
    }
    totals: Counter[str] = Counter()
    breaches: Counter[str] = Counter()
    for exchanges in recordings:
        earlier: list[AnswerParts] = []
        for exchange in exchanges:
            if find_legacy(exchange):
                continue
            parts = read_parts(exchange)
            kinds = kinds_of(parts)
            for name, bears_on in BEARINGS.items():
                if bears_on(parts, earlier):
                    totals[name] += 1
                    for dimension, values in kinds.items():
                        bearings[name][dimension].update(values)
            earlier.append(parts)
        findings = check_exchanges(exchanges)
        breaches.update(
            {each.rule for each in findings if each.kind is Kind.VIOLATION} - {"legacy"}
        )
    return {
        "bearings": {
            name: {
                "exchanges": totals[name],
                **{
                    dimension: dict(sorted(counter.items()))
                    for dimension in DIMENSIONS
                    if (counter := counters.get(dimension))
                },
            }
            for name, counters in bearings.items()
        },
        "contradictions": {name: breaches[name] for name in sorted(RULES) if breaches[name]},
    }
