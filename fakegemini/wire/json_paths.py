"""Join JSON paths and walk the places where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias


def join_path(prefix: str, path: str) -> str:
    """Two parts of a JSON path as one."""
    if not prefix or not path:
        return prefix or path
    return f"{prefix}{path}" if path.startswith("[") else f"{prefix}.{path}"


def find_differences(
    recorded: Any, requested: Any, path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Each place where two JSON values differ, with what stands there; `ABSENT` for nothing."""
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
    elif recorded is ABSENT or requested is ABSENT or recorded != requested:
        yield path, recorded, requested


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()
"""What stands where a member is missing."""


JsonPath: TypeAlias = tuple[str | int, ...]
"""Where a value is: the names and numbers that lead to it."""
