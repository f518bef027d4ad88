"""vcrpy alone and with our bridge: what one replays the other replays, byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import vcr as vcrpy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request
from vcr.serialize import deserialize, serialize

from fakegemini import Reply
from fakegemini.recordings.body_forms import BODY_FORMS
from fakegemini.recordings.cassette import load_any_cassette
from fakegemini.vcr import configure
from tests.http.door import Door
from tests.replay.conftest import board, plug

__all__ = ["board", "plug"]

OURS = "https://generativelanguage.googleapis.com/v1beta/interactions"
OTHER = "https://api.example/v1/things?page=2"
PNG = b"\x89PNG\r\n\x1a\n\x00\x01\xff\xfe"
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
BODIES = (
    st.binary()
    | st.text().filter(lambda text: text.isprintable()).map(str.encode)
    | st.builds(
        lambda value, write: write(value).encode("utf-8", "replace"),
        JSON_VALUES,
        st.sampled_from(list(BODY_FORMS.values())),
    )
    | st.sampled_from(
        [b"", b"[]", b"null", b"{", b"\r\n", b"a\rb\n", b"\xef\xbb\xbf{}", PNG, b"data: {}\n\n",
         b"data: {}\r\n\r\n", "\x85\u2028\ufeff😀\n".encode(), b'{"n":1e400}', b'{"a":1,"a":2}',
         b'{"base64_string": "iVBORw0K"}', b'{"x": "\\ud83d"}', b'{"n": 1.0, "m": 1E5}', b" {} ",
         b'{\n  "a": 1\n}\n', gzip.compress(b"packed", mtime=0)]
    )
)  # fmt: skip


def through(serializer: Any, pairs: list[tuple[Request, dict[str, Any]]]) -> Any:
    """Requests and responses written and read again."""
    made = {"requests": [one for one, _ in pairs], "responses": [two for _, two in pairs]}
    return deserialize(serialize(made, serializer), serializer)


def bridge(form: str, folder: Path) -> Any:
    """The serializer of a VCR that is ours; it writes into a folder."""
    vcr = configure(vcrpy.VCR())
    vcr.persister.path = folder / f"tape.{form}"
    return vcr.serializers[form]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where attachments go."""
    return tmp_path_factory.mktemp("bridge")


def answer_of(body: bytes) -> dict[str, Any]:
    """A response as vcrpy has it."""
    headers = {"Content-Type": ["x/y"], "Vary": ["a", "b"], "Content-Length": ["7"]}
    return {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": body}}


@pytest.mark.parametrize("form", ["yaml", "json"])
@settings(max_examples=150, deadline=None)
@given(uri=st.sampled_from([OURS, f"{OURS}/v1_abc", OTHER]), asked=BODIES, answer=BODIES)
@example(uri=OURS, asked=b'{"model":"m","input":"\\ud83d"}', answer=b'{"x": "\\ud83d"}')
@example(uri=OURS, asked="\x85\u2028\u2029".encode(), answer="a\x85\nb\u2028".encode())
@example(uri=OURS, asked=b'{"model":"m","input":"' + b"A" * 400 + b'"}', answer=PNG)
def test_every_body_is_replayed_as_vcrpy_does(
    form: str, uri: str, asked: bytes, answer: bytes, folder: Path
) -> None:
    """Any bytes, ours or another's; the request of another API too."""
    pair = (Request("POST", uri, asked, {"accept": "*/*"}), answer_of(answer))
    (request,), (response,) = through(bridge(form, folder), [pair])

    is_packed_ours = uri != OTHER and answer.startswith(b"\x1f\x8b") and response["body"]["string"]
    assert response["body"]["string"] == (b"packed" if is_packed_ours == b"packed" else answer)
    assert (request.body or b"") == asked
    if uri == OTHER and form == "yaml":
        (plain,), (plain_response,) = through(vcrpy.VCR().serializers["yaml"], [pair])
        assert response == plain_response
        assert (request.body, request.uri, request.headers) == (
            plain.body,
            plain.uri,
            plain.headers,
        )


MULTIPART = b"--%b\r\nContent-Disposition: form-data; name=f\r\n\r\n\xff\x00\r\n--%b--\r\n"
REQUEST_BODIES: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "text": lambda: "é",
    "bytes": lambda: PNG,
    "file": lambda: io.BytesIO(PNG),
    "iterator": lambda: iter([b"a", PNG]),
    "object": lambda: {"base64_string": "iVBORw0K", "a": [1.5, None]},
    "list": lambda: [{"a": 1}],
    "multipart": lambda: MULTIPART.replace(b"%b", b"x1"),
}


def read(body: Any) -> Any:
    """What is in a body of any type."""
    if hasattr(body, "read"):
        return body.read()
    return b"".join(body) if hasattr(body, "__next__") else body


@pytest.mark.parametrize("kind", REQUEST_BODIES)
def test_a_body_of_any_type_stays_one(kind: str, folder: Path) -> None:
    """As vcrpy writes and reads it, and it is matched."""
    vcr = configure(vcrpy.VCR())
    vcr.persister.path = folder / "tape.yaml"
    made = [(Request("POST", OTHER, REQUEST_BODIES[kind](), {}), answer_of(b"1"))]
    (request,), _ = through(vcr.serializers["yaml"], made)
    plain = [(Request("POST", OTHER, REQUEST_BODIES[kind](), {}), answer_of(b"1"))]
    (expected,), _ = through(vcrpy.VCR().serializers["yaml"], plain)

    assert read(request.body) == read(expected.body)
    assert type(request.body) is type(expected.body)
    vcr.matchers["fakegemini"](Request("POST", OTHER, REQUEST_BODIES[kind](), {}), request)


@pytest.mark.parametrize(
    "uri",
    ["https://other.example/v1/things?page=2", "https://api.example/v1/things?page=3",
     "http://api.example/v1/things?page=2", "https://api.example/v1/thing?page=2"],
)  # fmt: skip
def test_other_hosts_match_as_before(uri: str) -> None:
    """By scheme, host, path and query, as vcrpy does, whatever the body."""
    matcher = configure(vcrpy.VCR()).matchers["fakegemini"]
    matcher(Request("POST", OTHER, b"a", {}), Request("POST", OTHER, b"b", {}))
    with pytest.raises(AssertionError):
        matcher(Request("POST", uri, b"a", {}), Request("POST", OTHER, b"a", {}))


def test_the_users_own_matchers_stay() -> None:
    """`match_on` of before still tells what matches of other APIs."""
    matcher = configure(vcrpy.VCR(match_on=["body"])).matchers["fakegemini"]
    matcher(Request("POST", OTHER, b"a", {}), Request("POST", OTHER, b"a", {}))
    with pytest.raises(AssertionError):
        matcher(Request("POST", OTHER, b"b", {}), Request("POST", OTHER, b"a", {}))


TOKEN = "tok-" + "7" * 20


def with_secrets() -> list[tuple[Request, dict[str, Any]]]:
    """Requests that hold a secret, ours and another's."""
    server = {"type": "mcp_server", "headers": {"Authorization": f"Bearer {TOKEN}"}}
    body = {"model": "m", "input": "Hi", "tools": [server]}
    return [
        (Request("POST", OURS, json.dumps(body), {}), answer_of(b"{}")),
        (Request("GET", f"{OTHER}&api_key={TOKEN}", None, {"X-Api-Key": TOKEN}), answer_of(b"1")),
        (Request("POST", OTHER, {"password": TOKEN}, {}), answer_of(b"1")),
    ]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_was_scrubbed_is_found_again(number: int, form: str, folder: Path) -> None:
    """The same request matches what is left of it; the file does not hold the secret."""
    serializer = bridge(form, folder)
    vcr = configure(vcrpy.VCR(match_on=["method", "uri", "body"]))
    made = {
        "requests": [one for one, _ in with_secrets()],
        "responses": [two for _, two in with_secrets()],
    }
    text = serialize(made, serializer)
    recorded, _ = deserialize(text, serializer)

    assert TOKEN not in text
    vcr.matchers["fakegemini"](with_secrets()[number][0], recorded[number])
    other = Request("POST", OURS, b'{"model": "m", "input": "Ho"}', {})
    with pytest.raises(AssertionError) as missed:
        vcr.matchers["fakegemini"](with_secrets()[0][0], other)
    assert TOKEN not in str(missed.value)


def test_the_date_is_noted_and_stays(folder: Path) -> None:
    """`--fakegemini-max-age` asks for it; what is added later does not make the rest younger."""
    vcr = configure(vcrpy.VCR())
    vcr.persister.path = file = folder / "dated.yaml"
    serializer = vcr.serializers["yaml"]
    made = {
        "requests": [Request("POST", OURS, b'{"model": "m", "input": "Hi"}', {})],
        "responses": [answer_of(b"{}")],
    }
    text = serialize(made, serializer)
    file.write_text(text, "utf-8")
    today = load_any_cassette(file).head["recorded"]

    assert len(today) == 10
    deserialize(text.replace(today, "2025-01-02"), serializer)
    assert "recorded: '2025-01-02'" in serialize(made, serializer)


PLAIN = """interactions:
- request:
    body: !!python/unicode '{"model": "m", "input": "Hi"}'
    headers: {Accept: ['*/*']}
    method: POST
    uri: %s
  response:
    body: {string: !!binary iVBORw0K}
    headers: {Content-Type: [image/png]}
    status: {code: 200, message: OK}
version: 1
"""


@pytest.mark.parametrize(
    "text", [PLAIN % OURS, (PLAIN % OTHER).replace("!!python/unicode ", ""), PLAIN % OTHER]
)
def test_cassettes_of_older_versions(text: str, folder: Path) -> None:
    """With the tags of Python 2, and bytes as YAML has them: as vcrpy reads them."""
    requests_read, responses = deserialize(text, bridge("yaml", folder))
    plain_requests, plain_responses = deserialize(text, vcrpy.VCR().serializers["yaml"])
    assert responses == plain_responses
    assert [one._to_dict() for one in requests_read] == [one._to_dict() for one in plain_requests]


def with_aiohttp(url: str, body: bytes) -> bytes:
    """One request of a session of its own."""

    async def ask() -> bytes:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body) as answer,
        ):
            return await answer.read()

    return asyncio.run(ask())


Sender = Callable[[str, bytes], bytes]
CLIENTS: dict[str, Sender] = {
    "aiohttp": with_aiohttp,
    "httpx": lambda url, body: httpx.post(url, content=body).content,
    "httpx2": lambda url, body: httpx2.post(url, content=body).content,
    "requests": lambda url, body: requests.post(url, data=body, timeout=5).content,
}
ANSWERS: dict[str, bytes] = {
    "a picture": PNG,
    "JSON": b'{"b":1.0,"a":"\\u003c"}',
    "spaced JSON": b'{"b": 1, "a": [1,2]}',
    "nothing": b"",
    "HTML": b"<p>\r\n",
    "a stream": b'event: x\ndata: {"event_type":"x"}\n\n',
}


@pytest.fixture
def answering(plug: Any) -> Callable[[bytes], Door]:
    """A server that always says the same."""

    def start(body: bytes) -> Door:
        return plug(lambda _: Reply(200, (("content-type", "x/y"),), (body,)))  # type: ignore[no-any-return]

    return start


@pytest.mark.parametrize("path", ["/v1/interactions", "/other"])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_real_clients(
    form: str, client: str, answer: str, path: str, answering: Any, tmp_path: Path
) -> None:
    """Recorded and replayed over a socket: the client gets the bytes of the server."""
    url = answering(ANSWERS[answer]).url + path
    body = b'{"model": "m", "input": "Hi"}' if "inter" in path else PNG
    got = []
    for mode in ("once", "none"):
        vcr = configure(vcrpy.VCR(serializer=form))
        with vcr.use_cassette(str(tmp_path / "tape"), record_mode=mode):
            got.append(CLIENTS[client](url, body))
    assert got == [ANSWERS[answer]] * 2
    with (
        contextlib.suppress(AssertionError),
        pytest.raises(CannotOverwriteExistingCassetteException),
        configure(vcrpy.VCR(serializer=form)).use_cassette(
            str(tmp_path / "tape"), record_mode="none"
        ),
    ):
        CLIENTS[client](f"{url}/more", body)
