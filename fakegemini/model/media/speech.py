"""Speech that says nothing: a tone for each word, in the pitch of the voice that says it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...wire.http import Json
from ..citations import cited
from ..tools.job import Finding
from .audio import audio
from .order import Order, Piece
from .tones import Tone

_USUAL = "Kore"
_WORD, _PAUSE = 0.05, 0.02  # seconds
_MOST = 40  # words that are said
_LINE = re.compile(r"^\s*([^:\n]{1,40}):\s*(\S.*)$")


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker says in one go: `speaker` is empty where nobody is named."""

    speaker: str
    voice: str
    words: str


def speech(order: Order) -> Piece:
    """The words of the prompt as audio: `audio/l16` at 24 000 a second if nothing else is asked."""
    tones = [tone for line in lines(order) for tone in _said(line)][: 2 * _MOST]
    mime_type = str(order.form.get("mime_type", "audio/l16"))
    return audio(tones or [Tone(0, _WORD)], mime_type, order.form.get("sample_rate"))


def spoken(order: Order) -> Json:
    """What is said, as text: each speaker's words annotated with who says them."""
    findings = []
    for line in lines(order):
        note = {"type": "speech_metadata", "speaker": line.speaker, "style": line.voice}
        findings.append(Finding(line.words, note if line.speaker else None))
    return cited("", findings)


def lines(order: Order) -> list[Line]:
    """The prompt by speakers: `Name: words` belongs to the voice that is configured for `Name`."""
    given = order.ask.config.get("speech_config")
    listed = given if isinstance(given, list) else [given]
    speakers = [one for one in listed if isinstance(one, dict)]
    voices = {str(one["speaker"]): _voice(one) for one in speakers if one.get("speaker")}
    first = _voice(speakers[0]) if speakers else _USUAL
    found = [_line(row, voices, first) for row in order.text.splitlines() if row.strip()]
    return found if voices else [Line("", first, order.text)] if order.text.strip() else []


def _line(row: str, voices: dict[str, str], first: str) -> Line:
    hit = _LINE.match(row)
    if hit and hit[1].strip() in voices:
        speaker = hit[1].strip()
        return Line(speaker, voices[speaker], hit[2].strip())
    return Line("", first, row.strip())


def _voice(config: Json) -> str:
    return str(config.get("voice") or _USUAL)


def _said(line: Line) -> Iterator[Tone]:
    pitch = 90 + _number(line.voice.casefold()) % 180  # hertz: from a man's to a child's
    for word in line.words.split():
        yield Tone(pitch * (1 + _number(word) % 5 / 16), _WORD)
        yield Tone(0, _PAUSE)


def _number(text: str) -> int:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0]
