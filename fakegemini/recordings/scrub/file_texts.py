"""The texts of a recording's file, and the file again with some of them changed.

Only the source of what changes is written anew; comments, order, style and other keys stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .body import Path, leaves

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_PROPERTIES = re.compile(r"((?:&\S+\s+)?)(?:!\S+\s+)?")
_BINARY = "tag:yaml.org,2002:binary"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a file: its path, what it says, and where its source stands.

    style: how it is spelled: `json`, or YAML's sign (`|`, `>`, `'`, `"`, nothing)
    binary: its text is base64 of bytes
    """

    path: Path
    value: str
    start: int
    end: int
    style: str = "json"
    binary: bool = False


def json_cells(text: str) -> list[Cell]:
    """The strings of JSON text."""
    return [
        Cell(leaf.path, leaf.value, leaf.start, leaf.end) for leaf in leaves(text) if leaf.string
    ]


def yaml_cells(text: str) -> list[Cell]:
    """The scalars of YAML text; what an alias repeats is there once."""
    import yaml

    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return list(_of_node(root, (), set())) if root else []


def changed(text: str, cells: list[Cell], values: list[str]) -> str:
    """The text in which each cell says its value.

    Raises ValueError where that cannot be spelled in place.
    """
    made, at = [], 0
    for cell, value in zip(cells, values, strict=True):
        if value != cell.value:
            source = text[cell.start : cell.end]
            made += [text[at : cell.start], _spelled(cell, source, value, _indent(text, cell))]
            at = cell.end
    new = "".join([*made, text[at:]])
    again = json_cells(new) if cells and cells[0].style == "json" else yaml_cells(new)
    if [cell.value for cell in again] != values:
        raise ValueError("a text cannot be written in the place of the old one")
    return new


def _of_node(node: Any, path: Path, seen: set[int]) -> Iterator[Cell]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.id == "mapping":
        for key, value in node.value:
            yield from _of_node(value, (*path, str(key.value)), seen)
    elif node.id == "sequence":
        for number, value in enumerate(node.value):
            yield from _of_node(value, (*path, number), seen)
    else:
        start, end = node.start_mark.index, node.end_mark.index
        yield Cell(path, node.value, start, end, node.style or "", node.tag == _BINARY)


def _indent(text: str, cell: Cell) -> str:
    """The blanks before the line in which a cell begins, and some more."""
    line = text[text.rfind("\n", 0, cell.start) + 1 : cell.start]
    return " " * (len(line) - len(line.lstrip(" -")) + 2)


def _spelled(cell: Cell, source: str, value: str, indent: str) -> str:
    if cell.style == "json":
        return json.dumps(value, ensure_ascii=source.isascii())[1:-1]
    found = _PROPERTIES.match(source)
    anchor = found[1] if found else ""
    if cell.binary:
        tail = "\n" if source.endswith("\n") else ""
        return f"{anchor}!!binary {_double(value.replace(chr(10), ''))}{tail}"
    if cell.style == "|" and _fits_a_block(cell.value, value):
        return _block(source, value)
    if "\n" not in value and not _UNSAFE.search(value):
        if cell.style == "'":
            return f"{anchor}'" + value.replace("'", "''") + "'"
        if cell.style == "" and ("\n" not in source or _PLAIN.fullmatch(value)):
            return anchor + value
    lines = value.split("\n")
    if cell.style == "'" and all(line == line.strip() for line in lines):
        inner = value.replace("'", "''")
        return f"{anchor}'" + re.sub(r"\n+", lambda run: f"{run[0]}\n{indent}", inner) + "'"
    tail = "\n" if cell.style in ("|", ">") and source.endswith("\n") else ""
    return anchor + _double(value) + tail


def _fits_a_block(old: str, new: str) -> bool:
    """Whether a text has no need of another head, indentation or end than the old one's block."""
    ends = [len(text) - len(text.rstrip("\n")) for text in (old, new)]
    return ends[0] == ends[1] and not _UNSAFE.search(new) and new[:1] not in ("", " ", "\n")


def _block(source: str, value: str) -> str:
    """A literal block with the head, the indentation and the end of the old one."""
    head, _, content = source.partition("\n")
    first = next((line for line in content.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))]
    end = content[len(content.rstrip("\n ")) :]
    lines = value.rstrip("\n").split("\n")
    return f"{head}\n" + "\n".join(f"{indent}{line}" if line else "" for line in lines) + end


def _double(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
