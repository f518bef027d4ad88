"""The blocks of the model's output, in the formats that the request asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..protocol.ask import Ask
from ..protocol.ids import Mint
from ..protocol.turn import File
from ..wire.http import Json
from .citations import cited
from .media.order import Order, Piece
from .media.registry import MAKERS
from .media.speech import spoken
from .media.transcript import transcribes, transcript
from .prose import opening, talk
from .situation import Scene, hints
from .tools.job import Use
from .values.fit import fit
from .values.json_schema import vocabulary
from .values.prompt_values import Offer
from .values.prompt_words import mentions

_ANY_OBJECT = object()


def output(
    ask: Ask, scene: Scene, uses: Sequence[Use], mint: Mint
) -> tuple[Json, tuple[File, ...]]:
    """The `model_output` step, and the files it points to.

    One block for each format, text if none is asked for. Plain text says what the tools found;
    nothing is cited in JSON.
    """
    forms = formats(ask)
    aloud = any(form.get("type") == "audio" for form in forms)
    pieces = [_piece(Order(ask, scene, form, mint), uses, aloud) for form in forms]
    files = tuple(piece.file for piece in pieces if piece.file)
    return {"content": [piece.block for piece in pieces], "type": "model_output"}, files


def formats(ask: Ask) -> list[Json]:
    """The formats in order; a raw schema counts as JSON text.

    Sources of the choice: `response_format` (object, list or schema), `response_mime_type`,
    `response_modalities`, the model's own modality.
    """
    given = ask.body.get("response_format")
    as_json = ask.body.get("response_mime_type") == "application/json"
    listed = given if isinstance(given, list) else [given]
    found = [_format(form) for form in listed if isinstance(form, dict) and form]
    if found:
        return found
    if as_json:
        return [{"type": "text", "mime_type": "application/json"}]
    modalities = ask.body.get("response_modalities")
    named = [str(name).lower() for name in modalities] if isinstance(modalities, list) else []
    model = ask.capability
    named = named or [model.output if model else "text"]
    return [{"type": name} for name in named]


def _format(form: Json) -> Json:
    if form.get("type") in ("text", *MAKERS):
        return form
    return {"type": "text", "mime_type": "application/json", "schema": form}


def _piece(order: Order, uses: Sequence[Use], aloud: bool) -> Piece:
    make = MAKERS.get(str(order.form.get("type")))
    return make(order) if make else Piece(_written(order, uses, aloud))


def _written(order: Order, uses: Sequence[Use], aloud: bool) -> Json:
    ask, scene, schema = order.ask, order.scene, order.form.get("schema", _ANY_OBJECT)
    if order.form.get("mime_type") == "application/json" or schema is not _ANY_OBJECT:
        return _text(_json(_value(ask, scene, schema)))
    if transcribes(order):
        return transcript(order)
    if aloud and order.text:  # beside speech stands what is said
        return spoken(order)
    return cited(talk(ask, scene), [finding for use in uses for finding in use.findings])


def _text(text: str) -> Json:
    return {"text": text, "type": "text"}


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A schema may hold half a surrogate pair; only escaped can it be sent.
    return text if _sendable(text) else json.dumps(value, separators=(",", ":"))


def _sendable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _value(ask: Ask, scene: Scene, schema: Any) -> Any:
    if schema is _ANY_OBJECT:
        results = {outcome.name: outcome.value for outcome in scene.results}
        about: Json = {"answer": opening(ask, scene), "you_said": scene.question}
        return {**about, "results": results} if results else about
    found = (*hints(scene.results), *mentions(scene.question, vocabulary(schema)))
    return fit(schema, lambda: Offer(scene.question, found))[0]
