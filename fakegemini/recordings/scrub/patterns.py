"""Recognise secrets by their shape, and values that only stand for one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .generic_shapes import GENERIC_SHAPES
from .secret_shape import SecretShape
from .service_shapes import SERVICE_SHAPES
from .spellings import SCRUBBED_VALUE

SECRET_SHAPES: tuple[SecretShape, ...] = (*GENERIC_SHAPES, *SERVICE_SHAPES)
"""Every secret that is known by its shape, in the order in which they are looked for."""

_NEEDLES = tuple({needle: None for shape in SECRET_SHAPES for needle in shape.needles})
"""What one text or another has to hold; looked for one by one, faster than by one pattern."""

_HARMLESS = re.compile(
    r"(?i)[*x.…_-]+|<[^<>]*>|\$?\{{1,2}[\w. -]*\}{1,2}|(?-i:\$[A-Z][A-Z0-9_]*)|your[_-][\w-]{0,30}"
    r"|(none|null|true|false|undefined)"
    r"|(scrubbed|redacted|filtered|removed|placeholder|dummy)([-_ ]?\w{0,12})"
)
_BASE64_ONLY = re.compile(r"[0-9A-Za-z+/_-]{64,}={0,2}")


_SHORT = 2_000
"""The most characters of a text whose secrets are remembered."""


def find_secret_shapes(text: str) -> Iterable[tuple[SecretShape, str]]:
    """List the shape and the value of whatever in a text looks like a secret.

    A text is looked through when it is learned from, scrubbed and checked: a short one once.
    """
    return _shapes_of_short(text) if len(text) <= _SHORT else _search_shapes(text)


@lru_cache(20_000)
def _shapes_of_short(text: str) -> tuple[tuple[SecretShape, str], ...]:
    return tuple(_search_shapes(text))


def forget_texts() -> None:
    """Forget which texts were looked through, as a new process has it."""
    _shapes_of_short.cache_clear()


def _search_shapes(text: str) -> Iterator[tuple[SecretShape, str]]:
    """Yield the shape and the value of whatever in a text looks like a secret.

    Long base64, such as media and signatures, holds every short text by chance: there only its
    start is looked at.
    """
    is_long_base64 = is_blob(text)
    lower_text = text.lower()
    found_needles = {needle for needle in _NEEDLES if needle in lower_text}
    for shape in SECRET_SHAPES if found_needles else ():
        if found_needles.isdisjoint(shape.needles):
            continue
        for match in (
            [shape.pattern.match(text)] if is_long_base64 else shape.pattern.finditer(text)
        ):
            value = match[match.lastgroup or 0] if match else ""
            if value and (shape.is_secret is None or shape.is_secret(value)):
                yield shape, value


def is_blob(text: str) -> bool:
    """Tell whether a text is base64 from end to end, of 64 characters or more."""
    return _BASE64_ONLY.fullmatch(text) is not None


def is_placeholder(value: str) -> bool:
    """Tell whether a value only stands for a secret: ours, another recorder's, `<your key>`."""
    text = value.strip()
    remainder = SCRUBBED_VALUE.sub("", text)
    return bool(_HARMLESS.fullmatch(text)) or not text or (remainder != text and len(remainder) < 8)
