"""Bad days by chance: any fault there is, with a name that a failure can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .. import faults as made
from ..faults import ERRORS, PRESETS, Fault
from ..protocol.schemas import names
from ..wire.http import Handler

_EVENTS = "interactions/event/"
_SOON = 0.005
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
    each = [_called(make, *arguments) for make, arguments in _ROWS]
    preset = st.sampled_from(list(PRESETS)).map(lambda name: NamedFault(name, PRESETS[name]))
    return st.one_of([*each, preset])


def _place(least: int = 0) -> SearchStrategy[int]:
    return st.integers(least, 20)


_ROWS: tuple[tuple[Callable[..., Fault], tuple[SearchStrategy[Any], ...]], ...] = (
    (made.refuse, (st.sampled_from(list(ERRORS)),)),
    (made.reset, ()),
    (made.cut_after, (_place(),)),
    (made.cut_mid_frame, (_place(),)),
    (made.cut_mid_character, ()),
    (made.cut_at, (_place().map(float),)),
    (made.drop, (st.sampled_from([name.removeprefix(_EVENTS) for name in names(_EVENTS)]),)),
    (made.drop_terminal, ()),
    (made.repeat, (_place(),)),
    (made.swap, (_place(),)),
    (made.unknown_event, (_place(),)),
    (made.bare_line, (_place(),)),
    (made.error_event, (st.sampled_from([code for code, _ in ERRORS.values()]), st.just("Oh."))),
    (made.chunks, (_place(1),)),
    (made.gzip, ()),
    (made.malformed, ()),
    (made.wrong_content_type, ()),
    (made.pace, (st.integers(0, 9).map(float), st.integers(1, 99).map(float))),
    (made.slow, (st.just(_SOON / 20),)),
    (made.stall, (_place(), st.just(_SOON))),
    (made.time_out, (st.just(_SOON),)),
)
"""What makes a fault, and of what; a new one is a row."""


def _called(
    make: Callable[..., Fault], *arguments: SearchStrategy[Any]
) -> SearchStrategy[NamedFault]:
    def named(drawn: tuple[Any, ...]) -> NamedFault:
        return NamedFault(f"{make.__name__}({', '.join(map(repr, drawn))})", make(*drawn))

    return st.tuples(*arguments).map(named)
