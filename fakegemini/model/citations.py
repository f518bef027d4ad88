"""A text block that cites: each finding a sentence, its annotation holding where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from ..wire.http import Json
from .tools.job import Finding


def cited(text: str, findings: Iterable[Finding]) -> Json:
    """`text`, then the sentences of the findings, and the annotations of those with a source.

    The offsets count UTF-8 bytes of this block's text, the end is exclusive (documented).
    """
    annotations = []
    for finding in findings:
        text += " " if text else ""
        start = len(text.encode())
        text += finding.sentence
        if finding.note:
            place = {"start_index": start, "end_index": len(text.encode())}
            annotations.append({**finding.note, **place})
    block: Json = {"text": text, "type": "text"}
    return {**block, "annotations": annotations} if annotations else block
