"""Say of what kinds an answer is: who made it, how it ran, what it holds, from where it is.

Rules are known for kinds of answers. `kinds_of` gives those of an exchange, a dimension each, in
the words that `check --explain` prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from ...protocol.known_models import AGENTS
from ...protocol.schemas import schema_names
from .answer_parts import AnswerParts

_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_SPECIALTIES = {
    "image": "models of images",
    "nano-banana": "models of images",
    "tts": "models of speech",
    "transcribe": "models of transcription",
    "omni": "omni models",
    "robotics": "models of robotics",
    "live": "live models",
    "computer-use": "models of computer use",
    "lyria": "models of music",
    "veo": "models of films",
    "gemma": "gemma",
}
"""A word in the name of a model, and the family it is of."""
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _find_maker(parts: AnswerParts) -> Iterator[str]:
    if parts.body.get("agent") or parts.request.get("agent"):
        yield "agents"
    elif parts.body.get("model") or parts.request.get("model"):
        yield "models"


def _find_run(parts: AnswerParts) -> Iterator[str]:
    if parts.request:
        yield "background" if parts.request.get("background") is True else "foreground"


def _find_media(parts: AnswerParts) -> Iterator[str]:
    known = {name.rpartition("/")[2] for name in schema_names("interactions/content/")}
    for block in parts.blocks:
        if str(block.get("type")) in known:
            yield str(block["type"])


def _find_tools(parts: AnswerParts) -> Iterator[str]:
    for step in parts.steps:
        step_type = str(step.get("type"))
        if step_type.endswith("_call"):
            tool = step_type.removesuffix("_call").removesuffix("_tool")
            yield "functions" if tool == "function" else tool


def _find_store(parts: AnswerParts) -> Iterator[str]:
    if parts.request:
        yield "not stored" if parts.request.get("store") is False else "stored"


def _find_form(parts: AnswerParts) -> Iterator[str]:
    if parts.exchange.response_body:
        yield "streams" if parts.exchange.is_stream else "whole bodies"


def _find_family(parts: AnswerParts) -> Iterator[str]:
    agent = parts.body.get("agent") or parts.request.get("agent")
    if agent:
        known = AGENTS.get(str(agent))
        yield known.family if known and known.family else "other agents"
        return
    name = str(parts.body.get("model") or parts.request.get("model") or "")
    family = family_of(name.rpartition("/")[2])
    if family:
        yield family


@lru_cache(maxsize=256)
def family_of(model: str) -> str:
    """Return the family of a model by its name; empty where the name does not say."""
    for word, family in _SPECIALTIES.items():
        if word in model:
            return family
    match = _VERSION.match(model)
    if match is None:
        return ""
    return "gemini 2.5" if match[0] == "gemini-2.5" else f"gemini {match[1]}"


def _find_edition(parts: AnswerParts) -> Iterator[str]:
    if parts.exchange.uri:
        path = parts.exchange.path_parts
        yield "Enterprise platform" if "projects" in path else "Gemini API"


def _find_month(parts: AnswerParts) -> Iterator[str]:
    created = _MONTH.match(str(parts.body.get("created")))
    if created:
        yield created[0]
        return
    words = parts.exchange.response_headers.get("date", "").split()
    if len(words) > 3 and words[2] in _MONTHS:
        yield f"{words[3]}-{_MONTHS.index(words[2]) + 1:02}"


DIMENSIONS: dict[str, Callable[[AnswerParts], Iterator[str]]] = {
    "maker": _find_maker,
    "run": _find_run,
    "media": _find_media,
    "tools": _find_tools,
    "store": _find_store,
    "form": _find_form,
    "family": _find_family,
    "edition": _find_edition,
    "month": _find_month,
}
"""What answers differ in, each with the function that says where one stands."""


def kinds_of(parts: AnswerParts) -> dict[str, frozenset[str]]:
    """Return the kinds of an answer by dimension; empty where nobody knows."""
    return {name: frozenset(find(parts)) for name, find in DIMENSIONS.items()}
