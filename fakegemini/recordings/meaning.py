"""Reduce a create request to what it means: equal meanings get the same recorded answer.

The form that a client happens to choose does not count: `input` as a string, a block or steps,
nulls, defaults that are spelled out, `models/` before a name, the order of members. A name that the
server made counts by its place in the conversation, one that the client made up by its number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..protocol.ask import steps_of, without_nulls
from ..protocol.step_reading import hoist_results
from ..wire.http import Json
from .scrub.stand_ins import number_anew
from .server_names import NameSwap, is_constant_name, swap_names
from .spell_data import spell_data

_DEFAULTS: Json = {"store": True, "background": False, "stream": False}
_encode_sorted = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_MAY_BE_FLOAT = re.compile(r"[\[,:]-?\d+[.eE]")
"""What a number with a fraction or an exponent is in compact JSON; `gemini-3.5-flash` is none."""

_EMPTY_VALUES: tuple[Any, ...] = ({}, [], "")


@dataclass(frozen=True, slots=True)
class MeaningRule:
    """One thing that does not count.

    name: what `why` and misses call it
    text: what it says
    apply: puts a request into the form in which it does not count; a swap has the places of names
    """

    name: str
    text: str
    apply: Callable[[Json, NameSwap], Json]


def _drop_defaults(request: Json, _: NameSwap) -> Json:
    return {
        key: value
        for key, value in request.items()
        if not (value in _EMPTY_VALUES or (key in _DEFAULTS and value is _DEFAULTS[key]))
    }


def _shorten_names(request: Json, _: NameSwap) -> Json:
    for key in ("model", "agent"):
        name = request.get(key)
        if isinstance(name, str) and name.startswith(f"{key}s/"):
            request = {**request, key: name.removeprefix(f"{key}s/")}
    return request


def _change_input(change: Callable[[Any], Any]) -> Callable[[Json, NameSwap], Json]:
    """Build a rule that is about the input alone."""
    return lambda request, _: (
        {**request, "input": change(request["input"])} if "input" in request else request
    )


def _place_names(request: Json, swap: NameSwap) -> Json:
    changed = {key: request[key] for key in ("input", "environment") if key in request}
    return {**request, **swap_names(changed, swap)} if changed else request


RULES = (
    MeaningRule(
        "nulls", "a member that is null counts as missing", lambda body, _: without_nulls(body)
    ),
    MeaningRule(
        "defaults",
        "a default that is spelled out, and an empty member, count as missing",
        _drop_defaults,
    ),
    MeaningRule(
        "model name", "a model or an agent is the same by its long and short name", _shorten_names
    ),
    MeaningRule(
        "input",
        "a text, a block and a step that say the same are the same",
        _change_input(lambda value: _steps_of_input(value)),
    ),
    MeaningRule(
        "ids", "an id counts by its place in the conversation, not by its letters", _place_names
    ),
    MeaningRule(
        "results",
        "results of parallel calls count in any order",
        _change_input(lambda steps: _order_results(steps)),
    ),
    MeaningRule("base64", "base64 counts by its bytes", _change_input(spell_data)),
)
"""What does not count in a request, in the order in which it is taken out."""

NUMBERS = MeaningRule(
    "numbers", "numbers count by their value", lambda body, _: _plain_numbers(body)
)
"""The last rule; the key of a meaning applies it, behind what is tolerated."""


def request_meaning(body: Json, name_places: Mapping[str, str]) -> Json:
    """Return the request's body without what does not count, and without its parent.

    name_places: the place in the conversation of each name that the server made before
    """
    swap = build_swap(name_places)
    request = {key: value for key, value in body.items() if key != "previous_interaction_id"}
    for rule in RULES:
        request = rule.apply(request, swap)
    return request


def key_of(parent: str, meaning: Json) -> str:
    """Compute the digest of a meaning under its parent's key, or its name, or an empty string.

    Of the placeholders in it counts which ones are equal, of numbers their value.
    """
    text = number_anew(_encode_sorted([parent, meaning]))
    if _MAY_BE_FLOAT.search(text):
        text = number_anew(_encode_sorted([parent, _plain_numbers(meaning)]))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain_numbers(value: Any) -> Any:
    """Write numbers without a fraction as integers: 1.0 is 1, as JavaScript has it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain_numbers(member) for key, member in value.items()}
    return [_plain_numbers(element) for element in value] if isinstance(value, list) else value


def _order_results(steps: Any) -> Any:
    """Put the results of parallel calls, whichever came first, in the order of their calls."""
    if not isinstance(steps, list):
        return steps
    ordered: list[Any] = []
    for is_result, run in groupby(steps, _is_result):
        neighbours = list(run)
        if is_result:
            neighbours.sort(key=lambda step: _place_of(step["call_id"]))
        ordered += neighbours
    return ordered


def _is_result(step: Any) -> bool:
    return (
        isinstance(step, dict)
        and str(step.get("type")).endswith("_result")
        and isinstance(step.get("call_id"), str)
    )


def _place_of(name: str) -> tuple[int, str]:
    """Return what sorts places such as `call 2` and `call 10` by their numbers."""
    number = name.rpartition(" ")[2]
    return (int(number) if number.isdecimal() else 0, name)


def _steps_of_input(value: Any) -> Any:
    """Return the steps of an input, or the input itself where the server would not take it."""
    entries = value if isinstance(value, list) else [value]
    if not all(isinstance(entry, str | Mapping) for entry in entries):
        return value
    if not all(
        isinstance(entry.get("type", ""), str) for entry in entries if not isinstance(entry, str)
    ):
        return value
    steps = steps_of(value)
    blocks = [block for step in steps for block in _content_of(step)]
    return hoist_results(steps) if all(isinstance(block, Mapping) for block in blocks) else steps


def _content_of(step: Json) -> list[Any]:
    """Return the content blocks of a step, an empty list if it has no such list."""
    content = step.get("content")
    return content if isinstance(content, list) else []


def build_swap(name_places: Mapping[str, str]) -> NameSwap:
    """Build the function that puts places for names: the server's, and numbers for the client's."""
    client_names: dict[str, str] = {}

    def swap(key: str, name: str) -> str:
        if is_constant_name(name):
            return name
        if name in name_places:
            return name_places[name]
        # Clients that keep the history themselves may number the calls anew in every run; a
        # signature is the server's, and one that nobody gave them is their mistake.
        return (
            client_names.setdefault(name, f"name {len(client_names) + 1}")
            if key in ("id", "call_id")
            else name
        )

    return swap
