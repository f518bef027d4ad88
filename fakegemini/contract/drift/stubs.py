"""Stub schemas for types that an SDK has and the schemas lack: `fakegemini drift --write`.

A tool for maintainers of the schemas, in a checkout; nothing else in the package writes schemas.
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

from ...protocol.schemas import BASE_URL, spell_evidence
from ...wire.http import Json
from .outline import TAGS, Shape
from .outline_schemas import FAMILY

_WIDTH = 100
_FILL_WIDTH = 97


class MissingType(NamedTuple):
    """A type that a dispatcher (`step`) does not lead to; `key` is the same for the same type."""

    dispatcher: str
    shape: Shape
    key: str


def write_stubs(missing_types: Iterable[MissingType], folder: Path, source: str) -> tuple[str, ...]:
    """Write a stub for each new type and make its dispatchers lead to it; return the files written.

    A file that is there already is led to, and stays as it is. What has no dispatcher, or no tag,
    is left out: people have to decide where it belongs. Raises `OSError`, with nothing changed
    unless the disk fails between two renames.
    """
    documents: dict[str, Json] = {}
    names: dict[str, str] = {}
    for dispatcher, prefix, missing_type in _place_types(missing_types, folder):
        name = names.setdefault(missing_type.key, f"{prefix}{_file_name(missing_type.shape.tag())}")
        if not (folder / f"{name}.json").exists():
            documents.setdefault(name, _build_stub(name, missing_type.shape, source))
        document = documents.get(dispatcher) or json.loads(
            (folder / f"{dispatcher}.json").read_bytes()
        )
        documents[dispatcher] = _add_branch(document, dispatcher, name, missing_type.shape)
    _write_documents({folder / f"{name}.json": document for name, document in documents.items()})
    return tuple(sorted(f"{name}.json" for name in documents))


def _place_types(
    missing_types: Iterable[MissingType], folder: Path
) -> list[tuple[str, str, MissingType]]:
    """Return (dispatcher, prefix of the names of its types, new type), plain dispatchers first.

    A dispatcher over several families leads to the stub that the family's own one places.
    """
    placements = []
    for missing_type in missing_types:
        name = f"{FAMILY}{missing_type.dispatcher}"
        path = folder / f"{name}.json"
        types = _files_by_tag(json.loads(path.read_bytes()), name) if path.is_file() else {}
        prefix_counts = Counter(
            target.removesuffix(_file_name(tag))
            for tag, target in types.items()
            if target.endswith(_file_name(tag))
        )
        if prefix_counts and missing_type.shape.tag():
            prefixes = [prefix for prefix, _ in prefix_counts.most_common()]
            file = f"{_file_name(missing_type.shape.tag())}.json"
            existing = (
                candidate for candidate in prefixes if (folder / f"{candidate}{file}").exists()
            )
            prefix = next(existing, prefixes[0])
            placements.append((len(prefix_counts), name, prefix, missing_type))
    placements.sort(key=lambda placement: (placement[0], placement[1], placement[3].key))
    return [(name, prefix, missing_type) for _, name, prefix, missing_type in placements]


def _file_name(tag: str) -> str:
    return tag.replace("-", "_")


def _files_by_tag(document: Json, name: str) -> dict[str, str]:
    """Return tag -> the name of the file that a dispatcher leads to."""
    files = {}
    for branch in document.get("allOf", ()):
        tag = _tag_of(branch)
        reference = branch.get("then", {}).get("$ref", "").partition("#")[0]
        if tag and reference:
            path = posixpath.join(posixpath.dirname(name), reference)
            files[tag] = posixpath.normpath(path).removesuffix(".json")
    return files


def _tag_of(branch: Json) -> str:
    members: Json = branch.get("if", {}).get("properties", {})
    return next((str(members[key]["const"]) for key in TAGS if key in members), "")


def _add_branch(document: Json, dispatcher: str, name: str, shape: Shape) -> Json:
    """Return a dispatcher that leads to a file more."""
    key = next(key for key in TAGS if key in shape.members)
    tag = shape.tag()
    condition = {"type": "object", "properties": {key: {"const": tag}}, "required": [key]}
    reference = posixpath.relpath(f"{name}.json", posixpath.dirname(dispatcher))
    branch = {"if": condition, "then": {"$ref": reference}}
    # What follows the tags, as the branch for blocks without one, stays last.
    branches = document["allOf"]
    end_of_tags = (
        max(position for position, other_branch in enumerate(branches) if _tag_of(other_branch)) + 1
    )
    extended = {**document, "allOf": [*branches[:end_of_tags], branch, *branches[end_of_tags:]]}
    tag_schema = document.get("properties", {}).get(key, {})
    if "enum" in tag_schema and tag not in tag_schema["enum"]:
        tag_schema = {**tag_schema, "enum": [*tag_schema["enum"], tag]}
        extended["properties"] = {**document["properties"], key: tag_schema}
    return extended


def _build_stub(name: str, shape: Shape, source: str) -> Json:
    key = next(key for key in TAGS if key in shape.members)
    tag = shape.tag()
    family = posixpath.dirname(name).removeprefix(FAMILY)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE_URL}{name}.json",
        "title": f"{tag.replace('_', ' ').capitalize()} {family}",
        "description": "A stub: its members are known by name only.",
        "$comment": spell_evidence("S", time.strftime("%Y-%m"), source),
        "type": "object",
        "required": [key],
        "properties": {
            key: {"const": tag},
            **{member: {} for member in shape.members if member != key},
        },
        "examples": [{key: tag}],
    }


def _write_documents(documents: dict[Path, Json]) -> None:
    """Write all files beside their places first, then move them there."""
    drafts = {path.with_suffix(".draft"): path for path in documents}
    try:
        for draft, path in drafts.items():
            draft.write_text(f"{_format_json(documents[path], 0, 0, 0)}\n", encoding="utf-8")
        # New files before the dispatchers that lead to them.
        for draft, path in sorted(drafts.items(), key=lambda pair: pair[1].exists()):
            os.replace(draft, path)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _format_json(value: Any, indent: int, column: int, room_behind: int) -> str:
    """Write JSON as the schemas are: on one line where it fits, lists of words filled.

    `column` is what stands before the value on its line, `room_behind` what must fit behind it.
    """
    compact = _compact_json(value)
    fits = column + len(compact) + room_behind <= _WIDTH
    if not isinstance(value, dict | list) or not value or (fits and indent):
        return compact
    margin = " " * (indent + 2)
    if isinstance(value, list) and not any(isinstance(element, dict | list) for element in value):
        return f"[\n{_fill_lines(value, margin)}\n{' ' * indent}]"
    is_object = isinstance(value, dict)
    entries = [
        (f"{json.dumps(key)}: " if is_object else "", entry) for key, entry in _entries(value)
    ]
    lines = []
    for position, (key, entry) in enumerate(entries):
        comma = int(position < len(entries) - 1)
        lines.append(margin + key + _format_json(entry, indent + 2, len(margin + key), comma))
    opening, closing = "{}" if is_object else "[]"
    return f"{opening}\n{_COMMA_BREAK.join(lines)}\n{' ' * indent}{closing}"


_COMMA_BREAK = ",\n"


def _entries(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else [("", element) for element in value]


def _fill_lines(words: list[Any], margin: str) -> str:
    lines = [margin]
    for word in (f"{_compact_json(word)}," for word in words):
        gap = " " if lines[-1] != margin else ""
        if gap and len(lines[-1]) + 1 + len(word) > _FILL_WIDTH:
            lines.append(margin)
            gap = ""
        lines[-1] += gap + word
    return "\n".join(lines).removesuffix(",")


def _compact_json(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)}: {_compact_json(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_compact_json, value))}]"
    return json.dumps(value, ensure_ascii=False)
