"""Take secrets out of recordings that are on the disk already: `fakegemini scrub`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from ...errors import FakeGeminiError, Unreadable
from ...wire.compression import is_gzip, pack_body, unpack_body
from ...wire.json_paths import JsonPath
from ..atomic_write import lock_file, write_atomically
from ..plain_files import read_plain_file
from ..read import files_in, read_exchanges
from .body import looks_like_json
from .edits import decode_bytes, encode_text
from .file_texts import FileText, json_texts, replace_texts, yaml_texts
from .policy import ScrubRules
from .remaining import find_secrets, remaining_in_header, remaining_in_uri
from .scrubber import Scrubber

_LOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ScrubbedText:
    """The text of a file after scrubbing.

    counts: how many secrets were taken out, by place
    remaining: the kinds and places of what still looks like a secret
    """

    text: str
    counts: dict[str, int]
    remaining: list[str]


def scrub_paths(
    paths: Iterable[File], rules: ScrubRules, *, check: bool, write_line: Callable[[str], object]
) -> int:
    """Scrub files and folders, and return the exit status.

    check: only report, write nothing
    write_line: prints a line about a file

    The status is 0 where all is clean now, 1 where something is left or, with `check`, was found,
    and 2 where a file could not be read or written.
    """
    worst_status = 0
    for path in paths:
        try:
            for file in files_in(path):
                worst_status = max(
                    worst_status, _scrub_file(file, rules, check=check, write_line=write_line)
                )
        except FakeGeminiError as error:
            write_line(f"could not scrub {error}")
            worst_status = 2
    return worst_status


def scrub_text(text: str, rules: ScrubRules) -> ScrubbedText:
    """Scrub the text of a recording in any form.

    Raises `ValueError` where a text cannot be written in place of the old one, and for a packed
    body that is broken.
    """
    scrubber = Scrubber(rules)
    texts_and_roles = _texts_and_roles(text)
    if texts_and_roles is None:
        scrubber.learn_body(text)
        new_text = scrubber.scrub_body(text)
        return ScrubbedText(new_text, dict(scrubber.counts), find_secrets(new_text, rules))
    file_texts, roles = texts_and_roles
    for file_text, role in zip(file_texts, roles, strict=True):
        _learn_text(scrubber, role, file_text)
    values = [
        _scrub_value(scrubber, role, file_text)
        for file_text, role in zip(file_texts, roles, strict=True)
    ]
    values = _with_new_lengths(file_texts, roles, values)
    remaining = []
    for number, (file_text, role) in enumerate(zip(file_texts, roles, strict=True)):
        place = ".".join(map(str, file_text.path))
        remaining += [
            f"{secret} ({place})"
            for secret in _remaining_secrets(scrubber, role, file_text, values[number])
        ]
    return ScrubbedText(replace_texts(text, file_texts, values), dict(scrubber.counts), remaining)


def _scrub_file(
    file: File, rules: ScrubRules, *, check: bool, write_line: Callable[[str], object]
) -> int:
    """Scrub one file, and return 0 or 1; raises a `FakeGeminiError` where it cannot."""
    with nullcontext() if check else lock_file(file, wait=_LOCK_SECONDS):
        read_exchanges(file)  # raises for a file that is no recording, which stays as it is
        try:
            old_bytes = read_plain_file(file)
            scrubbed = scrub_text(old_bytes.decode("utf-8"), rules)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{file}: {error}") from None
        new_bytes = scrubbed.text.encode()
        if new_bytes != old_bytes and not check:
            write_atomically(file, new_bytes)
    if new_bytes == old_bytes and not scrubbed.remaining:
        write_line(f"{file}: nothing to take out")
        return 0
    places = ", ".join(f"{place} {count}" for place, count in sorted(scrubbed.counts.items()))
    verb = "would take out" if check else "took out"
    if new_bytes != old_bytes:
        write_line(f"{file}: {verb} {sum(scrubbed.counts.values())}: {places}")
    for secret in scrubbed.remaining:
        write_line(
            f"{file}: left: {secret} (--scrub NAME, --scrub-pattern REGEX, --allow-secret REGEX)"
        )
    return 1 if scrubbed.remaining or check else 0


@dataclass(frozen=True, slots=True)
class _TextRole:
    """What a text of a file is.

    kind: `uri`, `header`, `query`, `body`, or `text` for any other
    name: that of the header or the query parameter
    message: the path of the request or response that it belongs to
    is_base64: whether a body is written in base64
    """

    kind: str
    name: str = ""
    message: JsonPath = ()
    is_base64: bool = False


def _texts_and_roles(text: str) -> tuple[list[FileText], list[_TextRole]] | None:
    """List the texts of a cassette or a HAR and their roles; None where the file is one body."""
    start = text.lstrip("\ufeff \t\r\n")
    if looks_like_json(start):
        file_texts = json_texts(text)
    elif start.startswith(("event:", "data:", "id:", "retry:", ":")):
        return None
    else:
        file_texts = yaml_texts(text)
    value_by_path = {file_text.path: file_text.value for file_text in file_texts}
    if any(path[:2] == ("log", "entries") for path in value_by_path):
        return file_texts, [_role_in_har(file_text, value_by_path) for file_text in file_texts]
    if any(path[:1] == ("interactions",) for path in value_by_path):
        return file_texts, [_role_in_vcr(file_text) for file_text in file_texts]
    return None


def _role_in_vcr(file_text: FileText) -> _TextRole:
    """Tell what a text of a cassette is by its path."""
    path = file_text.path
    message, below = path[:3], path[3:]
    if below == ("uri",):
        return _TextRole("uri", message=message)
    if below[:1] == ("headers",) and len(below) > 1:
        return _TextRole("header", str(below[1]), message)
    if below[:1] == ("body",):
        return _TextRole(
            "body", message=message, is_base64=file_text.is_binary or below[-1] == "base64_string"
        )
    return _TextRole("text")


def _role_in_har(file_text: FileText, value_by_path: dict[JsonPath, str]) -> _TextRole:
    """Tell what a text of a HAR is by its path and by the texts beside it."""
    path = file_text.path
    message, below = path[:4], path[4:]
    name = value_by_path.get((*path[:-1], "name"), "")
    if below in (("url",), ("redirectURL",)):
        return _TextRole("uri", message=message)
    if below[-1:] == ("value",) and below[:1] == ("headers",):
        return _TextRole("header", name, message)
    if below[-1:] == ("value",) and below[:1] == ("cookies",):
        return _TextRole("header", "x-cookie", message)
    if below[-1:] == ("value",) and below[:1] in (("queryString",), ("postData",)):
        return _TextRole("query", name, message)
    if below in (("postData", "text"), ("content", "text")):
        is_base64 = value_by_path.get((*path[:-1], "encoding")) == "base64"
        return _TextRole("body", message=message, is_base64=is_base64)
    return _TextRole("text")


def _learn_text(scrubber: Scrubber, role: _TextRole, file_text: FileText) -> None:
    """Learn the secrets of one text of a file."""
    if role.kind == "header":
        scrubber.learn_header(role.name, file_text.value)
    elif role.kind == "uri":
        scrubber.learn_uri(file_text.value)
    elif role.kind == "query":
        scrubber.learn_param(role.name, file_text.value)
    else:
        scrubber.learn_body(decode_bytes(_unpack_value(role, file_text.value)[0]))


def _scrub_value(scrubber: Scrubber, role: _TextRole, file_text: FileText) -> str:
    """Return the value of one text of a file without secrets, packed as it was."""
    if role.kind == "header":
        return scrubber.scrub_header(role.name, file_text.value)
    if role.kind == "uri":
        return scrubber.scrub_uri(file_text.value)
    if role.kind == "query":
        return scrubber.scrub_param(role.name, file_text.value)
    raw, was_gzip = _unpack_value(role, file_text.value)
    old_text = decode_bytes(raw)
    new_text = scrubber.scrub_body(old_text)
    if new_text == old_text:
        return file_text.value
    if not role.is_base64:
        return new_text
    packed = pack_body(encode_text(new_text)) if was_gzip else encode_text(new_text)
    return base64.b64encode(packed).decode()


def _remaining_secrets(
    scrubber: Scrubber, role: _TextRole, file_text: FileText, value: str
) -> list[str]:
    """List what still looks like a secret in a scrubbed value."""
    if role.kind == "header":
        return remaining_in_header(role.name, value, scrubber.rules)
    if role.kind == "uri":
        return remaining_in_uri(value, scrubber.rules)
    return find_secrets(decode_bytes(_unpack_value(role, value)[0]), scrubber.rules)


def _unpack_value(role: _TextRole, value: str) -> tuple[bytes, bool]:
    """Return the bytes of a body, unpacked, and whether they were packed as gzip."""
    if not role.is_base64:
        return encode_text(value), False
    raw = base64.b64decode(value)
    return unpack_body(raw), is_gzip(raw)


def _with_new_lengths(
    file_texts: list[FileText], roles: list[_TextRole], values: list[str]
) -> list[str]:
    """Return the values with the new content-length of each message whose body changed."""
    sizes: dict[Any, tuple[str, str]] = {}
    for file_text, role, value in zip(file_texts, roles, values, strict=True):
        if role.kind == "body" and value != file_text.value:
            old_size, new_size = (
                len(base64.b64decode(text)) if role.is_base64 else len(encode_text(text))
                for text in (file_text.value, value)
            )
            sizes[role.message] = (str(old_size), str(new_size))
    return [
        sizes[role.message][1]
        if role.name.lower() == "content-length" and sizes.get(role.message, ("",))[0] == value
        else value
        for role, value in zip(roles, values, strict=True)
    ]
