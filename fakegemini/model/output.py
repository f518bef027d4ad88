"""The blocks of the model's output, in the formats that the request asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..protocol.turn import File
from ..wire.http import Json
from ..wire.json_text import compact_json
from .citations import cite_statements
from .media.order import MediaOrder, OutputPart
from .media.registry import MAKERS
from .media.speech import make_speech_text
from .media.transcript import is_transcription, make_transcript
from .prose import opening_sentence, write_prose
from .situation import Situation, result_mentions
from .tools.job import ToolUse
from .values.fit import fit
from .values.json_schema import enum_words
from .values.prompt_values import PromptValues
from .values.prompt_words import find_mentions

_ANY_OBJECT = object()


def make_output(
    ask: Ask, situation: Situation, tool_uses: Sequence[ToolUse], ids: IdSource
) -> tuple[Json, tuple[File, ...]]:
    """The `model_output` step, and the files it points to.

    One block for each format, text if none is asked for. Plain text says what the tools found;
    nothing is cited in JSON.
    """
    response_formats = requested_formats(ask)
    has_audio = any(response_format.get("type") == "audio" for response_format in response_formats)
    parts = [
        _make_part(MediaOrder(ask, situation, response_format, ids), tool_uses, has_audio)
        for response_format in response_formats
    ]
    files = tuple(part.file for part in parts if part.file)
    return {"content": [part.block for part in parts], "type": "model_output"}, files


def requested_formats(ask: Ask) -> list[Json]:
    """The formats in order; a raw schema counts as JSON text.

    Sources of the choice: `response_format` (object, list or schema), `response_mime_type`,
    `response_modalities`, the model's own modality.
    """
    setting = ask.body.get("response_format")
    as_json = ask.body.get("response_mime_type") == "application/json"
    entries = setting if isinstance(setting, list) else [setting]
    response_formats = [
        _normalize_format(entry) for entry in entries if isinstance(entry, dict) and entry
    ]
    if response_formats:
        return response_formats
    if as_json:
        return [{"type": "text", "mime_type": "application/json"}]
    modalities = ask.body.get("response_modalities")
    modality_names = (
        [str(name).lower() for name in modalities] if isinstance(modalities, list) else []
    )
    capability = ask.capability
    modality_names = modality_names or [capability.output if capability else "text"]
    return [{"type": name} for name in modality_names]


def _normalize_format(entry: Json) -> Json:
    if entry.get("type") in ("text", *MAKERS):
        return entry
    return {"type": "text", "mime_type": "application/json", "schema": entry}


def _make_part(order: MediaOrder, tool_uses: Sequence[ToolUse], has_audio: bool) -> OutputPart:
    make = MAKERS.get(str(order.response_format.get("type")))
    return make(order) if make else OutputPart(_make_text_block(order, tool_uses, has_audio))


def _make_text_block(order: MediaOrder, tool_uses: Sequence[ToolUse], has_audio: bool) -> Json:
    ask, situation, schema = (
        order.ask,
        order.situation,
        order.response_format.get("schema", _ANY_OBJECT),
    )
    if order.response_format.get("mime_type") == "application/json" or schema is not _ANY_OBJECT:
        return _text_block(compact_json(_fit_value(ask, situation, schema)))
    if is_transcription(order):
        return make_transcript(order)
    if has_audio and order.text:  # beside speech stands what is said
        return make_speech_text(order)
    return cite_statements(
        write_prose(ask, situation),
        [statement for tool_use in tool_uses for statement in tool_use.statements],
    )


def _text_block(text: str) -> Json:
    return {"text": text, "type": "text"}


def _fit_value(ask: Ask, situation: Situation, schema: Any) -> Any:
    if schema is _ANY_OBJECT:
        results = {result.name: result.value for result in situation.results}
        value: Json = {"answer": opening_sentence(ask, situation), "you_said": situation.question}
        return {**value, "results": results} if results else value
    offered_mentions = (
        *result_mentions(situation.results),
        *find_mentions(situation.question, enum_words(schema)),
    )
    return fit(schema, lambda: PromptValues(situation.question, offered_mentions))[0]
