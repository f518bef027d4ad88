"""Check traffic against what the live server was recorded to do.

The names load when they are first used: the validator is a compiled library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..errors import Unreadable
    from .checker import Report, check, check_paths
    from .findings import Finding, Kind
    from .guards import guard

__all__ = ["Finding", "Kind", "Report", "Unreadable", "check", "check_paths", "guard"]

_HOMES = {
    "Finding": ".findings",
    "Kind": ".findings",
    "Report": ".checker",
    "Unreadable": "..errors",
    "check": ".checker",
    "check_paths": ".checker",
    "guard": ".guards",
}


def __getattr__(name: str) -> Any:
    """Import one of the public names; raises `AttributeError` for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name], __name__), name)
