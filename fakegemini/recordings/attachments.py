"""Long base64 kept beside a cassette: media and signatures, each once, named by its hash.

In the cassette stands a mark of 80 characters that is itself valid base64, so that whoever reads
the cassette without us still finds a string of the right form. Media are kept as the files they
are, to be looked at; other values as their text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import AttachmentLost

FOLDER = "aside"
"""The folder beside the cassettes that share it."""

LONG = 240
"""How many characters of base64 may stand in a cassette."""

_VALUE = re.compile(rf'"([A-Za-z0-9+/_-]{{{LONG},}}(?:=|\\u003d){{0,2}})"')
_MARK = "fakegemini/file/"
_MARKED = re.compile(rf"{_MARK}([0-9a-f]{{64}})")
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG", ".png"),
    (b"GIF8", ".gif"),
    (b"RIFF", ".wav"),
    (b"%PDF", ".pdf"),
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
    (b"fLaC", ".flac"),
)
_TEXT = ".txt"


def put_aside(text: str, kept: dict[str, bytes]) -> str:
    """JSON text, or a stream of it, with marks for its long values; they are added to `kept`.

    `kept` is by file name.
    """

    def mark(match: re.Match[str]) -> str:
        value = match[1]
        digest = hashlib.sha256(value.encode()).hexdigest()
        suffix, content = _content(value)
        kept[digest + suffix] = content
        return f'"{_MARK}{digest}"'

    return _VALUE.sub(mark, text)


def marked(text: str) -> bool:
    """Whether any value of it was put aside."""
    return _MARK in text


def put_back(text: str, cassette: Path) -> str:
    """The text of a cassette with its values again; raises `Lost`."""
    folder = cassette.parent / FOLDER
    names: dict[str, Path] = {}

    def value(match: re.Match[str]) -> str:
        if not names:
            names.update({path.stem: path for path in _files(folder)})
        return _read(match[1], names, folder)

    return _MARKED.sub(value, text)


def marks(text: str) -> set[str]:
    """The hashes of the values that a cassette's text has put aside."""
    return set(_MARKED.findall(text))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _read(digest: str, names: Mapping[str, Path], folder: Path) -> str:
    path = names.get(digest)
    if path is None:
        raise AttachmentLost(
            f"{folder / digest[:12]}… is missing: a value of this cassette is kept there"
        )
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise AttachmentLost(f"{path}: {error.strerror or error}") from None
    text = raw.decode() if path.suffix == _TEXT else base64.b64encode(raw).decode()
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise AttachmentLost(
            f"{path} is not what was recorded: its content has another hash than its name"
        )
    return text


def _content(value: str) -> tuple[str, bytes]:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    kind = next((suffix for magic, suffix in _KINDS if raw.startswith(magic)), None)
    kind = kind or (".mp4" if raw[4:8] == b"ftyp" else _TEXT)
    if kind == _TEXT or base64.b64encode(raw).decode() != value:
        return _TEXT, value.encode()
    return kind, raw
