"""What is asked of the fake and is no route of it.

A path of ours with a method it has not got is answered as the live server does. For everything
else there is one answer, which says that it is ours: in the shape in which the live server would
have refused, so that SDKs show the text, and never with a status that they retry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..protocol.paths import resource_path
from ..protocol.refusals import refusal as refusals
from ..protocol.refusals.refuse import refused
from ..wire.http import Json, Reply, Request
from ..wire.replies import json_reply
from .routes import Route, is_beside

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
