"""A whole step of every type that `schemas/` has, so that a new file there is a new case here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fakegemini.protocol.ids import unwrap_signature
from fakegemini.wire.http import Json

SCHEMAS = Path(__file__).parent.parent / "schemas" / "interactions"


def types(folder: str) -> set[str]:
    """The names of the types in a folder of the schemas."""
    return {path.stem for path in (SCHEMAS / folder).glob("*.json")}


def examples(folder: str) -> dict[str, list[Json]]:
    """The examples of each type in a folder of the schemas."""
    return {
        path.stem: json.loads(path.read_text("utf-8"))["examples"]
        for path in sorted((SCHEMAS / folder).glob("*.json"))
    }


def _everything_said() -> Json:
    media = [block for name in ("image", "audio", "video", "document") for block in DELTAS[name]]
    text: Json = {
        "text": "Grüße 🐧 vom Kai: high tide is at 14:20, low tide at 20:35.",
        "type": "text",
        "annotations": [note for notes in examples("annotation").values() for note in notes],
    }
    return {"content": [text, *media], "type": "model_output"}


DELTAS = examples("delta")
STEPS: dict[str, Json] = {
    (name if number == 0 else f"{name} {number}"): example
    for name, found in examples("step").items()
    for number, example in enumerate(found)
} | {"model_output of everything": _everything_said()}
"""By name of the case; the name begins with the type."""

STRANGE: dict[str, Json] = {
    "call": {
        "id": "z1x2c3v4",
        "signature": "AAAA",
        "type": "tea_leaves_call",
        "arguments": {"cup": ["☕", {"stirred": False, "lumps": 0}]},
    },
    "result": {"call_id": "z1x2c3v4", "type": "tea_leaves_result", "result": [[], {}, "tall 🐧"]},
    "bare": {"type": "sigh"},
    "content": {
        "content": [
            {"text": "Look: ", "type": "text"},
            {"shape": {"sides": 6}, "data": "AAAA", "type": "hologram"},
            {"text": "a hologram.", "type": "text"},
        ],
        "type": "model_output",
    },
}
"""Steps that nobody knows yet, and one that holds a block nobody knows."""


def streamed(whole: Json) -> Json:
    """What a stream tells of a step: all of it, but (recorded) no signature of a function call.

    The call of code has that of its thought without the wrapper, its result an empty one where it
    has none (recorded), so that an empty one is as none.
    """
    runs_code = whole["type"].startswith("code_execution_")
    if whole["type"] == "function_call" or (runs_code and not whole.get("signature")):
        return {key: value for key, value in whole.items() if key != "signature"}
    return {**whole, "signature": unwrap_signature(whole["signature"])} if runs_code else whole


def type_of(name: str) -> str:
    """The step type of a case."""
    kind: Any = STEPS[name]["type"]
    return str(kind)
