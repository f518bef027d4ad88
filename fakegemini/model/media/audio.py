"""The encodings of audio: one row each. Those that need a real encoder hold silence.

Measured: speech comes as l16 with 24 000 samples a second, music as MPEG. What the others look
like is after the names that the API takes for them, unverified (X).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .codecs import g711, mp3, opus
from .order import Piece, inline
from .tones import Tone, samples

_RATES = (8_000, 48_000)  # samples a second: the least and the most that is made
_TELEPHONE = 8_000
SPEECH = 24_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """How samples become bytes, and the `mime_type` they go under.

    `rate` is what it has if none is asked for; None where the file itself says so. A `silent`
    encoding gets the length in seconds instead of samples.
    """

    mime_type: str
    encode: Callable[[array[int], int], bytes] | None = None
    silent: Callable[[float], bytes] | None = None
    rate: int | None = SPEECH


def l16(made: array[int], rate: int = SPEECH) -> bytes:
    """Two bytes a sample, the lower first: as the live models send them, not as RFC 2586 says."""
    return struct.pack(f"<{len(made)}h", *made)


def wav(made: array[int], rate: int) -> bytes:
    """A RIFF file of one channel."""
    raw = l16(made)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(raw)) + raw
    return struct.pack("<4sI", b"RIFF", len(body)) + body


ENCODINGS: dict[str, Encoding] = {
    "audio/l16": Encoding("audio/l16", l16),
    "audio/wav": Encoding("audio/wav", wav),
    "audio/alaw": Encoding("audio/alaw", lambda made, _: g711.alaw(made), rate=_TELEPHONE),
    "audio/mulaw": Encoding("audio/mulaw", lambda made, _: g711.mulaw(made), rate=_TELEPHONE),
    "audio/mp3": Encoding("audio/mp3", silent=mp3.silence, rate=None),
    "audio/mpeg": Encoding("audio/mpeg", silent=mp3.silence, rate=None),
    "audio/ogg_opus": Encoding("audio/ogg", silent=opus.silence, rate=None),
}


def audio(tones: Sequence[Tone], mime_type: str, wanted_rate: object) -> Piece:
    """An audio block of these tones; l16 where the encoding is unknown."""
    encoding = ENCODINGS.get(mime_type, ENCODINGS["audio/l16"])
    if encoding.silent:
        data = encoding.silent(sum(tone.seconds for tone in tones))
        return inline("audio", encoding.mime_type, data)
    assert encoding.encode is not None
    rate = encoding.rate or SPEECH
    if isinstance(wanted_rate, int):
        rate = min(max(wanted_rate, _RATES[0]), _RATES[1])
    data = encoding.encode(samples(tones, rate), rate)
    return inline("audio", encoding.mime_type, data, sample_rate=rate, channels=1)
