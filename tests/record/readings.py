"""Read a text in every way in which a secret could be read in it, without the code under test."""

from __future__ import annotations

import base64
import binascii
import bz2
import contextlib
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

import zstandard

_DEPTH = 8
_UNPACKERS = (
    gzip.decompress,
    zlib.decompress,
    bz2.decompress,
    lzma.decompress,
    lambda raw: zstandard.ZstdDecompressor().decompressobj().decompress(raw),
)


def holds(text: str, secret: str) -> bool:
    """Tell whether a secret can be read in a text, however it is escaped, encoded and packed."""
    return any(secret in reading for reading in _readings(text, 0, set()))


def _readings(text: str, depth: int, known: set[str]) -> Iterator[str]:
    if depth > _DEPTH or text in known:
        return
    known.add(text)
    yield text
    for plain in (
        unquote(text),
        text.replace("\\/", "/").replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\"),
        re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text),
    ):
        yield from _readings(plain, depth + 1, known)
    flat = re.sub(r"\s+|\\n", "", text)
    for run in {*re.findall(r"[\w+/-]{20,}={0,2}", text), *re.findall(r"[\w+/-]{20,}={0,2}", flat)}:
        plain = run.rstrip("=").translate(str.maketrans("-_", "+/"))
        with contextlib.suppress(binascii.Error):
            raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
            yield from _readings_of_bytes(raw, depth + 1, known)
        with contextlib.suppress(ValueError):
            yield from _readings_of_bytes(bytes.fromhex(run), depth + 1, known)


def _readings_of_bytes(raw: bytes, depth: int, known: set[str]) -> Iterator[str]:
    if depth > _DEPTH:
        return
    for unpack in _UNPACKERS:
        with contextlib.suppress(Exception):
            yield from _readings_of_bytes(unpack(raw), depth + 1, known)
    with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            yield from _readings_of_bytes(archive.read(name), depth + 1, known)
    with contextlib.suppress(UnicodeDecodeError):
        yield from _readings(raw.decode(), depth, known)
