"""A tune that depends on the prompt. As MPEG, which is all that live models send, it is silent."""

from __future__ import annotations

import hashlib

from .audio import make_audio
from .order import MediaOrder, OutputPart
from .tones import Tone

_SCALE = (261.63, 293.66, 329.63, 392.0, 440.0, 523.25)  # hertz: C major without its dissonances
_NOTE_COUNT, _BEAT_SECONDS = 8, 0.25


def make_music(order: MediaOrder) -> OutputPart:
    """Eight notes, `audio/mpeg` if nothing else is asked for (measured: inline, this alone)."""
    digest = hashlib.sha256(order.text.encode("utf-8", "surrogatepass")).digest()
    tones = [Tone(_SCALE[byte % len(_SCALE)], _BEAT_SECONDS) for byte in digest[:_NOTE_COUNT]]
    mime_type = str(order.response_format.get("mime_type", "audio/mpeg"))
    return make_audio(tones, mime_type, order.response_format.get("sample_rate"))
