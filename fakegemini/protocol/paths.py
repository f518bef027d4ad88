"""Read request paths: versions, the Vertex prefix, operations, and what is no interaction's id.

An id may hold anything, a slash too, and the live server names the one that it cannot read. So
what the SDKs ask for beside the four operations would be taken for an id that is misspelt. Known
from google-genai 3.6.1: Live Interactions and their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..wire.http import Request
from .ids import InteractionId

LIVE_API_URL = "https://generativelanguage.googleapis.com"
"""Where the live Gemini API answers, without a path."""

_LIVE = "live"
_TOKENS = "auth_tokens"
_VERB = re.compile(r"[^:]+:[A-Za-z]+")


def is_other_route(method: str, below: Sequence[str]) -> bool:
    """Whether a method and the parts of a path below `interactions` ask for something else.

    `below` is decoded. What goes on behind a well-formed id, with a slash or a colon, is a route;
    only the cancel is one of ours.
    """
    first, colon, _ = below[0].partition(":") if below else ("", "", "")
    if first == _LIVE or _TOKENS in below[1:]:
        return True
    if method == "POST" and _cancels(below):
        return False
    if InteractionId.parse(first):
        return bool(colon) or len(below) > 1
    # Of what stands behind `interactions/`, only verbs are asked for with a POST.
    return method == "POST" and len(below) == 1 and bool(_VERB.fullmatch(below[0]))


def _cancels(below: Sequence[str]) -> bool:
    if len(below) == 1:
        return below[0].endswith(":cancel")
    return bool(below) and below[-1] == "cancel"


OPERATIONS: dict[str, tuple[str, bool]] = {
    "create": ("POST", False),
    "cancel": ("POST", True),
    "get": ("GET", True),
    "delete": ("DELETE", True),
}
"""Method, and whether the path goes on behind `interactions`, of each operation."""


def operation(request: Request) -> str | None:
    """Which operation of an interaction a request is, None for anything else."""
    parts = request.segments
    if "interactions" not in parts:
        return None
    below = parts[parts.index("interactions") + 1 :]
    method_and_depth = (request.method, bool(below))
    if is_other_route(request.method, below):
        return None
    return next((name for name, row in OPERATIONS.items() if row == method_and_depth), None)


VERSION = re.compile(r"v\d+((alpha|beta)\d*)?")


def is_enterprise(request: Request) -> bool:
    """Whether the path has the Vertex prefix: the Gemini Enterprise Agent Platform's."""
    return request.segments[1:2] == ("projects",)


def resource_path(request: Request) -> tuple[str, ...] | None:
    """The parts of the path below version and Vertex prefix; None where there is no version."""
    parts = request.segments
    if not parts or not VERSION.fullmatch(parts[0]):
        return None
    if len(parts) >= 5 and (parts[1], parts[3]) == ("projects", "locations"):
        return parts[5:]
    return parts[1:]
