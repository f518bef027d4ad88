"""Who makes which medium: one row a modality."""

from __future__ import annotations

from collections.abc import Callable

from .codecs.pdf import encode_pdf
from .image import draw_image
from .music import make_music
from .order import MediaOrder, OutputPart, inline_part
from .speech import make_speech
from .video import make_video


def _make_image(order: MediaOrder) -> OutputPart:
    options = {**order.config("image_config"), **order.response_format}  # the config is deprecated
    ratio, size = str(options.get("aspect_ratio", "1:1")), str(options.get("image_size", "1K"))
    return inline_part("image", "image/jpeg", draw_image(order.text, ratio, size))


def _make_audio(order: MediaOrder) -> OutputPart:
    capability = order.ask.capability
    return make_music(order) if capability and capability.skill == "music" else make_speech(order)


def _make_document(order: MediaOrder) -> OutputPart:
    # No model is known to make one; the modality is declared (X).
    return inline_part("document", "application/pdf", encode_pdf(order.text))


MAKERS: dict[str, Callable[[MediaOrder], OutputPart]] = {
    "image": _make_image,
    "audio": _make_audio,
    "video": make_video,
    "document": _make_document,
}
