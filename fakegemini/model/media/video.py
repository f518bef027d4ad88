"""A film of still pictures, one a second."""

from __future__ import annotations

import re

from ...protocol.turn import File
from .codecs.mp4 import mp4
from .image import picture
from .order import Order, Piece, inline

_SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_USUAL = "720p"  # documented
_SECONDS = 8  # if nobody asks otherwise (unverified)
_MOST = 60  # pictures


def video(order: Order) -> Piece:
    """A film of the asked shape, size and length: inline (recorded), or behind an address.

    With `delivery: "uri"` the block has an address of a file and no data (measured).
    """
    width, height = _SIZES.get(str(order.form.get("resolution")), _SIZES[_USUAL])
    if order.form.get("aspect_ratio") == "9:16":
        width, height = height, width
    seconds = _seconds(order.form.get("duration"))
    many = max(1, min(_MOST, round(seconds)))
    frames = [picture(width, height, f"{order.text} {number}") for number in range(many)]
    film = mp4(frames, width, height, seconds)
    if order.form.get("delivery") != "uri":
        return inline("video", "video/mp4", film)
    file = File(order.mint.call_id() + order.mint.call_id()[:4], "video/mp4", film)
    place = f"{order.ask.origin}/v1beta/files/{file.id}:download?alt=media"
    return Piece({"mime_type": "video/mp4", "uri": place, "type": "video"}, file)


def _seconds(duration: object) -> float:
    hit = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)s", str(duration))
    return max(0.1, float(hit[1])) if hit else _SECONDS
