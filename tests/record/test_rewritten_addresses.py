"""What an answer says about where to go next leads through the recorder, and is understood."""

from __future__ import annotations

import gzip
import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini.doors.loopback import serve
from fakegemini.fake.replay.cassettes import make_player
from fakegemini.record.rewritten_addresses import BodyRewriter, RewrittenAddresses
from fakegemini.record.upstream import Upstream
from fakegemini.recordings.cassette import load_any_cassette
from tests.record.upstream import chunk, recorder, saying

LIVE = "https://generativelanguage.googleapis.com"
BASE = "http://127.0.0.1:8"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{LIVE}/v1beta/files/f:download?alt=media", "/v1beta/files/f:download?alt=media"),
        ("https://storage.googleapis.com/b/o?x=1#y", "/b/o?x=1#y"),
        (LIVE, ""),
        (f"{LIVE}/a/v1beta/x", "/a/v1beta/x"),
        (f"See {LIVE}/docs", None),
        (f"{LIVE}/docs tell it", None),
        ("https://googleapis.com.example/x", None),
        ("https://example.com/x", None),
        ("", None),
    ],
)
def test_what_is_told(text: str, told: str | None) -> None:
    """An address of a live server as a whole; it goes back to where it came from."""
    addresses = RewrittenAddresses(Upstream())
    got = addresses.rewrite(text, BASE)
    assert got == (text if told is None else BASE + told)
    if told:
        path = told.partition("?")[0].partition("#")[0]
        assert text.startswith(addresses.url_of(path) + path)


@pytest.mark.parametrize("prefix", ["/gateway", "/a/b"])
def test_below_the_path_of_an_upstream(prefix: str) -> None:
    """Its own path is not told; what is beside it keeps its path."""
    addresses = RewrittenAddresses(Upstream(f"http://h:1{prefix}"))
    assert addresses.rewrite(f"http://h:1{prefix}/v1/x", BASE) == f"{BASE}/v1/x"
    assert addresses.url_of("/v1/x") == f"http://h:1{prefix}"
    assert addresses.rewrite("http://h:1/else?a", BASE) == f"{BASE}/else?a"
    assert addresses.url_of("/else") == "http://h:1"


TEXTS = st.sampled_from(
    [f"{LIVE}/v1/x", "https://storage.googleapis.com/b", "h", "http", "http:", f"see {LIVE}/x",
     f"{LIVE}/a b", '"', "\\", '\\"', f'"{LIVE}/x"', f'\\"{LIVE}/x\\"', "", "é\n", LIVE, "https://",
     f"{LIVE}/x?a=1&b=<2>"]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3), max_size=4),
    st.lists(st.integers(1, 40), min_size=1),
    st.booleans(),
)
def test_a_body_in_pieces_is_told_as_a_whole_one(
    value: dict[str, list[str]], sizes: list[int], ascii_only: bool
) -> None:
    """Wherever it is cut; as JSON it is what it was but for the addresses in it."""
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    addresses = RewrittenAddresses(Upstream())
    rewriter = BodyRewriter(lambda piece: addresses.rewrite_body(piece, BASE))
    told, at = b"", 0
    while at < len(body):
        size = sizes[len(told) % len(sizes)]
        told += rewriter.feed(body[at : at + size])
        at += size
    told += rewriter.finish()

    def expected(text: str) -> str:
        return addresses.rewrite(text, BASE)

    assert json.loads(told) == {
        expected(key): list(map(expected, members)) for key, members in value.items()
    }
    assert told == addresses.rewrite_body(body, BASE)


@pytest.mark.parametrize("size", [100, 5000])
def test_a_long_address_is_not_held_back_for_ever(size: int) -> None:
    """Up to a length that no address has; every byte comes."""
    body = json.dumps([f"{LIVE}/{'a' * size}"]).encode()
    addresses = RewrittenAddresses(Upstream())
    rewriter = BodyRewriter(lambda piece: addresses.rewrite_body(piece, BASE))
    pieces = [rewriter.feed(body[at : at + 512]) for at in range(0, len(body), 512)]
    [told] = json.loads(b"".join(pieces) + rewriter.finish())
    assert told == f"{BASE if size == 100 else LIVE}/{'a' * size}"


FORMS = ["length", "pieces", "gzip and length", "gzip in pieces", "a stream", "a packed stream"]


def answer(body: bytes, form: str) -> bytes:
    """A JSON answer, or a stream of one event, in one of the forms."""
    media_type = b"application/json"
    if "stream" in form:
        body, media_type = b"event: step.delta\ndata: " + body + b"\n\n", b"text/event-stream"
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: " + media_type]
    if "gzip" in form or "packed" in form:
        body = gzip.compress(body)
        lines.append(b"Content-Encoding: gzip")
    if "length" in form:
        return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])
    pieces = b"".join(chunk(body[at : at + 50]) for at in range(0, len(body), 50)) + b"0\r\n\r\n"
    return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", pieces])


def json_of(response: httpx.Response) -> Any:
    """The JSON of a body, or of the only event of a stream."""
    return json.loads(response.text.removeprefix("event: step.delta\ndata: "))


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_uploaded_fetched_and_asked_about(form: str, tmp_path: Path) -> None:
    """Through the recorder in each form of an answer; the replay has all of it."""
    asked: list[bytes] = []

    def say(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        host = request.partition(b"Host: ")[2].partition(b"\r\n")[0].decode()
        uri = f"http://{host}/v1beta/files/f"
        body = {"uri": uri, "note": f"see {uri} there", "none": "https://example.com/x"}
        if b"POST /v1beta/interactions" in request:
            body = {"status": "completed", "id": "v1_x"}
        connection.sendall(answer(json.dumps(body).encode(), form))

    path = tmp_path / "a.yaml"

    def program(base: str) -> None:
        told = json_of(httpx.post(f"{base}/upload/v1beta/files", content=b"a file"))
        assert told["uri"] == f"{base}/v1beta/files/f"
        assert told["none"] == "https://example.com/x"
        assert base not in told["note"]
        assert json_of(httpx.get(told["uri"]))["uri"] == told["uri"]
        block = {"type": "document", "uri": told["uri"]}
        ask = {"model": "m", "input": [block]}
        assert json_of(httpx.post(f"{base}/v1beta/interactions", json=ask))["status"]

    with saying(say) as upstream_url, recorder(path, upstream_url) as (url, _):
        program(url)
    uri = f"{upstream_url}/v1beta/files/f"
    assert [request.split(b" ")[1] for request in asked] == [
        b"/upload/v1beta/files",
        b"/v1beta/files/f",
        b"/v1beta/interactions",
    ]
    assert json.loads(asked[2].partition(b"\r\n\r\n")[2])["input"][0]["uri"] == uri
    first, _, last = (one.exchange for one in load_any_cassette(path).exchanges)
    assert uri.encode() in first.response_body
    assert last.request_json["input"][0]["uri"] == uri
    assert url not in path.read_text("utf-8")

    with serve(make_player([path]).handle) as url:
        program(url)
