"""Say of each place where two requests differ which rule keeps them apart; a row each."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from ..wire.http import Json
from ..wire.json_paths import ABSENT, find_differences
from ..wording import spell_json
from .scrub.spellings import SCRUBBED_VALUE
from .spell_data import data_head, is_medium
from .tolerance import PATTERNS, Tolerance

Difference: TypeAlias = tuple[str, Any, Any]
"""The path of a place, what was recorded there, what was asked; `ABSENT` where there is nothing."""

PARENT_PATH = "previous_interaction_id"

_NAME_PATH = re.compile(r"(?:^|[.])(?:id|call_id|environment|environment_id|signature)$")
_LIST_PATH = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Comparison:
    """Two meanings that differ: where, and what was tolerated already."""

    recorded: Json
    requested: Json
    differences: Sequence[Difference]
    tolerance: Tolerance

    @cached_property
    def paths_by_mask(self) -> dict[str, set[str]]:
        """The places that still differ where one more named mask is tolerated."""
        return {
            name: {
                path
                for path, _, _ in find_differences(
                    Tolerance(name).apply(self.recorded), Tolerance(name).apply(self.requested)
                )
            }
            for name in PATTERNS
        }

    def mask_for(self, path: str) -> str:
        """Return the named mask that settles what differs at a place; empty where none does."""
        return next((name for name, paths in self.paths_by_mask.items() if path not in paths), "")


@dataclass(frozen=True, slots=True)
class DifferenceRule:
    """What keeps two requests apart; `explain` says so of a difference, and is empty elsewhere."""

    name: str
    explain: Callable[[Difference, Comparison], str]


def _explain_parent(difference: Difference, _: Comparison) -> str:
    is_parent = difference[0] == PARENT_PATH
    return "a request is found where its conversation is, not by its words alone" * is_parent


def _explain_model(difference: Difference, _: Comparison) -> str:
    return "another model or agent is another request" * (difference[0] in ("model", "agent"))


def _explain_unicode(difference: Difference, comparison: Comparison) -> str:
    path, old, new = difference
    if ABSENT in (old, new):
        neighbours = (other for other, _, _ in comparison.differences if other != path)
        is_form = any(plain_form(other) == plain_form(path) for other in neighbours)
    else:
        is_form = isinstance(old, str) and isinstance(new, str)
        is_form = is_form and plain_form(old) == plain_form(new)
    return "characters that look alike and are written otherwise are kept apart" * is_form


def _explain_call(difference: Difference, _: Comparison) -> str:
    path, old, new = difference
    if not _NAME_PATH.search(path) or not all(isinstance(one, str) for one in (old, new)):
        return ""
    if old.startswith("name ") or not new.startswith("name "):
        return "an id counts by its place: `call 2` is the second that the server made here"
    return (
        f"an id counts by its place, here {old!r}; what was asked is no id that this conversation "
        "was given, and an id that was read out of the recording is not, either"
    )


def _explain_member(difference: Difference, _: Comparison) -> str:
    path, old, new = difference
    if ABSENT not in (old, new):
        return ""
    noun = "an element" if path.endswith("]") else "a member"
    return f"{noun} is no missing one, unless it is null, empty or a default at its place"


def _explain_kind(difference: Difference, _: Comparison) -> str:
    old, new = _kind_of(difference[1]), _kind_of(difference[2])
    return f"{old} is not {new}" if old != new else ""


def _explain_number(difference: Difference, _: Comparison) -> str:
    is_number = _kind_of(difference[1]) == "a number"
    return "numbers count by their value" * is_number


def _explain_bytes(difference: Difference, comparison: Comparison) -> str:
    path, old, new = difference
    if not is_medium(_value_at(comparison.recorded, path.rpartition(".")[0])):
        return ""
    is_data = path.endswith(".data") or all(
        isinstance(one, str) and data_head(one) and data_head(one) == data_head(old)
        for one in (old, new)
    )
    return "base64 counts by its bytes, and these are others" * is_data


def _explain_placeholder(difference: Difference, _: Comparison) -> str:
    is_placeholder = isinstance(difference[1], str) and SCRUBBED_VALUE.search(difference[1])
    return (
        "a placeholder stands for one word, the same in all of a request" if is_placeholder else ""
    )


def _explain_mask(difference: Difference, comparison: Comparison) -> str:
    name = comparison.mask_for(difference[0])
    return f"only {name} differ here, and they are not tolerated" if name else ""


def _explain_order(difference: Difference, comparison: Comparison) -> str:
    path = difference[0]
    for match in _LIST_PATH.finditer(path):
        lists = [
            value
            for value in (
                _value_at(meaning, path[: match.start()])
                for meaning in (comparison.recorded, comparison.requested)
            )
            if isinstance(value, list)
        ]
        if len(lists) == 2 and _count(lists[0]) == _count(lists[1]):
            return "the order counts, but for the results of parallel calls and for members"
    return ""


def _explain_space(difference: Difference, _: Comparison) -> str:
    is_space = _is_same_text(difference, lambda text: "".join(text.split()))
    return "white space counts" * is_space


def _explain_case(difference: Difference, _: Comparison) -> str:
    return "capital letters are others than small ones" * _is_same_text(difference, str.casefold)


def _explain_text(difference: Difference, _: Comparison) -> str:
    is_text = isinstance(difference[1], str)
    return "texts count letter by letter" if is_text else "the values are others"


DIFFERENCE_RULES = (
    DifferenceRule("parent", _explain_parent),
    DifferenceRule("model", _explain_model),
    DifferenceRule("Unicode form", _explain_unicode),
    DifferenceRule("member", _explain_member),
    DifferenceRule("kind", _explain_kind),
    DifferenceRule("call", _explain_call),
    DifferenceRule("number", _explain_number),
    DifferenceRule("bytes", _explain_bytes),
    DifferenceRule("placeholder", _explain_placeholder),
    DifferenceRule("order", _explain_order),
    DifferenceRule("not tolerated", _explain_mask),
    DifferenceRule("white space", _explain_space),
    DifferenceRule("letter case", _explain_case),
    DifferenceRule("text", _explain_text),
)
"""What keeps two requests apart; the first row that has something to say decides."""


def explain_difference(difference: Difference, comparison: Comparison) -> tuple[str, str]:
    """Return the name of the rule that keeps two requests apart at a place, and what it says."""
    return next(
        (rule.name, text)
        for rule in DIFFERENCE_RULES
        if (text := rule.explain(difference, comparison))
    )


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds: tuple[tuple[Any, str], ...] = (
        (bool, "true or false"),
        (int | float, "a number"),
        (str, "a text"),
        (list, "a list"),
        (dict, "an object"),
    )
    return next((kind for types, kind in kinds if isinstance(value, types)), "nothing")


def _is_same_text(difference: Difference, form: Callable[[str], str]) -> bool:
    _, old, new = difference
    return isinstance(old, str) and isinstance(new, str) and form(old) == form(new)


def plain_form(text: str) -> str:
    """Return a text as it looks: composed, with plain spaces, without invisible characters."""
    return "".join(
        char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf"
    )


def _count(values: list[Any]) -> Counter[str]:
    return Counter(spell_json(value, compact=True) for value in values)


def _value_at(value: Any, path: str) -> Any:
    """Return what stands at a path as `find_differences` writes it; None where nothing does."""
    for name, index in _path_parts(path):
        if name and isinstance(value, dict):
            value = value.get(name)
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return value


def _path_parts(path: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"([^.\[\]]+)|\[(\d+)\]", path):
        yield match[1] or "", match[2] or ""
