"""Raw sound in a stream: it comes in pieces, and what follows at once belongs to it.

Documented: repeated audio chunks of one stream are decoded each by itself and their bytes joined.
That is only sound for samples without a file around them, so any other medium is one whole delta.
How long the live pieces are was never measured; half a second is ours.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from ..wire.http import Json

RAW = "audio/l16"
_PIECE = 32_000  # characters of base64: half a second of 24 000 samples, and whole samples


def pieces(block: Json) -> Iterator[Json]:
    """The deltas of a block that is no text."""
    data = block.get("data")
    if block.get("mime_type") != RAW or not isinstance(data, str) or len(data) <= _PIECE:
        yield block
        return
    for at in range(0, len(data), _PIECE):
        yield {**block, "data": data[at : at + _PIECE]}


def goes_on(block: Json, delta: Json) -> bool:
    """Whether the delta is more of the same sound."""
    alike = _but_data(block) == _but_data(delta) and block.get("mime_type") == RAW
    return alike and _bytes(block) is not None and _bytes(delta) is not None


def joined(block: Json, delta: Json) -> Json:
    """Both as one block."""
    whole = (_bytes(block) or b"") + (_bytes(delta) or b"")
    return {**block, "data": base64.b64encode(whole).decode()}


def _but_data(block: Json) -> Json:
    return {key: value for key, value in block.items() if key != "data"}


def _bytes(block: Json) -> bytes | None:
    data = block.get("data")
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else None
    except ValueError:
        return None
