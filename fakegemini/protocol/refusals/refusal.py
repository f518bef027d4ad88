"""Define a refusal: an HTTP status, the error's code and message, and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass

from ...wire.http import Json
from .live_words import INVALID_ARGUMENT


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal as it goes over the wire.

    `evidence` is the grade of what is known about it: C recorded bytes, L a dated measurement, I an
    issue, D the documentation, S the SDK's types, X nobody observed it. `hint` is what the fake
    knows besides; it goes into the complaint of a test and never over the wire. `name` is that of
    its row in the registry, empty for what has no row.
    """

    status: int
    code: str
    message: str
    evidence: str = "L"
    hint: str = ""
    name: str = ""

    def body(self) -> Json:
        """Build the error body, keys in the live order (recorded): message, then code."""
        return {"error": {"message": self.message, "code": self.code}}


def invalid(message: str, hint: str = "") -> Refusal:
    """Build a 400 `invalid_request`, which nearly every refusal of the live server is."""
    return Refusal(400, "invalid_request", message, hint=hint)


def catch_all(hint: str = "") -> Refusal:
    """Build the server's catch-all, for faults it has no better words for (measured)."""
    return invalid(INVALID_ARGUMENT, hint)
