"""Tell what each text of a recording's file is: an address, a header, a body, a member of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...wire.json_paths import JsonPath
from ..contents import NOTE_KEY
from .body import looks_like_json
from .file_texts import FileText, json_texts, yaml_texts

_STREAM_STARTS = ("event:", "data:", "id:", "retry:", ":")
_ENTRY_LISTS = frozenset(
    "interactions http_interactions requests responses entries recordings".split()
)
_LIST_MEMBERS = frozenset(
    "scope rawHeaders reqheaders request response httpRequest httpResponse when then".split()
)
"""Members of the entries of recorders that write a list alone, documents, or one entry a file."""

_ONE_ENTRY = frozenset("httpRequest httpResponse request response when then".split())
"""Members by which a file is known that is one entry."""

_ADDRESSES = ("uri", "url", "redirectURL")
_BODY_MEMBERS = frozenset(
    "body content postData parsed_body rawBody json_body body_base64 chunks".split()
)
_BODY_WRAPPERS = frozenset("string base64_string b64 base64Bytes content text chunks data".split())
"""The members in which recorders keep a body as a text."""

_BODY_MARKS = frozenset("encoding type mimeType kind contentType sha256".split())
_BASE64_MEMBERS = frozenset("base64_string base64Bytes b64 body_base64".split())
_BODY_IN_HEX = re.compile(
    r'(?:1f8b|7b|5b|6576656e743a|646174613a)(?:[0-9a-f]{2}){4,}(?:[0-9a-f", ]*"\])?\Z'
)
"""What gzip, JSON and an event stream are in hexadecimal digits, also in a list of chunks."""


@dataclass(frozen=True, slots=True)
class TextRole:
    """What a text of a file is.

    kind: `uri`, `header`, `query`, `body`, or `member` for any other
    name: that of the header or the query parameter
    path: of a member the names that lead to it
    message: the path of the request or response that it belongs to
    spelling: how the bytes of a body are written: `text`, `base64` or `hex`, or `base64 chunks`
        or `hex chunks`, a JSON array of such texts
    """

    kind: str
    name: str = ""
    path: JsonPath = ()
    message: JsonPath = ()
    spelling: str = "text"


def texts_and_roles(text: str) -> tuple[list[FileText], list[TextRole]] | None:
    """List the texts of a recording and their roles; None where the file is one body."""
    start = text.lstrip()
    if looks_like_json(start):
        file_texts = json_texts(text)
    elif start.startswith(_STREAM_STARTS):
        return None
    else:
        file_texts = yaml_texts(text)
    if not any(_is_in_entries(file_text.path) for file_text in file_texts):
        return None
    value_by_path = {file_text.path: file_text.value for file_text in file_texts}
    return file_texts, [_role_of(file_text, value_by_path) for file_text in file_texts]


def _is_in_entries(path: JsonPath) -> bool:
    """Tell whether a path leads into a list of exchanges of a recorder."""
    return (
        path[:2] == ("log", "entries")
        or (len(path) > 1 and path[0] in _ENTRY_LISTS)
        or (len(path) > 1 and isinstance(path[0], int) and path[1] in _LIST_MEMBERS)
        or (len(path) > 1 and path[0] in _ONE_ENTRY)
    )


def _role_of(file_text: FileText, value_by_path: dict[JsonPath, str]) -> TextRole:
    """Tell what a text is by the nearest name above it that recorders use."""
    path: tuple[Any, ...] = file_text.path
    if NOTE_KEY in path or not file_text.is_string:  # the names in our own notes are places
        return TextRole("member")
    holder = path[:-2] if path[-2:-1] == ("values",) else path[:-1]  # MockServer has several
    is_value = holder != path[:-1] or path[-1:] == ("value",)
    name = value_by_path.get((*holder, "name"), "") if is_value else ""
    for place, part in _names_from_message(path):
        message, below = path[:place], path[place + 1 :]
        if part in _ADDRESSES and not below:
            return TextRole("uri", message=message)
        if part in ("headers", "header", "rawHeaders") and below:
            is_in_list = isinstance(below[0], int) and isinstance(below[-1], int)
            if is_in_list and not name:  # in pairs, or names and values in turn
                name = value_by_path.get((*path[:-1], path[-1] - 1), "") if path[-1] % 2 else ""
            return TextRole("header", name or str(below[0]), message=message)
        if part == "cookies" and below[-1:] == ("value",):
            return TextRole("header", "x-cookie", message=message)
        if part in ("queryString", "postData") and below[-1:] == ("value",):
            return TextRole("query", name, message=message)
        if part in ("queryStringParameters", "query_param") and below:
            return TextRole("query", name or str(below[0]), message=message)
        if part in _BODY_MEMBERS:
            return _role_in_body(file_text, below, message, value_by_path)
    if _BODY_IN_HEX.match(file_text.value):
        return TextRole("body", message=path[:-1], spelling="hex")
    return TextRole("member", path=path)


def _names_from_message(path: JsonPath) -> Iterator[tuple[int, str]]:
    """Yield the names of a path with their places, those of a body's own members left out."""
    for place, part in enumerate(path):
        if isinstance(part, str):
            yield place, part
            if part in _BODY_MEMBERS:
                return


def _role_in_body(
    file_text: FileText,
    below: JsonPath,
    message: JsonPath,
    value_by_path: dict[JsonPath, str],
) -> TextRole:
    """Tell what a text below `body` is: the body itself, or a member where it is kept as JSON."""
    names = tuple(part for part in below if isinstance(part, str))
    if names and (names[-1] in _BODY_MARKS and len(names) == 1):
        return TextRole("member", path=below)
    is_of_kind = names == ("value",) and _kind_of(file_text, value_by_path) in ("text", "base64")
    if not names or is_of_kind or (len(names) == 1 and names[0] in _BODY_WRAPPERS):
        return TextRole("body", message=message, spelling=_spelling_of(file_text, value_by_path))
    return TextRole("member", path=below)


def _spelling_of(file_text: FileText, value_by_path: dict[JsonPath, str]) -> str:
    """Tell how the bytes of a body are written, by its member or by what stands beside it."""
    above, last = file_text.path[:-1], file_text.path[-1]
    encoding = value_by_path.get((*above, "encoding"))
    spelling = "text"
    is_base64 = file_text.is_binary or last in _BASE64_MEMBERS or encoding == "base64"
    if is_base64 or _kind_of(file_text, value_by_path) == "base64":
        spelling = "base64"
    elif (
        encoding == "hex"
        or value_by_path.get((*above, "type")) == "binary"
        or _BODY_IN_HEX.match(file_text.value.lstrip('["'))
    ):
        spelling = "hex"
    is_chunks = spelling != "text" and file_text.value.startswith("[")
    return f"{spelling} chunks" if is_chunks else spelling


def _kind_of(file_text: FileText, value_by_path: dict[JsonPath, str]) -> str:
    """Return what seinfeld says beside a text of which kind the body is."""
    return value_by_path.get((*file_text.path[:-1], "kind"), "")
