"""Read what Braintrust's seinfeld recorded: `entries`, each with bodies that say of which kind they
are.

Known from its schema of version 1 and from its serializer. What fetch unpacked stands beside the
header that says how it was packed. Bytes above a size lie beside the file, named by their hash.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Any

from ..wire.http import Json
from .plain_files import read_plain_file

_BLOB_SUFFIX = ".bin"


def is_seinfeld(value: Any) -> bool:
    """Tell a cassette of seinfeld by the key under which it finds an entry again."""
    entries = value.get("entries") if isinstance(value, dict) else None
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and "matchKey" in entry for entry in entries
    )


def seinfeld_entries(value: Json, path: Path) -> list[Any]:
    """Turn a cassette of seinfeld into entries of VCR."""
    return [
        {name: _message(entry[name], path) for name in ("request", "response") if name in entry}
        for entry in value["entries"]
    ]


def _message(message: Any, path: Path) -> Any:
    if not isinstance(message, dict) or not isinstance(message.get("body"), dict):
        return message
    return {**message, "body": _body(message["body"], path)}


def _body(body: Json, path: Path) -> Any:
    """Turn a body into one of the forms that an entry of VCR may have."""
    kind, value = body.get("kind"), body.get("value")
    if kind == "empty":
        return {"type": "none"}
    if kind in ("json", "text"):
        return {"type": kind, "content": value}
    if kind == "base64":
        return {"base64_string": value}
    if kind == "sse" and isinstance(body.get("chunks"), list):
        return [f"{chunk}\n\n" for chunk in body["chunks"]]
    if kind == "binary":
        return _blob(body, path)
    return body


def _blob(body: Json, path: Path) -> Any:
    """Read the bytes of a body that lies in a folder beside the file.

    The name of the folder is the cassette's, that of the file its hash, and no other is opened.
    What is not there, or has another hash, stays an object, which nobody takes for a body.
    """
    digest = str(body.get("sha256"))
    file = PurePosixPath(path.with_suffix(".blobs").name, digest + _BLOB_SUFFIX)
    if str(body.get("path")) != str(file) or not digest.isalnum():
        return body
    try:
        raw = read_plain_file(path.with_name(file.parent.name) / file.name)
    except OSError:
        return body
    return raw if hashlib.sha256(raw).hexdigest() == digest else body
