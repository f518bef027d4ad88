"""When a scripted reply is the right one: what of a request a rule looks at.

Exact by default; a compiled pattern is searched for, a function is asked. What is matched is the
normalised request, see `Ask`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...errors import BadScript
from ...protocol.ask import Ask, steps_of

Wanted: TypeAlias = Any
"""A value that must be equal, a compiled pattern that must be found, or a function that says."""


def _input(ask: Ask) -> Any:
    return ask.text


def _tools(ask: Ask) -> list[str]:
    return [str(tool.get("name") or tool.get("type")) for tool in ask.tools]


SEEN: dict[str, Callable[[Ask], Any]] = {
    "input": _input,
    "model": lambda ask: ask.model,
    "agent": lambda ask: ask.agent,
    "tools": _tools,
    "turn": lambda ask: ask.turn,
    "previous": lambda ask: ask.parent,
    "where": lambda ask: ask,
}
"""What each word of `when` looks at. A new word is a row here."""


@dataclass(slots=True)
class Match:
    """What a rule wants of a request; without anything it takes every request."""

    wanted: dict[str, Wanted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, wanted in self.wanted.items():
            if name == "where" and not callable(wanted):
                raise BadScript(f"when(where=…) takes a function of the request, not {wanted!r}")

    def misses(self, ask: Ask) -> list[str]:
        """Why the request does not fit, a line each; empty if it does."""
        return [line for name, wanted in self.wanted.items() if (line := _miss(name, wanted, ask))]

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={_show(wanted)}" for name, wanted in self.wanted.items())
        return f"when({shown})" if shown else "any request"


def _miss(name: str, wanted: Wanted, ask: Ask) -> str | None:
    seen = SEEN[name](ask)
    if name == "input" and isinstance(wanted, dict | list):
        seen, wanted = list(ask.given), steps_of(wanted)
    if name == "previous" and isinstance(wanted, bool):
        seen = seen is not None
    if name == "tools" and isinstance(wanted, list | tuple | set | frozenset):
        return None if sorted(wanted) == sorted(seen) else _line(name, sorted(wanted), seen)
    if isinstance(wanted, re.Pattern):
        fits = isinstance(seen, str) and wanted.search(seen) is not None
    elif callable(wanted):
        fits = bool(wanted(seen))
    else:
        fits = wanted == seen
    return None if fits else _line(name, wanted, seen)


def _line(name: str, wanted: Wanted, seen: Any) -> str:
    got = "" if name == "where" else f", the request has {seen!r}"
    return f"{name}: the rule wants {_show(wanted)}{got}"


def _show(wanted: Wanted) -> str:
    if isinstance(wanted, re.Pattern):
        return f"re.compile({wanted.pattern!r})"
    return getattr(wanted, "__name__", None) or repr(wanted)
