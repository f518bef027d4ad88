"""The pictures are real JPEG files of the ratio that was asked for."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .asks import answer, blocks, kinds

RATIOS = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:8 8:1 1:4 4:1".split()


def segments(raw: bytes) -> dict[int, bytes]:
    """The marker segments of a JPEG before its scan data, by marker."""
    assert raw[:2] == b"\xff\xd8"
    assert raw[-2:] == b"\xff\xd9"
    found, at = {}, 2
    while 0xDA not in found:
        assert raw[at] == 0xFF
        size = int.from_bytes(raw[at + 2 : at + 4])
        found[raw[at + 1]] = raw[at + 4 : at + 2 + size]
        at += 2 + size
    return found


def picture(**options: Any) -> bytes:
    """The only image of the answer, decoded."""
    [block] = [block for block in blocks(answer("A city at dusk", **options))]
    assert block["type"] == "image"
    assert block["mime_type"] == "image/jpeg"
    assert len(block["data"]) < 4096
    return base64.b64decode(block["data"], validate=True)


@pytest.mark.parametrize("ratio", RATIOS)
def test_every_ratio_is_exact(ratio: str) -> None:
    """Height and width in the frame header hold the ratio to the pixel."""
    frame = segments(picture(response_format={"type": "image", "aspect_ratio": ratio}))[0xC0]
    height, width = int.from_bytes(frame[1:3]), int.from_bytes(frame[3:5])
    across, down = map(int, ratio.split(":"))
    assert width * down == height * across
    assert frame[0] == 8
    assert frame[5] == 3


@pytest.mark.parametrize("ratio", RATIOS)
def test_ordinary_software_opens_it(ratio: str) -> None:
    """Pillow decodes every pixel."""
    image = pytest.importorskip("PIL.Image")
    import io

    raw = picture(response_format={"type": "image", "aspect_ratio": ratio})
    with image.open(io.BytesIO(raw)) as opened:
        opened.load()
        assert opened.format == "JPEG"
        assert opened.mode == "RGB"
        top, bottom = opened.getpixel((0, 0)), opened.getpixel((0, opened.height - 1))
        assert opened.getpixel((opened.width - 1, 0)) == top
        assert top != bottom or opened.height <= 8


@pytest.mark.parametrize(
    "options",
    [
        {"model": "gemini-3.1-flash-image"},
        {"response_modalities": ["image"]},
        {"response_modalities": ["IMAGE"]},
        {"response_format": [{"type": "image"}]},
    ],
)
def test_who_draws(options: Any) -> None:
    """An image model, a modality or a format asks for a picture; a square by default."""
    frame = segments(picture(**options))[0xC0]
    assert frame[1:3] == frame[3:5]


def test_text_and_image_interleave() -> None:
    """A list of formats gives a block for each, in one output step."""
    turn = answer("A city", response_format=[{"type": "text"}, {"type": "image"}])
    assert kinds(turn) == ["thought", "model_output"]
    assert [block["type"] for block in blocks(turn)] == ["text", "image"]


def test_the_colour_depends_on_the_prompt() -> None:
    """Two prompts can be told apart by their pictures, one prompt draws one picture."""
    draw = {"model": "gemini-3.1-flash-image"}
    assert answer("red", **draw) == answer("red", **draw)
    assert blocks(answer("red", **draw)) != blocks(answer("blue", **draw))
