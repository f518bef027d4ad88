"""The picture an unscripted image model draws: two colours that depend on the prompt."""

from __future__ import annotations

import base64
import hashlib

from ..core.http import Json
from .jpeg import jpeg

_LONGER = 64  # pixels: enough for every ratio, small enough to read in a log


def size(ratio: str) -> tuple[int, int]:
    """Width and height of exactly that ratio; a square where it cannot be read."""
    parts = [int(part) if part.isdecimal() else 0 for part in ratio.split(":")]
    if len(parts) != 2 or not all(0 < part <= _LONGER for part in parts):
        return _LONGER, _LONGER
    times = _LONGER // max(parts)
    return parts[0] * times, parts[1] * times


def image(text: str, ratio: str) -> Json:
    """An image block; `image_size` is not honoured, the picture stays tiny."""
    digest = hashlib.sha256(text.encode()).digest()
    # The middle of each range: colours outside it cannot all be shown.
    top, bottom = (bytes(64 + byte // 2 for byte in digest[at : at + 3]) for at in (0, 3))
    data = base64.b64encode(jpeg(*size(ratio), top, bottom)).decode()
    return {"mime_type": "image/jpeg", "data": data, "type": "image"}
