"""Hold the table of faults: a row for each function that makes one, written above it.

From a row follow the member of the control form (`schemas/control/fault.json`), what strategies
draw, and the tables of the pages. A row has no other place: whoever adds a fault writes the
function, its `@fault_maker(...)`, and its name in the `__all__` of its file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ParamSpec, TypeAlias

from ..errors import FormMistake
from ..wire.http import Fault, Json
from ..wire.json_paths import JsonPath as Path
from .arguments import Range
from .compose import both

Maker: TypeAlias = Callable[..., Fault]
"""A function that makes a fault."""

_Arguments = ParamSpec("_Arguments")


class Layer(IntEnum):
    """Where a fault stands when a JSON form names several: the lowest number is the outermost.

    The members of a JSON object have no order, so the layer decides. Of two faults of one layer
    the one whose function is read first is the outer one.
    """

    PACKING = 1  # how the bytes of an answer are sent
    TIME = 2  # when a stream comes, and when it stalls
    ENDING = 3  # where a stream breaks off
    EVENTS = 4  # which events there are
    INSTEAD = 5  # what comes instead of an answer


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One kind of fault: the function that makes it, and what follows from it elsewhere.

    `form` is the JSON Schema of the member `json_name` of a control form, `companions` the schemas
    of the members that go with it. `ranges` says what a search draws, by the function's argument.
    `make_from_json` is the function for JSON where that has other arguments than Python.
    """

    make: Maker
    json_name: str
    form: Json
    layer: Layer
    ranges: Mapping[str, Range] = field(default_factory=dict)
    companions: Mapping[str, Json] = field(default_factory=dict)
    make_from_json: Maker | None = None

    @property
    def sentence(self) -> str:
        """What the fault does: the first paragraph of its function's docstring, on one line."""
        return " ".join((inspect.getdoc(self.make) or "").partition("\n\n")[0].split())

    def make_from_form(self, form: Json) -> Fault:
        """Make the fault from a form that has its member and was checked.

        `true` is no argument, an object is arguments by name, anything else is the first argument.
        """
        maker, value = self.make_from_json or self.make, form[self.json_name]
        details = {name: form[name] for name in self.companions if name in form}
        if details:
            value = {self.json_name: value, **details}
        if value is True:
            return maker()
        if isinstance(value, dict):
            return maker(**{name: _integer_if_whole(argument) for name, argument in value.items()})
        return maker(_integer_if_whole(value))


FAULTS: dict[str, FaultRow] = {}
"""The rows by JSON name, in the order in which the functions are read; `fault_rows` sorts them."""


def fault_maker(
    json_name: str,
    form: Json,
    layer: Layer,
    ranges: Mapping[str, Range] | None = None,
    *,
    companions: Mapping[str, Json] | None = None,
    make_from_json: Maker | None = None,
) -> Callable[[Callable[_Arguments, Fault]], Callable[_Arguments, Fault]]:
    """Write the row of the function below (see `FaultRow`); the function stays as it is.

    Raises `ValueError` for a JSON name that another fault has.
    """
    if json_name in FAULTS:
        raise ValueError(f"two faults have the JSON name {json_name!r}")

    def add_row(make: Callable[_Arguments, Fault]) -> Callable[_Arguments, Fault]:
        FAULTS[json_name] = FaultRow(
            make, json_name, form, layer, ranges or {}, companions or {}, make_from_json
        )
        return make

    return add_row


def fault_rows() -> list[FaultRow]:
    """Return all rows, the outermost layer first."""
    return sorted(FAULTS.values(), key=lambda row: row.layer)


def make_fault(form: Json, path: Path = ()) -> Fault:
    """Make the one fault that a checked control form describes, of all that it names.

    `path` is where the form stands in the whole of what was sent. Raises `FormMistake` for a form
    that names no fault.
    """
    rows = [row for row in fault_rows() if row.json_name in form]
    if not rows:
        raise FormMistake(path, 'names no fault, e.g. {"status": 429} or {"cut_after_events": 3}')
    return both(*(row.make_from_form(form) for row in rows))


def _integer_if_whole(value: Any) -> Any:
    # JSON knows no difference between 7 and 7.0, Python's slices do.
    return int(value) if isinstance(value, float) and value.is_integer() else value
