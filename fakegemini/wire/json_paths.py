"""Join JSON paths and walk the places where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias


def join(prefix: str, path: str) -> str:
    """Two parts of a JSON path as one."""
    if not prefix or not path:
        return prefix or path
    return f"{prefix}{path}" if path.startswith("[") else f"{prefix}.{path}"


def differences(recorded: Any, asked: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each place where two JSON values differ, with what stands there; `ABSENT` for nothing."""
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for key in [*recorded, *(key for key in asked if key not in recorded)]:
            place = f"{path}.{key}" if path else str(key)
            yield from differences(recorded.get(key, ABSENT), asked.get(key, ABSENT), place)
    elif isinstance(recorded, list) and isinstance(asked, list):
        for number in range(max(len(recorded), len(asked))):
            one = recorded[number] if number < len(recorded) else ABSENT
            other = asked[number] if number < len(asked) else ABSENT
            yield from differences(one, other, f"{path}[{number}]")
    elif recorded is ABSENT or asked is ABSENT or recorded != asked:
        yield path, recorded, asked


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()
"""What stands where a member is missing."""


JsonPath: TypeAlias = tuple[str | int, ...]
"""Where a value is: the names and numbers that lead to it."""
