"""Make speech that says nothing: a tone for each word, in the pitch of the voice that speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...wire.http import Json
from ..chance import draw_bytes
from ..citations import Statement, cite_statements
from ..task import Task
from .audio import make_audio
from .output_part import OutputPart
from .tones import Tone

_DEFAULT_VOICE = "Kore"
_WORD_SECONDS, _PAUSE_SECONDS = 0.05, 0.02
_MAX_WORDS = 40  # words that become tones
_LINE = re.compile(r"^\s*([^:\n]{1,40}):\s*(\S.*)$")


class Line(NamedTuple):
    """What one speaker says in one go: `speaker` is empty where the prompt names nobody."""

    speaker: str
    voice: str
    words: str


def make_speech(task: Task, response_format: Json) -> OutputPart:
    """Return the words of the prompt as audio: l16 unless another encoding is asked for."""
    tones = [tone for line in _speaker_lines(task) for tone in _word_tones(line)]
    tones = tones[: 2 * _MAX_WORDS] or [Tone(0, _WORD_SECONDS)]
    return make_audio(tones, response_format, default_type="audio/l16")


def make_speech_text(task: Task) -> Json:
    """Return a text block of what is spoken, each speaker's words annotated with the speaker."""
    statements = []
    for line in _speaker_lines(task):
        annotation = {"type": "speech_metadata", "speaker": line.speaker, "style": line.voice}
        statements.append(Statement(line.words, annotation if line.speaker else None))
    return cite_statements("", statements)


def _speaker_lines(task: Task) -> list[Line]:
    """Return the prompt by speakers: `Name: words` is for the voice that is configured for `Name`.

    Where `speech_config` names no speaker, the whole prompt is one line.
    """
    text = task.situation.question
    config = task.ask.config.get("speech_config")
    entries = config if isinstance(config, list) else [config]
    speakers = [entry for entry in entries if isinstance(entry, dict)]
    voices = {
        str(speaker["speaker"]): _voice_name(speaker)
        for speaker in speakers
        if speaker.get("speaker")
    }
    default_voice = _voice_name(speakers[0]) if speakers else _DEFAULT_VOICE
    if voices:
        return [_parse_line(row, voices, default_voice) for row in text.splitlines() if row.strip()]
    return [Line("", default_voice, text)] if text.strip() else []


def _parse_line(row: str, voices: dict[str, str], default_voice: str) -> Line:
    hit = _LINE.match(row)
    if hit and hit[1].strip() in voices:
        speaker = hit[1].strip()
        return Line(speaker, voices[speaker], hit[2].strip())
    return Line("", default_voice, row.strip())


def _voice_name(config: Json) -> str:
    return str(config.get("voice") or _DEFAULT_VOICE)


def _word_tones(line: Line) -> Iterator[Tone]:
    pitch = 90 + _draw_byte(line.voice.casefold()) % 180  # hertz: from a man's to a child's
    for word in line.words.split():
        yield Tone(pitch * (1 + _draw_byte(word) % 5 / 16), _WORD_SECONDS)
        yield Tone(0, _PAUSE_SECONDS)


def _draw_byte(text: str) -> int:
    return draw_bytes(text, 1)[0]
