"""Speech that says nothing: a tone for each word, in the pitch of the voice that says it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...wire.http import Json
from ..citations import cite_statements
from ..tools.job import Statement
from .audio import make_audio
from .order import MediaOrder, OutputPart
from .tones import Tone

_DEFAULT_VOICE = "Kore"
_WORD_SECONDS, _PAUSE_SECONDS = 0.05, 0.02  # seconds
_MAX_WORDS = 40  # words that are said
_LINE = re.compile(r"^\s*([^:\n]{1,40}):\s*(\S.*)$")


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker says in one go: `speaker` is empty where nobody is named."""

    speaker: str
    voice: str
    words: str


def make_speech(order: MediaOrder) -> OutputPart:
    """The words of the prompt as audio: `audio/l16` at 24 000 a second if nothing else is asked."""
    tones = [tone for line in speaker_lines(order) for tone in _word_tones(line)][: 2 * _MAX_WORDS]
    mime_type = str(order.response_format.get("mime_type", "audio/l16"))
    return make_audio(
        tones or [Tone(0, _WORD_SECONDS)], mime_type, order.response_format.get("sample_rate")
    )


def make_speech_text(order: MediaOrder) -> Json:
    """What is said, as text: each speaker's words annotated with who says them."""
    statements = []
    for line in speaker_lines(order):
        annotation = {"type": "speech_metadata", "speaker": line.speaker, "style": line.voice}
        statements.append(Statement(line.words, annotation if line.speaker else None))
    return cite_statements("", statements)


def speaker_lines(order: MediaOrder) -> list[Line]:
    """The prompt by speakers: `Name: words` belongs to the voice that is configured for `Name`."""
    config = order.ask.config.get("speech_config")
    entries = config if isinstance(config, list) else [config]
    speakers = [entry for entry in entries if isinstance(entry, dict)]
    voices = {
        str(speaker["speaker"]): _voice_name(speaker)
        for speaker in speakers
        if speaker.get("speaker")
    }
    default_voice = _voice_name(speakers[0]) if speakers else _DEFAULT_VOICE
    lines = [
        _parse_line(row, voices, default_voice) for row in order.text.splitlines() if row.strip()
    ]
    return lines if voices else [Line("", default_voice, order.text)] if order.text.strip() else []


def _parse_line(row: str, voices: dict[str, str], default_voice: str) -> Line:
    hit = _LINE.match(row)
    if hit and hit[1].strip() in voices:
        speaker = hit[1].strip()
        return Line(speaker, voices[speaker], hit[2].strip())
    return Line("", default_voice, row.strip())


def _voice_name(config: Json) -> str:
    return str(config.get("voice") or _DEFAULT_VOICE)


def _word_tones(line: Line) -> Iterator[Tone]:
    pitch = 90 + _hash_byte(line.voice.casefold()) % 180  # hertz: from a man's to a child's
    for word in line.words.split():
        yield Tone(pitch * (1 + _hash_byte(word) % 5 / 16), _WORD_SECONDS)
        yield Tone(0, _PAUSE_SECONDS)


def _hash_byte(text: str) -> int:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0]
