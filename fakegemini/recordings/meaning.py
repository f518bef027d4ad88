"""What a create request means: two requests that mean the same get the same recorded answer.

The form a client happens to choose does not count: `input` as a string, a block or steps, nulls,
defaults that are spelled out, `models/` before a name, the order of members. Names the server made
count by what they stand for, and names the client made up by where they come first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..protocol.ask import hoisted, steps_of, without_nulls
from ..wire.http import Json
from .server_names import Swap, constant, swapped

_DEFAULTS: Json = {"store": True, "background": False, "stream": False}
_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_EMPTY: tuple[Any, ...] = ({}, [], "")


def meaning(body: Json, known: Mapping[str, str]) -> Json:
    """The request without what does not count, and without its parent.

    `known` gives the place in the conversation of each name that the server made before.
    """
    swap = _swap(known)
    plain: Json = without_nulls(body)
    plain.pop("previous_interaction_id", None)
    made: Json = {}
    for key, value in plain.items():
        if value in _EMPTY or (key in _DEFAULTS and value is _DEFAULTS[key]):
            continue
        made[key] = value
    for key in ("model", "agent"):
        if isinstance(made.get(key), str):
            made[key] = made[key].removeprefix(f"{key}s/")
    if "input" in made:
        made["input"] = swapped(_steps(made["input"]), swap)
    if "environment" in made:
        made |= swapped({"environment": made["environment"]}, swap)
    return made


def key_of(parent: str, means: Json) -> str:
    """A digest of the parent's key (or name, or nothing) and the meaning."""
    text = _encoded([parent, means])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _steps(value: Any) -> Any:
    """The steps of an input, or the input itself where it is none that the server takes."""
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | Mapping) for item in items):
        return value
    if not all(
        isinstance(item.get("type", ""), str) for item in items if not isinstance(item, str)
    ):
        return value
    steps = steps_of(value)
    blocks = [block for step in steps for block in _content(step)]
    return hoisted(steps) if all(isinstance(block, Mapping) for block in blocks) else steps


def _typed(item: Any) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("type", ""), str)


def _content(step: Json) -> list[Any]:
    content = step.get("content")
    return content if isinstance(content, list) else []


def _swap(known: Mapping[str, str]) -> Swap:
    own: dict[str, str] = {}

    def swap(key: str, name: str) -> str:
        if constant(name):
            return name
        if name in known:
            return known[name]
        # Clients that keep the history themselves may number the calls anew in every run; a
        # signature is the server's, and one that nobody gave them is their mistake.
        return own.setdefault(name, f"name {len(own) + 1}") if key in ("id", "call_id") else name

    return swap
