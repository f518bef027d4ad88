"""Bad days by chance: any fault there is, with a name that a failure can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .. import faults as makers
from ..faults import ERRORS, PRESETS, Fault
from ..protocol.schemas import schema_names
from ..wire.http import Handler

_EVENT_FOLDER = "interactions/event/"
_SHORT_PAUSE = 0.005
"""How long a pause in real time may be: a search tries hundreds of them."""


@dataclass(frozen=True, slots=True, repr=False)
class NamedFault:
    """A fault that shows how to write it: `cut_after(3)`."""

    label: str
    fault: Fault

    def __call__(self, handler: Handler) -> Handler:
        """The handler of the bad day."""
        return self.fault(handler)

    def __repr__(self) -> str:
        return self.label


def faults() -> SearchStrategy[NamedFault]:
    """Faults for `Fake.faults` and `fault=`, refusals first; none takes longer than 5 ms."""
    fault_strategies = [_named_faults(make, *arguments) for make, arguments in _FAULT_ROWS]
    presets = st.sampled_from(list(PRESETS)).map(lambda name: NamedFault(name, PRESETS[name]))
    return st.one_of([*fault_strategies, presets])


def _positions(minimum: int = 0) -> SearchStrategy[int]:
    return st.integers(minimum, 20)


_FAULT_ROWS: tuple[tuple[Callable[..., Fault], tuple[SearchStrategy[Any], ...]], ...] = (
    (makers.refuse, (st.sampled_from(list(ERRORS)),)),
    (makers.reset, ()),
    (makers.cut_after, (_positions(),)),
    (makers.cut_mid_frame, (_positions(),)),
    (makers.cut_mid_character, ()),
    (makers.cut_at, (_positions().map(float),)),
    (
        makers.drop,
        (
            st.sampled_from(
                [name.removeprefix(_EVENT_FOLDER) for name in schema_names(_EVENT_FOLDER)]
            ),
        ),
    ),
    (makers.drop_terminal, ()),
    (makers.repeat, (_positions(),)),
    (makers.swap, (_positions(),)),
    (makers.unknown_event, (_positions(),)),
    (makers.bare_line, (_positions(),)),
    (makers.error_event, (st.sampled_from([code for code, _ in ERRORS.values()]), st.just("Oh."))),
    (makers.chunks, (_positions(1),)),
    (makers.gzip, ()),
    (makers.malformed, ()),
    (makers.wrong_content_type, ()),
    (makers.pace, (st.integers(0, 9).map(float), st.integers(1, 99).map(float))),
    (makers.slow, (st.just(_SHORT_PAUSE / 20),)),
    (makers.stall, (_positions(), st.just(_SHORT_PAUSE))),
    (makers.time_out, (st.just(_SHORT_PAUSE),)),
)
"""What makes a fault, and of what; a new one is a row."""


def _named_faults(
    maker: Callable[..., Fault], *arguments: SearchStrategy[Any]
) -> SearchStrategy[NamedFault]:
    def name_fault(drawn_arguments: tuple[Any, ...]) -> NamedFault:
        return NamedFault(
            f"{maker.__name__}({', '.join(map(repr, drawn_arguments))})", maker(*drawn_arguments)
        )

    return st.tuples(*arguments).map(name_fault)
