"""A request for each medium that a turn can have."""

from __future__ import annotations

from fakegemini.wire.http import Json

TTS = "gemini-3.8-flash-tts"
OMNI = "gemini-omni-1.2-flash"
SPEAKERS = [
    {"speaker": "Ada", "voice": "Kore", "language": "en-US"},
    {"speaker": "Bob", "voice": "Puck"},
]
SOUND: Json = {
    "type": "audio",
    "mime_type": "audio/l16",
    "sample_rate": 8000,
    "data": "AAAA" * 4000,
}

ASKS: dict[str, Json] = {
    "image": {"model": "gemini-3.1-flash-image", "input": "A lighthouse"},
    "text and image": {
        "input": "A city 🏙",
        "response_format": [{"type": "text"}, {"type": "image", "image_size": "512"}],
    },
    "speech": {"model": TTS, "input": "Say hello"},
    "speech by modality": {"input": "Say hello", "response_modalities": ["audio"]},
    "speech as wav": {
        "input": "Say hello",
        "response_format": {"type": "audio", "mime_type": "audio/wav", "sample_rate": 16000},
    },
    "speech of two": {
        "model": TTS,
        "input": "Ada: Grüß dich, Bob!\nBob: Tag, Ada 🙂",
        "response_format": [{"type": "text"}, {"type": "audio"}],
        "generation_config": {"speech_config": SPEAKERS},
    },
    "long speech": {"model": TTS, "input": "la " * 40},
    "music": {"model": "lyria-3.5", "input": "A waltz"},
    "video": {
        "model": OMNI,
        "input": "A wave",
        "response_format": {"type": "video", "resolution": "360p", "duration": "2s"},
    },
    "video by address": {
        "model": OMNI,
        "input": "A wave",
        "response_format": {"type": "video", "delivery": "uri", "duration": "1s"},
    },
    "document": {"input": "Grüße (alle)", "response_modalities": ["document"]},
    "transcript": {
        "model": "gemini-3.5-transcribe",
        "input": [{"type": "text", "text": "Wörtlich, bitte 🙂."}, SOUND],
        "generation_config": {
            "transcription_config": {
                "mode": {
                    "type": "verbatim",
                    "timestamp_granularities": ["word"],
                    "diarization_mode": "speaker",
                },
            }
        },
    },
}
"""By name."""
