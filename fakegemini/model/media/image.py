"""Draw the picture of an unscripted image model: two colours that depend on the prompt.

Its size is that of the live models. Documented for 512, 1K, 2K and 4K of each ratio (image
generation guide, 2026); 512 of 21:9 is half of 1K here, the page has a misprint. What a ratio or
size gets that the page does not list is unverified: here the square, and 1K.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from ...wire.http import Json
from ..chance import draw_bytes
from ..task import Task
from .codecs.jpeg import encode_jpeg
from .output_part import OutputPart

_SIZES_OF_1K = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
"""Width and height in pixels of each ratio at 1K."""

_QUARTERS = {"512": 2, "1K": 4, "2K": 8, "4K": 16}
"""How many quarters of those pixels each size has."""


def make_image(task: Task, response_format: Json) -> OutputPart:
    """Return a JPEG of the ratio and size that the format asks for, or else `image_config`.

    `image_config` is the deprecated way to ask.
    """
    options = {**task.config_section("image_config"), **response_format}
    ratio, size = str(options.get("aspect_ratio", "1:1")), str(options.get("image_size", "1K"))
    picture = draw_picture(*_size_in_pixels(ratio, size), task.situation.question)
    data = base64.b64encode(picture).decode()
    # Recorded in this order of members.
    return OutputPart({"data": data, "mime_type": "image/jpeg", "type": "image"})


def _size_in_pixels(ratio: str, image_size: str) -> tuple[int, int]:
    width, height = _SIZES_OF_1K.get(ratio, _SIZES_OF_1K["1:1"])
    quarters = _QUARTERS.get(image_size.upper(), _QUARTERS["1K"])
    return width * quarters // 4, height * quarters // 4


@lru_cache(maxsize=8)  # a conversation asks for one picture many times
def draw_picture(width: int, height: int, text: str) -> bytes:
    """Return a JPEG of exactly that many pixels, coloured by the text."""
    raw = draw_bytes(text, 6)
    # The middle of each range: colours outside it cannot all be shown.
    top, bottom = (bytes(64 + byte // 2 for byte in raw[start : start + 3]) for start in (0, 3))
    return encode_jpeg(width, height, top, bottom)
