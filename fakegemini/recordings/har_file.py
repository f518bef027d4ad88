"""Read HAR files, which browsers and proxies write: HTTP Archive 1.2."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import Unreadable
from ..wire.http import Json
from .contents import Contents
from .exchange import Exchange


def contents_from_har(log: Json, path: Path) -> Contents:
    """Read the member `log` of a HAR; raises `Unreadable` for an entry that is none."""
    entries = log["entries"]
    return Contents(list(_exchanges_of(entries, path)), _head_of(entries))


def _exchanges_of(entries: Any, path: Path) -> Iterator[Exchange]:
    """Read the entries one by one; what a browser asks before it asks (OPTIONS) is left out."""
    if not isinstance(entries, list):
        raise Unreadable(f"{path}: no HAR: its `entries` are no list")
    for number, entry in enumerate(entries, start=1):
        try:
            request, response = entry["request"], entry["response"]
            if request["method"] == "OPTIONS":
                continue
            content = response.get("content") or {}
            body = content.get("text") or ""
            raw = base64.b64decode(body) if content.get("encoding") == "base64" else body.encode()
            yield Exchange(
                number,
                str(request["method"]).upper(),
                str(request["url"]),
                _lower_headers(request),
                str((request.get("postData") or {}).get("text") or "").encode(),
                int(response["status"]) or None,  # a HAR writes 0 where no answer came
                _lower_headers(response),
                raw,
            )
        except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
            raise Unreadable(f"{path}: entry {number} is not one of a HAR ({error})") from None


def _head_of(entries: list[Json]) -> Json:
    """Build the head from the day, in UTC, of the first entry; empty where that has no time."""
    try:
        start = datetime.fromisoformat(entries[0]["startedDateTime"])
        return {"recorded": start.astimezone(UTC).date().isoformat()}
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        return {}


def _lower_headers(message: Json) -> dict[str, str]:
    """Return the headers of a request or response by name in lower case, of twins the last."""
    return {
        str(header["name"]).lower(): str(header["value"]) for header in message.get("headers") or ()
    }
