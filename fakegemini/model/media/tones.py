"""Turn tones into samples: numbers from -32768 to 32767, one channel."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from typing import NamedTuple

_AMPLITUDE = 9000
_FADE_SHARE = 0.1  # of a tone, at both ends, for swelling and fading: a hard edge clicks


class Tone(NamedTuple):
    """A pitch in hertz for so many seconds; 0 hertz is a pause."""

    hertz: float
    seconds: float


def render_tones(tones: Iterable[Tone], rate: int) -> array[int]:
    """Return the tones one after the other, at `rate` samples a second."""
    samples = array("h")
    for tone in tones:
        count = round(tone.seconds * rate)
        fade_length = max(1, round(count * _FADE_SHARE))
        angle_step = 2 * math.pi * tone.hertz / rate
        for index in range(count):
            volume = min(1.0, index / fade_length, (count - 1 - index) / fade_length)
            samples.append(round(_AMPLITUDE * volume * math.sin(angle_step * index)))
    return samples
