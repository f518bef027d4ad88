"""Build text blocks that cite: a sentence for each finding, an annotation that says where it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..wire.http import Json
from .step_builders import text_block


class Statement(NamedTuple):
    """A sentence of the answer, and the annotation that cites its source, if it has one."""

    sentence: str
    annotation: Json | None = None


def cite_statements(text: str, statements: Iterable[Statement]) -> Json:
    """Return a text block: `text`, then each statement's sentence, with its annotation.

    The offsets of an annotation count UTF-8 bytes of this block's text, the end is exclusive
    (documented). A block without annotations has no member for them.
    """
    annotations = []
    for statement in statements:
        text += " " if text else ""
        start = len(text.encode())
        text += statement.sentence
        if statement.annotation:
            offsets = {"start_index": start, "end_index": len(text.encode())}
            annotations.append({**statement.annotation, **offsets})
    block = text_block(text)
    return {**block, "annotations": annotations} if annotations else block
