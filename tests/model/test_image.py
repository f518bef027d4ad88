"""The pictures are real JPEG files of the size that was asked for."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest

from .asks import answer, blocks, kinds

PIL = pytest.importorskip("PIL.Image")

RATIOS = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:8 8:1 1:4 4:1".split()
SIZES = {"512": 0.5, "1K": 1, "2K": 2, "4K": 4}


def picture(**options: Any) -> Any:
    """The only image of the answer, opened and decoded to the last pixel."""
    [block] = [block for block in blocks(answer("A city at dusk", **options))]
    assert (block["type"], block["mime_type"]) == ("image", "image/jpeg")
    opened = PIL.open(io.BytesIO(base64.b64decode(block["data"], validate=True)))
    opened.load()
    assert (opened.format, opened.mode) == ("JPEG", "RGB")
    return opened


@pytest.mark.parametrize("image_size", SIZES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_every_ratio_and_size(ratio: str, image_size: str) -> None:
    """The ratio to 2 %, about a million pixels in 1K, four times as many with each size."""
    form = {"type": "image", "aspect_ratio": ratio, "image_size": image_size}
    drawn = picture(response_format=form)
    across, down = map(int, ratio.split(":"))

    assert drawn.width / drawn.height == pytest.approx(across / down, rel=0.02)
    assert drawn.width * drawn.height == pytest.approx(
        SIZES[image_size] ** 2 * 1024 * 1024, rel=0.13
    )
    top, bottom = drawn.getpixel((0, 0)), drawn.getpixel((0, drawn.height - 1))
    assert top != bottom
    assert drawn.getpixel((drawn.width - 1, 0)) == top
    assert drawn.getpixel((drawn.width - 1, drawn.height - 1)) == bottom


@pytest.mark.parametrize(
    "options",
    [
        {"model": "gemini-3.1-flash-image"},
        {"response_modalities": ["image"]},
        {"response_modalities": ["IMAGE"]},
        {"response_format": [{"type": "image"}]},
        {"response_modalities": ["image"], "generation_config": {"image_config": {}}},
    ],
)
def test_who_draws(options: Any) -> None:
    """An image model, a modality or a format asks for a picture; a square of 1K by default."""
    assert picture(**options).size == (1024, 1024)


def test_the_deprecated_config_still_counts() -> None:
    """`image_config` gives what the format does not say."""
    config = {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}
    form = {"type": "image", "image_size": "512"}

    assert picture(response_format=form, generation_config=config).size == (688, 384)


def test_text_and_image_interleave() -> None:
    """A list of formats gives a block for each, in order, in one output step."""
    wanted = ["text", "image", "text", "image"]
    turn = answer("A city", response_format=[{"type": kind} for kind in wanted])

    assert kinds(turn) == ["thought", "model_output"]
    assert [block["type"] for block in blocks(turn)] == wanted


def test_the_colour_depends_on_the_prompt() -> None:
    """Two prompts can be told apart by their pictures, one prompt draws one picture."""
    draw = {"model": "gemini-3.1-flash-image"}

    assert answer("red", **draw) == answer("red", **draw)
    assert blocks(answer("red", **draw)) != blocks(answer("blue", **draw))


def test_a_picture_that_comes_in_is_described() -> None:
    """Its pixels are read from its head."""
    drawn = blocks(answer("x", response_format={"type": "image", "aspect_ratio": "16:9"}))[0]
    for kind in ("PNG", "GIF", "JPEG"):
        made = io.BytesIO()
        PIL.open(io.BytesIO(base64.b64decode(drawn["data"]))).save(made, kind)
        data = base64.b64encode(made.getvalue()).decode()
        turn = answer([{"type": "image", "mime_type": f"image/{kind.lower()}", "data": data}])
        assert f"image/{kind.lower()}, 1376x768 pixels" in blocks(turn)[0]["text"]
