"""Put the OpenAPI document together, as `fakegemini openapi` prints it and the fake serves it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ...wire.http import Json
from ..routes import CONTROL_PREFIX
from .components import build_components
from .operations import API_OPERATIONS, CONTROL_OPERATIONS, ERRORS

VERSION_PREFIX = "/v1beta"
"""The version in the paths of the document; the fake answers to every other one likewise."""


@cache
def build_document(*, control: bool = True) -> Json:
    """Build the document, not to be changed: OpenAPI 3.1, with the control routes or without."""
    operations = {(VERSION_PREFIX, "interactions"): API_OPERATIONS}
    if control:
        operations[CONTROL_PREFIX, "control"] = CONTROL_OPERATIONS
    paths: dict[str, Json] = {}
    for (prefix, tag), rows in operations.items():
        for (method, path), operation in rows.items():
            paths.setdefault(prefix + path, {})[method] = operation.describe(path, tag)
    components = {**build_components(), **ERRORS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gemini Interactions API",
            "version": VERSION_PREFIX.strip("/"),
            "description": "As fakegemini emulates it. The schemas are those of its contract "
            "check; `$comment` says what each rests on.",
        },
        "servers": [{"url": "http://127.0.0.1:8787", "description": "fakegemini serve"}],
        "security": [{}, {"key": []}],  # the fake takes any key, and none
        "tags": [{"name": tag, "description": _describe(tag)} for _, tag in operations],
        "paths": paths,
        "components": {
            "schemas": _reachable(paths.values(), components),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"}
            },
        },
    }


def _describe(tag: str) -> str:
    if tag == "control":
        return "How tests in any language direct the fake; the live server has none of it."
    return "The API."


def _reachable(roots: Iterable[Json], components: dict[str, Json]) -> dict[str, Json]:
    """Return the components that the paths lead to, and the events of a stream."""
    pending, reached = [*roots], set[str]()
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            reference = value.get("$ref")
            pending += [member for key, member in value.items() if key != "examples"]
            if isinstance(reference, str):
                name = reference.rpartition("/")[2]
                if name not in reached:
                    reached.add(name)
                    pending.append(components[name])
    return {name: components[name] for name in sorted(reached)}
