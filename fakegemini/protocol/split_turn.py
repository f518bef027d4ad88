"""Divide a turn that is sent in several answers, each with a part of its steps: the hops."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from ..wire.http import Json
from .tokens import estimate_tokens

_WORDS = re.compile(r"\s*\S+\s*")

HopSteps = tuple[Json, ...]
"""The steps of one hop."""


class _Fragment(NamedTuple):
    """The smallest part of a turn: a word of a block, a block, or a whole step.

    `step` and `block` are its place in the turn; `block` is None for a whole step. `weight` is its
    estimated number of tokens, 0 for what goes with the fragment behind it.
    """

    step: int
    block: int | None
    value: Json
    weight: int


def split_in_hops(steps: tuple[Json, ...], hops: int) -> list[HopSteps]:
    """Divide steps into so many parts of nearly one size, fewer where there is less to divide.

    Cuts lie between steps where there are enough of them, else between words as well; never behind
    a function call.
    """
    step_fragments = _split_steps(steps, words=False)
    fragments = (
        step_fragments
        if _count_weighted(step_fragments) >= hops
        else _split_steps(steps, words=True)
    )
    heavy_count = _count_weighted(fragments)
    hop_count = min(hops, heavy_count)
    return _join_hops(
        steps, fragments, [number * hop_count // heavy_count for number in range(heavy_count)]
    )


def split_by_limit(steps: tuple[Json, ...], limit: int) -> list[HopSteps]:
    """Divide steps into parts of at most so many estimated tokens, where they can be divided."""
    fragments = _split_steps(steps, words=True)
    hops, hop, hop_tokens = [], 0, 0
    for fragment in fragments:
        if fragment.weight:
            if hop_tokens and hop_tokens + fragment.weight > limit:
                hop, hop_tokens = hop + 1, 0
            hop_tokens += fragment.weight
            hops.append(hop)
    return _join_hops(steps, fragments, hops)


def _count_weighted(fragments: Iterable[_Fragment]) -> int:
    return sum(1 for fragment in fragments if fragment.weight)


def _split_steps(steps: tuple[Json, ...], *, words: bool) -> list[_Fragment]:
    return [
        fragment for index, step in enumerate(steps) for fragment in _split_step(index, step, words)
    ]


def _split_step(index: int, step: Json, words: bool) -> list[_Fragment]:
    if step.get("type") == "thought":  # no output of its own: it goes with what follows it
        return [_Fragment(index, None, step, 0)]
    content = step.get("content")
    if not words or step.get("type") != "model_output" or not isinstance(content, list):
        return [
            _Fragment(
                index, None, step, max(1, estimate_tokens(json.dumps(step, ensure_ascii=False)))
            )
        ]
    return [
        _Fragment(
            index, number, word_block, max(1, estimate_tokens(str(word_block.get("text", ""))))
        )
        for number, block in enumerate(content)
        for word_block in _split_block(block)
    ]


def _split_block(block: Json) -> list[Json]:
    is_plain_text = set(block) == {"text", "type"} and block["type"] == "text"
    words = _WORDS.findall(block["text"]) if is_plain_text else []
    return [{**block, "text": word} for word in words] or [block]


def _join_hops(
    steps: tuple[Json, ...], fragments: list[_Fragment], hops: list[int]
) -> list[HopSteps]:
    """Join fragments to the steps of each hop; `hops` has the hop of each that has a weight."""
    hop_numbers, current_hop = iter(_cap_at_call(steps, fragments, hops)), 0
    rows: list[tuple[int, _Fragment]] = []
    weightless: list[_Fragment] = []
    for fragment in fragments:
        if not fragment.weight:
            weightless.append(fragment)
            continue
        current_hop = next(hop_numbers)
        rows += [(current_hop, row_fragment) for row_fragment in (*weightless, fragment)]
        weightless = []
    rows += [(current_hop, row_fragment) for row_fragment in weightless]
    return [
        tuple(_join_steps(steps, [fragment for _, fragment in row]))
        for _, row in groupby(rows, key=lambda row: row[0])
    ]


def _cap_at_call(
    steps: tuple[Json, ...], fragments: list[_Fragment], hops: list[int]
) -> Iterable[int]:
    """Yield the hops, no new one behind a function call: such a turn only waits for a result."""
    has_called = False
    last_hop = 0
    weighted = (fragment for fragment in fragments if fragment.weight)
    for hop, fragment in zip(hops, weighted, strict=True):
        last_hop = last_hop if has_called else hop
        has_called = has_called or steps[fragment.step].get("type") == "function_call"
        yield last_hop


def _join_steps(steps: tuple[Json, ...], fragments: list[_Fragment]) -> Iterable[Json]:
    for index, group in groupby(fragments, key=lambda fragment: fragment.step):
        step_fragments = list(group)
        if step_fragments[0].block is None:
            yield step_fragments[0].value
            continue
        blocks = []
        for _, block_fragments in groupby(step_fragments, key=lambda fragment: fragment.block):
            values = [fragment.value for fragment in block_fragments]
            text = {"text": "".join(value["text"] for value in values)} if len(values) > 1 else {}
            blocks.append({**values[0], **text})
        yield {**steps[index], "content": blocks}
