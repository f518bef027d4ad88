"""Secrets out of recordings that are on the disk already: `fakegemini scrub`."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from ...errors import FakeGeminiError, Unreadable
from ..atomic_write import locked, write_whole
from ..read import files_in, read
from .body import Path, looks_json
from .edits import bytes_of, text_of
from .file_texts import Cell, changed, json_cells, yaml_cells
from .policy import Rules, find_secrets
from .scrubber import Scrubber

_GZIP = b"\x1f\x8b"
_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a file: its text, what was taken out from where, what is left."""

    text: str
    counts: dict[str, int]
    left: list[str]


def clean_paths(
    paths: Iterable[File], rules: Rules, *, check: bool, say: Callable[[str], object]
) -> int:
    """Clean files and folders; 0 fine, 1 something is left (or was found, with `check`), 2 not."""
    worst = 0
    for path in paths:
        try:
            for file in files_in(path):
                worst = max(worst, _file(file, rules, check=check, say=say))
        except FakeGeminiError as error:
            say(f"could not scrub {error}")
            worst = 2
    return worst


def cleaned(text: str, rules: Rules) -> Cleaned:
    """The text of a recording without secrets; raises ValueError where it cannot be rewritten."""
    scrubber = Scrubber(rules)
    form = _form(text)
    if form is None:
        scrubber.learn_body(text)
        new = scrubber.body(text)
        return Cleaned(new, dict(scrubber.counts), find_secrets(new, rules))
    cells, roles = form
    for cell, role in zip(cells, roles, strict=True):
        _learn(scrubber, role, cell)
    values = [_scrubbed(scrubber, role, cell) for cell, role in zip(cells, roles, strict=True)]
    values = _lengths(cells, roles, values)
    left = []
    for number, (cell, role) in enumerate(zip(cells, roles, strict=True)):
        place = ".".join(map(str, cell.path))
        left += [f"{told} ({place})" for told in _left(scrubber, role, cell, values[number])]
    return Cleaned(changed(text, cells, values), dict(scrubber.counts), left)


def _file(file: File, rules: Rules, *, check: bool, say: Callable[[str], object]) -> int:
    with nullcontext() if check else locked(file, wait=_WAIT):
        read(file)  # what is no recording is not touched
        try:
            old = file.read_bytes()
            done = cleaned(old.decode("utf-8"), rules)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{file}: {error}") from None
        new = done.text.encode()
        if new != old and not check:
            write_whole(file, new)
    if new == old and not done.left:
        say(f"{file}: nothing to take out")
        return 0
    places = ", ".join(f"{place} {count}" for place, count in sorted(done.counts.items()))
    word = "would take out" if check else "took out"
    if new != old:
        say(f"{file}: {word} {sum(done.counts.values())}: {places}")
    for told in done.left:
        say(f"{file}: left: {told} (--scrub NAME, --scrub-pattern REGEX, --allow-secret REGEX)")
    return 1 if done.left or check else 0


@dataclass(frozen=True, slots=True)
class _Role:
    """What a text of a file is: `uri`, `header`, `query`, `body`, `text`; and of which message."""

    kind: str
    name: str = ""
    of: Path = ()
    packed: bool = False


def _form(text: str) -> tuple[list[Cell], list[_Role]] | None:
    """The cells of a cassette or a HAR with their roles; None where all is one body."""
    plain = text.lstrip("\ufeff \t\r\n")
    if looks_json(plain):
        cells = json_cells(text)
    elif plain.startswith(("event:", "data:", "id:", "retry:", ":")):
        return None
    else:
        cells = yaml_cells(text)
    said = {cell.path: cell.value for cell in cells}
    if any(path[:2] == ("log", "entries") for path in said):
        return cells, [_in_har(cell, said) for cell in cells]
    if any(path[:1] == ("interactions",) for path in said):
        return cells, [_in_vcr(cell) for cell in cells]
    return None


def _in_vcr(cell: Cell) -> _Role:
    path = cell.path
    of, rest = path[:3], path[3:]
    if rest == ("uri",):
        return _Role("uri", of=of)
    if rest[:1] == ("headers",) and len(rest) > 1:
        return _Role("header", str(rest[1]), of)
    if rest[:1] == ("body",):
        return _Role("body", of=of, packed=cell.binary or rest[-1] == "base64_string")
    return _Role("text")


def _in_har(cell: Cell, said: dict[Path, str]) -> _Role:
    path = cell.path
    of, rest = path[:4], path[4:]
    name = said.get((*path[:-1], "name"), "")
    if rest in (("url",), ("redirectURL",)):
        return _Role("uri", of=of)
    if rest[-1:] == ("value",) and rest[:1] == ("headers",):
        return _Role("header", name, of)
    if rest[-1:] == ("value",) and rest[:1] == ("cookies",):
        return _Role("header", "x-cookie", of)
    if rest[-1:] == ("value",) and rest[:1] in (("queryString",), ("postData",)):
        return _Role("query", name, of)
    if rest in (("postData", "text"), ("content", "text")):
        packed = said.get((*path[:-1], "encoding")) == "base64"
        return _Role("body", of=of, packed=packed)
    return _Role("text")


def _learn(scrubber: Scrubber, role: _Role, cell: Cell) -> None:
    if role.kind == "header":
        scrubber.learn_header(role.name, cell.value)
    elif role.kind == "uri":
        scrubber.learn_uri(cell.value)
    elif role.kind == "query":
        scrubber.learn_param(role.name, cell.value)
    else:
        scrubber.learn_body(text_of(_raw(role, cell.value)[0]))


def _scrubbed(scrubber: Scrubber, role: _Role, cell: Cell) -> str:
    if role.kind == "header":
        return scrubber.header(role.name, cell.value)
    if role.kind == "uri":
        return scrubber.uri(cell.value)
    if role.kind == "query":
        return scrubber.param(role.name, cell.value)
    raw, zipped = _raw(role, cell.value)
    old = text_of(raw)
    new = scrubber.body(old)
    if new == old:
        return cell.value
    if not role.packed:
        return new
    put = gzip.compress(bytes_of(new), mtime=0) if zipped else bytes_of(new)
    return base64.b64encode(put).decode()


def _left(scrubber: Scrubber, role: _Role, cell: Cell, value: str) -> list[str]:
    if role.kind == "header":
        return scrubber.left_in_header(role.name, value)
    if role.kind == "uri":
        return scrubber.left_in_uri(value)
    return find_secrets(text_of(_raw(role, value)[0]), scrubber.rules)


def _raw(role: _Role, value: str) -> tuple[bytes, bool]:
    """The bytes of a body, and whether they were zipped."""
    if not role.packed:
        return bytes_of(value), False
    raw = base64.b64decode(value)
    if not raw.startswith(_GZIP):
        return raw, False
    try:
        return gzip.decompress(raw), True
    except (OSError, EOFError) as error:
        raise ValueError(f"a packed body that cannot be unpacked: {error}") from None


def _lengths(cells: list[Cell], roles: list[_Role], values: list[str]) -> list[str]:
    """The values, with the content-length of each message whose body changed."""
    sizes: dict[Any, tuple[str, str]] = {}
    for cell, role, value in zip(cells, roles, values, strict=True):
        if role.kind == "body" and value != cell.value:
            old, new = (
                len(base64.b64decode(text)) if role.packed else len(bytes_of(text))
                for text in (cell.value, value)
            )
            sizes[role.of] = (str(old), str(new))
    return [
        sizes[role.of][1]
        if role.name.lower() == "content-length" and sizes.get(role.of, ("",))[0] == value
        else value
        for role, value in zip(roles, values, strict=True)
    ]
