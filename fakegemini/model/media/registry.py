"""Who makes which medium: one row a modality."""

from __future__ import annotations

from collections.abc import Callable

from .codecs.pdf import pdf
from .image import image
from .music import music
from .order import Order, Piece, inline
from .speech import speech
from .video import video


def _image(order: Order) -> Piece:
    form = {**order.config("image_config"), **order.form}  # the config is deprecated
    ratio, size = str(form.get("aspect_ratio", "1:1")), str(form.get("image_size", "1K"))
    return inline("image", "image/jpeg", image(order.text, ratio, size))


def _audio(order: Order) -> Piece:
    known = order.ask.capability
    return music(order) if known and known.skill == "music" else speech(order)


def _document(order: Order) -> Piece:
    # No model is known to make one; the modality is declared (X).
    return inline("document", "application/pdf", pdf(order.text))


MAKERS: dict[str, Callable[[Order], Piece]] = {
    "image": _image,
    "audio": _audio,
    "video": video,
    "document": _document,
}
