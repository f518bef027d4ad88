"""Unpack recordings that are packed as a whole, and pack them again: `cassette.yaml.gz`.

LangChain's tests keep their cassettes so. What else a file may be packed as is named.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import Unreadable
from ..wire.compression import is_gzip, pack_body, unpack_body

GZIP_SUFFIX = ".gz"

_UNREAD_STARTS = {
    b"PK\x03\x04": "a zip archive, as Playwright (`har.zip`) and Fiddler write: unpack it first",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it first",
    b"BZh": "packed with bzip2: unpack it first",
    b"\xfd7zXZ\x00": "packed with xz: unpack it first",
    b"SQLite format 3\x00": "a database of SQLite, no recording that is read",
    b"\0GITCRYPT\0": "locked by git-crypt: `git-crypt unlock` first",
    b"\xd4\xc3\xb2\xa1": "packets of a network (pcap), which are not read",
    b"\x0a\x0d\x0d\x0a": "packets of a network (pcapng), which are not read",
    b"\xac\xed\x00\x05": "a session of Charles, which is not read: export it as HAR",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}
"""What is told of a file by its first bytes."""


def unpack_file(raw: bytes, path: Path) -> bytes:
    """Return the bytes of a file, unpacked where it is gzip; raises `Unreadable`."""
    if is_gzip(raw):
        try:
            return unpack_body(raw, "gzip")
        except ValueError as error:
            raise Unreadable(f"{path}: {error}") from None
    for start, reason in _UNREAD_STARTS.items():
        if raw.startswith(start):
            raise Unreadable(f"{path}: {reason}")
    return raw


def pack_file(content: bytes, path: Path) -> bytes:
    """Return the bytes to write into a file, packed where its name ends in `.gz`."""
    return pack_body(content) if path.suffix == GZIP_SUFFIX else content


def plain_suffix(path: Path) -> str:
    """Return the suffix of a name, that before `.gz` where it ends so."""
    return Path(path.stem).suffix if path.suffix == GZIP_SUFFIX else path.suffix
