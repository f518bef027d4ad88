"""Register refusals: a row for each, in the table of its layer.

The live server looks at a request in layers: JSON, schema, what the model can do, the conversation
(measured). Each layer has a file here and a table in `TABLES`. `@refusal(layer, evidence)` above a
function adds its row; the server asks the rows of a table in the order of their definition, and
the first refusal counts. In which order the live server asks within a layer was never measured.
`serve --explain` and the tables of the docs are printed from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from functools import wraps
from inspect import getdoc
from typing import Any, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar

from .refusal import Refusal

P = ParamSpec("P")
R = TypeVar("R", Refusal, "Refusal | None")

Evidence: TypeAlias = Literal["C", "L", "I", "D", "S", "X"]
"""How well a refusal is known, see `Refusal.evidence`."""


class Layer(StrEnum):
    """The layers of refusals. A create passes all but the lookups in this order."""

    SHAPE = "shape"
    FIELDS = "fields"
    CAPABILITIES = "capabilities"
    HISTORY = "history"
    LOOKUPS = "lookups"


class RefusalRow(NamedTuple):
    """One way to be refused.

    `when` says what is refused, `source` how that is known, both from the docstring. `check` is
    the function behind the row: it takes what its layer looks at and returns the refusal or None.
    It is asked about a body that has one of `members`, or about every body where that is None.
    """

    name: str
    when: str
    source: str
    layer: Layer
    evidence: Evidence
    check: Callable[..., Refusal | None]
    members: frozenset[str] | None = None

    def can_refuse(self, body: Any) -> bool:
        """Tell whether a body has any of the members without which this refuses nothing."""
        return self.members is None or not self.members.isdisjoint(body)


TABLES: dict[Layer, list[RefusalRow]] = {layer: [] for layer in Layer}
"""The rows of each layer, in the order in which they are asked."""


def refusal(
    layer: Layer, evidence: Evidence, *members: str
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register the decorated function as a refusal of this layer and this grade of evidence.

    The docstring's first paragraph begins with "Refuse" and says what is refused; the paragraphs
    after it say how that is known. What the function returns carries the grade. `members` are those
    of the body without which it refuses nothing: where a body has none of them, it is not asked.
    """
    needed_members = frozenset(members) or None

    def register(check: Callable[P, R]) -> Callable[P, R]:
        name = check.__name__.replace("_", " ")
        when, source = _read_docstring(check)
        row = RefusalRow(name, when, source, layer, evidence, check, needed_members)
        TABLES[layer].append(row)

        @wraps(check)
        def check_graded(*args: P.args, **kwargs: P.kwargs) -> R:
            result = check(*args, **kwargs)
            return replace(result, evidence=evidence, name=name) if result else result

        return check_graded

    return register


def first_refusal(rows: Iterable[RefusalRow], subject: Any) -> Refusal | None:
    """Return the first refusal that these rows have for a subject of their layer, or None."""
    body = subject.body
    for row in rows:
        if not row.can_refuse(body):
            continue
        result = row.check(subject)
        if result:
            return replace(result, evidence=row.evidence, name=row.name)
    return None


def all_refusals() -> Iterator[RefusalRow]:
    """Return every refusal there is, layer by layer."""
    return (row for rows in TABLES.values() for row in rows)


def _read_docstring(check: Callable[..., object]) -> tuple[str, str]:
    """Return what is refused and how that is known, each on one line."""
    when, _, source = (getdoc(check) or "").partition("\n\n")
    return " ".join(when.split()).removeprefix("Refuse "), " ".join(source.split())
