"""Write a baseline JPEG of flat 16x16 squares, without an image library.

A flat block is only its DC coefficient. With every quantiser at 8 that coefficient is the level
itself, and each block's other 63 are one end-of-block code. Colour has half the resolution, so a
square is six blocks; where it looks like the one before, it is twelve zero bits. Source: ITU-T
T.81, annexes B and F.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_SQUARE = 16
# How many DC codes there are of each length from 1 to 16 bits, for the symbols 0 to 11. Nearly
# every block is as the one before: that symbol, 0, has the only code of a single bit.
_DC_LENGTHS = (1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_END_OF_BLOCK = "0"  # the only AC symbol we need, so its code may be a single bit
_UNCHANGED_SQUARE = ("0" + _END_OF_BLOCK) * 6
_COMMENT = b"made by fakegemini"


def encode_jpeg(width: int, height: int, top: bytes, bottom: bytes) -> bytes:
    """Return a picture that fades from one colour to the other; a colour is its Y, Cb and Cr."""
    frame = bytes((8, *height.to_bytes(2), *width.to_bytes(2), 3))
    scan = bytes((3,))
    for component in (1, 2, 3):
        frame += bytes((component, 0x22 if component == 1 else 0x11, 0))
        scan += bytes((component, 0))
    lengths = bytes(_DC_LENGTHS)
    return b"".join(
        (
            b"\xff\xd8",
            _make_segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            _make_segment(0xFE, _COMMENT),
            _make_segment(0xDB, bytes((0, *[8] * 64))),
            _make_segment(0xC0, frame),
            _make_segment(0xC4, b"\x00" + lengths + bytes(range(12))),
            _make_segment(0xC4, b"\x10" + bytes((1, *[0] * 15)) + b"\0"),
            _make_segment(0xDA, scan + bytes((0, 63, 0))),
            _pack_bits(_row_codes(-(-width // _SQUARE), -(-height // _SQUARE), top, bottom)),
            b"\xff\xd9",
        )
    )


def _make_segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def _row_codes(columns: int, rows: int, top: bytes, bottom: bytes) -> Iterator[str]:
    """Yield the bits of each row of squares: the first has a colour, the others repeat it."""
    codes = list(_dc_codes())
    last = [0, 0, 0]
    for row in range(rows):
        squares = ""
        for plane in range(3):
            level = top[plane] + (bottom[plane] - top[plane]) * row // max(1, rows - 1) - 128
            squares += _step_code(codes, level - last[plane]) + ("00" * 3 if plane == 0 else "")
            last[plane] = level
        yield squares + _UNCHANGED_SQUARE * (columns - 1)


def _step_code(codes: list[str], step: int) -> str:
    """Return the bits of one block whose level differs by `step` from the one before."""
    size = abs(step).bit_length()
    # Negative steps are written as their ones' complement.
    bits = step if step > 0 else step + (1 << size) - 1
    return codes[size] + (f"{bits:0{size}b}" if size else "") + _END_OF_BLOCK


def _dc_codes() -> Iterator[str]:
    """Yield the Huffman codes of the symbols 0 to 11, as T.81 builds them from their lengths."""
    code = 0
    for size, count in enumerate(_DC_LENGTHS, 1):
        for _ in range(count):
            yield f"{code:0{size}b}"
            code += 1
        code <<= 1


def _pack_bits(codes: Iterable[str]) -> bytes:
    bits = "".join(codes)
    bits += "1" * (-len(bits) % 8)
    # A 0xFF inside the data would be read as a marker.
    return int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
