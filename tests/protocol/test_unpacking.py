"""Packed bodies of every coding come out as they were, whole and chunk by chunk."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from fakegemini.wire.compression import make_unpacker, unpack_body

TEXT = "Ebb and flow, 12 °C. ".encode() * 40


def raw_deflate(body: bytes) -> bytes:
    """Deflate without zlib's head and tail."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKED: dict[str, bytes] = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + b"\0\0",
    "deflate": zlib.compress(TEXT),
    "Deflate": raw_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
}


@pytest.mark.parametrize("coding", PACKED)
def test_every_coding_is_read(coding: str) -> None:
    """At once; whoever unpacked it already and kept the header is read as well."""
    assert unpack_body(PACKED[coding], coding) == TEXT
    assert unpack_body(TEXT, coding) == TEXT
    assert unpack_body(b"", coding) == b""


@pytest.mark.parametrize("coding", PACKED)
def test_every_coding_is_read_in_chunks(coding: str) -> None:
    """A chunk may end anywhere."""
    unpacker = make_unpacker(coding)
    assert unpacker is not None
    packed = PACKED[coding]

    parts = [unpacker(packed[:40]), unpacker(packed[40:])]

    assert b"".join(part or b"" for part in parts) == TEXT


def test_codings_on_top_of_each_other() -> None:
    """The last one named is the outermost."""
    assert unpack_body(gzip.compress(zlib.compress(TEXT)), "deflate, gzip") == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_broken_is_said_so(coding: str) -> None:
    """A body that is no text and not of its coding is one sentence; a chunk of it is None."""
    broken = b"\xff\xfe\xfa\x00\x01" * 9
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack_body(broken, coding)
    unpacker = make_unpacker(coding)
    assert unpacker is not None
    assert unpacker(broken) is None


def test_a_broken_gzip_and_an_unknown_coding() -> None:
    """Each is named."""
    with pytest.raises(ValueError, match="it is packed and cannot be unpacked"):
        unpack_body(gzip.compress(TEXT)[:-9], "gzip")
    with pytest.raises(ValueError, match="packed as snappy, which is not read"):
        unpack_body(b"\xff\xfe", "snappy")
