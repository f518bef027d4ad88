"""Split raw audio into the pieces of a stream, and join pieces that follow each other.

Documented: repeated audio chunks of one stream are decoded each by itself and their bytes joined.
That can only hold for bare samples without a file format around them, so every other medium is one
delta. How long the live pieces are was never measured; half a second is our choice.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from ..wire.http import Json

RAW_MIME_TYPE = "audio/l16"
_CHUNK_CHARS = 32_000  # characters of base64: half a second of 24 000 samples, and whole samples


def split_sound(block: Json) -> Iterator[Json]:
    """Yield the deltas of a content block that is no text: one, or several of raw audio."""
    data = block.get("data")
    if (
        block.get("mime_type") != RAW_MIME_TYPE
        or not isinstance(data, str)
        or len(data) <= _CHUNK_CHARS
    ):
        yield block
        return
    for start in range(0, len(data), _CHUNK_CHARS):
        yield {**block, "data": data[start : start + _CHUNK_CHARS]}


def continues_sound(block: Json, delta: Json) -> bool:
    """Tell whether a delta goes on with the raw audio of a block, in the same format."""
    if block.get("mime_type") != RAW_MIME_TYPE or _without_data(block) != _without_data(delta):
        return False
    return _decode_data(block) is not None and _decode_data(delta) is not None


def join_sounds(block: Json, delta: Json) -> Json:
    """Join the audio of a block and of the delta behind it to one block."""
    samples = (_decode_data(block) or b"") + (_decode_data(delta) or b"")
    return {**block, "data": base64.b64encode(samples).decode()}


def _without_data(block: Json) -> Json:
    return {key: value for key, value in block.items() if key != "data"}


def _decode_data(block: Json) -> bytes | None:
    data = block.get("data")
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else None
    except ValueError:
        return None
