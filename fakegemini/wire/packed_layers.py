"""Unpack a body that was packed in any number of layers, and pack it the same way again."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from .compression import is_gzip, pack_body, unpack_body

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""The control characters that no text has; escape sequences of terminals are text."""

_MAX_LAYERS = 8
_KNOWN_BY_BYTES = ("identity", "gzip", "x-gzip", "zstd")
"""The codings that need no name: a body that does not begin so was unpacked already."""


@dataclass(frozen=True, slots=True)
class LayeredBody:
    """A body without its layers.

    layers: the codings that were undone, the outermost first
    problem: why what is in it cannot be looked into; empty if it can
    """

    plain: bytes
    layers: tuple[str, ...] = ()
    problem: str = ""


def unpack_layers(raw: bytes, coding: str = "") -> LayeredBody:
    """Undo every layer that the first bytes of a body show, or its `content-encoding` names.

    A text stays as it is, since some recorders unpack a body and keep the header.
    """
    named = [name for part in coding.lower().split(",") if (name := part.strip())]
    layers: list[str] = []
    while len(layers) < _MAX_LAYERS:
        layer = _outermost_layer(raw, named)
        if not layer:
            return LayeredBody(raw, tuple(layers))
        unpacked = _undo(layer, raw)
        if layer == "deflate" and not _begins_like_zlib(raw):
            layer = "raw deflate"
        if unpacked is None and layer.split()[-1] not in named and layer not in _KNOWN_BY_BYTES:
            return LayeredBody(raw, tuple(layers))  # it only began like one
        if unpacked is None:
            return LayeredBody(raw, tuple(layers), f"it is packed as {layer.split()[-1]}")
        layers.append(layer)
        raw = unpacked
        if named and layer.endswith(named[-1].removeprefix("x-")):
            named.pop()
    return LayeredBody(raw, tuple(layers), f"it is packed more than {_MAX_LAYERS} times")


def pack_layers(plain: bytes, layers: tuple[str, ...]) -> bytes:
    """Pack a body in these layers, the outermost first."""
    for layer in reversed(layers):
        plain = _redo(layer, plain)
    return plain


def _outermost_layer(raw: bytes, named: list[str]) -> str:
    """Tell how a body is packed; empty for one that is plain."""
    if is_gzip(raw):
        return "gzip"
    if raw.startswith(_ZSTD_MAGIC):
        return "zstd"
    if not raw or _is_text(raw):
        return ""
    if named and named[-1] not in _KNOWN_BY_BYTES:
        return named[-1]
    return "deflate" if _begins_like_zlib(raw) else ""


def _begins_like_zlib(raw: bytes) -> bool:
    """Tell whether a body begins with the two bytes of zlib's format (RFC 1950, 2.2)."""
    return len(raw) > 2 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(raw)


def _undo(layer: str, raw: bytes) -> bytes | None:
    """Undo one layer; None where it cannot be undone, or is a bomb."""
    try:
        return unpack_body(raw, layer)
    except ValueError:
        return None


def _redo(layer: str, plain: bytes) -> bytes:
    """Pack a body in one layer, whose package unpacked it before."""
    if layer == "gzip":
        return pack_body(plain)
    if layer == "deflate":
        return zlib.compress(plain)
    if layer == "raw deflate":
        compressor = zlib.compressobj(wbits=-15)
        return compressor.compress(plain) + compressor.flush()
    package: Any = import_module({"br": "brotli", "zstd": "zstandard"}[layer])
    packed: bytes = package.compress(plain)
    return packed
