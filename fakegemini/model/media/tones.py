"""Tones as samples: numbers from -32768 to 32767, one channel."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

_LOUD = 9000
_EDGE = 0.1  # of a tone, at both ends, for swelling and fading: a hard edge clicks


@dataclass(frozen=True, slots=True)
class Tone:
    """A pitch in hertz for so many seconds; 0 hertz is a pause."""

    hertz: float
    seconds: float


def samples(tones: Iterable[Tone], rate: int) -> array[int]:
    """The tones one after the other, `rate` samples a second."""
    made = array("h")
    for tone in tones:
        count = round(tone.seconds * rate)
        edge = max(1, round(count * _EDGE))
        turn = 2 * math.pi * tone.hertz / rate
        for at in range(count):
            swell = min(1.0, at / edge, (count - 1 - at) / edge)
            made.append(round(_LOUD * swell * math.sin(turn * at)))
    return made
