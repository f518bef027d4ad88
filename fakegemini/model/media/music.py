"""Make a tune that depends on the prompt.

As MPEG, which is all that live models send, it is silent: that would need a real encoder.
"""

from __future__ import annotations

from ...wire.http import Json
from ..chance import draw_bytes
from ..task import Task
from .audio import make_audio
from .output_part import OutputPart
from .tones import Tone

_SCALE = (261.63, 293.66, 329.63, 392.0, 440.0, 523.25)  # hertz: C major without its dissonances
_NOTE_COUNT, _NOTE_SECONDS = 8, 0.25


def make_music(task: Task, response_format: Json) -> OutputPart:
    """Return eight notes: `audio/mpeg`, inline, unless another encoding is asked for (measured)."""
    raw = draw_bytes(task.situation.question, _NOTE_COUNT)
    tones = [Tone(_SCALE[byte % len(_SCALE)], _NOTE_SECONDS) for byte in raw]
    return make_audio(tones, response_format, default_type="audio/mpeg")
