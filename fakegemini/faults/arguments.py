"""Describe the arguments of faults: as JSON Schemas for the control form, as ranges for a search.

A range is plain data, so that loading the faults loads no search library; the room of strategies
turns it into what Hypothesis draws from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..wire.http import Json


@dataclass(frozen=True, slots=True)
class Integers:
    """Whole numbers from `minimum` to `maximum`, both included."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Floats with a whole value from `minimum` to `maximum`: short to read in a failure."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Choices:
    """A few values, the simplest first; a function is called when a search begins."""

    values: Sequence[Any] | Callable[[], Sequence[Any]]


Range: TypeAlias = Integers | Numbers | Choices

POSITIONS = Integers(0, 20)
"""Numbers of events in a stream, some of them beyond the end of a usual one."""

SHORT_PAUSE = 0.005
"""The longest real pause in seconds that a search draws: it tries hundreds of faults."""

TRUE: Json = {"const": True}
"""The form of a fault without arguments."""

EVENT: Json = {"type": "integer", "minimum": 0}
"""The form of an event's number, counted from 0, or of how many events there are."""

SECONDS: Json = {"type": "number", "minimum": 0}
"""The form of a time in seconds."""

HEADER_TEXT: Json = {"type": "string", "pattern": "^[ -~]+$"}
"""The form of a text that goes into a header: printable ASCII."""


def true_or(form: Json) -> Json:
    """Return a form that takes `true` as well, for a fault whose arguments have defaults."""
    either = {"type": ["boolean", form["type"]], "if": {"type": "boolean"}, "then": TRUE}
    # The members of an object stand in a schema of their own: a schema with `if` is not closed.
    return {**either, "else": form} if form["type"] == "object" else {**form, **either}
