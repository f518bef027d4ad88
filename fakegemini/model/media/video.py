"""A film of still pictures, one a second."""

from __future__ import annotations

import re

from ...protocol.turn import File
from .codecs.mp4 import encode_mp4
from .image import draw_picture
from .order import MediaOrder, OutputPart, inline_part

_SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_DEFAULT_SIZE = "720p"  # documented
_DEFAULT_SECONDS = 8  # if nobody asks otherwise (unverified)
_MAX_FRAMES = 60  # pictures


def make_video(order: MediaOrder) -> OutputPart:
    """A film of the asked shape, size and length: inline (recorded), or behind an address.

    With `delivery: "uri"` the block has an address of a file and no data (measured).
    """
    width, height = _SIZES.get(str(order.response_format.get("resolution")), _SIZES[_DEFAULT_SIZE])
    if order.response_format.get("aspect_ratio") == "9:16":
        width, height = height, width
    seconds = _parse_duration(order.response_format.get("duration"))
    frame_count = max(1, min(_MAX_FRAMES, round(seconds)))
    frames = [
        draw_picture(width, height, f"{order.text} {number}") for number in range(frame_count)
    ]
    film = encode_mp4(frames, width, height, seconds)
    if order.response_format.get("delivery") != "uri":
        return inline_part("video", "video/mp4", film)
    file = File(order.ids.call_id() + order.ids.call_id()[:4], "video/mp4", film)
    uri = f"{order.ask.origin}/v1beta/files/{file.id}:download?alt=media"
    return OutputPart({"mime_type": "video/mp4", "uri": uri, "type": "video"}, file)


def _parse_duration(duration: object) -> float:
    hit = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)s", str(duration))
    return max(0.1, float(hit[1])) if hit else _DEFAULT_SECONDS
