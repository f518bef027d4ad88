"""Make audio blocks: the encodings, one row each.

Measured: speech comes as l16 with 24,000 samples a second, music as MPEG. What the others look
like is guessed from the names that the API takes for them, unverified (X).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...wire.http import Json
from .codecs import g711, mp3, opus
from .output_part import OutputPart, inline_part
from .tones import Tone, render_tones

_RATE_LIMITS = (8_000, 48_000)  # samples a second: the least and the most that is made
_TELEPHONE_RATE = 8_000
SPEECH_RATE = 24_000
"""Samples a second of live speech."""


class Encoding(NamedTuple):
    """How sound becomes bytes, and the `mime_type` of the block that holds them.

    `encode` gets samples and their rate. An encoding that would need a real encoder has
    `encode_silence` instead, which gets a length in seconds. `rate` is how many samples a second
    it has if none is asked for; None where the file itself says so.
    """

    mime_type: str
    encode: Callable[[array[int], int], bytes] | None = None
    encode_silence: Callable[[float], bytes] | None = None
    rate: int | None = SPEECH_RATE


def _encode_l16(samples: array[int], _: int = SPEECH_RATE) -> bytes:
    """Return two bytes a sample, the lower first: as live models send it, not as RFC 2586 says."""
    return struct.pack(f"<{len(samples)}h", *samples)


def _encode_wav(samples: array[int], rate: int) -> bytes:
    """Return a RIFF file of one channel."""
    raw = _encode_l16(samples)
    format_chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    body = b"WAVE" + format_chunk + struct.pack("<4sI", b"data", len(raw)) + raw
    return struct.pack("<4sI", b"RIFF", len(body)) + body


ENCODINGS: dict[str, Encoding] = {
    "audio/l16": Encoding("audio/l16", _encode_l16),
    "audio/wav": Encoding("audio/wav", _encode_wav),
    "audio/alaw": Encoding(
        "audio/alaw", lambda samples, _: g711.encode_alaw(samples), rate=_TELEPHONE_RATE
    ),
    "audio/mulaw": Encoding(
        "audio/mulaw", lambda samples, _: g711.encode_mulaw(samples), rate=_TELEPHONE_RATE
    ),
    "audio/mp3": Encoding("audio/mp3", encode_silence=mp3.encode_silence, rate=None),
    "audio/mpeg": Encoding("audio/mpeg", encode_silence=mp3.encode_silence, rate=None),
    "audio/ogg_opus": Encoding("audio/ogg", encode_silence=opus.encode_silence, rate=None),
}
"""By the `mime_type` that a request asks for."""


def make_audio(tones: Sequence[Tone], response_format: Json, *, default_type: str) -> OutputPart:
    """Return an audio block of these tones, in the encoding and at the rate that the format asks.

    Where it asks for none, the encoding is `default_type`; where we do not know it, l16.
    """
    mime_type = str(response_format.get("mime_type", default_type))
    encoding = ENCODINGS.get(mime_type, ENCODINGS["audio/l16"])
    if encoding.encode_silence:
        data = encoding.encode_silence(sum(tone.seconds for tone in tones))
        return inline_part("audio", encoding.mime_type, data)
    assert encoding.encode is not None
    rate = encoding.rate or SPEECH_RATE
    requested_rate = response_format.get("sample_rate")
    if isinstance(requested_rate, int):
        rate = min(max(requested_rate, _RATE_LIMITS[0]), _RATE_LIMITS[1])
    data = encoding.encode(render_tones(tones, rate), rate)
    return inline_part("audio", encoding.mime_type, data, sample_rate=rate, channels=1)
