"""Find the endpoint of a path, whatever version and Vertex prefix it begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from ..protocol.paths import is_other_route, operation, resource_path
from ..protocol.refusals import lookups as refusals
from ..protocol.refusals.refusal import Refusal
from ..protocol.refusals.refuse import refusal_reply
from ..wire.http import Fault, Handler, Json, Reply, Request
from ..wire.replies import json_reply

CONTROL_PREFIX = "/__fakegemini__"
"""Below this are the control routes; no path of the API can be."""


class AnswerPlan(NamedTuple):
    """How a request will be answered; what `answer` makes and stores comes when it is called.

    `fault` is the scripted reply's own: where it refuses, `answer` is never called. `is_guarded`
    says whether a guard is to look at the answer. `refusal` is what the answer says, where it
    refuses.
    """

    answer: Handler
    fault: Fault | None = None
    is_guarded: bool = True
    refusal: Refusal | None = None

    @classmethod
    def of_reply(cls, reply: Reply) -> AnswerPlan:
        """Plan to give a reply that is there already."""
        return cls(lambda request: reply)

    @classmethod
    def of_refusal(
        cls, refusal: Refusal, *, stream: bool = False, is_guarded: bool = True
    ) -> AnswerPlan:
        """Plan to refuse; to a request that wants a stream, as a stream."""
        reply = refusal_reply(refusal, stream=stream)
        return cls(lambda request: reply, is_guarded=is_guarded, refusal=refusal)


Endpoint: TypeAlias = Callable[..., Reply | AnswerPlan | None]
"""Takes the request and the values of the template's variables, in order. None: not its own."""


class Route(NamedTuple):
    """A method and a path below the version; `{}` stands for one part, `{*}` for one or more.

    An id with an unescaped slash is still an id: one SDK leaves it as it is.
    """

    method: str
    template: str
    endpoint: Endpoint

    def match(self, method: str, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """Read the values of the variables if method and path fit; None if they do not."""
        if method != self.method:
            return None
        if parts == (self.template,):
            return ()
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
    """Tell whether a path only looks like an interaction's: a route that the fake has not got."""
    return _looks_like_interaction(request.method, request.path)


@lru_cache(maxsize=1024)
def _looks_like_interaction(method: str, path: str) -> bool:
    family, *below = resource_path(Request(method, path)) or ("",)
    return family == "interactions" and is_other_route(method, below)


def plan_answer(routes: Sequence[Route], request: Request) -> AnswerPlan:
    """Plan the answer of the first route that fits, or of a server that has none for it."""
    asked_operation = operation(request)
    refusal: Refusal | None = None
    if "//" in request.path:
        families = {route.template.partition("/")[0] for route in routes}
        refusal = refusals.double_slash(request.path, families)
    if request.query and not refusal:
        names = (name for name, _ in request.query)
        refusal = refusals.unknown_query_parameter(asked_operation, names)
    if refusal:
        return AnswerPlan.of_refusal(refusal)
    result = _call_endpoint(routes, request)
    if isinstance(result, Reply):
        return AnswerPlan.of_reply(result)
    is_guarded = asked_operation != "create"  # as with every refusal of a create
    return result or plan_unrouted(routes, request)._replace(is_guarded=is_guarded)


def _call_endpoint(routes: Iterable[Route], request: Request) -> Reply | AnswerPlan | None:
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


def plan_unrouted(routes: Iterable[Route], request: Request) -> AnswerPlan:
    """Plan the 404 for a request that no route takes, as the live server answers it."""
    if any(route.method != request.method and _path_fits(route, request) for route in routes):
        return AnswerPlan.of_refusal(refusals.no_method())
    refusal = refusals.no_route(request.method, request.path)
    plan = AnswerPlan.of_refusal(refusal)
    if _is_classic(request):
        reply = replace(refusal_reply(refusal), beats=json_reply(_rpc_error(refusal)).beats)
        return plan._replace(answer=lambda request: reply)
    return plan


def _path_fits(route: Route, request: Request) -> bool:
    """Tell whether the path is the route's; a name with a verb, `models/x:count`, is not."""
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
