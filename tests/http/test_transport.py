"""The in-process transports: what a socket gives, they give, and no socket is opened."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

import fakegemini
from fakegemini import Fake, faults, say
from fakegemini.doors.loopback import serve
from fakegemini.wire.http import Reply, Request
from tests.every_fault import ALL, ANSWER
from tests.scenarios import MODEL, SCENARIOS, Client, dump

httpx = pytest.importorskip("httpx")

HOP = {"date", "server", "connection", "keep-alive"}
"""The headers of a server on a port alone."""

Outcome = tuple[Any, ...]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop, which needs a pair of sockets for itself, made before they are forbidden."""
    with asyncio.Runner() as runner:
        runner.get_loop()
        yield runner


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch, runner: asyncio.Runner) -> None:
    """Forbid sockets and look-ups."""

    def forbidden(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("a socket was used")

    for name in ("socket", "getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, forbidden)


class Way:
    """One library, sync or async, with an outcome for each request."""

    def __init__(self, library: str, kind: str, runner: asyncio.Runner) -> None:
        self.module: Any = pytest.importorskip(library)
        self.is_async = kind == "async"
        self.runner = runner

    def send(self, fake: Fake, request: Request, *, timeout: float = 30.0) -> Outcome:
        """Status, headers and raw body; or the exception and what came before it."""
        transport = fakegemini.transport(fake, self.module)
        query = "&".join(f"{key}={value}" for key, value in request.query)
        target = request.path + (f"?{query}" if query else "")
        arguments = (request.method, target)
        options = {"content": request.body, "headers": request.headers}
        made: Any = self.module.AsyncClient if self.is_async else self.module.Client
        client = made(transport=transport, base_url="http://gemini.invalid", timeout=timeout)
        if self.is_async:
            return self.runner.run(_receive_async(client, arguments, options))
        return _receive(client, arguments, options)


def _receive(client: Any, arguments: Any, options: Any) -> Outcome:
    pieces: list[bytes] = []
    try:
        with client, client.stream(*arguments, **options) as response:
            pieces.extend(response.iter_bytes())
    except Exception as error:
        return type(error).__name__, b"".join(pieces)
    return response.status_code, _headers(response), b"".join(pieces)


async def _receive_async(client: Any, arguments: Any, options: Any) -> Outcome:
    pieces: list[bytes] = []
    try:
        async with client, client.stream(*arguments, **options) as response:
            async for piece in response.aiter_bytes():
                pieces.append(piece)
    except Exception as error:
        return type(error).__name__, b"".join(pieces)
    return response.status_code, _headers(response), b"".join(pieces)


def _headers(response: Any) -> list[tuple[str, str]]:
    return sorted(pair for pair in response.headers.items() if pair[0] not in HOP)


@pytest.fixture(params=itertools.product(("httpx", "httpx2"), ("sync", "async")), ids="-".join)
def way(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Way:
    """Each library, each kind of client."""
    library, kind = request.param
    return Way(library, kind, runner)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenarios(scenario: Callable[[Client], None], way: Way, no_sockets: None) -> None:
    """Each scenario gives the same recording through a transport as without one."""
    plain = Client()
    scenario(plain)

    class Through(Fake):
        """A fake that is reached by the transport alone."""

        is_served = False

        def handle(self, request: Request) -> Reply:
            """Send the request through the transport, which asks again."""
            if self.is_served:
                return super().handle(request)
            self.is_served = True
            try:
                status, headers, body = way.send(self, request)
            finally:
                self.is_served = False
            framing = ("content-length", "transfer-encoding", "content-encoding")
            kept = tuple(pair for pair in headers if pair[0] not in framing)
            return Reply(status, kept, (body,))

    through = Client()
    through.fake = Through()
    scenario(through)

    assert [e.status for e in through.exchanges] == [e.status for e in plain.exchanges]
    assert len(through.fake.requests) == len(plain.exchanges)
    assert _bodies(through) == _bodies(plain)


def _bodies(client: Client) -> list[str]:
    return [
        dump([exchange]).partition("response:")[2].partition("body:")[2]
        for exchange in client.exchanges
    ]


def request(stream: bool, **headers: str) -> Request:
    """A create."""
    body = {"model": MODEL, "input": "Hi", "stream": stream}
    pairs = {"content-type": "application/json", "accept-encoding": "identity", **headers}
    return Request("POST", "/v1/interactions", (), tuple(pairs.items()), json.dumps(body).encode())


def on_a_socket(fake: Fake, asked: Request) -> Outcome:
    """The same over a real connection."""
    with serve(fake.handle) as url:
        client = httpx.Client(base_url=url, trust_env=False, timeout=30.0)
        options = {"content": asked.body, "headers": asked.headers}
        return _receive(client, (asked.method, asked.path), options)


def spoiled(name: str) -> Fake:
    """A fake whose next answer has that fault."""
    fake = Fake()
    fake.replies(ANSWER, fault=ALL[name].fault)
    return fake


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("name", ALL)
def test_faults(name: str, stream: bool, runner: asyncio.Runner) -> None:
    """Every fault gives what it gives on a socket, to each library, sync and async."""
    asked = request(stream)

    expected = on_a_socket(spoiled(name), asked)

    for library, kind in itertools.product(("httpx", "httpx2"), ("sync", "async")):
        seen = Way(library, kind, runner).send(spoiled(name), asked)
        if name == "reset" or expected[0] == "ReadError":
            seen, expected = seen[:1], expected[:1]  # what a reset leaves unread is chance
        assert seen == expected, (library, kind)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_compression(way: Way, stream: bool) -> None:
    """Packed as on a socket, and the client unpacks it."""
    asked = request(stream, **{"accept-encoding": "gzip"})

    seen = way.send(Fake(), asked)

    assert seen == on_a_socket(Fake(), asked)
    assert ("content-encoding", "gzip") in seen[1]


def test_a_client_that_waits_too_long(way: Way, no_sockets: None) -> None:
    """Its own read timeout ends it, before the head and between two events."""
    for fault, begun in ((faults.time_out(5.0), False), (faults.stall(3, seconds=5.0), True)):
        fake = Fake()
        fake.replies(ANSWER, fault=fault)

        name, body = way.send(fake, request(stream=True), timeout=0.05)

        assert (name, bool(body)) == ("ReadTimeout", begun)


UNPACKED = {"accept-encoding": "identity"}


class Slow:
    """A handler whose stream tells how far it was asked for."""

    url = ""

    def __init__(self) -> None:
        self.told: list[str] = []

    def handle(self, request: Request) -> Reply:
        """Answer with three pieces."""
        return Reply(200, (("content-type", "text/event-stream"),), self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        try:
            for word in ("one", "two", "three"):
                self.told.append(word)
                yield word.encode()
        finally:
            self.told.append("end")


def test_a_stream_comes_event_by_event(way: Way, no_sockets: None) -> None:
    """The stream goes on only when the client reads on, and knows when it leaves."""
    slow = Slow()
    transport = fakegemini.transport(slow, way.module)

    def read() -> None:
        client = way.module.Client(transport=transport, base_url="http://x.invalid")
        with client, client.stream("GET", "/", headers=UNPACKED) as response:
            assert slow.told == ["one"]
            pieces = response.iter_raw()
            assert [next(pieces), next(pieces)] == [b"one", b"two"]
            assert slow.told == ["one", "two"]

    async def read_async() -> None:
        client = way.module.AsyncClient(transport=transport, base_url="http://x.invalid")
        async with client, client.stream("GET", "/", headers=UNPACKED) as response:
            assert slow.told == ["one"]
            pieces = response.aiter_raw()
            assert [await anext(pieces), await anext(pieces)] == [b"one", b"two"]
            assert slow.told == ["one", "two"]
            await pieces.aclose()

    way.runner.run(read_async()) if way.is_async else read()

    assert slow.told == ["one", "two", "end"]


def test_many_threads(way: Way, no_sockets: None) -> None:
    """Each gets one reply, none twice."""
    if way.is_async:
        pytest.skip("one loop, one thread")
    fake = Fake()
    for number in range(32):
        fake.replies(say(f"reply {number}"))
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(way.send(fake, request(stream=False))))
        for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    said = [json.loads(body)["steps"][-1]["content"][0]["text"] for _, _, body in outcomes]
    assert sorted(said) == sorted(f"reply {number}" for number in range(32))


def test_the_base_url_of_the_fake_is_taken_off(way: Way, no_sockets: None) -> None:
    """A client may have the fake's own address, with the path that a test session gives it."""
    fake = Fake()
    fake.url = "http://127.0.0.1:1/t7"
    asked = request(stream=False)

    for prefix in ("/t7", ""):
        prefixed = Request("POST", prefix + asked.path, (), asked.headers, asked.body)
        assert way.send(fake, prefixed)[0] == 200
    assert {one.path for one in fake.requests} == {"/v1/interactions"}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_sdk(kind: str, runner: asyncio.Runner, no_sockets: None) -> None:
    """google-genai with a client of ours, streaming too."""
    genai: Any = pytest.importorskip("google.genai")
    gaos = importlib.import_module("google.genai._gaos.google_genai")
    library: Any = gaos.httpx
    fake = Fake()
    fake.replies(say("Hello."))
    fake.replies(say("Again."))
    transport = fakegemini.transport(fake, library)
    options = genai.types.HttpOptions(
        base_url="http://gemini.invalid",
        httpx_client=library.Client(transport=transport),
        httpx_async_client=library.AsyncClient(transport=transport),
    )
    client = genai.Client(api_key="fake-key", http_options=options)

    if kind == "sync":
        text = client.interactions.create(model=MODEL, input="Hi").output_text
        stream = client.interactions.create(model=MODEL, input="Hi", stream=True)
        count = len([*stream])
    else:

        async def talk() -> tuple[str, int]:
            create = client.aio.interactions.create
            turn = await create(model=MODEL, input="Hi")
            return turn.output_text, len(
                [event async for event in await create(model=MODEL, input="Hi", stream=True)]
            )

        text, count = runner.run(talk())

    assert text == "Hello."
    assert count > 4
