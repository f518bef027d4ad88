"""Hold what a benchmark measured: figures beside a yardstick, curves, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, TypeAlias


class Skipped(Exception):
    """What a benchmark needs is not on this machine; the text says what, and how to get it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How thoroughly to measure: so many rounds of each, of so many seconds where that counts."""

    rounds: int = 5
    seconds: float = 1.5

    @property
    def is_quick(self) -> bool:
        """Whether this run is only to see that everything works."""
        return self.rounds < 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    `value` is the median of all rounds, in `unit`; `ratio` the median of what each round says it is
    beside `yardstick`, `low` and `high` the least and the most of these. `goal` is the most that
    the ratio should be, or the value where there is no yardstick.
    """

    name: str
    value: float
    unit: str
    yardstick: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    goal: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        return asdict(self) | {"met": self.is_met}


@dataclass(frozen=True, slots=True)
class Curve:
    """What something costs while something else grows: points of a size and a cost.

    `name` says what costs, `grows` what is counted. A chart shows the costs beside the first.
    """

    name: str
    grows: str
    points: tuple[tuple[float, float], ...]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        return asdict(self)


Measure: TypeAlias = Callable[[Plan], Iterator[Figure | Curve]]


def compare(
    name: str,
    values: Sequence[float],
    unit: str,
    yardstick: str,
    beside: Sequence[float],
    goal: float | None = None,
) -> Figure:
    """Build the figure of values and of those of its yardstick, round by round."""
    ratios = [value / other for value, other in zip(values, beside, strict=True)]
    return Figure(
        name, median(values), unit, yardstick, median(ratios), min(ratios), max(ratios), goal
    )


def curve_of(name: str, grows: str, took: Mapping[int, Sequence[float]]) -> Curve:
    """Build the curve of what each size took, round by round."""
    return Curve(name, grows, tuple((size, median(values)) for size, values in took.items()))


def in_turns(
    parts: Mapping[str, Callable[[], float]], rounds: int, *, warm: bool = True
) -> dict[str, list[float]]:
    """Measure each part once a round, in turns, so that a slow minute of the machine hits all."""
    values: dict[str, list[float]] = {name: [] for name in parts}
    for number in range(-1 if warm else 0, rounds):
        for name, measure in parts.items():
            value = measure()
            if number >= 0:
                values[name].append(value)
    return values


def table(figures: Iterable[Figure]) -> str:
    """Write figures as a Markdown table."""
    lines = ["| what | measured | beside | times (least to most) | goal |", "|---|---|---|---|---|"]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        if figure.low is not None and figure.high is not None:
            ratio += f" ({figure.low:.2f} to {figure.high:.2f})"
        goal = "" if figure.goal is None else f"at most {figure.goal:g}"
        if figure.is_met is not None:
            goal += ", met" if figure.is_met else ", missed"
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:,.3g}"
        lines.append(
            f"| {figure.name} | {value} {figure.unit} | {figure.yardstick} | {ratio} | {goal} |"
        )
    return "\n".join(lines)
