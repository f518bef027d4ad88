"""What is answered at once, without the parser, is answered as everything is: bytes, state, log.

A request that is cut inside of its head takes the ordinary way, whatever came before it; so the
same requests are sent to two servers, in other pieces, and what comes of them is held side by side.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, faults, say
from fakegemini.doors.access_log import log_requests
from fakegemini.doors.asgi import App, Receive, Scope, Send
from fakegemini.doors.live_page import serve_page
from fakegemini.doors.live_transcript import Transcript
from fakegemini.doors.loopback import cut, serve_app

from .door import MODEL

PATH = "/v1beta/interactions"


class CountingApp(App):
    """Counts the requests that come the ordinary way."""

    ordinary = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count one, and answer it."""
        self.ordinary += 1
        await super().__call__(scope, receive, send)


class Server:
    """A fake behind log and page, as `serve` has it, with all that can be seen of it."""

    def __init__(self, spoil: faults.Fault) -> None:
        self.fake = Fake(timer=lambda: 0.0)
        self.lines: list[str] = []
        self.transcript = Transcript()
        watched = self.transcript.watch(self.fake, spoil(self.fake.handle))
        logged = log_requests(watched, self.lines.append, log_format="json", longest=0)
        served = serve_page(self.transcript, self.fake, logged)
        self.app = CountingApp(served, real_time=True, cut=cut, takes_long=self.fake.takes_long)
        self.url = ""

    def forget(self) -> None:
        """Begin anew."""
        self.fake.reset()
        self.lines.clear()
        self.transcript.forget()

    def look_back(self) -> tuple[Any, ...]:
        """Everything that the server remembers, without the times."""
        entries = [
            (
                replace(entry.request, headers=tuple(entry.headers)),
                (entry.status, entry.source, entry.refusal, entry.id, entry.is_spoiled),
            )
            for entry in self.fake.requests
        ]
        lines = [json.loads(line) | {"milliseconds": 0} for line in self.lines]
        return (
            entries,
            sorted(lines, key=json.dumps),
            [_without_times(each) for each in self.transcript.since(0)],
            self.fake.complaints.list_pending({}),
        )


def _without_times(exchange: dict[str, Any]) -> dict[str, Any]:
    events = exchange["stream"] and [event[1:] for event in exchange["stream"]]
    return exchange | {"at": 0, "ms": 0, "stream": events, "version": 0}


@contextmanager
def serving(spoil: faults.Fault = lambda handler: handler) -> Iterator[Server]:
    """A server on a port of this machine, around whose fake something may be wrong."""
    server = Server(spoil)
    with serve_app(server.app) as server.url:
        yield server


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """Two that know nothing of each other."""
    with serving() as first, serving() as second:
        yield first, second


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Server, Server]]:
    """Two for many programs."""
    with serving() as first, serving() as second:
        yield first, second


class Connection:
    """A connection to a server, which is opened anew where the server closed it."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url)
        self._open()

    def _open(self) -> None:
        address = (self._place.hostname or "", self._place.port or 0)
        self.socket = socket.create_connection(address, 20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file: IO[bytes] = self.socket.makefile("rb")

    def send(self, pieces: Sequence[bytes]) -> None:
        """Send pieces, each of which is read by itself, if the system lets it."""
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.002)
            self.socket.sendall(piece)

    def read(self, method: str = "POST") -> bytes:
        """Read one answer, head and body as they came, but for the second of the day."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.file.readline()
            if not line:
                break
            head += line
        if head.startswith(b"HTTP/1.1 100"):
            return head + self.read(method)
        body = b"" if method == "HEAD" else self._read_body(head)
        if b"\r\nconnection: close" in head or not head:
            body += self.file.read()
            self.close()
            self._open()
        return re.sub(rb"\r\ndate: [^\r]*", b"\r\ndate: now", head) + body

    def _read_body(self, head: bytes) -> bytes:
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        if length:
            return self.file.read(int(length[1]))
        body = b""
        while b"transfer-encoding: chunked" in head:
            size = self.file.readline()
            body += size + self.file.read(int(size, 16) + 2)
            if int(size, 16) == 0:
                break
        return body

    def close(self) -> None:
        """End."""
        self.file.close()
        self.socket.close()


def spell(
    body: dict[str, Any] | bytes | None = None,
    line: str = f"POST {PATH} HTTP/1.1",
    **headers: str,
) -> bytes:
    """Write a request."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    pairs = {"host": "gemini.example", "content-type": "application/json"}
    if body is not None and "transfer-encoding" not in headers:
        pairs["content-length"] = str(len(raw))
    lines = [f"{name}: {text}\r\n" for name, text in (pairs | headers).items()]
    return f"{line}\r\n{''.join(lines)}\r\n".encode() + raw


def ask(number: int, **members: Any) -> dict[str, Any]:
    """The body of a create, of the same length each time."""
    return {"model": MODEL, "input": f"Question {number:03}."} | members


def get(path: str, method: str = "GET", **headers: str) -> bytes:
    """Write a request without a body."""
    return spell(None, f"{method} {path} HTTP/1.1", **headers)


FUNCTION = {"type": "function", "name": "tide", "parameters": {"type": "object"}}
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"

AT_ONCE: dict[str, Callable[[int], bytes]] = {
    "a create": lambda n: spell(ask(n)),
    "a stream": lambda n: spell(ask(n, stream=True)),
    "not stored": lambda n: spell(ask(n, store=False)),
    "instructed": lambda n: spell(ask(n, system_instruction="Briefly"[n % 2 :], stream=n % 2 == 0)),
    "a block": lambda n: spell({"model": MODEL, "input": [{"type": "text", "text": f"{n:03}"}]}),
    "packed": lambda n: spell(ask(n), **{"accept-encoding": "gzip, deflate"}),
    "a packed stream": lambda n: spell(ask(n, stream=True), **{"accept-encoding": "br, *"}),
    "an agent": lambda n: spell(
        {"agent": "deep-research-pro-preview-12-2025", "input": f"{n:03}", "background": True}
    ),
    "a query": lambda n: spell(ask(n), f"POST {PATH}?key=not-a-secret&x= HTTP/1.1"),
    "Vertex": lambda n: spell(
        ask(n), "POST /v1beta1/projects/p/locations/global/interactions HTTP/1.1"
    ),
    "names in capitals": lambda n: spell(ask(n), **{"Accept": "*/*", "X-Odd": "\xe9"}),
    "kept open": lambda n: spell(ask(n), connection="keep-alive"),
    "a web page": lambda n: spell(ask(n), origin="http://localhost:3000"),
    "no such session": lambda n: spell(ask(n), **{"x-fakegemini-session": "bogus"}),
    "a refused member": lambda n: spell(ask(n, odd=n)),
    "no JSON": lambda n: spell(b'{"model": %03d' % n),
    "no body": lambda n: spell(b""),
    "no length": lambda n: get(PATH, "POST"),
    "no such interaction": lambda n: get(f"{PATH}/v1_bogus"),
    "no such route": lambda n: get("/v1beta/odd"),
    "models": lambda n: get("/v1beta/models"),
    "a deletion": lambda n: get(f"{PATH}/v1_bogus", "DELETE"),
    "a preflight": lambda n: get(
        PATH, "OPTIONS", origin="http://a.example", **{"access-control-request-method": "POST"}
    ),
    "a script": lambda n: spell(
        {"when": {"input": f"{n:03}"}, "reply": "Hi"},
        "POST /__fakegemini__/script HTTP/1.1",
        host="127.0.0.1",
    ),
    "the log": lambda n: get("/__fakegemini__/requests", host="127.0.0.1"),
    "the page": lambda n: get("/", accept="text/html", host="127.0.0.1"),
}
"""Requests that are answered at once from the second on; the body may differ, not its length."""

ORDINARY: dict[str, Callable[[int], bytes]] = {
    "a long body": lambda n: spell(ask(n, labels={"x": "x" * 5000})),
    "a long text": lambda n: spell({"model": MODEL, "input": f"{n:05}" * 1000}),
    "a function": lambda n: spell(ask(n, tools=[FUNCTION])),
    "what is packed": lambda n: spell(ask(n), **{"content-encoding": "gzip"}),
    "HEAD": lambda n: get("/v1beta/models", "HEAD"),
    "Expect": lambda n: spell(ask(n), expect="100-continue"),
    "the end": lambda n: spell(ask(n), connection="close"),
    "an offer": lambda n: spell(
        ask(n), connection="Upgrade, HTTP2-Settings", upgrade="h2c", **{"http2-settings": "x"}
    ),
    "HTTP/1.0": lambda n: spell(ask(n), f"POST {PATH} HTTP/1.0"),
    "chunks": lambda n: spell(CHUNKS, **{"transfer-encoding": "chunked"}),
}
"""Requests that never are."""

EITHER: dict[str, Callable[[int], bytes]] = {
    "a line in front": lambda n: b"\r\n" + spell(ask(n)),
    "lines in front": lambda n: b"\r\n\r\n" + spell(ask(n)),
    "a line behind": lambda n: spell(ask(n)) + b"\r\n",
    "lines behind": lambda n: spell(ask(n)) + b"\r\n\r\n",
}
"""Requests with what is none."""

BROKEN: dict[str, Callable[[int], bytes]] = {
    "two lengths": lambda n: spell(ask(n), **{"Content-Length": "5"}),
    "no request": lambda n: b"odd\r\n\r\n",
    "bare line feeds": lambda n: spell(ask(n)).replace(b"\r\n", b"\n"),
}
"""What ends a connection, maybe before all of it was sent."""


def method_of(request: bytes) -> str:
    """The method of a request."""
    return request.split(b" ", 1)[0].strip().decode()


def cut_up(request: bytes, places: Sequence[int]) -> list[bytes]:
    """Cut bytes at these places."""
    ends = [*sorted({place for place in places if 0 < place < len(request)}), len(request)]
    return [request[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def end_of_head(request: bytes) -> int:
    """Where the body begins."""
    return request.find(b"\r\n\r\n") + 4


WAYS: dict[str, Callable[[bytes], Sequence[int]]] = {
    "whole": lambda request: (),
    "head and body": lambda request: (end_of_head(request),),
    "in the body": lambda request: (max(len(request) - 1, end_of_head(request)),),
    "in three": lambda request: (
        end_of_head(request),
        max(len(request) - 3, end_of_head(request)),
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_kind_of_request(
    servers: tuple[Server, Server], way: Callable[[bytes], Sequence[int]]
) -> None:
    """Each three times, before and behind each other; in these pieces, or cut in the head."""
    answers: list[list[bytes]] = []
    kinds: dict[str, Callable[[int], bytes]] = AT_ONCE | ORDINARY | EITHER | BROKEN
    ways: tuple[Callable[[bytes], Sequence[int]], ...] = (way, lambda _: (7,))
    for server, cut_at in zip(servers, ways, strict=True):
        link = Connection(server.url)
        answers.append([])
        for number in range(3):
            for name, make in kinds.items():
                request = make(number)
                is_whole = name in BROKEN and cut_at is way
                link.send([request] if is_whole else cut_up(request, cut_at(request)))
                answers[-1].append(link.read(method_of(request)))
        link.close()

    for one, other in zip(*answers, strict=True):
        assert one == other
    assert servers[0].look_back() == servers[1].look_back()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_it_is_at_once(way: Callable[[bytes], Sequence[int]]) -> None:
    """From the second on, on any connection; and only what can be."""
    with serving() as server:
        for name, make in (AT_ONCE | ORDINARY).items():
            before = server.app.ordinary
            for number in range(4):
                link = Connection(server.url)
                request = make(number)
                link.send(cut_up(request, way(request)))
                assert link.read(method_of(request)).startswith(b"HTTP/1.1"), name
                link.close()

            assert (server.app.ordinary - before < 2) == (name in AT_ONCE), name


SCRIPTS: dict[str, Callable[[Fake], object]] = {
    "a pause": lambda fake: fake.default(say("Hm."), fault=faults.pace(0.001, real=True)),
    "a cut": lambda fake: fake.default("Hm.", fault=faults.drop("step.delta")),
    "a refusal": lambda fake: fake.default("Hm.", fault=faults.refuse(503)),
    "a long stream": lambda fake: fake.default("Tides follow the moon. " * 3000),
    "nothing": lambda fake: fake.when(input="never").replies("x"),
    "a function": lambda fake: fake.answers(lambda ask: say(ask.text)),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("stream", [False, True])
def test_scripted_answers(
    servers: tuple[Server, Server], script: Callable[[Fake], object], stream: bool
) -> None:
    """Some of them in threads of their own."""
    for server in servers:
        script(server.fake)

    hold_beside(servers, stream=stream)


FAULTS: dict[str, faults.Fault] = {
    "a pause": faults.pace(0.001, real=True),
    "a cut": faults.drop("step.delta"),
    "a cut at once": faults.drop("interaction.created"),
    "pieces": faults.repeat(3),
    "a refusal": faults.refuse(503),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("stream", [False, True])
def test_answers_that_wait_or_are_cut(fault: faults.Fault, stream: bool) -> None:
    """They are performed as ever, and asked for once."""
    with serving(fault) as first, serving(fault) as second:
        hold_beside((first, second), stream=stream)


def hold_beside(servers: tuple[Server, Server], *, stream: bool) -> None:
    """Ask both servers the same, one of them in the ordinary way."""
    answers: list[list[bytes]] = []
    for server, places in zip(servers, ((), (7,)), strict=True):
        link = Connection(server.url)
        answers.append([])
        for number in range(4):
            link.send(cut_up(spell(ask(number, stream=stream)), places))
            answers[-1].append(read_whatever_comes(link))
        link.close()

    assert answers[0] == answers[1]
    assert servers[0].look_back() == servers[1].look_back()


def read_whatever_comes(link: Connection) -> bytes:
    """Read an answer that may be cut: what came of it, and on a new connection from then on."""
    try:
        answer = link.read()
    except (OSError, ValueError):
        answer = b"cut"
        link.close()
        link._open()
    return answer


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_requests_in_any_pieces(both: tuple[Server, Server], data: st.DataObject) -> None:
    """Behind each other on one connection, sent before the answers come, cut anywhere."""
    kinds = [*AT_ONCE.values(), *EITHER.values(), *(ORDINARY[name] for name in KEPT_OPEN)]
    makers = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=6))
    requests = [make(number) for number, make in enumerate(makers)]
    stream = b"".join(requests)
    places = data.draw(st.lists(st.integers(1, len(stream)), max_size=6))
    answers: list[list[bytes]] = []
    for server, parts in zip(both, ([stream], requests), strict=True):
        server.forget()
        link = Connection(server.url)
        answers.append([])
        for part in parts:
            link.send(cut_up(part, places if part is stream else (7,)))
            methods = map(method_of, requests if part is stream else [part])
            answers[-1] += [link.read(method) for method in methods]
        link.close()

    assert answers[0] == answers[1]
    assert both[0].look_back() == both[1].look_back()


KEPT_OPEN = ["a long body", "a long text", "a function", "HEAD", "chunks"]
"""Ordinary ones behind which a connection goes on."""


def test_a_client_that_says_that_it_sends_no_more() -> None:
    """It gets its answer: of a whole request, and none of a half one."""
    with serving() as server:
        for number in range(3):
            request = spell(ask(number))
            for sent in (request, request[:-1]):
                link = Connection(server.url)
                link.send([sent])
                link.socket.shutdown(socket.SHUT_WR)
                answer = link.file.read()
                link.close()

                assert answer.startswith(b"HTTP/1.1 200") == (sent is request)

        assert len(server.fake.requests) == 3


def test_a_client_that_reads_late() -> None:
    """What the system does not take waits until the client reads; nothing is lost, or mixed."""
    with serving() as server:
        link = Connection(server.url)
        page = AT_ONCE["the page"](0)
        link.send([page])
        first = link.read()
        for _ in range(1000):
            link.socket.sendall(page)
        answers = {link.read() for _ in range(1000)}
        link.close()

        assert answers == {first}
        assert server.app.ordinary > 1


def test_there_are_never_many() -> None:
    """Heads that all differ fill no memory."""
    from fakegemini.doors import at_once

    with serving() as server:
        link = Connection(server.url)
        for number in range(600):
            link.send([get("/v1beta/odd", **{"x-number": str(number)})])
            link.read()
        link.close()

    assert len(at_once._LEARNED) <= 256
