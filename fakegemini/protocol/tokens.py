"""Estimate tokens; the figures are our own, since nobody can count without the live tokenizer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..wire.http import Json
from ..wording import cut_pieces

MEDIA_TOKENS = {"image": 1120, "audio": 96, "video": 512, "document": 258}
"""The tokens of one block of a medium (unverified)."""


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text: one for every four bytes, rounded up (unverified)."""
    return -(-_count_bytes(text) // 4)


def _count_bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(len(piece.encode("utf-8", "surrogatepass")) for piece in cut_pieces(text))


def add_tokens(counts: dict[str, int], steps: Iterable[Json]) -> dict[str, int]:
    """Add the tokens of these steps to `counts`, by modality; the same dict is returned."""
    for step in steps:
        content = step.get("content")
        blocks: list[Any] = content if isinstance(content, list) else []
        for block in blocks:
            if not isinstance(block, dict):  # a type that nobody knows may hold anything
                continue
            block_type = str(block.get("type", "text"))
            size = MEDIA_TOKENS.get(block_type) or estimate_tokens(str(block.get("text", "")))
            modality = block_type if block_type in MEDIA_TOKENS else "text"
            counts[modality] = counts.get(modality, 0) + size
        for key in ("name", "arguments", "result"):
            if key in step and step.get("type") in ("function_call", "function_result"):
                value = step[key]
                text = value if isinstance(value, str) else json.dumps(value)
                counts["text"] = counts.get("text", 0) + estimate_tokens(text)
    return counts
