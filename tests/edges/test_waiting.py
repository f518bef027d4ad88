"""Code of the test's that is slow, or asks the same fake again, holds nobody up."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import importlib
import json
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakegemini
from fakegemini import Fake, Reply, Request, say, wording
from fakegemini.doors.loopback import serve
from fakegemini.fake import ask_ids
from fakegemini.fake.state.store import MemoryStore
from fakegemini.model.quoting import replace_surrogates
from fakegemini.protocol import tokens
from fakegemini.protocol.interaction import Interaction
from fakegemini.wire.http import Beat, Handler, Wait

MODEL = "gemini-3.5-flash"
QUICK = ("GET", "/v1/models")
Call = Callable[[], object]


class CallingStore(MemoryStore):
    """A store of the user's that does something when an interaction changes."""

    call: Call = staticmethod(lambda: None)

    def write_back(self, interaction: Interaction) -> None:
        """Do it."""
        self.call()


def _in_an_answer(fake: Fake, call: Call) -> None:
    fake.answers(lambda ask: str(call()))


def _in_a_condition(fake: Fake, call: Call) -> None:
    fake.when(input=lambda text: [call()]).replies("x")


def _in_a_fault(fake: Fake, call: Call) -> None:
    def spoil(handler: Handler) -> Handler:
        def answer(request: Request) -> Reply:
            call()
            return handler(request)

        return answer

    fake.faults(spoil, on="create")


def _in_beats(handler: Handler, call: Call) -> Handler:
    def answer(request: Request) -> Reply:
        reply = handler(request)

        def beats() -> Iterator[Beat]:
            for beat in reply.beats:
                call()
                yield beat

        return replace(reply, beats=beats())

    return answer


def _in_a_stream(fake: Fake, call: Call) -> None:
    fake.faults(lambda handler: _in_beats(handler, call), on="create")


def _in_a_reply_of_its_own(fake: Fake, call: Call) -> None:
    fake.replies("x", fault=lambda handler: _in_beats(handler, call))


def _in_a_store(fake: Fake, call: Call) -> None:
    CallingStore.call = staticmethod(call)


PLACES: dict[str, Callable[[Fake, Call], None]] = {
    "answer": _in_an_answer,
    "condition": _in_a_condition,
    "fault": _in_a_fault,
    "beats of a fault": _in_a_stream,
    "own fault": _in_a_reply_of_its_own,
    "store": _in_a_store,
}
"""Where code of the user's is called in the middle of a request."""


class Way:
    """One way to ask: a status for each request, through a socket or inside the process."""

    def __init__(self, fake: Fake, url: str, library: Any, transport: Any) -> None:
        self._make: Callable[[type], Any] = lambda kind: kind(
            base_url=url or "http://x.invalid", transport=transport, timeout=20
        )
        self._library = library

    def ask(self, method: str, path: str, body: Any = None) -> int:
        """Ask with a client of its own."""
        with self._make(self._library.Client) as client:
            content = None if body is None else json.dumps(body)
            return int(client.request(method, path, content=content).status_code)

    async def ask_async(self, method: str, path: str, body: Any = None) -> int:
        """The same for asyncio."""
        async with self._make(self._library.AsyncClient) as client:
            content = None if body is None else json.dumps(body)
            return int((await client.request(method, path, content=content)).status_code)


WAYS = ["a port", "httpx", "httpx2"]


@contextmanager
def _way(name: str, fake: Fake) -> Iterator[Way]:
    if name != "a port":
        library = pytest.importorskip(name)
        yield Way(fake, "", library, fakegemini.transport(fake, library))
        return
    with serve(fake.handle) as url:
        yield Way(fake, url, importlib.import_module("httpx"), None)


def _fake(place: str) -> Fake:
    return Fake(store=CallingStore()) if place == "store" else Fake()


CREATE = ("POST", "/v1/interactions", {"model": MODEL, "input": "slow", "stream": True})


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("place", PLACES)
def test_slow_code(place: str, name: str) -> None:
    """While it waits, others are answered; then its own request is."""
    fake, released = _fake(place), threading.Event()
    PLACES[place](fake, lambda: released.wait(15))
    statuses: list[int] = []
    with _way(name, fake) as way:
        slow = threading.Thread(target=lambda: statuses.append(way.ask(*CREATE)), daemon=True)
        slow.start()
        assert way.ask(*QUICK) == 200
        assert not statuses
        released.set()
        slow.join(15)
    assert statuses == [200]


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("place", PLACES)
def test_slow_code_beside_a_loop(place: str, name: str) -> None:
    """A test's own loop goes on, also where the fake answers inside the process."""
    fake, released = _fake(place), threading.Event()
    PLACES[place](fake, lambda: released.wait(15))

    async def ask_both(way: Way) -> tuple[int, int]:
        slow = asyncio.create_task(way.ask_async(*CREATE))
        await asyncio.sleep(0.05)
        quick = await way.ask_async(*QUICK)
        assert not slow.done()
        released.set()
        return await slow, quick

    with _way(name, fake) as way:
        assert asyncio.run(ask_both(way)) == (200, 200)


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("place", PLACES)
def test_code_that_asks_again(place: str, name: str) -> None:
    """From a thread of its own, as a pool of an application does, it gets its answer."""
    fake = _fake(place)
    answers: list[int] = []

    def ask_again() -> int:
        if answers:
            return answers[0]
        thread = threading.Thread(target=lambda: answers.append(way.ask(*QUICK)), daemon=True)
        thread.start()
        thread.join(15)
        return answers[0]

    PLACES[place](fake, ask_again)
    with _way(name, fake) as way:
        assert way.ask(*CREATE) == 200
    assert answers == [200]


def test_what_is_long_waits_alone() -> None:
    """A door is told of requests that may be hard work: long themselves, or to be answered long."""
    fake = Fake()

    def takes_long(**members: Any) -> bool:
        body = json.dumps({"model": MODEL, "input": "x"} | members).encode()
        return fake.takes_long(Request("POST", "/v1/interactions", body=body))

    assert not takes_long()
    assert takes_long(input="x" * 5000)
    assert not takes_long()
    assert takes_long(response_format={"schema": {}})
    assert takes_long(input="x" * 70_000)
    assert takes_long(), "a get of it, or a child, may be long"
    fake.reset()
    assert not takes_long()
    fake.replies(say("x" * 70_000))
    assert takes_long(), "its answer is long"
    fake.reset()
    fake.replies("x")
    assert not takes_long()


def test_long_log_waits_alone() -> None:
    """To show it may take long; to create does not."""
    fake = Fake()
    show = Request("GET", "/__fakegemini__/requests")
    assert not fake.takes_long(show)
    for _ in range(201):
        fake.handle(Request(*QUICK))
    assert fake.takes_long(show)
    assert not fake.takes_long(Request(*QUICK))


HALF_CLOSED: dict[str, dict[str, Any]] = {
    "stream": {"stream": True},
    "answer": {},
    "background stream": {"stream": True, "background": True},
    "slow answer": {"input": "slow"},
    "packed stream": {"stream": True, "input": "packed"},
}


@pytest.mark.parametrize("name", HALF_CLOSED)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_client_that_sends_no_more(name: str, version: str) -> None:
    """It closed its side behind the request, and still reads the whole answer."""
    fake = Fake()
    fake.when(input="slow").answers(lambda ask: f"{threading.Event().wait(0.5)} late")
    fake.default("word " * 3000)
    body = json.dumps({"model": MODEL, "input": "x"} | HALF_CLOSED[name]).encode()
    packing = "Accept-Encoding: gzip\r\n" if name == "packed stream" else ""
    head = f"POST /v1/interactions HTTP/{version}\r\nHost: x\r\n{packing}"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with serve(fake.handle) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(head.encode() + body)
            connection.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(connection)
            response.begin()
            content = response.read()
    content = gzip.decompress(content) if packing else content
    assert content.rstrip().endswith((b"[DONE]", b"}"))
    assert len(content) > 500


def test_client_that_left_a_silent_stream() -> None:
    """It looks the same at first; after a while without a word its request is over."""
    fake, left = Fake(), threading.Event()
    fake.replies("x", background=fakegemini.never_ending())

    def handle(request: Request) -> Reply:
        reply = fake.handle(request)

        def beats() -> Iterator[Beat]:
            try:
                yield from reply.beats
            finally:
                left.set()

        return replace(reply, beats=beats())

    body = b'{"model": "gemini-3.5-flash", "input": "x", "stream": true, "background": true}'
    head = b"POST /v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    with serve(handle) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(head + body)
            assert connection.recv(10)
            connection.shutdown(socket.SHUT_WR)
            assert left.wait(20)


HEADS: dict[str, tuple[bytes, bytes]] = {
    "address": (b"GET /", b"a" * 65_536),
    "query": (b"GET /v1/models?x=", b"a" * 65_536),
    "one header": (b"GET /v1/models HTTP/1.1\r\nx: ", b"a" * 65_536),
    "many headers": (b"GET /v1/models HTTP/1.1\r\n", b"x: a\r\n" * 8192),
}


@pytest.mark.parametrize("name", HEADS)
def test_head_without_end(name: str) -> None:
    """It is a 400 before it fills the memory, and others are served."""
    start, piece = HEADS[name]
    with serve(Fake().handle) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(start)
            with contextlib.suppress(OSError):
                for _ in range(200):
                    connection.sendall(piece)
                raise AssertionError("it takes everything")
        with urllib.request.urlopen(f"{url}/v1/models", timeout=20) as answer:
            assert answer.status == 200


def test_long_head_that_is_no_attack() -> None:
    """Headers of some hundred kilobytes, as tokens and cookies make them, pass."""
    with serve(Fake().handle) as url:
        request = urllib.request.Request(f"{url}/v1/models", headers={"x": "a" * 300_000})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("seconds", [1e300, 1e12, float("inf"), float("nan")])
def test_pause_beyond_any_timer(seconds: float) -> None:
    """As a recording may have it: the server goes on, and can be stopped."""
    beats: list[Beat] = [b"x", Wait(seconds, real=True)]
    with serve(lambda request: Reply(200, (), iter(beats))) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(10)
            with socket.create_connection(("127.0.0.1", port), timeout=20) as other:
                other.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert other.recv(10)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_long_bodies_have_the_same_ids(body: Any) -> None:
    """They are written by pieces, and hashed to the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "_PIECE", 3)
        patch.setattr(ask_ids, "_PART_LENGTH", 3)
        assert ask_ids.digest_long(body) == ask_ids.digest_of(ask_ids.dump_sorted(body))


@given(st.text())
def test_tokens_by_pieces(text: str) -> None:
    """Their number is that of the whole text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "_PIECE", 3)
        assert tokens.estimate_tokens(text) == -(-len(text.encode("utf-8", "surrogatepass")) // 4)


@given(st.text(st.characters(codec=None)))
def test_surrogates_by_pieces(text: str) -> None:
    """They are replaced as in the whole text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "_PIECE", 3)
        assert replace_surrogates(text) == text.encode("utf-8", "replace").decode()
