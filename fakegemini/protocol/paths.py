"""Read request paths: version, Vertex prefix, operation, and routes that only look like an id.

An id may hold anything, a slash too, and the live server names the id that it cannot read. So other
routes of the SDKs would be taken for a misspelt id. Known from google-genai 3.6.1: Live
Interactions and their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from ..wire.http import Request, split_path
from .ids import InteractionId

LIVE_API_URL = "https://generativelanguage.googleapis.com"
"""Where the live Gemini API answers, without a path."""

API_HOST = re.compile(
    r"(?:[\w.-]+[.-])?(?:generativelanguage|aiplatform)(?:\.[\w-]+)*\.googleapis\.com\.?",
    re.IGNORECASE,
)
"""The hosts of the Gemini API and of Vertex, with their regions and variants."""

_VERTEX_HOST = "aiplatform.googleapis.com"
_VERTEX_VERSION = "v1beta1"
"""The version that google-genai asks Vertex for, and the Gemini API never."""

_MULTI_REGIONS = frozenset({"us", "eu"})
_LIVE = "live"
_TOKENS = "auth_tokens"
_VERB = re.compile(r"[^:]+:[A-Za-z]+")


def is_other_route(method: str, below: Sequence[str]) -> bool:
    """Tell whether a method and the parts of a path below `interactions` are another route.

    `below` is decoded. Whatever goes on behind a well-formed id, with a slash or a colon, is a
    route; of these only the cancel is one of the four operations.
    """
    first, colon, _ = below[0].partition(":") if below else ("", "", "")
    if first == _LIVE or _TOKENS in below[1:]:
        return True
    if method == "POST" and _cancels(below):
        return False
    if InteractionId.parse(first):
        return bool(colon) or len(below) > 1
    # Behind `interactions/`, a POST without an id can only be a verb.
    return method == "POST" and len(below) == 1 and bool(_VERB.fullmatch(below[0]))


def _cancels(below: Sequence[str]) -> bool:
    if len(below) == 1:
        return below[0].endswith(":cancel")
    return bool(below) and below[-1] == "cancel"


Operation: TypeAlias = Literal["create", "cancel", "get", "delete"]

OPERATIONS: dict[str, tuple[str, bool]] = {
    "create": ("POST", False),
    "cancel": ("POST", True),
    "get": ("GET", True),
    "delete": ("DELETE", True),
}
"""For each operation its method, and whether the path goes on behind `interactions`."""


def operation(request: Request) -> str | None:
    """Return the operation of a request: create, cancel, get or delete; None for anything else."""
    return _find_operation(request.method, request.path)


@lru_cache(maxsize=1024)
def _find_operation(method: str, path: str) -> str | None:
    parts = split_path(path)
    if "interactions" not in parts:
        return None
    below = parts[parts.index("interactions") + 1 :]
    method_and_depth = (method, bool(below))
    if is_other_route(method, below):
        return None
    return next((name for name, row in OPERATIONS.items() if row == method_and_depth), None)


VERSION = re.compile(r"v\d+((alpha|beta)\d*)?")


def live_url(path: str) -> str:
    """Return where the live server of a path answers: the Gemini API, or Vertex at its location.

    Known from google-genai 3.6.1.
    """
    parts = [part for part in path.split("/") if part]
    if parts[1:2] == ["projects"] and parts[3:4] == ["locations"] and len(parts) > 4:
        location = parts[4]
        if location in _MULTI_REGIONS:
            return f"https://aiplatform.{location}.rep.googleapis.com"
        prefix = "" if location == "global" else f"{location}-"
        return f"https://{prefix}{_VERTEX_HOST}"
    return f"https://{_VERTEX_HOST}" if parts[:1] == [_VERTEX_VERSION] else LIVE_API_URL


def is_enterprise(request: Request) -> bool:
    """Tell whether the path has the Vertex prefix, that of the Gemini Enterprise Agent Platform."""
    return request.segments[1:2] == ("projects",)


def resource_path(request: Request) -> tuple[str, ...] | None:
    """Return the path's parts below version and Vertex prefix; None where there is no version."""
    parts = request.segments
    if not parts or not VERSION.fullmatch(parts[0]):
        return None
    if len(parts) >= 5 and (parts[1], parts[3]) == ("projects", "locations"):
        return parts[5:]
    return parts[1:]
