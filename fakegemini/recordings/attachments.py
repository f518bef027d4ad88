"""Move long base64, such as media and signatures, out of a cassette into files beside it, and back.

Each value is one file, named by its hash. In its place the cassette has a mark of 80 characters
that is itself valid base64, so that who reads the cassette without us still finds a string of the
right form. Media become files that can be looked at, other values text files.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import AttachmentLost
from .plain_files import MOST_BYTES, read_plain_file

ATTACHMENT_FOLDER = "aside"
"""The folder of the attachments; the cassettes beside it share it."""

MIN_ATTACHMENT_LENGTH = 240
"""From how many characters on base64 is an attachment."""

_LONG_VALUE = re.compile(rf'"([A-Za-z0-9+/_-]{{{MIN_ATTACHMENT_LENGTH},}}(?:=|\\u003d){{0,2}})"')
_MARK_PREFIX = "fakegemini/file/"
_MARK_PATTERN = re.compile(rf"{_MARK_PREFIX}([0-9a-f]{{64}})")
_SUFFIXES_BY_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG", ".png"),
    (b"GIF8", ".gif"),
    (b"RIFF", ".wav"),
    (b"%PDF", ".pdf"),
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
    (b"fLaC", ".flac"),
)
_TEXT_SUFFIX = ".txt"


def extract_attachments(text: str, attachments: dict[str, bytes]) -> str:
    """Replace the long values in JSON text, or in a stream of it, by marks.

    Adds the content of each file to `attachments`, by file name.
    """

    def replace_by_mark(match: re.Match[str]) -> str:
        value = match[1]
        digest = hashlib.sha256(value.encode()).hexdigest()
        suffix, content = _suffix_and_content(value)
        attachments[digest + suffix] = content
        return f'"{_MARK_PREFIX}{digest}"'

    return _LONG_VALUE.sub(replace_by_mark, text)


def has_attachments(text: str) -> bool:
    """Tell whether a text has a mark of an attachment."""
    return _MARK_PREFIX in text


def restore_attachments(text: str, cassette: Path) -> str:
    """Replace the marks in a cassette's text by their values; raises `AttachmentLost`.

    cassette: its path, beside which the folder of attachments is
    """
    folder = cassette.parent / ATTACHMENT_FOLDER
    paths: dict[str, Path] = {}
    values: dict[str, str] = {}
    total_length = 0

    def restore_value(match: re.Match[str]) -> str:
        nonlocal total_length
        if not paths:
            paths.update({path.stem: path for path in _attachment_files(folder)})
        digest = match[1]
        if digest not in values:
            values[digest] = _read_attachment(digest, paths, folder)
        total_length += len(values[digest])
        if total_length > MOST_BYTES:
            raise AttachmentLost(f"its attachments are larger than {MOST_BYTES} bytes together")
        return values[digest]

    return _MARK_PATTERN.sub(restore_value, text)


def attachments_of(text: str, cassette: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the base64 of each attachment of a cassette, those that are lost left out.

    text: the text of the cassette with its marks
    """
    folder = cassette.parent / ATTACHMENT_FOLDER
    paths = {path.stem: path for path in _attachment_files(folder)} if _MARK_PREFIX in text else {}
    for digest in dict.fromkeys(_MARK_PATTERN.findall(text)):
        if digest in paths:
            yield paths[digest], _read_attachment(digest, paths, folder)


def _attachment_files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _read_attachment(digest: str, paths: Mapping[str, Path], folder: Path) -> str:
    """Return the base64 text of an attachment; raises `AttachmentLost` for none or a wrong one."""
    path = paths.get(digest)
    if path is None:
        raise AttachmentLost(
            f"{folder / digest[:12]}… is missing: a value of this cassette is kept there"
        )
    try:
        raw = read_plain_file(path, follow=False)
    except OSError as error:
        raise AttachmentLost(f"{path}: {error.strerror or error}") from None
    if raw.startswith(b"version https://git-lfs"):
        raise AttachmentLost(
            f"{path} is a pointer of git-lfs: fetch its content with `git lfs pull`"
        )
    is_text = path.suffix == _TEXT_SUFFIX
    text = raw.decode("utf-8", "replace") if is_text else base64.b64encode(raw).decode()
    digests = [hashlib.sha256(each.encode()).hexdigest() for each in (text, text.strip())]
    if digest == digests[1]:  # an editor or a hook of git ends each text with a line break
        return text.strip()
    if digest != digests[0]:
        raise AttachmentLost(
            f"{path} is not what was recorded: its content has another hash than its name"
        )
    return text


def _suffix_and_content(value: str) -> tuple[str, bytes]:
    """Choose the suffix and the bytes of the file from which `value` can be made again."""
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    file_suffix = next(
        (suffix for magic, suffix in _SUFFIXES_BY_MAGIC if raw.startswith(magic)), None
    )
    file_suffix = file_suffix or (".mp4" if raw[4:8] == b"ftyp" else _TEXT_SUFFIX)
    if file_suffix == _TEXT_SUFFIX or base64.b64encode(raw).decode() != value:
        return _TEXT_SUFFIX, value.encode()
    return file_suffix, raw
