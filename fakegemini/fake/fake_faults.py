"""Give a test the faults by way of its fake: put them in force, or make them by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import faults
from ..errors import UnknownAttribute
from ..faults import Fault, named
from ..faults.in_force import FaultsInForce
from ..faults.presets import PresetName
from ..protocol.paths import Operation
from ..wording import did_you_mean


class FakeFaults:
    """Called, it puts faults in force; its attributes are those of the module `fakegemini.faults`.

    `fakegemini.faults(fakegemini.faults.refuse(429), times=2)`.
    """

    def __init__(self, in_force: FaultsInForce) -> None:
        self._in_force = in_force

    def __call__(
        self,
        *faults: Fault | PresetName,
        times: int | None = None,
        on: Operation | None = None,
    ) -> None:
        """Spoil the next `times` requests, or all: with faults, or names of `PRESETS`.

        `on` is the operation: create, get, delete, cancel. The first is the outermost. Raises
        `BadScript` for an unknown name.
        """
        self._in_force.add([named(fault) for fault in faults], times=times, on=on)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *faults.__all__]

    if TYPE_CHECKING:
        ERRORS = faults.ERRORS
        PRESETS = faults.PRESETS
        RETRIED = faults.RETRIED
        bare_line = staticmethod(faults.bare_line)
        both = staticmethod(faults.both)
        chunks = staticmethod(faults.chunks)
        cut_after = staticmethod(faults.cut_after)
        cut_at = staticmethod(faults.cut_at)
        cut_mid_character = staticmethod(faults.cut_mid_character)
        cut_mid_frame = staticmethod(faults.cut_mid_frame)
        drop = staticmethod(faults.drop)
        drop_terminal = staticmethod(faults.drop_terminal)
        error_event = staticmethod(faults.error_event)
        gzip = staticmethod(faults.gzip)
        insert = staticmethod(faults.insert)
        malformed = staticmethod(faults.malformed)
        named = staticmethod(faults.named)
        no_usage = staticmethod(faults.no_usage)
        pace = staticmethod(faults.pace)
        refuse = staticmethod(faults.refuse)
        repeat = staticmethod(faults.repeat)
        reset = staticmethod(faults.reset)
        slow = staticmethod(faults.slow)
        stall = staticmethod(faults.stall)
        swap = staticmethod(faults.swap)
        time_out = staticmethod(faults.time_out)
        unknown_event = staticmethod(faults.unknown_event)
        wrong_content_type = staticmethod(faults.wrong_content_type)
    else:

        def __getattr__(self, name: str) -> Any:
            if name in faults.__all__:
                return getattr(faults, name)
            hint = did_you_mean(name, faults.__all__)
            raise UnknownAttribute(f"there is no fault {name!r}{hint}")
