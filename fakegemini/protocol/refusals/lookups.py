"""Refuse what is read or looked up on the way: clients, bodies, ids, events, routes, files.

No table of these is asked: whoever looks something up calls the function of what it met. Where the
argument decides, the function has the condition too and returns None for what is good.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from ...wire.http import Request
from ..ids import InteractionId
from ..status import is_running
from . import live_words
from .refusal import Refusal, catch_all, invalid
from .registry import Layer, refusal

_LEGACY_SDK = "google-genai-sdk/1."
_NODE = "gl-node/"


def check_client(request: Request) -> Refusal | None:
    """Return the refusal that a client of the schema before steps gets, or None.

    Recorded on 2026-10-08: the server knows a 1.x client by these two headers alone.
    """
    if not any([_LEGACY_SDK in value for _, value in request.headers]):
        return None
    headers = (request.header("x-goog-api-client") or "", request.header("user-agent") or "")
    client = "\n".join(headers)
    return legacy_sdk(client) or legacy_client(client)


@refusal(Layer.LOOKUPS, "C")
def legacy_sdk(client: str) -> Refusal | None:
    """Refuse a google-genai 1.x: the schema it speaks was removed on 2026-06-08.

    Recorded on 2026-10-08.
    """
    if _LEGACY_SDK not in client or _NODE in client:
        return None
    return invalid(
        f"{_LEGACY} google-genai Python SDK to version >= 2.0.0 (e.g., run pip install -U "
        f"google-genai) to use the Interactions API. {_MIGRATION}"
    )


@refusal(Layer.LOOKUPS, "I")
def legacy_client(client: str) -> Refusal | None:
    """Refuse a 1.x client for Node.js, in wider words.

    Reported on 2026-06-12.
    """
    if _LEGACY_SDK not in client or _NODE not in client:
        return None
    return invalid(
        f"{_LEGACY} client SDK to Python >= 2.0.0 or JavaScript/TypeScript >= 2.0.0 to adopt the "
        f"new 'steps' schema. {_MIGRATION}"
    )


_LEGACY = "The legacy Interactions API schema is no longer supported. Please upgrade your"
_MIGRATION = (
    "For details and migration examples, see: "
    "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"
)


@refusal(Layer.LOOKUPS, "X")
def unreadable_body() -> Refusal:
    """Refuse a body that is no JSON object.

    The words are those measured for a malformed parent id.
    """
    return invalid(_SYNTAX_ERROR)


@refusal(Layer.LOOKUPS, "X")
def large_body(size: int) -> Refusal | None:
    """Refuse a create of more than 100 MiB.

    100 MB is what is documented for files within a request; the words are those of generateContent,
    reported on 2025-06-18 with 300 MiB.
    """
    if size <= LARGEST_CREATE:
        return None
    return invalid(
        f"Request payload size exceeds the limit: {LARGEST_CREATE} bytes.",
        f"it has {size} bytes; upload what is large, and name it by its uri",
    )


LARGEST_CREATE = 100 * 1024 * 1024
"""How many bytes a create may have."""

_SYNTAX_ERROR = "Invalid JSON payload: syntax error in request body"


@refusal(Layer.LOOKUPS, "I")
def double_slash(path: str, families: Container[str]) -> Refusal | None:
    """Refuse a path with an empty part before its resource, `//v1beta` or `v1beta//interactions`.

    Reported on 2025-10-10 for `v1beta//models` (getcmd-dev/cmd#157); the words are ours.
    """
    parts = path.split("/")[1:]
    family = next((n for n, part in enumerate(parts) if part in families), 0)
    if "" not in parts[:family]:
        return None
    return Refusal(
        404,
        "not_found",
        f"There is no path {path}: join the server's address without its last slash.",
    )


@refusal(Layer.LOOKUPS, "X")
def unknown_query_parameter(operation: str | None, names: Iterable[str]) -> Refusal | None:
    """Refuse a query parameter that the operation has not got, and masks of fields.

    Reported to be 400; the words are those of the gateway for other methods of this server.
    """
    if operation is None:
        return None
    known = _SYSTEM_PARAMETERS | (_GET_PARAMETERS if operation == "get" else frozenset())
    for name in names:
        if name in _FIELD_MASKS:
            return catch_all(f"the server takes no mask of fields ({name})")
        if name not in known:
            return invalid(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                f"parameter. Field '{name}' could not be found in request message."
            )
    return None


_GET_PARAMETERS = frozenset({"include_input", "last_event_id", "stream"})
_FIELD_MASKS = frozenset({"fields", "$fields"})
_SYSTEM_PARAMETERS = frozenset(
    "key api_key access_token oauth_token alt $alt prettyPrint $prettyPrint quotaUser $userProject "
    "callback $callback uploadType upload_protocol $.xgafv $httpHeaders $unique stream".split()
)
"""The parameters that every method of the gateway takes, and `stream`, which a body overrules."""


@refusal(Layer.LOOKUPS, "L")
def malformed_id(identifier: str) -> Refusal | None:
    """Refuse an id in the path that does not decode.

    Measured on 2026-08-22 and 2026-09-09; the same words are in recorded error bodies.
    """
    if InteractionId.parse(identifier):
        return None
    return invalid(f"Invalid interaction name: interactions/{identifier}")


@refusal(Layer.LOOKUPS, "L")
def malformed_parent(parent_id: str) -> Refusal | None:
    """Refuse a `previous_interaction_id` that does not decode.

    Measured on 2026-08-22 and 2026-09-09.
    """
    return None if InteractionId.parse(parent_id) else invalid(_SYNTAX_ERROR)


@refusal(Layer.LOOKUPS, "L")
def not_found() -> Refusal:
    """Refuse an id or a parent that is unknown, expired, deleted, or another project's.

    Measured between 2026-06 and 2026-09, for a get and for a chained create alike.
    """
    return Refusal(404, "not_found", live_words.ENTITY_NOT_FOUND)


@refusal(Layer.LOOKUPS, "X")
def parent_running(status: str) -> Refusal | None:
    """Refuse a parent that still runs.

    Documented as 400; code and words are ours, but for their end.
    """
    if not is_running(status):
        return None
    return invalid("The previous interaction is still in progress. Active executions are blocked.")


@refusal(Layer.LOOKUPS, "X")
def wrong_continuation(hint: str) -> Refusal:
    """Refuse a `continuation_token` that is unknown or of another turn.

    The words are those of the catch-all.
    """
    return catch_all(hint)


@refusal(Layer.LOOKUPS, "X")
def not_running(identifier: str, status: str) -> Refusal | None:
    """Refuse the cancel of an interaction that does not run.

    The words are ours.
    """
    if is_running(status):
        return None
    return invalid(f"Interaction '{identifier}' is not running in the background.")


@refusal(Layer.LOOKUPS, "X")
def unknown_event() -> Refusal:
    """Refuse a `last_event_id` that names no event of the stream.

    The words are documented, the status is ours.
    """
    return Refusal(404, "not_found", "Failed to get completed interaction: Result not found.")


@refusal(Layer.LOOKUPS, "L")
def no_key_for_download() -> Refusal:
    """Refuse the download of a file without a key.

    The status was measured, the words are those of another 403.
    """
    return Refusal(403, "permission_denied", live_words.NO_PERMISSION)


@refusal(Layer.LOOKUPS, "X")
def no_route(method: str, path: str) -> Refusal:
    """Refuse a path that the fake has not got.

    The words are our own, so that nobody takes our 404 for the live server's.
    """
    return Refusal(
        404,
        "not_found",
        f"fakegemini does not emulate {method} {path}; it emulates the Interactions API, such as "
        "POST /v1/interactions.",
    )


@refusal(Layer.LOOKUPS, "L")
def no_method() -> Refusal:
    """Refuse a method that a known path has not got.

    Measured for the list of interactions, which does not exist.
    """
    return Refusal(404, "not_found", live_words.METHOD_NOT_FOUND)
