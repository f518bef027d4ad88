"""A text block that cites: each finding a sentence, its annotation holding where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from ..wire.http import Json
from .tools.job import Statement


def cite_statements(text: str, statements: Iterable[Statement]) -> Json:
    """`text`, then the sentences of the statements, and the annotations of those with a source.

    The offsets count UTF-8 bytes of this block's text, the end is exclusive (documented).
    """
    annotations = []
    for statement in statements:
        text += " " if text else ""
        start = len(text.encode())
        text += statement.sentence
        if statement.annotation:
            offsets = {"start_index": start, "end_index": len(text.encode())}
            annotations.append({**statement.annotation, **offsets})
    block: Json = {"text": text, "type": "text"}
    return {**block, "annotations": annotations} if annotations else block
