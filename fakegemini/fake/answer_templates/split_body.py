"""Cut the body of a create around the text of its input, without parsing it."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_TEXT = r'[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+'
_INPUT = re.compile(rf'"input"[ \t\n\r]*+:[ \t\n\r]*+"({_TEXT})"'.encode())
_PARENT = re.compile(rb'"previous_interaction_id"[ \t\n\r]*+:[ \t\n\r]*+"[^"]')
_BLOCK = re.compile(rf'"text"[ \t\n\r]*+:[ \t\n\r]*+"({_TEXT})"'.encode())


class SplitBody(NamedTuple):
    """A body around a text: bytes up to its first quote, the text, bytes from its last quote on.

    Whether the text is the input of the body, or its only block, only a parser can tell: bytes
    around it that have it there once have it there with every other text.
    """

    before: bytes
    text: str
    after: bytes


def split_body(body: bytes) -> SplitBody | None:
    """Cut a body around its input; None where it is no text, is empty, or cannot be sent as UTF-8.

    None as well where it goes on with an interaction, which is another one each time. What stands
    before it is UTF-8 as well: JSON in another encoding has no such bytes.
    """
    if _PARENT.search(body):
        return None
    match = _INPUT.search(body) or _find_only_block(body)
    if match is None:
        return None
    quoted = match[1]
    try:
        text = quoted.decode() if b"\\" not in quoted else json.loads(b'"%b"' % quoted)
        text.encode()
    except ValueError:
        return None
    start, end = match.span(1)
    return SplitBody(body[:start], text, body[end:]) if text else None


def _find_only_block(body: bytes) -> re.Match[bytes] | None:
    """Find the text of a body that has one block of text; of more, each may be the input."""
    matches = _BLOCK.finditer(body)
    match = next(matches, None)
    return match if next(matches, None) is None else None


def fill_body(parts: SplitBody, text: str) -> bytes:
    """Return the body with another text."""
    return parts.before + json.dumps(text).encode()[1:-1] + parts.after
