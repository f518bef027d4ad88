"""What holds of signatures that a client resends: each is as the server sent it.

The server refuses an altered one (recorded 2026-08-21), so that a granted request with one is odd:
it, the answer before it, or what is known is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...protocol.known_models import MODELS
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .recorder_marks import is_redacted
from .registry import Evidence, add_rule, problem

_COMMON_EDGE = 24
"""So many characters at an end that two signatures share are no accident."""

add_rule(
    "signature-altered",
    "a signature that is sent back is as it was sent",
    bears_on="resent signatures",
    otherwise="drift for models that do not check signatures",
    evidence=(Evidence("C", "the recorded refusal", "2026-08-21"),),
    example='request.body.input[1].signature: "EjRpbnZlbnRlZCBjYWxsIHNpZ25hdHVyZSB0d28="; expected '
    '"EjRpbnZlbnRlZCBjYWxsIHNpZ25hdHVyZSBvbmU=", as it was sent',
)


class SentSignatures:
    """Remembers the signatures that the answers of a recording had."""

    def __init__(self) -> None:
        self._answers: list[Sequence[Json]] = []
        self._by_call: dict[str, str] = {}
        self._all: dict[str, None] = {}

    def remember(self, steps: Sequence[Json]) -> None:
        """Add the signatures of an answer; they are looked for when a request resends some."""
        if steps:
            self._answers.append(steps)

    def _read_answers(self) -> None:
        for steps in self._answers:
            for step in steps:
                signature = _signature_of(step)
                if signature:
                    self._all[signature] = None
                    if step.get("id"):
                        self._by_call[str(step["id"])] = signature
        self._answers.clear()

    def check(self, steps: list[Json], model: str) -> Iterator[Problem]:
        """Find signatures among resent steps that differ from those that were sent."""
        if not any([step.get("signature") for step in steps]):
            return
        self._read_answers()
        known_model = MODELS.get(model.rpartition("/")[2])
        kind = Kind.DRIFT if known_model and not known_model.signed else Kind.VIOLATION
        for number, step in enumerate(steps):
            signature = _signature_of(step)
            if not signature or signature in self._all:
                continue
            original = self._by_call.get(str(step.get("id"))) or self._nearest(signature)
            if original:
                path = f"body.input[{number}].signature"
                observed, expected = (
                    brief_json(signature),
                    f"{brief_json(original)}, as it was sent",
                )
                yield problem("signature-altered", path, observed, expected, kind=kind)

    def _nearest(self, signature: str) -> str:
        """Return a signature of which this one may be an altered copy; empty without one."""
        for original in self._all:
            shares_start = original[:_COMMON_EDGE] == signature[:_COMMON_EDGE]
            shares_end = original[-_COMMON_EDGE:] == signature[-_COMMON_EDGE:]
            if shares_start or shares_end:
                return original
        return ""


def _signature_of(step: Json) -> str:
    value = step.get("signature")
    return value if isinstance(value, str) and value and not is_redacted(value) else ""
