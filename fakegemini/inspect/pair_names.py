"""Pair the names of a recording with those of the fake, and give both the form that they share.

Ids and signatures are made anew, so no two are equal; what follows from the protocol is where they
stand, which are the same, and how they are built. Times are the recording's, unless a recorder
blanked them. Counts of tokens are the model's; that they make their sums is not.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from ..protocol.ids import NO_THOUGHT_SIGNATURE, InteractionId, is_protobuf, unwrap_signature
from ..recordings.server_names import NAME_KEYS, REDACTED, swap_names
from ..wire.http import Json
from .compare import Forms

PLACEHOLDER = "a placeholder"
BLANK_TIMES = ("1970-01-01", "2000-01-01")
"""The days that recorders write over every time."""

_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_CACHED = frozenset({"cached_tokens_by_modality"})
_EVENTS = frozenset({"interaction.created", "step.delta", "step.stop", "interaction.completed"})
_OF_THE_SERVER = NAME_KEYS | {"event_id"}


@dataclass(slots=True)
class NamePairs:
    """The names of one recording, and what they are in the fake."""

    fake_names: dict[str, str] = field(default_factory=dict)
    recorded_names: dict[str, str] = field(default_factory=dict)

    def pair(self, recorded: str, fake: str) -> Forms:
        """Pair two names that stand in one place; give what they are to each other.

        A name that is paired already is told by its partner, so that another in its place shows.
        """
        if recorded not in self.fake_names and fake not in self.recorded_names:
            self.fake_names[recorded] = fake
            self.recorded_names[fake] = recorded
        if REDACTED.search(recorded):
            return PLACEHOLDER, PLACEHOLDER
        return recorded, self.recorded_names.get(fake, fake)

    def to_fake(self, value: Any) -> Any:
        """Return a JSON value of a recorded request with the names of the fake."""
        return swap_names(value, lambda _, name: self.fake_names.get(name, name))

    def path_to_fake(self, path: str) -> str:
        """Return a recorded path with the names of the fake."""
        for recorded, fake in self.fake_names.items():
            if InteractionId.parse(fake):
                path = path.replace(recorded, fake)
        return path


class AnswerReading:
    """Reads the members of one answer, see `compare.Reading`.

    has_times: whether the fake's clock shows the recorded time, so that times can be compared
    """

    def __init__(self, names: NamePairs, *, has_times: bool) -> None:
        self._names = names
        self._has_times = has_times
        self._signatures: tuple[list[str], list[str]] = ([], [])

    def __call__(self, holder: str, name: str, recorded: Any, fake: Any) -> Forms | None:
        """Give the forms of a member; None for one that neither side can know."""
        if name == "metadata" and holder in _EVENTS:
            return None
        texts = isinstance(recorded, str) and isinstance(fake, str)
        if name == "signature" and texts:
            if recorded and fake:
                self._names.pair(recorded, fake)
            return self._read_signature(0, recorded, recorded), self._read_signature(
                1, fake, recorded
            )
        if name in _OF_THE_SERVER and texts and recorded and fake:
            return self._names.pair(recorded, fake)
        if name == "message" and texts:
            return _sort_list(recorded), _sort_list(fake)
        if name in ("created", "updated") and texts:
            return self._read_time(recorded, recorded), self._read_time(fake, recorded)
        if name == "usage" and isinstance(recorded, dict) and isinstance(fake, dict):
            return read_usage(recorded), read_usage(fake)
        return recorded, fake

    def _read_signature(self, side: int, signature: str, recorded: str) -> str:
        """Tell which of the signatures of its answer it is, and whether it has its wrapper."""
        if not signature:
            return "an empty signature"
        inner = unwrap_signature(signature)
        seen = self._signatures[side]
        if inner not in seen:
            seen.append(inner)
        number = f"signature {seen.index(inner) + 1}"
        if REDACTED.search(recorded) or NO_THOUGHT_SIGNATURE in (signature, recorded):
            return number
        return f"{number}, {'wrapped' if _is_wrapped(signature) else 'bare'}"

    def _read_time(self, text: str, recorded: str) -> str:
        if self._has_times and not recorded.startswith(BLANK_TIMES):
            return text
        return "a second in UTC" if _SECOND.fullmatch(text) else text


def _sort_list(message: str) -> str:
    """Put the values that a refusal lists in one order: sources have them in several."""
    start, separator, listing = message.partition("values are: ")
    values = sorted(listing.rstrip(".").split(", "))
    return f"{start}{separator}{', '.join(values)}." if separator else message


def _is_wrapped(signature: str) -> bool:
    try:
        return is_protobuf(base64.b64decode(signature, validate=True))
    except ValueError:
        return False


def read_usage(usage: Json) -> Json:
    """Return token counts without their numbers, and whether these make their sums."""
    forms: Json = {name: _read_count(value) for name, value in usage.items() if name not in _CACHED}
    return {**forms, "sums": _describe_sums(usage)}


def _read_count(value: Any) -> Any:
    """Return a count as `a number`, and of a row what it counts."""
    if isinstance(value, dict):
        return {
            name: _read_count(member)
            for name, member in value.items()
            if member not in ([], 0, None)
        }
    if isinstance(value, list):
        return [_read_count(element) for element in value]
    return "a number" if isinstance(value, int | float) else value


_TOTALS = ("input", "output", "thought", "tool_use")


def _describe_sums(usage: Json) -> list[str]:
    """Say which sums of the counts do not hold; nothing of those that cannot be added up."""
    wrong = []
    totals = [usage.get(f"total_{name}_tokens") for name in _TOTALS]
    counts = [total for total in totals if _is_count(total)]
    if len(counts) == len(_TOTALS) and _is_count(usage.get("total_tokens")):
        if sum(counts) != usage["total_tokens"]:
            wrong.append("total_tokens is not the sum of the totals")
        if min(counts) < 0:
            wrong.append("a total is negative")
    for name in _TOTALS:
        rows = usage.get(f"{name}_tokens_by_modality")
        total = usage.get(f"total_{name}_tokens")
        if isinstance(rows, list) and isinstance(total, int):
            row_counts = [row.get("tokens") for row in rows if isinstance(row, dict)]
            tokens = [count for count in row_counts if _is_count(count)]
            if len(tokens) < len(rows) or sum(tokens) > total:
                wrong.append(f"{name}_tokens_by_modality is more than its total")
            elif name == "input" and sum(tokens) != total:
                wrong.append(f"{name}_tokens_by_modality is not its total")
    return wrong


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
