"""Files that a turn leaves on the server, for a client to download."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """One file: its id as in `files/<id>`, what it is, and its bytes."""

    id: str
    mime_type: str
    data: bytes
