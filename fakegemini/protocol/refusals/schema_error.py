"""Find the one thing in a create body that its schema refuses first.

Only one fault is answered. The live server's own order was never measured; ours is: unknown
members, then wrong shapes. Among faults of one kind the one counts that comes first in the body,
an object's before those of its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ...wire.http import Json
from ..plain_shapes import is_plain
from ..schemas import validator

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

InstancePath: TypeAlias = Sequence[str | int]
"""The path of an error, as the validator gives it: member names and list positions."""


_SCHEMA = "interactions/create"

UNKNOWN_MEMBER_KEYWORDS = frozenset({"additionalProperties", "falseSchema"})


class Shape(NamedTuple):
    """A create body, and what its schema refuses first.

    `keyword` is the keyword of JSON Schema that fails, empty where none does. `value` is what
    stands at `path`. `demand` is what the keyword asks for: the members that are too many, the
    member that is missing, the allowed values, or the types. `location` is where the keyword is
    in the schemas, for `schemas.declared_members`.
    """

    body: Json
    keyword: str = ""
    path: InstancePath = ()
    value: Any = None
    demand: Any = None
    location: str = ""

    @property
    def in_input(self) -> bool:
        """Tell whether the fault lies in `input`, where the server often has words of its own."""
        return bool(self.path) and self.path[0] == "input"

    @property
    def member(self) -> str | int:
        """Return the last part of the path, empty for the whole body."""
        return self.path[-1] if self.path else ""

    @property
    def unknown_member(self) -> tuple[InstancePath, str] | None:
        """Return the place of an object and its member that nobody declared, if that is it."""
        if self.keyword not in UNKNOWN_MEMBER_KEYWORDS:
            return None
        if self.keyword == "falseSchema":
            return self.path[:-1], str(self.member)
        return self.path, next(member for member in self.value if member in self.demand)


def read_shape(body: object) -> Shape | None:
    """Hold a body against the closed schema of a create; None for one that nobody can read.

    Unreadable are all that is no object, lone surrogates, and what is nested too deep: no parser
    of the server reads those.
    """
    if not isinstance(body, dict):
        return None
    if is_plain(_SCHEMA, body):
        return Shape(body)
    schema_validator = validator(_SCHEMA, closed=True)
    try:
        if schema_validator.is_valid(body):
            return Shape(body)
        errors = list(schema_validator.iter_errors(body))
    except ValueError:
        return None
    error = _first_error(errors, body)
    if error is None:
        return Shape(body)
    path = error.instance_path
    return Shape(
        body,
        error.kind.name,
        path,
        _value_at(body, path),
        getattr(error.kind, "value", None),
        error.absolute_keyword_location or "",
    )


def _first_error(errors: Iterable[ValidationError], body: Json) -> ValidationError | None:
    relevant_errors = (error for error in errors if not _is_null_member(error, body))
    return min(relevant_errors, key=lambda error: _error_order(error, body), default=None)


def _is_null_member(error: ValidationError, body: Json) -> bool:
    # Nulls are kept under a function's result, where typed blocks may lie; they too read as absent.
    path = error.instance_path
    return bool(path) and isinstance(path[-1], str) and _value_at(body, path) is None


def _error_order(error: ValidationError, body: Json) -> tuple[bool, list[int], bool]:
    """Sort unknown members first, then by place in the body; at one place a wrong type first."""
    keyword = error.kind.name
    return (
        keyword not in UNKNOWN_MEMBER_KEYWORDS,
        _body_position(body, error.instance_path),
        keyword != "type",
    )


def _body_position(value: Any, path: InstancePath) -> list[int]:
    position = []
    for part in path:
        position.append(part if isinstance(part, int) else list(value).index(part))
        value = value[part]
    return position


def _value_at(value: Any, path: InstancePath) -> Any:
    for part in path:
        value = value[part]
    return value
