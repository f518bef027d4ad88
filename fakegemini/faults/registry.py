"""The faults by their JSON names: one row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from .. import faults
from ..errors import Misplaced
from ..wire.http import Json
from ..wire.json_paths import JsonPath as Path
from . import Fault, both

Making: TypeAlias = Callable[..., Fault]
"""Makes the fault: of `true` without arguments, of an object by name, else of the one value."""


def _insert(text: str, before: int) -> Fault:
    return faults.insert(text.encode(), before=before)


FAULTS: dict[str, Making] = {
    "chunks": faults.chunks,
    "slow": faults.slow,
    "gzip": faults.gzip,
    "wrong_content_type": faults.wrong_content_type,
    "stall": faults.stall,
    "cut_at_seconds": faults.cut_at,
    "pace": faults.pace,
    "cut_mid_character": faults.cut_mid_character,
    "cut_mid_frame": faults.cut_mid_frame,
    "cut_after_events": faults.cut_after,
    "error_event": faults.error_event,
    "bare_line": faults.bare_line,
    "malformed": faults.malformed,
    "drop_terminal": faults.drop_terminal,
    "drop_event": faults.drop,
    "insert": _insert,
    "unknown_event": faults.unknown_event,
    "repeat_event": faults.repeat,
    "swap_event": faults.swap,
    "reset": faults.reset,
    "time_out": faults.time_out,
    "status": faults.refuse,
    "preset": faults.named,
}
"""What each name of `schemas/control/fault.json` makes, the outermost of several first: members
of a JSON object have no order. A new fault is a row here and there."""

WITH_STATUS = ("code", "message", "retry_after", "retry_after_ms")
"""The members that go with `status`."""


def fault_of(form: Json, path: Path) -> Fault:
    """The fault that a form describes, already checked; raises `Misplaced` where it names none."""
    given = {name: form[name] for name in FAULTS if name in form}
    if not given:
        raise Misplaced(path, 'names no fault, e.g. {"status": 429} or {"cut_after_events": 3}')
    if "status" in given:
        rest = {name: form[name] for name in WITH_STATUS if name in form}
        given["status"] = {"status": form["status"], **rest}
    return both(*(_made(FAULTS[name], value) for name, value in given.items()))


def _made(making: Making, value: Any) -> Fault:
    if value is True:
        return making()
    if isinstance(value, dict):
        return making(**{key: _whole(item) for key, item in value.items()})
    return making(_whole(value))


def _whole(value: Any) -> Any:
    # JSON knows no difference between 7 and 7.0, Python's slices do.
    return int(value) if isinstance(value, float) and value.is_integer() else value
