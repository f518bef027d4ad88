"""Take out of a request's meaning what may differ from its recording; each thing by its name.

Nothing is tolerated that the user did not name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ..errors import BadScript
from ..wire.bounded_patterns import sub_bounded
from ..wire.http import Json
from ..wording import did_you_mean
from .meaning import MeaningRule
from .own_functions import call_own_function, function_name

Tolerated: TypeAlias = str | re.Pattern[str] | Callable[[Json], Json]
"""What may differ: a name of `PATTERNS` or `MEMBERS`, a path, a pattern, or a function.

A path is such as `generation_config.temperature` or `tools[*].name`. What matches a pattern may
differ in any text. A function takes the meaning and returns the part of it that counts.
"""

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MONTH = rf"(?:{_MONTHS})[a-z]*\.?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\b)?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})\b)?"
_DAYS = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?"
_DATE = (
    rf"{_DAYS}(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.(?:19|20)\d{{2}}"
    rf"|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d{{2}})"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+{_MONTH}(?:,?\s+\d{{4}})?|{_MONTH}\s+\d{{4}})"
)
_NAME = (
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|January|February|April|June|July|August|September|October|November|December"
)
_DATES = re.compile(
    rf"(?<![\w./-])(?:{_DATE}(?:(?:T|,?\s+(?:at\s+)?){_CLOCK}{_ZONE})?|(?:{_NAME}))"
    r"(?![\w/-]|\.\w)"
)
_UUIDS = re.compile(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_IDS = re.compile(
    r"\b(?=[A-Za-z_-]*\d)(?:[0-9a-f]{12,}|(?=[\w-]*[A-Za-z])(?=[\w-]*\d[\w-]*\d)[\w-]{16,})\b"
)
_PATH_PIECE = re.compile(r"([^.\[\]]+)|\[(\d+|\*)\]")

_NO_TEXTS = frozenset(
    "type name data mime_type uri url model agent id call_id signature role language voice".split()
)
_USER_VALUES = frozenset({"arguments", "result", "metadata", "labels"})

PATTERNS = {"dates": _DATES, "uuids": _UUIDS, "ids": _IDS}
"""What may differ in any text, by name: dates and times, UUIDs, ids that programs generate."""

MEMBERS = {"system_instruction": ("system_instruction",), "tool_descriptions": ()}
"""The members that may differ as a whole, by name."""


class Tolerance:
    """What may differ between a request and its recording; raises `BadScript` for unknown names."""

    def __init__(self, tolerated: Iterable[Tolerated] | Tolerated = ()) -> None:
        is_single = isinstance(tolerated, str | re.Pattern) or callable(tolerated)
        self.entries: tuple[Any, ...] = (tolerated,) if is_single else tuple(tolerated)  # type: ignore[arg-type]
        self._rewrites = [_rewrite_for(entry) for entry in self.entries]

    @property
    def rules(self) -> list[MeaningRule]:
        """Return what is tolerated as rules of meaning, in the order in which they are applied."""
        return [
            MeaningRule(
                f"tolerate {_describe_entry(entry)}",
                "it is tolerated by name",
                lambda meaning, _, rewrite=rewrite: rewrite(meaning),  # type: ignore[misc]
            )
            for entry, rewrite in zip(self.entries, self._rewrites, strict=True)
        ]

    def __str__(self) -> str:
        return ", ".join(_describe_entry(entry) for entry in self.entries) or "nothing"

    def apply(self, meaning: Json) -> Json:
        """Return a meaning without everything that is tolerated."""
        for rewrite in self._rewrites:
            meaning = rewrite(meaning)
        return meaning


def _rewrite_for(entry: Any) -> Callable[[Json], Json]:
    """Build the function that takes one tolerated thing out of a meaning; raises `BadScript`."""
    if isinstance(entry, re.Pattern):
        return _mask_matches(entry, f"⟨{entry.pattern}⟩")
    if not isinstance(entry, str):
        if callable(entry):
            return lambda meaning: call_own_function(entry, _read_meaning, meaning)
        raise BadScript(f"tolerate takes names, paths, patterns and functions, not {entry!r}")
    if entry in PATTERNS:
        return _mask_matches(PATTERNS[entry], f"⟨{entry}⟩")
    if entry == "tool_descriptions":
        return _without_descriptions
    path = [key or index for key, index in _PATH_PIECE.findall(entry)]
    if not path or "".join(_path_pieces(entry)) != entry or path[0] not in _request_members():
        raise BadScript(_unknown_name_text(entry))
    return lambda meaning: _without_path(meaning, path)


def _read_meaning(result: Any) -> Json:
    """Return what a function of the test gave; raises `BadScript` where it is no meaning."""
    if not isinstance(result, dict):
        raise BadScript(
            "the function of tolerate gets the meaning of a request, a dict, and returns the part "
            f"of it that counts, a dict as well; not {result!r}"
        )
    return result


def _path_pieces(entry: str) -> Iterable[str]:
    """Spell the parts of a path again, to see whether they are all of it."""
    for number, (key, index) in enumerate(_PATH_PIECE.findall(entry)):
        yield (f".{key}" if number else key) if key else f"[{index}]"


def _request_members() -> tuple[str, ...]:
    """List the members that the schema of a create knows."""
    from ..protocol.schemas import document

    members: dict[str, Any] = document("interactions/create", closed=False)["properties"]
    return tuple(members)


def _unknown_name_text(entry: str) -> str:
    names = [*PATTERNS, *MEMBERS, *_request_members()]
    hint = did_you_mean(re.split(r"[.\[]", entry)[0], names, otherwise=".")
    return (
        f"nothing to tolerate is called {entry!r}{hint} There are "
        f"{', '.join([*PATTERNS, *MEMBERS])}, and paths in a request such as "
        "generation_config.temperature"
    )


def _mask_matches(pattern: re.Pattern[str], mask: str) -> Callable[[Json], Json]:
    """Build the function that puts `mask` for each match in any text.

    A text is what people or programs wrote: no picture, no name of a function or a model, no type.
    What a function was called with and returned is text under any name.
    """

    def mask_value(value: Any, are_all_texts: bool = False) -> Any:
        if isinstance(value, str):
            return sub_bounded(pattern, mask, value)
        if isinstance(value, dict):
            return {
                key: member
                if key in _NO_TEXTS and not are_all_texts
                else mask_value(member, are_all_texts or key in _USER_VALUES)
                for key, member in value.items()
            }
        return (
            [mask_value(element, are_all_texts) for element in value]
            if isinstance(value, list)
            else value
        )

    return mask_value


def _without_descriptions(meaning: Json) -> Json:
    """Take the descriptions out of the tools; a parameter that is called so stays."""

    def without_description(value: Any, inside: bool = False) -> Any:
        if isinstance(value, dict):
            return {
                key: without_description(member, key == "properties")
                for key, member in value.items()
                if inside or key != "description"
            }
        return (
            [without_description(element) for element in value]
            if isinstance(value, list)
            else value
        )

    return (
        {**meaning, "tools": without_description(meaning["tools"])}
        if "tools" in meaning
        else meaning
    )


def _without_path(value: Any, path: list[str]) -> Any:
    """Take out what stands at a path of names and numbers, where `*` is any of them.

    An element of a list leaves a mark behind, so that its neighbours keep their places.
    """
    head, deeper = path[0], path[1:]
    if isinstance(value, dict):
        if not deeper:
            return {key: member for key, member in value.items() if key != head}
        return {
            key: _without_path(member, deeper) if head in (key, "*") else member
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [
            (_without_path(element, deeper) if deeper else "⟨any⟩")
            if head in ("*", str(number))
            else element
            for number, element in enumerate(value)
        ]
    return value


def _describe_entry(entry: Any) -> str:
    if isinstance(entry, re.Pattern):
        return f"/{entry.pattern}/"
    return entry if isinstance(entry, str) else f"{function_name(entry)}()"
