"""A transcript: what a fake can truly say of a sound, with its words spread over its length.

Measured on 2026-08-26: `word_info` comes with the granularity `word`, its speakers only with
diarization, offsets are durations without superfluous zeros. That indices come too is declared by
the SDK and unverified (X).
"""

from __future__ import annotations

import re
from typing import Any

from ...wire.http import Json
from ..media_heads import seconds
from ..values.prompt_words import clean, shorten
from .order import Order

_UNKNOWN = 2.0  # seconds, where only a decoder could tell
_LONGEST = 120  # characters that are quoted
_WORD = re.compile(r"\S+")


def transcribes(order: Order) -> bool:
    """Whether the turn is a transcript: by the model or its configuration, and there is a sound."""
    known = order.ask.capability
    wanted = (known is not None and known.skill == "transcription") or "transcription_config" in (
        order.ask.config
    )
    return wanted and bool(_sounds(order))


def transcript(order: Order) -> Json:
    """The text block, with a `word_info` for each word where they are asked for."""
    config = order.config("transcription_config")
    given = config.get("mode")
    mode: Json = given if isinstance(given, dict) else {}
    sounds = _sounds(order)
    length = sum(seconds(sound) or _UNKNOWN for sound in sounds)
    asked = [f'It was asked: "{shorten(order.text, _LONGEST)}"'] if order.scene.now else []
    text = " ".join((*_sentences(sounds, config), *asked))
    block: Json = {"text": text, "type": "text"}
    if "word" in _option(config, mode, "timestamp_granularities", ()):
        named = bool(_option(config, mode, "diarization_mode", ""))
        block["annotations"] = _words(text, length, named)
    return block


def _option(config: Json, mode: Json, name: str, otherwise: Any) -> Any:
    return mode.get(name) or config.get(name) or otherwise  # beside the mode: deprecated


def _sentences(sounds: list[Json], config: Json) -> list[str]:
    said = []
    for sound in sounds:
        length = seconds(sound)
        kind = clean(str(sound.get("mime_type") or "audio"))
        said.append(
            f"fakegemini heard {_number(length)}s of {kind}."
            if length
            else f"fakegemini heard {kind}."
        )
    expected = config.get("custom_vocabulary") or config.get("adaptation_phrases") or ()
    if expected:
        said.append(f"It listened for {clean(', '.join(map(str, expected)))}.")
    return said


def _words(text: str, length: float, named: bool) -> list[Json]:
    hits = list(_WORD.finditer(text))
    each = length / len(hits)
    notes = []
    speaker = 0
    for number, hit in enumerate(hits):
        note: Json = {
            "text": hit[0],
            "start_offset": f"{_number(number * each)}s",
            "end_offset": f"{_number((number + 1) * each)}s",
        }
        if named:
            note["speaker"] = f"spk:{speaker}"
        start = len(text[: hit.start()].encode())
        place = {"start_index": start, "end_index": start + len(hit[0].encode())}
        notes.append({**note, **place, "type": "word_info"})
        speaker = (speaker + hit[0].endswith(".")) % 2  # two speakers take turns
    return notes


def _number(value: float) -> str:
    return f"{value:.3f}".removesuffix(".000")


def _sounds(order: Order) -> list[Json]:
    steps = [step for step in order.ask.tail if step.get("type") == "user_input"]
    blocks = [block for step in steps for block in step.get("content") or ()]
    return [block for block in blocks if block.get("type") in ("audio", "video")]
