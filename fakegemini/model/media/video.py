"""Make a film of still pictures, one a second."""

from __future__ import annotations

import re

from ...protocol.turn import File
from ...wire.http import Json
from ..task import Task
from .codecs.mp4 import encode_mp4
from .image import draw_picture
from .output_part import OutputPart, inline_part

_SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_DEFAULT_SIZE = "720p"  # documented
_DEFAULT_SECONDS = 8  # where the format does not say (unverified)
_MAX_FRAMES = 60  # pictures in a film, however long it is


def make_video(task: Task, response_format: Json) -> OutputPart:
    """Return a film of the format's shape, size and length: inline (recorded), or behind a `uri`.

    With `delivery: "uri"` the block has the address of a file and no data (measured).
    """
    width, height = _SIZES.get(str(response_format.get("resolution")), _SIZES[_DEFAULT_SIZE])
    if response_format.get("aspect_ratio") == "9:16":
        width, height = height, width
    seconds = _parse_duration(response_format.get("duration"))
    frame_count = max(1, min(_MAX_FRAMES, round(seconds)))
    frames = [
        draw_picture(width, height, f"{task.situation.question} {number}")
        for number in range(frame_count)
    ]
    film = encode_mp4(frames, width, height, seconds)
    if response_format.get("delivery") != "uri":
        return inline_part("video", "video/mp4", film)
    file = File(task.ids.call_id() + task.ids.call_id()[:4], "video/mp4", film)
    uri = f"{task.ask.origin}/v1beta/files/{file.id}:download?alt=media"
    return OutputPart({"mime_type": "video/mp4", "uri": uri, "type": "video"}, file)


def _parse_duration(duration: object) -> float:
    """Return the seconds of a duration such as `8s`; the default where it is not one."""
    hit = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)s", str(duration))
    return max(0.1, float(hit[1])) if hit else _DEFAULT_SECONDS
