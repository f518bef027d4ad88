"""What a check finds: one record for each fact, sorted by where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ..wire.json_paths import join_path


class Kind(StrEnum):
    """What a finding means: the server never does this, or nobody had seen it do this."""

    VIOLATION = "violation"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding: the file, the exchange's number in it from 1, the JSON path, and the facts.

    `path` begins with `request` or `response`. `rule` is the name of the rule, `evidence` says
    how the rule is known.
    """

    file: str
    exchange: int
    path: str
    rule: str
    kind: Kind
    found: str
    expected: str
    evidence: str

    def __str__(self) -> str:
        place = f"{self.file} #{self.exchange}" if self.file else f"#{self.exchange}"
        return (
            f"{self.kind} {place} {self.path}: {self.found}; expected {self.expected} "
            f"[{self.rule}; {self.evidence}]"
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding before it is known which file and exchange it belongs to."""

    path: str
    rule: str
    found: str
    expected: str
    evidence: str
    kind: Kind = Kind.VIOLATION

    def as_finding(self, file: str, exchange: int, prefix: str = "") -> Finding:
        """Return the finding of an exchange of a file; `prefix` is put before the path."""
        path = join_path(prefix, self.path)
        return Finding(
            file, exchange, path, self.rule, self.kind, self.found, self.expected, self.evidence
        )

    def under(self, prefix: str) -> Problem:
        """Return the same breach, with the path seen from the value that holds it."""
        return replace(self, path=join_path(prefix, self.path))
