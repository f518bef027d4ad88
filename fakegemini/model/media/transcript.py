"""Make a transcript: what a fake can truly say of a sound, its words spread over its length.

Measured on 2026-08-26: `word_info` comes with the granularity `word`, its speakers only with
diarization, offsets are durations without superfluous zeros. That indices come too is declared by
the SDK and unverified (X).
"""

from __future__ import annotations

import re
from typing import Any

from ...wire.http import Json
from ..media_heads import read_seconds
from ..quoting import replace_surrogates, shorten_quote
from ..step_builders import text_block
from ..task import Task
from .output_part import OutputPart
from .which_media import sound_blocks

_DEFAULT_SECONDS = 2.0  # for a sound whose length only a decoder could tell
_QUOTE_LENGTH = 120  # characters of the prompt that are quoted
_WORD = re.compile(r"\S+")


def make_transcript(task: Task, _: Json) -> OutputPart:
    """Return a text block, with a `word_info` for each word where the request wants them."""
    config = task.config_section("transcription_config")
    setting = config.get("mode")
    mode: Json = setting if isinstance(setting, dict) else {}
    sounds = sound_blocks(task)
    total_seconds = sum(read_seconds(sound) or _DEFAULT_SECONDS for sound in sounds)
    sentences = _describe_sounds(sounds, config)
    if task.situation.new_text:
        sentences.append(f'It was asked: "{shorten_quote(task.situation.question, _QUOTE_LENGTH)}"')
    text = " ".join(sentences)
    block = text_block(text)
    if "word" in _find_option(config, mode, "timestamp_granularities", ()):
        with_speakers = bool(_find_option(config, mode, "diarization_mode", ""))
        block["annotations"] = _annotate_words(text, total_seconds, with_speakers)
    return OutputPart(block)


def _find_option(config: Json, mode: Json, name: str, default: Any) -> Any:
    """Return an option of the mode, or of the configuration itself, which is deprecated."""
    return mode.get(name) or config.get(name) or default


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
    """Return a `word_info` for each word: its share of the time, its bytes, maybe its speaker."""
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
