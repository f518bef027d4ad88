"""Read steps: whose they are, what they say, which calls wait, which media they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from ..wire.http import Json

MEDIA_TYPES = frozenset({"image", "audio", "video", "document"})
"""The tags of content blocks that are no text."""

CONTENT_TYPES = MEDIA_TYPES | {"text"}
"""The tags of content blocks; anything else in a list of inputs is a step."""

FROM_THE_USER = frozenset({"user_input", "function_result"})
"""The types of the steps that a client adds; all others are the model's or the server's."""


def is_from_user(step: Json) -> bool:
    """Tell whether a client adds a step of this type."""
    return step.get("type") in FROM_THE_USER


def split_turns(steps: Iterable[Json]) -> Iterator[list[Json]]:
    """Yield the turns of a conversation: runs of the user's steps and of the model's."""
    return (list(turn) for _, turn in groupby(steps, key=is_from_user))


def hoist_results(steps: tuple[Json, ...] | list[Json]) -> list[Json]:
    """Return the steps, each function result in a `user_input` as a step of its own before it."""
    hoisted_steps: list[Json] = []
    for step in steps:
        content = step.get("content") if step.get("type") == "user_input" else None
        if not isinstance(content, list):
            hoisted_steps.append(step)
            continue
        results = [block for block in content if block.get("type") == "function_result"]
        other_blocks = [block for block in content if block.get("type") != "function_result"]
        hoisted_steps += results
        if other_blocks or not results:
            hoisted_steps.append({**step, "content": other_blocks} if results else step)
    return hoisted_steps


def text_of(step: Json) -> str:
    """Return the text of a step's content, blocks joined by a line break."""
    content = step.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    texts = (block for block in blocks if isinstance(block, dict) and block.get("type") == "text")
    return "\n".join(str(block.get("text", "")) for block in texts)


def step_key(step: Json) -> str:
    """Return what a resent step is known by: a call's id, a result's call, a thought's signature.

    Clients may add or drop other members when they resend.
    """
    for member in ("id", "call_id", "signature"):
        if step.get(member):
            return f"{step.get('type')} {step[member]}"
    return f"{step.get('type')} {text_of(step)}"


def unanswered_calls(steps: tuple[Json, ...] | list[Json]) -> list[Json]:
    """Return the function calls among the steps that no function result answers."""
    answered_ids = {step.get("call_id") for step in steps if step.get("type") == "function_result"}
    return [
        step
        for step in steps
        if step.get("type") == "function_call" and step.get("id") not in answered_ids
    ]


def media_blocks(steps: Iterable[Json]) -> Iterator[Json]:
    """Yield the content blocks of these steps, those in the results of functions included."""
    for step in steps:
        for value in (step.get("content"), step.get("result")):
            if isinstance(value, list):
                yield from _content_blocks(value)


def _content_blocks(blocks: list[Any]) -> Iterator[Json]:
    for block in blocks:
        if isinstance(block, dict):
            if block.get("type") in CONTENT_TYPES:
                yield block
            result = block.get("result")
            if isinstance(result, list):
                yield from _content_blocks(result)
