"""The blocks of the model's output, in the formats that the request asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..core.ask import Ask
from ..core.http import Json
from .cite import cited
from .fit import fit
from .image import image
from .offer import Offer
from .scene import Scene, hints
from .schema import vocabulary
from .talk import opening, talk
from .tools.use import Finding, Use
from .words import mentions

_MEDIA = ("text", "image", "audio", "video")
_ANY_OBJECT = object()


def output(ask: Ask, scene: Scene, uses: Sequence[Use]) -> Json:
    """The `model_output` step: one block for each format, text if none is asked for.

    Plain text says what the tools found; nothing is cited in JSON.
    """
    findings = [finding for use in uses for finding in use.findings]
    blocks = [_block(ask, scene, form, findings) for form in formats(ask)]
    return {"content": blocks, "type": "model_output"}


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
    return [{"type": name, **_image_config(ask)} for name in named]


def _format(form: Json) -> Json:
    if form.get("type") in _MEDIA:
        return form
    return {"type": "text", "mime_type": "application/json", "schema": form}


def _image_config(ask: Ask) -> Json:
    config = ask.config.get("image_config")  # deprecated in favour of response_format
    ratio = config.get("aspect_ratio") if isinstance(config, dict) else None
    return {"aspect_ratio": ratio} if ratio else {}


def _block(ask: Ask, scene: Scene, form: Json, findings: list[Finding]) -> Json:
    kind = form.get("type")
    if kind == "image":
        return image(scene.question, str(form.get("aspect_ratio", "1:1")))
    if kind != "text":
        return _text(talk(ask, scene, f"The unscripted model makes no {kind}."))
    schema = form.get("schema", _ANY_OBJECT)
    if form.get("mime_type") == "application/json" or schema is not _ANY_OBJECT:
        return _text(_json(_value(ask, scene, schema)))
    return cited(talk(ask, scene), findings)


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
