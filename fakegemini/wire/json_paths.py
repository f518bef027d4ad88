"""Join JSON paths and walk the places where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias


def join_path(prefix: str, path: str) -> str:
    """Join two parts of a JSON path; either may be empty."""
    if not prefix or not path:
        return prefix or path
    return f"{prefix}{path}" if path.startswith("[") else f"{prefix}.{path}"


def find_differences(
    recorded: Any, requested: Any, path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the path and both values of each place where two JSON values differ.

    Where one of them has nothing, its value is `ABSENT`.
    """
    if isinstance(recorded, dict) and isinstance(requested, dict):
        for key in [*recorded, *(key for key in requested if key not in recorded)]:
            place = f"{path}.{key}" if path else str(key)
            yield from find_differences(
                recorded.get(key, ABSENT), requested.get(key, ABSENT), place
            )
    elif isinstance(recorded, list) and isinstance(requested, list):
        for number in range(max(len(recorded), len(requested))):
            recorded_element = recorded[number] if number < len(recorded) else ABSENT
            requested_element = requested[number] if number < len(requested) else ABSENT
            yield from find_differences(recorded_element, requested_element, f"{path}[{number}]")
    elif (
        recorded is ABSENT
        or requested is ABSENT
        or isinstance(recorded, bool) != isinstance(requested, bool)
        or recorded != requested
    ):
        yield path, recorded, requested


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()
"""Stands for the value of a missing member."""


JsonPath: TypeAlias = tuple[str | int, ...]
"""The member names and list positions that lead to a value."""
