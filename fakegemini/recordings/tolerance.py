"""What a replay may overlook, each by name: nothing is tolerated that nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ..errors import BadScript
from ..wire.http import Json
from ..wording import did_you_mean

Tolerated: TypeAlias = str | re.Pattern[str] | Callable[[Json], Json]
"""A name, a path such as `generation_config.temperature` or `tools[*].name`, a pattern whose
matches may differ in any text, or a function that gets the meaning and gives what shall count."""

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MONTH = rf"(?:{_MONTHS})[a-z]*\.?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\b)?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})\b)?"
_DAYS = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?"
_DATE = (
    rf"{_DAYS}(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+{_MONTH}(?:,?\s+\d{{4}})?)"
)
_DATES = re.compile(rf"\b{_DATE}(?:(?:T|,?\s+(?:at\s+)?){_CLOCK}{_ZONE})?|\b{_CLOCK}{_ZONE}")
_UUIDS = re.compile(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_IDS = re.compile(
    r"\b(?=[A-Za-z_-]*\d)(?:[0-9a-f]{12,}|(?=[\w-]*[A-Za-z])(?=[\w-]*\d[\w-]*\d)[\w-]{16,})\b"
)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+|\*)\]")

PATTERNS = {"dates": _DATES, "uuids": _UUIDS, "ids": _IDS}
"""Names for what may differ in any text: dates and times, UUIDs, ids that programs generate."""

MEMBERS = {"system_instruction": ("system_instruction",), "tool_descriptions": ()}
"""Names for what may differ as a whole."""


class Tolerance:
    """What may differ between a request and its recording. Raises `BadScript` for no such name."""

    def __init__(self, tolerated: Iterable[Tolerated] | Tolerated = ()) -> None:
        one = isinstance(tolerated, str | re.Pattern) or callable(tolerated)
        self.said: tuple[Any, ...] = (tolerated,) if one else tuple(tolerated)  # type: ignore[arg-type]
        self._steps = [_made(item) for item in self.said]

    def __str__(self) -> str:
        return ", ".join(_shown(item) for item in self.said) or "nothing"

    def applied(self, means: Json) -> Json:
        """The meaning with everything tolerated taken out of it."""
        for step in self._steps:
            means = step(means)
        return means


def _made(item: Any) -> Callable[[Json], Json]:
    if isinstance(item, re.Pattern):
        return _masking(item, f"⟨{item.pattern}⟩")
    if not isinstance(item, str):
        if callable(item):
            return item  # type: ignore[no-any-return]
        raise BadScript(f"tolerate takes names, paths, patterns and functions, not {item!r}")
    if item in PATTERNS:
        return _masking(PATTERNS[item], f"⟨{item}⟩")
    if item == "tool_descriptions":
        return _undescribed
    path = [key or index for key, index in _STEP.findall(item)]
    if not path or "".join(_respelled(item)) != item or path[0] not in _members():
        raise BadScript(_unknown(item))
    return lambda means: _without(means, path)


def _respelled(item: str) -> Iterable[str]:
    """The path as its parts spell it, to see whether anything of it was not understood."""
    for number, (key, index) in enumerate(_STEP.findall(item)):
        yield (f".{key}" if number else key) if key else f"[{index}]"


def _members() -> tuple[str, ...]:
    from ..protocol.schemas import document

    members: dict[str, Any] = document("interactions/create", closed=False)["properties"]
    return tuple(members)


def _unknown(item: str) -> str:
    known = [*PATTERNS, *MEMBERS, *_members()]
    hint = did_you_mean(re.split(r"[.\[]", item)[0], known, otherwise=".")
    return (
        f"nothing to tolerate is called {item!r}{hint} There are "
        f"{', '.join([*PATTERNS, *MEMBERS])}, and paths in a request such as "
        "generation_config.temperature"
    )


def _masking(pattern: re.Pattern[str], mask: str) -> Callable[[Json], Json]:
    def masked(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda _: mask, value)
        if isinstance(value, dict):
            return {key: item if key == "type" else masked(item) for key, item in value.items()}
        return [masked(item) for item in value] if isinstance(value, list) else value

    return masked


def _undescribed(means: Json) -> Json:
    def bare(value: Any, inside: bool = False) -> Any:
        if isinstance(value, dict):
            return {
                key: bare(item, key == "properties")
                for key, item in value.items()
                if inside or key != "description"
            }
        return [bare(item) for item in value] if isinstance(value, list) else value

    return {**means, "tools": bare(means["tools"])} if "tools" in means else means


def _without(value: Any, path: list[str]) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        if not rest:
            return {key: item for key, item in value.items() if key != head}
        return {
            key: _without(item, rest) if head in (key, "*") else item for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            (_without(item, rest) if rest else "⟨any⟩") if head in ("*", str(number)) else item
            for number, item in enumerate(value)
        ]
    return value


def _shown(item: Any) -> str:
    if isinstance(item, re.Pattern):
        return f"/{item.pattern}/"
    return item if isinstance(item, str) else getattr(item, "__name__", "a function") + "()"
