"""Know how the bytes of each type of media begin."""

from __future__ import annotations

import base64
import binascii

_JPEG, _ID3, _OGG = b"\xff\xd8\xff", b"ID3", b"OggS"
MAGIC: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG",),
    "image/jpeg": (_JPEG,),
    "image/gif": (b"GIF8",),
    "image/webp": (b"RIFF",),
    "image/bmp": (b"BM",),
    "application/pdf": (b"%PDF",),
    "audio/wav": (b"RIFF",),
    "audio/x-wav": (b"RIFF",),
    "audio/mp3": (_ID3, b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    "audio/mpeg": (_ID3, b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    "audio/ogg": (_OGG,),
    "audio/flac": (b"fLaC",),
    "video/webm": (b"\x1aE\xdf\xa3",),
}
"""How the bytes of a type begin. Types without a row have no beginning of their own: raw sound."""

_SHORT_MAGIC = 2
"""Two bytes begin many things."""
_FAMOUS = {
    magic: name for name, magics in MAGIC.items() for magic in magics if len(magic) > _SHORT_MAGIC
}
_BRAND = b"ftyp"
"""Behind four bytes of length, in films of the MP4 family."""
_READ = 24
"""How many characters of base64 are enough."""


def guess_type(data: str) -> str:
    """Return the type of inline data by its first bytes; empty where they are of no known one."""
    start = _first_bytes(data)
    if start[4:8] == _BRAND:
        return "video/mp4"
    if start.startswith(b"RIFF"):
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(start[8:12], "")
    return next((name for magic, name in _FAMOUS.items() if start.startswith(magic)), "")


def begins_as(data: str, mime_type: str) -> bool | None:
    """Say whether inline data begins as its type does; None where nobody can say."""
    start, name = _first_bytes(data), mime_type.partition(";")[0].strip().lower()
    if len(start) < 12:
        return None
    if name in ("video/mp4", "video/quicktime", "audio/mp4", "audio/m4a"):
        return start[4:8] == _BRAND
    magics = MAGIC.get(name)
    if magics:
        return start.startswith(magics)
    actual = guess_type(data)
    # Raw sound begins with anything, but not as a picture or a film does.
    return False if actual and actual.partition("/")[0] != name.partition("/")[0] else None


def _first_bytes(data: str) -> bytes:
    piece = data[:_READ]
    try:
        return base64.b64decode(piece + "=" * (-len(piece) % 4))
    except (binascii.Error, ValueError):
        return b""
