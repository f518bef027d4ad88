"""Stub schemas for types that an SDK has and the schemas lack: `fakegemini drift --write`.

A stub says what a type is called and which members it has, no more: what they hold is for whoever
sees them on the wire. It stands beside the types that its dispatcher leads to already.
"""

from __future__ import annotations

import json
import os
import posixpath
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ...protocol.schemas import BASE
from ...wire.http import Json
from .outline import TAGS, Shape
from .outline_schemas import FAMILY

_WIDTH = 100
_FILL = 97


class New(NamedTuple):
    """A type that a dispatcher (`step`) does not lead to; `key` is the same for the same type."""

    dispatcher: str
    shape: Shape
    key: str


def write(news: Iterable[New], folder: Path, source: str) -> tuple[str, ...]:
    """Writes a stub for each new type and makes its dispatchers lead to it; returns what it wrote.

    A file that is there already is led to, and stays as it is. What has no dispatcher, or no tag,
    is left out: where it belongs is for people to say. Raises `OSError`, with nothing changed
    unless the disk fails between two renames.
    """
    made: dict[str, Json] = {}
    names: dict[str, str] = {}
    for dispatcher, beside, new in _placed(news, folder):
        name = names.setdefault(new.key, f"{beside}{_file_name(new.shape.tag())}")
        if not (folder / f"{name}.json").exists():
            made.setdefault(name, _stub(name, new.shape, source))
        document = made.get(dispatcher) or json.loads((folder / f"{dispatcher}.json").read_bytes())
        made[dispatcher] = _leading(document, dispatcher, name, new.shape)
    _save({folder / f"{name}.json": document for name, document in made.items()})
    return tuple(sorted(f"{name}.json" for name in made))


def _placed(news: Iterable[New], folder: Path) -> list[tuple[str, str, New]]:
    """(dispatcher, what the names of its types begin with, new type), plain dispatchers first.

    A dispatcher over several families leads to the stub that the family's own one places.
    """
    found = []
    for new in news:
        name = f"{FAMILY}{new.dispatcher}"
        path = folder / f"{name}.json"
        types = _types(json.loads(path.read_bytes()), name) if path.is_file() else {}
        beginnings = Counter(
            target.removesuffix(_file_name(tag))
            for tag, target in types.items()
            if target.endswith(_file_name(tag))
        )
        if beginnings and new.shape.tag():
            likely = [beginning for beginning, _ in beginnings.most_common()]
            file = f"{_file_name(new.shape.tag())}.json"
            there = (one for one in likely if (folder / f"{one}{file}").exists())
            beside = next(there, likely[0])
            found.append((len(beginnings), name, beside, new))
    found.sort(key=lambda one: (one[0], one[1], one[3].key))
    return [(name, beside, new) for _, name, beside, new in found]


def _file_name(tag: str) -> str:
    return tag.replace("-", "_")


def _types(document: Json, name: str) -> dict[str, str]:
    """Tag -> the name of the file that a dispatcher leads to."""
    found = {}
    for branch in document.get("allOf", ()):
        tag = _tag_of(branch)
        reference = branch.get("then", {}).get("$ref", "").partition("#")[0]
        if tag and reference:
            path = posixpath.join(posixpath.dirname(name), reference)
            found[tag] = posixpath.normpath(path).removesuffix(".json")
    return found


def _tag_of(branch: Json) -> str:
    members: Json = branch.get("if", {}).get("properties", {})
    return next((str(members[key]["const"]) for key in TAGS if key in members), "")


def _leading(document: Json, dispatcher: str, name: str, shape: Shape) -> Json:
    """A dispatcher that also leads to a file."""
    key = next(key for key in TAGS if key in shape.members)
    tag = shape.tag()
    condition = {"type": "object", "properties": {key: {"const": tag}}, "required": [key]}
    reference = posixpath.relpath(f"{name}.json", posixpath.dirname(dispatcher))
    branch = {"if": condition, "then": {"$ref": reference}}
    # What follows the tags, as the branch for blocks without one, stays last.
    branches = document["allOf"]
    last = max(position for position, one in enumerate(branches) if _tag_of(one)) + 1
    led = {**document, "allOf": [*branches[:last], branch, *branches[last:]]}
    told = document.get("properties", {}).get(key, {})
    if "enum" in told and tag not in told["enum"]:
        told = {**told, "enum": [*told["enum"], tag]}
        led["properties"] = {**document["properties"], key: told}
    return led


def _stub(name: str, shape: Shape, source: str) -> Json:
    key = next(key for key in TAGS if key in shape.members)
    tag = shape.tag()
    family = posixpath.dirname(name).removeprefix(FAMILY)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}{name}.json",
        "title": f"{tag.replace('_', ' ').capitalize()} {family}",
        "description": "A stub: its members are known by name only.",
        "x-evidence": {"source": source, "as_of": time.strftime("%Y-%m"), "grade": "S"},
        "type": "object",
        "required": [key],
        "properties": {
            key: {"const": tag},
            **{member: {} for member in shape.members if member != key},
        },
        "examples": [{key: tag}],
    }


def _save(documents: dict[Path, Json]) -> None:
    """Writes all files beside their places first, then moves them there."""
    drafts = {path.with_suffix(".draft"): path for path in documents}
    try:
        for draft, path in drafts.items():
            draft.write_text(f"{_laid_out(documents[path], 0, 0, 0)}\n", encoding="utf-8")
        # New files before the dispatchers that lead to them.
        for draft, path in sorted(drafts.items(), key=lambda pair: pair[1].exists()):
            os.replace(draft, path)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _laid_out(value: Any, indent: int, used: int, tail: int) -> str:
    """JSON as the schemas are written: on one line where it fits, lists of words filled.

    `used` is what stands before the value on its line, `tail` what must fit behind it.
    """
    compact = _compact(value)
    fits = used + len(compact) + tail <= _WIDTH
    if not isinstance(value, dict | list) or not value or (fits and indent):
        return compact
    margin = " " * (indent + 2)
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return f"[\n{_filled(value, margin)}\n{' ' * indent}]"
    named = isinstance(value, dict)
    items = [(f"{json.dumps(key)}: " if named else "", item) for key, item in _items(value)]
    lines = []
    for position, (key, item) in enumerate(items):
        comma = int(position < len(items) - 1)
        lines.append(margin + key + _laid_out(item, indent + 2, len(margin + key), comma))
    opening, closing = "{}" if named else "[]"
    return f"{opening}\n{_COMMA.join(lines)}\n{' ' * indent}{closing}"


_COMMA = ",\n"


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else [("", item) for item in value]


def _filled(words: list[Any], margin: str) -> str:
    lines = [margin]
    for word in (f"{_compact(word)}," for word in words):
        gap = " " if lines[-1] != margin else ""
        if gap and len(lines[-1]) + 1 + len(word) > _FILL:
            lines.append(margin)
            gap = ""
        lines[-1] += gap + word
    return "\n".join(lines).removesuffix(",")


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)}: {_compact(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_compact, value))}]"
    return json.dumps(value, ensure_ascii=False)
