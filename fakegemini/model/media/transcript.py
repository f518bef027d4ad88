"""A transcript: what a fake can truly say of a sound, with its words spread over its length.

Measured on 2026-08-26: `word_info` comes with the granularity `word`, its speakers only with
diarization, offsets are durations without superfluous zeros. That indices come too is declared by
the SDK and unverified (X).
"""

from __future__ import annotations

import re
from typing import Any

from ...wire.http import Json
from ..media_heads import read_seconds
from ..values.prompt_words import replace_surrogates, shorten
from .order import MediaOrder

_DEFAULT_SECONDS = 2.0  # seconds, where only a decoder could tell
_QUOTE_LENGTH = 120  # characters that are quoted
_WORD = re.compile(r"\S+")


def is_transcription(order: MediaOrder) -> bool:
    """Whether the turn is a transcript: by the model or its configuration, and there is a sound."""
    capability = order.ask.capability
    is_configured = (
        capability is not None and capability.skill == "transcription"
    ) or "transcription_config" in (order.ask.config)
    return is_configured and bool(_sound_blocks(order))


def make_transcript(order: MediaOrder) -> Json:
    """The text block, with a `word_info` for each word where they are asked for."""
    config = order.config("transcription_config")
    setting = config.get("mode")
    mode: Json = setting if isinstance(setting, dict) else {}
    sounds = _sound_blocks(order)
    total_seconds = sum(read_seconds(sound) or _DEFAULT_SECONDS for sound in sounds)
    question_sentences = (
        [f'It was asked: "{shorten(order.text, _QUOTE_LENGTH)}"']
        if order.situation.new_text
        else []
    )
    text = " ".join((*_describe_sounds(sounds, config), *question_sentences))
    block: Json = {"text": text, "type": "text"}
    if "word" in _find_option(config, mode, "timestamp_granularities", ()):
        with_speakers = bool(_find_option(config, mode, "diarization_mode", ""))
        block["annotations"] = _annotate_words(text, total_seconds, with_speakers)
    return block


def _find_option(config: Json, mode: Json, name: str, default: Any) -> Any:
    return mode.get(name) or config.get(name) or default  # beside the mode: deprecated


def _describe_sounds(sounds: list[Json], config: Json) -> list[str]:
    sentences = []
    for sound in sounds:
        sound_seconds = read_seconds(sound)
        mime_type = replace_surrogates(str(sound.get("mime_type") or "audio"))
        sentences.append(
            f"fakegemini heard {_format_seconds(sound_seconds)}s of {mime_type}."
            if sound_seconds
            else f"fakegemini heard {mime_type}."
        )
    vocabulary = config.get("custom_vocabulary") or config.get("adaptation_phrases") or ()
    if vocabulary:
        sentences.append(f"It listened for {replace_surrogates(', '.join(map(str, vocabulary)))}.")
    return sentences


def _annotate_words(text: str, total_seconds: float, with_speakers: bool) -> list[Json]:
    hits = list(_WORD.finditer(text))
    word_seconds = total_seconds / len(hits)
    annotations = []
    speaker = 0
    for number, hit in enumerate(hits):
        annotation: Json = {
            "text": hit[0],
            "start_offset": f"{_format_seconds(number * word_seconds)}s",
            "end_offset": f"{_format_seconds((number + 1) * word_seconds)}s",
        }
        if with_speakers:
            annotation["speaker"] = f"spk:{speaker}"
        start = len(text[: hit.start()].encode())
        offsets = {"start_index": start, "end_index": start + len(hit[0].encode())}
        annotations.append({**annotation, **offsets, "type": "word_info"})
        speaker = (speaker + hit[0].endswith(".")) % 2  # two speakers take turns
    return annotations


def _format_seconds(value: float) -> str:
    return f"{value:.3f}".removesuffix(".000")


def _sound_blocks(order: MediaOrder) -> list[Json]:
    steps = [step for step in order.ask.steps_to_answer if step.get("type") == "user_input"]
    blocks = [block for step in steps for block in step.get("content") or ()]
    return [block for block in blocks if block.get("type") in ("audio", "video")]
