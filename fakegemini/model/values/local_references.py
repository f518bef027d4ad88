"""Make every reference of a schema a pointer from its root: `$id`, `$anchor`, `$dynamicRef`.

What is merged of a schema loses the place that a relative reference counts from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from ...wire.http import Json

_NAMES = frozenset({"$id", "id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef"})
_NO_SCHEMAS = frozenset({"const", "enum", "default", "example", "examples"})
_ROOT = "#"


def make_references_local(root: Any) -> Any:
    """Return the schema with references of the form `#/…` alone; itself where it has no others.

    A reference that leads out of the schema stays as it is. A dynamic one leads to the root where
    the root has its anchor, as that is where whoever reads the schema came from.
    """
    if not any(not _NAMES.isdisjoint(schema) for _, _, schema in _walk(root, "", _ROOT)):
        return root
    places: dict[str, str] = {}
    dynamic_at_root = ""
    for base, pointer, schema in _walk(root, "", _ROOT):
        if pointer == _ROOT or isinstance(schema.get("$id", schema.get("id")), str):
            places.setdefault(base, pointer)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(schema.get(keyword), str):
                places.setdefault(f"{base}#{schema[keyword]}", pointer)
    if isinstance(root, dict) and isinstance(root.get("$dynamicAnchor"), str):
        dynamic_at_root = root["$dynamicAnchor"]
    return _rewrite(root, "", places, dynamic_at_root)


def _walk(node: Any, base: str, pointer: str) -> Iterator[tuple[str, str, Json]]:
    """Yield every object with the address it counts from and its pointer from the root."""
    if isinstance(node, dict):
        base = _base_in(node, base)
        yield base, pointer, node
        for key, value in node.items():
            if key not in _NO_SCHEMAS:
                part = key.replace("~", "~0").replace("/", "~1").replace("%", "%25")
                yield from _walk(value, base, f"{pointer}/{part}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(value, base, f"{pointer}/{index}")


def _base_in(schema: Json, base: str) -> str:
    identifier = schema.get("$id", schema.get("id"))
    if not isinstance(identifier, str) or identifier.startswith("#"):
        return base
    return urldefrag(urljoin(base, identifier))[0]


def _rewrite(node: Any, base: str, places: dict[str, str], dynamic: str) -> Any:
    if isinstance(node, list):
        return [_rewrite(value, base, places, dynamic) for value in node]
    if not isinstance(node, dict):
        return node
    base = _base_in(node, base)
    rewritten: Json = {}
    for key, value in node.items():
        if key in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
            rewritten["$ref"] = (
                _ROOT
                if key != "$ref" and value in (f"#{dynamic}", "#")
                else _point(value, base, places)
            )
        elif key not in ("$id", "$anchor", "$dynamicAnchor"):
            rewritten[key] = value if key in _NO_SCHEMAS else _rewrite(value, base, places, dynamic)
    return rewritten


def _point(reference: str, base: str, places: dict[str, str]) -> str:
    address, fragment = urldefrag(urljoin(base, reference) if reference[0] != "#" else reference)
    address = address or base
    if fragment and not fragment.startswith("/"):
        return places.get(f"{address}#{unquote(fragment)}", reference)
    place = places.get(address)
    return reference if place is None else f"{place}{fragment}"
