"""Draw faults: any kind of which the registry has a row, with a name that a failure can show."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..faults import Fault, named
from ..faults.arguments import Choices, Integers, Numbers, Range
from ..faults.registry import FaultRow, Maker, fault_rows
from ..wire.http import Handler


@dataclass(frozen=True, slots=True, repr=False)
class NamedFault:
    """A fault whose `repr` shows how to write it: `cut_after(3)`, or the name of a preset."""

    label: str
    fault: Fault

    def __call__(self, handler: Handler) -> Handler:
        """Return the handler under the fault."""
        return self.fault(handler)

    def __repr__(self) -> str:
        return self.label


def faults() -> SearchStrategy[NamedFault]:
    """Draw faults for `Fake.faults` and `fault=`; none takes longer than 5 ms.

    Refusals come first, so that a failure shrinks to one of them. Presets come last.
    """
    rows = fault_rows()[::-1]
    return st.one_of(
        [
            *(_faults_of(row) for row in rows if row.make is not named),
            *(_presets_of(row) for row in rows if row.make is named),
        ]
    )


def _faults_of(row: FaultRow) -> SearchStrategy[NamedFault]:
    def make_named(arguments: dict[str, Any]) -> NamedFault:
        return NamedFault(_call_text(row.make, arguments), row.make(**arguments))

    strategies = {name: _values_in(choice) for name, choice in row.ranges.items()}
    return st.fixed_dictionaries(strategies).map(make_named)


def _presets_of(row: FaultRow) -> SearchStrategy[NamedFault]:
    """Draw presets, each under its bare name, which the options for faults take as it is."""
    (names,) = row.ranges.values()
    return _values_in(names).map(lambda name: NamedFault(name, row.make(name)))


def _values_in(choice: Range) -> SearchStrategy[Any]:
    match choice:
        case Integers(minimum, maximum):
            return st.integers(minimum, maximum)
        case Numbers(minimum, maximum):
            return st.integers(minimum, maximum).map(float)
        case Choices(values):
            return st.sampled_from(values() if callable(values) else values)


def _call_text(maker: Maker, arguments: Mapping[str, Any]) -> str:
    """Write the call as people do: the first arguments by their place, the others by name."""
    texts, by_place = [], True
    for name, parameter in inspect.signature(maker).parameters.items():
        by_place = by_place and name in arguments and parameter.kind is not parameter.KEYWORD_ONLY
        if name in arguments:
            texts.append(f"{'' if by_place else f'{name}='}{arguments[name]!r}")
    return f"{maker.__name__}({', '.join(texts)})"
