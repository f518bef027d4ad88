"""Which handler a path leads to. The version is a wildcard, and so is the Vertex prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..protocol.paths import is_other_route, resource_path
from ..protocol.refusals import lookups as refusals
from ..protocol.refusals.refusal import Refusal
from ..protocol.refusals.refuse import refusal_reply
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
        template_parts = self.template.split("/")
        for index, name in enumerate(template_parts):
            if name == "{*}":
                stop = len(parts) - (len(template_parts) - index - 1)
                if stop <= index:
                    return None
                values.append("/".join(parts[index:stop]))
                parts = (*parts[: index + 1], *parts[stop:])
            elif index >= len(parts):
                return None
            elif name == "{}":
                values.append(parts[index])
            elif name != parts[index]:
                return None
        return tuple(values) if len(parts) == len(template_parts) else None


def only_looks_like_interaction(request: Request) -> bool:
    """Whether the path only looks like that of an interaction: a route that nobody has here."""
    family, *below = resource_path(request) or ("",)
    return family == "interactions" and is_other_route(request.method, below)


def dispatch(routes: Iterable[Route], request: Request) -> Reply | None:
    """The answer of the first route that fits, or None."""
    parts = resource_path(request)
    if parts is None or only_looks_like_interaction(request):
        return None
    for candidate in routes:
        values = candidate.match(request.method, parts)
        if values is not None:
            return candidate.endpoint(request, *values)
    return None


CLASSIC_RESOURCES = frozenset(
    "batches cachedContents corpora download dynamic fileSearchStores files generatedFiles media "
    "models operations publishers tunedModels upload".split()
)
"""The older resources of this API: their errors are google.rpc's, those of the newer ones not."""


def answer_unrouted(routes: Iterable[Route], request: Request) -> Reply:
    """The answer to a request that no route takes."""
    if any(route.method != request.method and _path_fits(route, request) for route in routes):
        return refusal_reply(refusals.no_method())
    refusal = refusals.no_route(request.method, request.path)
    reply = refusal_reply(refusal)
    if _is_classic(request):
        return replace(reply, beats=json_reply(_rpc_error(refusal)).beats)
    return reply


def _path_fits(route: Route, request: Request) -> bool:
    """Whether the path is the route's; a name with a verb, `models/x:count`, is none."""
    parts = resource_path(request) or ()
    if (
        only_looks_like_interaction(request)
        or not 1 <= len(parts) <= 2
        or any(":" in part for part in parts)
    ):
        return False
    return route.match(route.method, parts) is not None


def _is_classic(request: Request) -> bool:
    parts = resource_path(request) or request.segments
    return bool(parts) and parts[0].partition(":")[0] in CLASSIC_RESOURCES


def _rpc_error(refusal: Refusal) -> Json:
    return {"error": {"code": refusal.status, "message": refusal.message, "status": "NOT_FOUND"}}
