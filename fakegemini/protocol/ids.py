"""Make identifiers in the live format, from a seed instead of chance.

An interaction id is `v1_` and the unpadded URL-safe base64 of a protobuf with two strings: field 1
the id of the conversation's root, field 2 its own (equal on a first turn). Each of them is again
base64, of 16 or 17 bytes that begin with the Unix second of the request, little-endian.
Source: all 60 recorded ids decode so.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

_ALPHABET = string.ascii_lowercase + string.digits
_RECORD_TAGS = (1 << 3 | 2, 2 << 3 | 2)
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]+")
_SIGNATURE_MARK = b"fakegemini"
_CALL_DIGITS = {"code_execution_call": 6}

NO_THOUGHT_SIGNATURE = "CiRlMjQ4MzBhNy01Y2Q2LTQyZmUtOTk4Yi1lZTUzOWU3MmI5YzM="
"""The signature of a turn that did not think (recorded: one for all, May to October 2026)."""


class InteractionId(NamedTuple):
    """The two halves of an id: the root of the conversation, and this interaction's own."""

    root: str
    own_half: str

    def __str__(self) -> str:
        return _spell_id(self.root, self.own_half)

    @classmethod
    def parse(cls, text: str) -> InteractionId | None:
        """Return the halves of `text`, or None where the live server would not recognise an id."""
        return _parse_id(text)

    @property
    def second(self) -> int:
        """Return the Unix second in which the own half was made."""
        decoded = _decode_base64(self.own_half)
        assert decoded is not None
        return int.from_bytes(decoded[:4], "little")


@lru_cache(maxsize=1024)  # an answer says its id several times, and a stream in each event
def _spell_id(root: str, own_half: str) -> str:
    return "v1_" + _encode_base64(_encode_field(1, root) + _encode_field(2, own_half))


@lru_cache(maxsize=1024)  # every poll and every child of a recording parses the same ids
def _parse_id(text: str) -> InteractionId | None:
    if not text.startswith("v1_"):
        return None
    raw = _decode_base64(text[3:])
    if raw is None:
        return None
    halves = []
    for number in (1, 2):
        if len(raw) < 2 or raw[0] != number << 3 | 2 or raw[1] > 127:
            return None
        half, raw = raw[2 : 2 + raw[1]], raw[2 + raw[1] :]
        decoded = _decode_base64(half.decode("ascii", "replace"))
        if decoded is None or len(decoded) not in (16, 17):
            return None
        halves.append(half.decode("ascii"))
    return None if raw else InteractionId(*halves)


class IdSource:
    """Makes the identifiers of one interaction.

    The same `seed` text gives the same identifiers in the same order, in every process. The
    caller makes the seed from the request and from how often it came, so that requests which
    race each other do not change each other's ids.
    """

    def __init__(self, seed: str, *, call_digits: int = 0) -> None:
        self._seed = seed
        self._call_digits = call_digits
        self._count = 0

    def _next_bytes(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed}\0{self._count}".encode()).digest(size)

    def own_half(self, second: int) -> str:
        """Make the own half of an interaction id, for that Unix second."""
        return _encode_base64((second & 0xFFFFFFFF).to_bytes(4, "little") + self._next_bytes(13))

    def call_id(self, step_type: str = "") -> str:
        """Make the id of a call of that type of step: eight characters of `[a-z0-9]` (recorded).

        Recorded otherwise are `call_` and digits: six of them for a call of code execution, and as
        many as `call_digits` where the source has them.
        """
        digits = _CALL_DIGITS.get(step_type, self._call_digits)
        if digits:
            number = int.from_bytes(self._next_bytes(8), "little") % (9 * 10 ** (digits - 1))
            return f"call_{10 ** (digits - 1) + number}"
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in self._next_bytes(8))

    def signature(self) -> str:
        """Make a thought signature: standard base64 of a protobuf record, padded, as recorded.

        The record holds our mark, so that a signature of the fake can be told from a real one.
        """
        payload = _SIGNATURE_MARK + self._next_bytes(64)
        return base64.b64encode(_encode_record(1, payload)).decode()

    def continuation_token(self) -> str:
        """Make a continuation token; the live form was never captured."""
        return _encode_base64(self._next_bytes(36))

    def uuid(self) -> str:
        """Make a version 4 UUID, the form that environment ids have."""
        raw = bytearray(self._next_bytes(16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def make_event_id(number: int, kind: str, interaction_id: str) -> str:
    """Make the id of an event: `v1_` and the base64 of a number, a kind and a number, as seen.

    What the second number means is not known; here it tells the interactions apart.
    """
    text = f"{number}_{kind}_{crc32(interaction_id.encode())}"
    return "v1_" + _encode_base64(text.encode())


def unwrap_signature(signature: str) -> str:
    """Return the innermost bytes of a signature, as base64; what has no wrapper as it is.

    A wrapper is a single protobuf record around all the rest. Recorded signatures have one or two.
    """
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        return signature
    while len(raw) > 2 and raw[0] in _RECORD_TAGS:
        size, offset = _read_varint(raw, 1)
        if offset + size != len(raw):
            break
        raw = raw[offset:]
    return base64.b64encode(raw).decode()


def is_protobuf(raw: bytes) -> bool:
    """Tell whether the bytes are protobuf records of fields 1 and 2, as recorded signatures are."""
    offset = 0
    while offset < len(raw):
        if raw[offset] not in _RECORD_TAGS:
            return False
        size, offset = _read_varint(raw, offset + 1)
        offset += size
    return 0 < offset == len(raw)


def _read_varint(raw: bytes, offset: int) -> tuple[int, int]:
    """Return the number at `offset` and the offset behind it; beyond the end where it is cut."""
    number = shift = 0
    while offset < len(raw):
        number |= (raw[offset] & 0x7F) << shift
        shift, offset = shift + 7, offset + 1
        if raw[offset - 1] < 0x80:
            return number, offset
    return 0, len(raw) + 1


def _encode_record(number: int, payload: bytes) -> bytes:
    return bytes((number << 3 | 2, len(payload))) + payload


def _encode_field(number: int, text: str) -> bytes:
    return _encode_record(number, text.encode("ascii"))


def _encode_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode_base64(text: str) -> bytes | None:
    if len(text) % 4 == 1 or not _URL_SAFE.fullmatch(text):
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
