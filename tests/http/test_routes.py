"""Which paths are answered, and by what."""

from __future__ import annotations

import pytest

from fakegemini import Fake, say
from fakegemini.wire.http import Json

from .door import MODEL, NOT_FOUND, Door, invalid

VERTEX = "v1beta1/projects/p/locations/global"
VERSIONS = ["v1", "v1beta", "v1alpha", "v1beta1", VERTEX]
UNKNOWN = "v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8"


@pytest.mark.parametrize("made_by", VERSIONS)
@pytest.mark.parametrize("read_by", VERSIONS)
def test_one_store_is_behind_all_versions(door: Door, made_by: str, read_by: str) -> None:
    """What one version made, another reads, continues and deletes."""
    made, read = Door(door.url, made_by), Door(door.url, read_by)
    identifier = made.create().json["id"]

    assert read.get(identifier).json["id"] == identifier
    assert read.create(previous_interaction_id=identifier).status == 200
    assert read.delete(identifier).status == 200
    assert made.get(identifier).status == 404


@pytest.mark.parametrize(
    ("body", "query", "accept", "streams"),
    [
        ({}, {}, "application/json", False),
        ({}, {}, "text/event-stream", False),
        ({}, {"alt": "sse"}, "text/event-stream", False),
        ({"stream": False}, {"alt": "sse"}, "*/*", False),
        ({"stream": None}, {}, "*/*", False),
        ({"stream": True}, {}, "application/json", True),
        ({"stream": True}, {}, "*/*", True),
        ({"stream": True}, {"alt": "sse"}, "text/event-stream", True),
    ],
)
def test_the_body_decides_whether_a_create_streams(
    door: Door, body: dict[str, object], query: dict[str, str], accept: str, streams: bool
) -> None:
    """Neither Accept nor alt=sse does."""
    body = {"model": MODEL, "input": "Hi"} | body

    answer = door.ask("POST", "/v1/interactions", body, {"Accept": accept}, **query)

    assert answer.status == 200
    assert answer.kind == ("text/event-stream" if streams else "application/json")


@pytest.mark.parametrize(
    ("query", "accept", "streams"),
    [
        ({}, "text/event-stream", False),
        ({"stream": "false"}, "text/event-stream", False),
        ({"alt": "sse"}, "text/event-stream", False),
        ({"last_event_id": "x"}, "*/*", False),
        ({"stream": "true"}, "application/json", True),
        ({"stream": "True"}, "*/*", True),
    ],
)
def test_the_query_decides_whether_a_get_streams(
    door: Door, query: dict[str, str], accept: str, streams: bool
) -> None:
    """The SDKs always send it, as `true` or `false`."""
    identifier = door.create().json["id"]

    answer = door.ask("GET", f"/v1/interactions/{identifier}", None, {"Accept": accept}, **query)

    assert answer.status == 200
    assert answer.kind == ("text/event-stream" if streams else "application/json")


@pytest.mark.parametrize(
    ("include", "has_input"), [(None, False), ("false", False), ("true", True), ("True", True)]
)
def test_a_get_shows_the_input_when_asked(door: Door, include: str | None, has_input: bool) -> None:
    """The user's step is in the timeline either way."""
    identifier = door.create("Hello").json["id"]

    body = door.get(identifier, **({"include_input": include} if include else {})).json

    said = {"type": "user_input", "content": [{"text": "Hello", "type": "text"}]}
    assert body["steps"][0] == said
    assert body.get("input") == ([said] if has_input else None)


@pytest.mark.parametrize(
    "headers",
    [{}, {"cookie": ""}, {"Api-Revision": "2026-05-20"}, {"x-goog-api-key": "any"}, {"X-Odd": "é"}],
    ids=["none", "empty cookie", "revision", "key", "latin"],
)
@pytest.mark.parametrize("query", [{}, {"key": "any"}, {"$alt": "json", "prettyPrint": "false"}])
def test_what_clients_add_does_not_matter(
    door: Door, headers: dict[str, str], query: dict[str, str]
) -> None:
    """Headers that nobody knows are ignored, and so are the gateway's own query parameters."""
    body = {"model": MODEL, "input": "Hi"}

    assert door.ask("POST", "/v1/interactions", body, headers, **query).status == 200


def words_of_ours(method: str, path: str) -> str:
    """One sentence that helps a reader who sees nothing else."""
    return (
        f"fakegemini does not emulate {method} {path}; it emulates the Interactions API, such as "
        "POST /v1/interactions."
    )


NO_ROUTE = [
    ("POST", f"/v1/interactions/{UNKNOWN}/resume"),
    ("POST", "/v1/agents"),
    ("GET", "/v1beta/webhooks/x"),
    ("POST", "/v1beta/environments"),
    ("POST", "/v1/decisions"),
    ("POST", "/interactions"),
    ("POST", "/v2gamma/interactions"),
    ("POST", "/v1/projects/p/interactions"),
    ("POST", "/v1/projects/p/locations/interactions"),
    ("GET", "/"),
    ("GET", "/favicon.ico"),
    ("POST", "/v1/Interactions"),
]


@pytest.mark.parametrize(("method", "path"), NO_ROUTE)
def test_what_is_not_emulated_says_so(door: Door, method: str, path: str) -> None:
    """In our own words, so that nobody takes our 404 for the live server's."""
    answer = door.ask(method, path)

    assert answer.status == 404
    assert answer.kind == "application/json; charset=UTF-8"
    assert answer.headers["x-fakegemini-evidence"] == "X"
    assert answer.json["error"] == {
        "message": words_of_ours(method, path),
        "code": "not_found",
    }


def not_emulated(method: str, path: str) -> Json:
    """Our own words for a route that the fake has not got."""
    return {"error": {"message": words_of_ours(method, path), "code": "not_found"}}


BESIDE = [
    "live",
    "live/abc",
    "live:connect",
    f"{UNKNOWN}/auth_tokens",
    f"{UNKNOWN}/auth_tokens/abc",
    f"{UNKNOWN}/auth_tokens/auth_tokens/abc",
    "v1_bogus/auth_tokens",
    "v1_bogus/auth_tokens/abc",
    f"{UNKNOWN}/steps",
    f"{UNKNOWN}/cancel/abc",
    f"{UNKNOWN}:pause",
    f"{UNKNOWN}:pause/abc",
]
"""Below `interactions/`: known from google-genai 3.6.1, and what would be its like."""


@pytest.mark.parametrize("version", ["v1", "v1beta", VERTEX])
@pytest.mark.parametrize("path", BESIDE)
def test_a_route_beside_the_interactions_is_no_misspelt_id(
    fake: Fake, door: Door, path: str, version: str
) -> None:
    """With every method: it is not emulated, and the name is fine. It counts as no operation."""
    place = f"/{version}/interactions/{path}"
    for method in ("GET", "POST", "DELETE", "PUT", "PATCH"):
        answer = door.ask(method, place, {} if method == "POST" else None)

        assert (answer.status, answer.json) == (404, not_emulated(method, place))
        assert answer.headers["x-fakegemini-evidence"] == "X"
        assert (fake.requests[-1].operation, fake.requests[-1].id) == (None, None)
    door.ask("HEAD", place)
    assert fake.requests[-1].operation is None


def test_an_upgrade_is_not_emulated(door: Door) -> None:
    """As google-genai 3.6.1 opens a live interaction, with a query in its base URL."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    answer = door.ask("GET", "/v1/interactions/live", None, upgrade, tide="high")

    assert (answer.status, answer.json) == (404, not_emulated("GET", "/v1/interactions/live"))


def test_a_fault_of_an_operation_spoils_no_other_route(fake: Fake, door: Door) -> None:
    """An auth token is no cancel, though both are asked for with a POST below an id."""
    fake.faults("rate_limited", on="cancel", times=1)

    assert door.ask("POST", f"/v1/interactions/{UNKNOWN}/auth_tokens", {}).status == 404
    assert door.cancel(UNKNOWN).status == 429


ODD_IDS = ["auth_tokens", "lively", "a/live", "a:b", "v1_bogus:pause"]


@pytest.mark.parametrize("name", ODD_IDS)
def test_what_only_looks_like_such_a_route_is_a_misspelt_id(door: Door, name: str) -> None:
    """Nothing says that these are routes: a get names them."""
    assert door.get(name).json == invalid(f"Invalid interaction name: interactions/{name}")


def test_an_escaped_slash_stays_in_the_id(door: Door) -> None:
    """Whoever escapes it means an id."""
    answer = door.get(f"{UNKNOWN}%2Fauth_tokens")

    assert answer.json == invalid(f"Invalid interaction name: interactions/{UNKNOWN}/auth_tokens")


CLASSIC = [
    ("GET", "/v1/files/abc"),
    ("POST", "/upload/v1beta/files"),
    ("POST", "/v1beta/models/gemini-3.5-flash:generateContent"),
    ("POST", f"/{VERTEX}/publishers/google/models/gemini-3.5-flash:streamGenerateContent"),
    ("POST", "/v1beta/cachedContents"),
    ("GET", "/v1beta/batches"),
]


@pytest.mark.parametrize(("method", "path"), CLASSIC)
def test_the_older_resources_say_so_in_their_own_shape(door: Door, method: str, path: str) -> None:
    """Their errors are google.rpc's, which their part of the SDKs reads."""
    answer = door.ask(method, path)

    assert answer.status == 404
    assert answer.headers["x-fakegemini-evidence"] == "X"
    assert answer.json["error"] == {
        "code": 404,
        "message": words_of_ours(method, path),
        "status": "NOT_FOUND",
    }


NO_METHOD = [
    ("GET", "/v1/interactions"),
    ("PATCH", "/v1/interactions"),
    ("DELETE", f"/{VERTEX}/interactions"),
    ("OPTIONS", "/v1/interactions"),
    ("PUT", f"/v1/interactions/{UNKNOWN}"),
    ("PATCH", f"/v1/interactions/{UNKNOWN}"),
    ("POST", "/v1beta/models"),
]


@pytest.mark.parametrize(("method", "path"), NO_METHOD)
def test_a_path_has_its_methods(door: Door, method: str, path: str) -> None:
    """Measured for the list of interactions, which the live server has not got."""
    answer = door.ask(method, path)

    assert answer.status == 404
    assert answer.json == {"error": {"message": "Method not found.", "code": "not_found"}}


def test_a_head_has_no_body(door: Door) -> None:
    """A probe does not wedge the connection."""
    assert door.ask("HEAD", "/v1/interactions").body == b""


@pytest.mark.parametrize("operation", ["get", "delete", "cancel"])
def test_an_unknown_id_is_not_found(door: Door, operation: str) -> None:
    """Recorded: the body never names the entity, keys in this order, charset in the header."""
    answer = getattr(door, operation)(UNKNOWN)

    assert answer.status == 404
    assert answer.kind == "application/json; charset=UTF-8"
    assert answer.body == (
        b'{"error":{"message":"Requested entity was not found.","code":"not_found"}}'
    )


MALFORMED = [
    ("v1_bogus", "v1_bogus"),
    ("a/b%20c", "a/b c"),
    ("a%2Fb%20c", "a/b c"),
    ("%20", " "),
    ("v1_%C3%A9", "v1_é"),
    ("v1_%FF", "v1_\ufffd"),
    ("x" * 2000, "x" * 2000),
]


@pytest.mark.parametrize(("path", "name"), MALFORMED, ids=[path[:12] for path, _ in MALFORMED])
@pytest.mark.parametrize("operation", ["get", "delete", "cancel"])
def test_a_malformed_id_is_named(door: Door, operation: str, path: str, name: str) -> None:
    """One SDK leaves a slash in an id as it is, the other escapes it."""
    answer = getattr(door, operation)(path)

    assert answer.status == 400
    assert answer.json == invalid(f"Invalid interaction name: interactions/{name}")


def test_a_slash_at_the_end_does_not_matter(door: Door) -> None:
    """Base URLs are often written with one."""
    answer = door.ask("POST", "/v1/interactions/", {"model": MODEL, "input": "Hi"})

    assert answer.status == 200
    assert door.ask("GET", f"/v1/interactions/{answer.json['id']}/").status == 200


@pytest.mark.parametrize("path", ["//v1/interactions", "/v1//interactions", "//v1beta//models"])
def test_a_path_with_an_empty_part_is_not_there(door: Door, path: str) -> None:
    """An address that ends in a slash, joined with a path: reported to be a 404."""
    method = "GET" if path.endswith("models") else "POST"

    answer = door.ask(method, path, {"model": MODEL, "input": "Hi"})

    assert answer.status == 404
    assert answer.json["error"]["code"] == "not_found"
    assert "last slash" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"odd": "1"}, 'Unknown name "odd": Cannot bind query parameter.'),
        ({"alt": "sse", "pageSize": "3"}, 'Unknown name "pageSize": Cannot bind query parameter.'),
        ({"include_input": "true"}, 'Unknown name "include_input": Cannot bind query parameter.'),
        ({"fields": "id"}, "Request contains an invalid argument."),
        ({"$fields": "id"}, "Request contains an invalid argument."),
    ],
    ids=lambda value: "&".join(value) if isinstance(value, dict) else "",
)
def test_an_unknown_query_parameter_is_refused(
    door: Door, query: dict[str, str], message: str
) -> None:
    """By every operation, before anything is looked up; nothing is stored."""
    body = {"model": MODEL, "input": "Hi"}
    created = door.ask("POST", "/v1/interactions", body, None, **query)
    identifier = door.create("Hello").json["id"]

    assert (created.status, message in created.json["error"]["message"]) == (400, True)
    if "include_input" not in query:
        for method in ("GET", "DELETE"):
            answer = door.ask(method, f"/v1/interactions/{identifier}", None, None, **query)
            assert (answer.status, message in answer.json["error"]["message"]) == (400, True)
    assert door.get(identifier).status == 200


def test_a_colon_cancels_too(door: Door) -> None:
    """Some clients send it."""
    identifier = door.create(background=True).json["id"]

    answer = door.ask("POST", f"/v1/interactions/{identifier}:cancel")

    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert door.ask("POST", f"/v1/interactions/{UNKNOWN}:cancel").json == NOT_FOUND
    assert door.ask("POST", f"/v1/interactions/{UNKNOWN}:stop").json == not_emulated(
        "POST", f"/v1/interactions/{UNKNOWN}:stop"
    )
    assert door.ask("POST", f"/v1/interactions/{UNKNOWN}").json == NOT_FOUND


@pytest.mark.parametrize("body", [None, {}, b"garbage"], ids=["none", "empty", "garbage"])
def test_the_body_of_a_cancel_is_not_read(door: Door, body: object) -> None:
    """Clients send none or an empty object."""
    identifier = door.create(background=True).json["id"]

    assert door.ask("POST", f"/v1/interactions/{identifier}/cancel", body).status == 200


def test_models_are_listed(door: Door) -> None:
    """Some clients list them before anything else; the classic shape."""
    listed = door.ask("GET", "/v1beta/models").json["models"]
    one = door.ask("GET", f"/v1beta/models/{MODEL}").json

    assert one in listed
    assert one["name"] == f"models/{MODEL}"
    assert door.ask("GET", "/v1beta/models/gemini-of-tomorrow").json == NOT_FOUND
    assert door.ask("GET", "/v1beta/models/gemini-of-tomorrow").status == 404


def test_health_is_told_and_not_counted(fake: Fake, door: Door) -> None:
    """A container's probe is no request of the test."""
    answer = door.ask("GET", "/__fakegemini__/health")

    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert fake.requests == []


def test_requests_are_kept_as_they_came(fake: Fake, door: Door) -> None:
    """Refused ones too, below the prefix of the server."""
    fake.replies(say("x"))
    door.create("first")
    door.create("second", model="gemini-of-tomorrow")

    assert [request.json()["input"] for request in fake.requests] == ["first", "second"]
    assert [request.path for request in fake.requests] == ["/v1/interactions"] * 2


def test_a_test_that_is_over_answers_nobody(door: Door) -> None:
    """A late request finds nobody instead of the next test's fake."""
    answer = Door(door.url + "9").create()

    assert answer.status == 404
    assert answer.json["error"]["code"] == "fakegemini"
    assert "the test that it belongs to is over" in answer.json["error"]["message"]
