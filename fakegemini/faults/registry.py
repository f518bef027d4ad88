"""The faults by their JSON names: one row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from .. import faults
from ..errors import FormMistake
from ..wire.http import Json
from ..wire.json_paths import JsonPath as Path
from . import Fault, both

Maker: TypeAlias = Callable[..., Fault]
"""Makes the fault: of `true` without arguments, of an object by name, else of the one value."""


def _insert_text(text: str, before: int) -> Fault:
    return faults.insert(text.encode(), before=before)


FAULTS: dict[str, Maker] = {
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
    "insert": _insert_text,
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

STATUS_MEMBERS = ("code", "message", "retry_after", "retry_after_ms")
"""The members that go with `status`."""


def fault_from_form(form: Json, path: Path) -> Fault:
    """The fault that a form describes, already checked; raises `FormMistake` for none."""
    members = {name: form[name] for name in FAULTS if name in form}
    if not members:
        raise FormMistake(path, 'names no fault, e.g. {"status": 429} or {"cut_after_events": 3}')
    if "status" in members:
        details = {name: form[name] for name in STATUS_MEMBERS if name in form}
        members["status"] = {"status": form["status"], **details}
    return both(*(_make_fault(FAULTS[name], value) for name, value in members.items()))


def _make_fault(maker: Maker, value: Any) -> Fault:
    if value is True:
        return maker()
    if isinstance(value, dict):
        return maker(**{key: _integer_if_whole(argument) for key, argument in value.items()})
    return maker(_integer_if_whole(value))


def _integer_if_whole(value: Any) -> Any:
    # JSON knows no difference between 7 and 7.0, Python's slices do.
    return int(value) if isinstance(value, float) and value.is_integer() else value
