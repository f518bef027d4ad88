"""Which handler a path leads to. The version is a wildcard, and so is the Vertex prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..protocol.paths import beside, resource_path
from ..protocol.refusals import refusal as refusals
from ..protocol.refusals.refuse import refused
from ..wire.http import Json, Reply, Request
from ..wire.replies import json_reply

Endpoint: TypeAlias = Callable[..., Reply | None]
"""Takes the request and the values of the template's variables, in order. None: not its own."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path below the version; `{}` stands for one part, `{*}` for one or more.

    An id with an unescaped slash is still an id: one SDK leaves it as it is.
    """

    method: str
    template: str
    endpoint: Endpoint

    def match(self, method: str, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """The values of the variables if method and path fit, else None."""
        if method != self.method:
            return None
        values: list[str] = []
        wanted = self.template.split("/")
        for at, name in enumerate(wanted):
            if name == "{*}":
                stop = len(parts) - (len(wanted) - at - 1)
                if stop <= at:
                    return None
                values.append("/".join(parts[at:stop]))
                parts = (*parts[: at + 1], *parts[stop:])
            elif at >= len(parts):
                return None
            elif name == "{}":
                values.append(parts[at])
            elif name != parts[at]:
                return None
        return tuple(values) if len(parts) == len(wanted) else None


def is_beside(request: Request) -> bool:
    """Whether the path only looks like that of an interaction: a route that nobody has here."""
    family, *below = resource_path(request) or ("",)
    return family == "interactions" and beside(request.method, below)


def route(routes: Iterable[Route], request: Request) -> Reply | None:
    """The answer of the first route that fits, or None."""
    parts = resource_path(request)
    if parts is None or is_beside(request):
        return None
    for candidate in routes:
        values = candidate.match(request.method, parts)
        if values is not None:
            return candidate.endpoint(request, *values)
    return None


CLASSIC = frozenset(
    "batches cachedContents corpora download dynamic fileSearchStores files generatedFiles media "
    "models operations publishers tunedModels upload".split()
)
"""The older resources of this API: their errors are google.rpc's, those of the newer ones not."""


def elsewhere(routes: Iterable[Route], request: Request) -> Reply:
    """The answer to a request that no route takes."""
    if any(each.method != request.method and _fits(each, request) for each in routes):
        return refused(refusals.no_method())
    refusal = refusals.no_route(request.method, request.path)
    reply = refused(refusal)
    if _classic(request):
        return replace(reply, beats=json_reply(_rpc(refusal)).beats)
    return reply


def _fits(each: Route, request: Request) -> bool:
    """Whether the path is the route's; a name with a verb, `models/x:count`, is none."""
    parts = resource_path(request) or ()
    if is_beside(request) or not 1 <= len(parts) <= 2 or any(":" in part for part in parts):
        return False
    return each.match(each.method, parts) is not None


def _classic(request: Request) -> bool:
    parts = resource_path(request) or request.segments
    return bool(parts) and parts[0].partition(":")[0] in CLASSIC


def _rpc(refusal: refusals.Refusal) -> Json:
    return {"error": {"code": refusal.status, "message": refusal.message, "status": "NOT_FOUND"}}
