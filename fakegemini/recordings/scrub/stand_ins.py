"""Compare requests in which placeholders stand for secrets, such as `SCRUBBED-2`.

The number of a placeholder is that of its recording, so it means no more than which ones are equal.
"""

from __future__ import annotations

import re
from typing import Any

from .spellings import MASKED_BASE64, SCRUBBED_VALUE, placeholder, spellings_pattern

_STAND_IN = re.compile(rf"{SCRUBBED_VALUE.pattern}|{MASKED_BASE64.pattern}")
"""Find a placeholder, or what stands for a secret inside base64, which keeps its length."""


def number_anew(text: str) -> str:
    """Number the placeholders of a text by their order in it."""
    if "SCRUBBED-" not in text:
        return text
    numbers: dict[str, str] = {}

    def new_number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], placeholder(len(numbers) + 1))

    return SCRUBBED_VALUE.sub(new_number, text)


def find_stand_ins(value: Any) -> list[str]:
    """List the placeholders in a JSON value, each once, names of members included."""
    if isinstance(value, dict):
        parts = [part for pair in value.items() for part in pair]
    else:
        parts = value if isinstance(value, list) else []
    found = SCRUBBED_VALUE.findall(value) if isinstance(value, str) else []
    return list(dict.fromkeys([*found, *(one for part in parts for one in find_stand_ins(part))]))


def match_stand_ins(recorded: Any, requested: Any) -> dict[str, str] | None:
    """Find the value for each placeholder with which the recorded JSON is the requested.

    Returns None where there are no such values. A value has no white space in it, unless it is a
    block such as a private key: else a prompt of one secret would be any prompt.
    """
    values: dict[str, str] = {}
    return values if _matches(recorded, requested, values) else None


def _matches(recorded: Any, requested: Any, values: dict[str, str]) -> bool:
    """Tell whether two values are equal but for placeholders, and add what these stand for."""
    if isinstance(recorded, str):
        if isinstance(requested, int | float) and not isinstance(requested, bool):
            return bool(SCRUBBED_VALUE.fullmatch(recorded)) and _agrees(
                recorded, str(requested), values
            )
        return isinstance(requested, str) and _matches_text(recorded, requested, values)
    if isinstance(recorded, dict) and isinstance(requested, dict):
        return len(recorded) == len(requested) and _matches_members(recorded, requested, values)
    if isinstance(recorded, list) and isinstance(requested, list):
        return len(recorded) == len(requested) and all(
            _matches(old, new, values) for old, new in zip(recorded, requested, strict=True)
        )
    return isinstance(recorded, bool) == isinstance(requested, bool) and bool(recorded == requested)


def _matches_members(
    recorded: dict[str, Any], requested: dict[str, Any], values: dict[str, str]
) -> bool:
    """Compare two objects of one size; names with a placeholder are paired in their order."""
    new_names = [name for name in requested if name not in recorded]
    old_names = [name for name in recorded if name not in requested]
    return all(
        _matches(member, requested[name], values)
        for name, member in recorded.items()
        if name in requested
    ) and all(
        _matches_text(old, new, values) and _matches(recorded[old], requested[new], values)
        for old, new in zip(old_names, new_names, strict=True)
    )


def _matches_text(recorded: str, requested: str, values: dict[str, str]) -> bool:
    """Compare two texts piece by piece: what is between two placeholders has to come next."""
    if recorded == requested or "SCRUBBED" not in recorded:
        return recorded == requested
    stand_ins = list(_STAND_IN.finditer(recorded))
    if not stand_ins or not requested.startswith(recorded[: stand_ins[0].start()]):
        return False
    position = stand_ins[0].start()
    for number, match in enumerate(stand_ins):
        is_last = number + 1 == len(stand_ins)
        behind = recorded[match.end() : None if is_last else stand_ins[number + 1].start()]
        if is_last:
            end = len(requested) - len(behind)
            if not requested.endswith(behind):
                return False
        else:
            end = requested.find(behind, position + 1) if behind else position + len(match[0])
        if end <= position or not _agrees(match[0], requested[position:end], values):
            return False
        position = end + len(behind)
    return True


def _agrees(stand_in: str, value: str, values: dict[str, str]) -> bool:
    """Tell whether a placeholder may stand for a value, in any spelling, and remember it."""
    if not SCRUBBED_VALUE.fullmatch(stand_in):
        return len(stand_in) == len(value)
    if re.search(r"\s", value) and not value.startswith("-----BEGIN"):
        return False
    if stand_in not in values and value in values.values():
        return False  # a secret has one number in all of a recording
    known_value = values.setdefault(stand_in, value)
    return known_value == value or any(
        spellings_pattern(one).fullmatch(other)
        for one, other in ((known_value, value), (value, known_value))
    )
