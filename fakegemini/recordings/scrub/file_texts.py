"""Find the texts of a recording's file, and write some of them anew in place.

Only the source of what changes is written; comments, order, style and other keys stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...wire.json_paths import JsonPath
from ...wording import spell_json
from ..strict_yaml import compose_documents
from .body import find_scalars

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_NODE_PROPERTIES = re.compile(r"((?:&\S+\s+)?)(?:!\S+\s+)?")
_BINARY_TAGS = frozenset({"tag:yaml.org,2002:binary", "!binary"})
"""Those of YAML and of Ruby."""

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "timestamp")
)


@dataclass(frozen=True, slots=True)
class FileText:
    """A text of a file: its path, its value, and where its source stands.

    style: how it is written: `json`, or YAML's sign (`|`, `>`, `'`, `"`, nothing)
    is_binary: whether the value is base64 of bytes
    is_string: False for a number, a date, a boolean or null of YAML
    """

    path: JsonPath
    value: str
    start: int
    end: int
    style: str = "json"
    is_binary: bool = False
    is_string: bool = True


def json_texts(text: str) -> list[FileText]:
    """List the strings of JSON text, without names of members."""
    return [
        FileText(scalar.path, scalar.value, scalar.start, scalar.end)
        for scalar in find_scalars(text)
        if scalar.is_string
    ]


def yaml_texts(text: str) -> list[FileText]:
    """List the scalars of YAML text in order, without keys; what an alias repeats is there once.

    Of several documents, a path begins with the number of one. Raises `ValueError` for what is no
    YAML.
    """
    import yaml

    if text.lstrip().startswith(("version =", "[[interactions]]")):
        raise ValueError(
            "a file in TOML, which is read and never rewritten; `fakegemini convert` makes a "
            "cassette of it, and that can be scrubbed"
        )
    try:
        roots = compose_documents(text)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "it has a character that YAML has not"
        raise ValueError(f"not a YAML that can be read: {problem}") from None
    if len(roots) == 1:
        return list(_texts_of_node(roots[0], (), set()))
    return [
        file_text
        for number, root in enumerate(roots)
        for file_text in _texts_of_node(root, (number,), set())
    ]


def gaps_between(text: str, file_texts: list[FileText]) -> list[str]:
    """List what is before, between and behind the texts of a file: names, comments, signs."""
    gaps, position = [], 0
    for file_text in file_texts:
        gaps.append(text[position : file_text.start])
        position = file_text.end
    return [*gaps, text[position:]]


def replace_texts(
    text: str, file_texts: list[FileText], values: list[str], gaps: list[str] | None = None
) -> str:
    """Write a new value for each text of a file.

    text: the source of the file
    file_texts: its texts, all of them
    values: a value for each, most of them the old one
    gaps: what is to stand between them, as `gaps_between` lists it; as it was if None

    Raises `ValueError` where a value cannot be written in the place of the old one.
    """
    gaps = gaps_between(text, file_texts) if gaps is None else gaps
    pieces = []
    for gap, file_text, value in zip(gaps, file_texts, values, strict=False):
        source = text[file_text.start : file_text.end]
        if value != file_text.value:
            source = _spell_value(file_text, source, value, _continuation_indent(text, file_text))
        pieces += [gap, source]
    new_source = "".join([*pieces, gaps[-1]])
    if new_source == text:
        return text
    reread_texts = (
        json_texts(new_source)
        if file_texts and file_texts[0].style == "json"
        else yaml_texts(new_source)
    )
    if [file_text.value for file_text in reread_texts] != values:
        raise ValueError("a text cannot be written in the place of the old one")
    return new_source


def _texts_of_node(node: Any, path: JsonPath, visited: set[int]) -> Iterator[FileText]:
    """Yield the scalars below a YAML node that is not in `visited`, and add it."""
    if id(node) in visited:
        return
    visited.add(id(node))
    if node.id == "mapping":
        for key, value in node.value:
            yield from _texts_of_node(value, (*path, str(key.value)), visited)
    elif node.id == "sequence":
        for number, value in enumerate(node.value):
            yield from _texts_of_node(value, (*path, number), visited)
    else:
        start, end = node.start_mark.index, node.end_mark.index
        is_binary = node.tag in _BINARY_TAGS
        is_string = is_binary or node.tag not in _PLAIN_TAGS
        yield FileText(path, node.value, start, end, node.style or "", is_binary, is_string)


def _continuation_indent(text: str, file_text: FileText) -> str:
    """Return the blanks with which a second line of a text has to begin."""
    line = text[text.rfind("\n", 0, file_text.start) + 1 : file_text.start]
    return " " * (len(line) - len(line.lstrip(" -")) + 2)


def _spell_value(file_text: FileText, source: str, value: str, indent: str) -> str:
    """Write a value in the style of the old one where that can hold it, else in double quotes."""
    if file_text.style == "json":
        return (json.dumps(value) if source.isascii() else spell_json(value))[1:-1]
    properties = _NODE_PROPERTIES.match(source)
    anchor = properties[1] if properties else ""
    if file_text.is_binary:
        tail = "\n" if source.endswith("\n") else ""
        return f"{anchor}!!binary {_double_quoted(value.replace(chr(10), ''))}{tail}"
    if file_text.style == "|" and _fits_old_block(file_text.value, value):
        return _literal_block(source, value)
    if "\n" not in value and not _UNSAFE.search(value):
        if file_text.style == "'":
            return f"{anchor}'" + value.replace("'", "''") + "'"
        if file_text.style == "" and ("\n" not in source or _PLAIN_WORD.fullmatch(value)):
            return anchor + value
    lines = value.split("\n")
    if file_text.style == "'" and all(line == line.strip() for line in lines):
        inner = value.replace("'", "''")
        return f"{anchor}'" + re.sub(r"\n+", lambda run: f"{run[0]}\n{indent}", inner) + "'"
    tail = "\n" if file_text.style in ("|", ">") and source.endswith("\n") else ""
    return anchor + _double_quoted(value) + tail


def _fits_old_block(old: str, new: str) -> bool:
    """Tell whether a text can be a block of the same head, indentation and end as the old one."""
    ends = [len(text) - len(text.rstrip("\n")) for text in (old, new)]
    return ends[0] == ends[1] and not _UNSAFE.search(new) and new[:1] not in ("", " ", "\n")


def _literal_block(source: str, value: str) -> str:
    """Write a literal block with the head, the indentation and the end of the old one."""
    head, _, content = source.partition("\n")
    first = next((line for line in content.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))]
    end = content[len(content.rstrip("\n ")) :]
    lines = value.rstrip("\n").split("\n")
    return f"{head}\n" + "\n".join(f"{indent}{line}" if line else "" for line in lines) + end


def _double_quoted(value: str) -> str:
    """Write a value as YAML in double quotes, in which JSON's escapes mean the same."""
    text = spell_json(value)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
