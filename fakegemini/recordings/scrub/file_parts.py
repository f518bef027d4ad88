"""Learn from each text of a recording's file, and scrub it, by what it is."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...wire.json_paths import JsonPath
from ...wire.packed_layers import LayeredBody, pack_layers, unpack_layers
from ...wording import spell_json
from ..entry_body import texts_of_chunks
from .edits import decode_bytes, encode_text
from .file_roles import TextRole
from .file_texts import FileText
from .last_resort import blank_query, blank_texts_of_body
from .remaining import find_secrets, remaining_in_header, remaining_in_uri
from .scrubber import Scrubber


@dataclass(frozen=True)
class FilePart:
    """A text of a file and what it is.

    coding: the `content-encoding` of the message, of whose body this is
    """

    file_text: FileText
    role: TextRole
    coding: str = ""

    def learn(self, scrubber: Scrubber) -> bool:
        """Learn the secrets of the text; tell whether it has surely none of its own."""
        value, role = self.file_text.value, self.role
        if role.kind == "header":
            is_clean = scrubber.learn_header(role.name, value)
            return is_clean and not remaining_in_header(role.name, value, scrubber.rules)
        if role.kind == "uri":
            return scrubber.learn_uri(value)
        if role.kind == "query":
            scrubber.learn_param(role.name, value)
            return False
        return scrubber.learn_body(self._body_text) and not self._body.problem

    def scrub(self, scrubber: Scrubber) -> str:
        """Return the value without secrets, packed and spelled as it was."""
        value, role = self.file_text.value, self.role
        if role.kind == "header":
            return scrubber.scrub_header(role.name, value)
        if role.kind == "uri":
            return scrubber.scrub_uri(value)
        if role.kind == "query":
            return scrubber.scrub_param(role.name, value)
        return self._with_body_text(scrubber.scrub_body(self._body_text))

    def blank(self, value: str, scrubber: Scrubber) -> str:
        """Return the scrubbed value with a placeholder for each text that holds a secret."""
        rules, role = scrubber.rules, self.role
        if role.kind in ("uri", "query"):
            blank = blank_query(value, rules, scrubber.number_whole)
        elif role.kind == "header":
            blank = scrubber.number_whole(value)
        else:
            part = replace(self, file_text=replace(self.file_text, value=value))
            raw, _ = blank_texts_of_body(
                encode_text(part._body_text), (), rules, scrubber.number_whole
            )
            blank = part._with_body_text(decode_bytes(raw))
        if blank != value:
            scrubber.counts[scrubber.without_secrets(role.name or role.kind)] += 1
        return blank

    def _with_body_text(self, text: str) -> str:
        """Return the value, packed and spelled as it was, with another body's or member's text."""
        if text == self._body_text:
            return self.file_text.value
        if self.role.kind == "member":
            return _unwrap_member(text)
        return _spell_bytes(pack_layers(encode_text(text), self._body.layers), self.role.spelling)

    def find_remaining(self, value: str, scrubber: Scrubber) -> list[str]:
        """List what still looks like a secret in the scrubbed value, and what cannot be read."""
        rules, name = scrubber.rules, self.role.name
        path = tuple(
            scrubber.without_secrets(part) if isinstance(part, str) else part
            for part in self.file_text.path
        )
        role = replace(self.role, path=path[len(path) - len(self.role.path) :])
        part = FilePart(replace(self.file_text, path=path, value=value), role, self.coding)
        if role.kind == "header":
            findings = remaining_in_header(name, value, rules)
        elif role.kind in ("uri", "query"):
            findings = remaining_in_uri(value, rules)
        elif part._body.problem:
            findings = [f"{part._body.problem}, so it cannot be looked into"]
        else:
            findings = find_secrets(part._body_text, rules)
        return [f"{finding} ({'.'.join(map(str, path))})" for finding in findings]

    @cached_property
    def _body(self) -> LayeredBody:
        if self.role.kind != "body":
            return LayeredBody(encode_text(self.file_text.value))
        try:
            raw = _bytes_of(self.file_text.value, self.role.spelling)
        except ValueError:  # it only looks like base64 or hexadecimal digits
            return LayeredBody(encode_text(self.file_text.value))
        return unpack_layers(raw, self.coding)

    @cached_property
    def _body_text(self) -> str:
        """The text to look into: the unpacked body, or the member inside of what holds it."""
        if self.role.kind == "member":
            return _wrap_member(self.role.path, self.file_text.value)
        return decode_bytes(self._body.plain)


def read_parts(file_texts: list[FileText], roles: list[TextRole]) -> list[FilePart]:
    """Put each text beside its role and the `content-encoding` of its message."""
    codings = {
        role.message: file_text.value
        for file_text, role in zip(file_texts, roles, strict=True)
        if role.kind == "header" and role.name.lower() == "content-encoding"
    }
    return [
        FilePart(file_text, role, codings.get(role.message, ""))
        for file_text, role in zip(file_texts, roles, strict=True)
    ]


def with_new_lengths(parts: list[FilePart], values: Iterable[str]) -> list[str]:
    """Return the values with the new content-length of each message whose body changed."""
    values = list(values)
    sizes: dict[Any, tuple[str, str]] = {}
    for part, value in zip(parts, values, strict=True):
        if part.role.kind == "body" and value != part.file_text.value:
            spelling = part.role.spelling
            old_size, new_size = (
                len(_bytes_of(text, spelling)) for text in (part.file_text.value, value)
            )
            sizes[part.role.message] = (str(old_size), str(new_size))
    return [
        sizes[part.role.message][1]
        if part.role.name.lower() == "content-length"
        and sizes.get(part.role.message, ("",))[0] == value
        else value
        for part, value in zip(parts, values, strict=True)
    ]


def _bytes_of(text: str, spelling: str) -> bytes:
    """Return the bytes that a text spells; raises `ValueError`."""
    kind, _, is_chunks = spelling.partition(" ")
    if is_chunks:
        return b"".join(_bytes_of(chunk, kind) for chunk in texts_of_chunks(text))
    if spelling == "base64":
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from None
    return bytes.fromhex(text) if spelling == "hex" else encode_text(text)


def _spell_bytes(raw: bytes, spelling: str) -> str:
    kind, _, is_chunks = spelling.partition(" ")
    if is_chunks:
        return json.dumps([_spell_bytes(raw, kind)])
    if spelling == "base64":
        return base64.b64encode(raw).decode()
    return raw.hex() if spelling == "hex" else decode_bytes(raw)


def _wrap_member(path: JsonPath, value: str) -> str:
    """Write a text as JSON inside of the names that lead to it, by which secrets are known."""
    wrapped: Any = value
    for part in reversed(path):
        wrapped = [wrapped] if isinstance(part, int) else {part: wrapped}
    return spell_json(wrapped)


def _unwrap_member(text: str) -> str:
    """Return the text that `_wrap_member` wrote, whatever became of the names."""
    value: Any = json.loads(text)
    while not isinstance(value, str):
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    return value
