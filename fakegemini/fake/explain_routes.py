"""Explain a path or a method that the fake has not got: whose it is, and the nearest route."""

from __future__ import annotations

import re

from ..wording import nearest_name
from .foreign_routes import FOREIGN_ROUTES
from .refused_request import Explanation, RefusedRequest

_ROUTES = (
    "POST /v1/interactions, GET and DELETE /v1/interactions/{id}, POST …/cancel, GET /v1/models"
)
_VERSION = re.compile(r"v\d+(alpha|beta)?\d*")
_FAMILIES = ("interactions", "models")


def explain_no_route(refused: RefusedRequest) -> Explanation:
    """Say what the path is, if it is another API's, or what is wrong with its spelling."""
    method, path = refused.entry.method, refused.entry.path
    target = f"{method} {path}"
    for route in FOREIGN_ROUTES:
        if route.pattern.search(path):
            return Explanation(_ROUTES, f"{target} belongs to {route.owner}", route.fix)
    right_path = _spell_right(path)
    if right_path:
        return Explanation(
            f"{method} {right_path}",
            f"{path} is not {right_path}",
            "correct the path; SDKs are given the server's address alone, without version and path",
        )
    return Explanation(
        _ROUTES,
        f"{target} is no route of the Interactions API",
        "correct the path, or replace this call in the test",
    )


def _spell_right(path: str) -> str:
    """Return a path of ours that this one nearly is; empty where it is like none."""
    parts = [part for part in path.split("/") if part]
    versions = [part for part in parts if _VERSION.fullmatch(part)]
    names = [part for part in parts if part not in versions]
    names = names[names.index("interactions") :] if "interactions" in names else names
    family = (
        nearest_name(names[0].lower().partition(":")[0], _FAMILIES, cutoff=0.8) if names else ""
    )
    if not family:
        return ""
    right_path = "/".join(["", *(versions[:1] or ["v1"]), family, *names[1:2]])
    return right_path if right_path != path else ""


def explain_no_method(refused: RefusedRequest) -> Explanation:
    """Say which method the path has not got."""
    return Explanation(_ROUTES, f"the path {refused.entry.path} has no {refused.entry.method}")
