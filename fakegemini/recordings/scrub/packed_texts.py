"""Open what is packed inside of a text: base64, digits, escapes, and archives in these."""

from __future__ import annotations

import base64
import binascii
import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from ...wire.compression import unpack_body
from .spellings import MASKED, MASKED_BASE64, placeholder

MAX_DEPTH = 6
"""How many packings are opened, one inside of the other."""

_MOST_UNPACKED = 32 * 1024 * 1024
_FEWEST_DIGITS = 24
_LONGEST_WITH_PARTS = 4096
_HEAD = 16
_SHORT = 2_000
"""The most characters of a text of which it is remembered what is packed in it."""

_ANY_PACKING = re.compile(
    rf"%[0-9A-Fa-f]{{2}}|\\[ux][0-9A-Fa-f]{{2}}|[A-Za-z0-9+/_-]{{{_FEWEST_DIGITS}}}"
)
_RUN = re.compile(rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{_FEWEST_DIGITS},}}+={{0,2}}")
_LINES = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,}\r?\n[ \t]*)+[A-Za-z0-9+/]+={0,2}")
_HEX = re.compile(r"(?>[0-9a-f]{2}|[0-9A-F]{2}){20,}+")  # possessive: digits are of both cases
_ESCAPE = re.compile(r"\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_BREAK = re.compile(r"[/_-]")
_FROM_URL_SAFE = str.maketrans("-_", "+/", "= \t\r\n")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


class OpenedText(NamedTuple):
    """A part of a text that is packed, and what is in it.

    run: the part, as it stands in the text
    way: how it is packed
    inner: what it says; empty where it cannot be read
    problem: why it cannot be read
    """

    run: str
    way: str
    inner: str
    problem: str = ""


def open_texts(text: str) -> Iterable[OpenedText]:
    """List what is packed in a text, of each part its outermost packing alone.

    A text is opened when it is learned from, scrubbed and checked: a short one once.
    """
    if not _ANY_PACKING.search(text):
        return ()
    return _openings_of_short(text) if len(text) <= _SHORT else _open_parts(text)


@lru_cache(5_000)
def _openings_of_short(text: str) -> tuple[OpenedText, ...]:
    return tuple(_open_parts(text))


def forget_openings() -> None:
    """Forget which texts were opened, as a new process has it."""
    _openings_of_short.cache_clear()


def _open_parts(text: str) -> Iterator[OpenedText]:
    if "%" in text and (plain := unquote(text)) != text:
        yield OpenedText(text, "percents", plain)
    if "\\" in text and (plain := _ESCAPE.sub(_unescape, text)) != text:
        yield OpenedText(text, "escapes", _join_surrogates(plain))
    end = 0  # of the last run in lines: each of its lines is no run of its own
    in_lines = list(_LINES.finditer(text)) if "\n" in text else []
    for match in sorted([*in_lines, *_RUN.finditer(text)], key=lambda match: match.start()):
        run = match[0]
        if match.re is _LINES:
            end = match.end()
            yield from _open_base64(run)
            continue
        if match.start() < end:
            continue
        yield from _open_hex(run)
        yield from _open_base64(run)
        if len(run) <= _LONGEST_WITH_PARTS and _BREAK.search(run):
            for part in _BREAK.split(run):
                if len(part) >= _FEWEST_DIGITS:
                    yield from _open_base64(part)


def _open_hex(run: str) -> Iterator[OpenedText]:
    if _HEX.fullmatch(run):
        yield from _open_bytes(run, "hexadecimal digits", bytes.fromhex(run))


def _open_base64(run: str) -> Iterator[OpenedText]:
    """Decode base64, URL-safe or not, whose first bytes are a text's or an archive's."""
    head = _decode(run[:_HEAD])
    if head is not None and (_begins_like_text(head) or _archive_of(head)):
        raw = _decode(run)
        if raw is not None:
            yield from _open_bytes(run, "base64", _with_placeholders(run, raw))


def _decode(run: str) -> bytes | None:
    plain = run.translate(_FROM_URL_SAFE)
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


def _with_placeholders(run: str, raw: bytes) -> bytes:
    """Put a placeholder into decoded bytes for each that stands in the base64."""
    for match in reversed(list(MASKED_BASE64.finditer(run)) if MASKED in run else []):
        start, end = 6 * match.start() // 8, -(-6 * match.end() // 8)
        raw = raw[:start] + placeholder(1).encode() + raw[end:]
    return raw


def _open_bytes(run: str, way: str, raw: bytes) -> Iterator[OpenedText]:
    """Yield the text that bytes are, or what is in an archive, through all its layers."""
    for _ in range(MAX_DEPTH):
        archive = _archive_of(raw)
        if not archive:
            break
        try:
            unpacked = _ARCHIVES[archive](raw)
        except (ValueError, OSError, EOFError, RuntimeError, NotImplementedError) as error:
            if archive != "zlib":  # two bytes that many things begin with
                yield OpenedText(run, f"{archive} in {way}", "", str(error) or "it is cut")
            return
        if unpacked is raw:
            yield OpenedText(run, f"{archive} in {way}", "", f"{archive} cannot be unpacked here")
            return
        raw, way = unpacked, f"{archive} in {way}"
    else:
        yield OpenedText(run, way, "", f"it is packed more than {MAX_DEPTH} times")
        return
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield OpenedText(run, way, raw.decode("utf-16", "replace"))
    elif " in " in way or _begins_like_text(raw[:_HEAD]):
        yield OpenedText(run, way, raw.decode("utf-8", "replace"))


def _join_surrogates(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


def _begins_like_text(head: bytes) -> bool:
    """Tell whether the first bytes of something are UTF-8, the last of them may be cut."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    text = head.decode("utf-8", "replace").rstrip("\ufffd")
    return len(text) > _HEAD // 4 and "\ufffd" not in text and not _CONTROL.search(text)


def _archive_of(raw: bytes) -> str:
    """Tell by its first bytes which archive something is; empty if none."""
    for archive, magic in _MAGICS:
        if raw.startswith(magic):
            return archive
    is_zlib = len(raw) > 2 and raw[0] == 0x78 and (raw[0] << 8 | raw[1]) % 31 == 0
    return "zlib" if is_zlib else ""


def _unpack_zlib(raw: bytes) -> bytes:
    """Unpack zlib's format, or the members of gzip, one after the other."""
    pieces, size = list[bytes](), 0
    while raw:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            pieces.append(unpacker.decompress(raw, _MOST_UNPACKED + 1 - size))
        except zlib.error as error:
            raise ValueError(str(error)) from None
        size += len(pieces[-1])
        _check_size(size)
        if not unpacker.eof:
            raise ValueError("it is cut")
        raw = unpacker.unused_data.lstrip(b"\0")
    return b"".join(pieces)


def _unpack_bz2(raw: bytes) -> bytes:
    unpacked = bz2.BZ2Decompressor().decompress(raw, _MOST_UNPACKED + 1)
    _check_size(len(unpacked))
    return unpacked


def _unpack_xz(raw: bytes) -> bytes:
    try:
        unpacked = lzma.LZMADecompressor(memlimit=4 * _MOST_UNPACKED).decompress(
            raw, _MOST_UNPACKED + 1
        )
    except lzma.LZMAError as error:
        raise ValueError(str(error)) from None
    _check_size(len(unpacked))
    return unpacked


def _unpack_zip(raw: bytes) -> bytes:
    """Return the names and contents of all files of an archive, one after the other."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            _check_size(sum(member.file_size for member in members))
            return b"\n".join(
                part
                for member in members
                for part in (member.filename.encode("utf-8", "replace"), archive.read(member))
            )
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(str(error)) from None


def _check_size(size: int) -> None:
    if size > _MOST_UNPACKED:
        raise ValueError(f"it is more than {_MOST_UNPACKED} bytes")


_ARCHIVES = {
    "gzip": _unpack_zlib,
    "zlib": _unpack_zlib,
    "zstd": lambda raw: unpack_body(raw, "zstd"),
    "bzip2": _unpack_bz2,
    "xz": _unpack_xz,
    "zip": _unpack_zip,
}
_MAGICS = (
    ("gzip", b"\x1f\x8b\x08"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("bzip2", b"BZh"),
    ("xz", b"\xfd7zXZ\0"),
    ("zip", b"PK\x03\x04"),
)
