"""What breaks servers: none of it may, and none of it may make a noise."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from fakegemini import Cut, Fake, Handler, Reply, Request, Wait, say
from fakegemini.doors.asgi import BODY_LIMIT
from fakegemini.doors.loopback import serve
from fakegemini.errors import CannotListen, IllegalMove
from fakegemini.protocol.background import never_ending
from fakegemini.protocol.refusals.lookups import LARGEST_CREATE
from fakegemini.wire.http import Beat

from .door import MODEL, Door

SERVER = "fakegemini-server"


def raw(door: Door, payload: bytes, *, read: bool = True) -> bytes:
    """Send bytes to the socket and read until it closes."""
    place = urlsplit(door.url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(payload)
        if not read:
            return b""
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def beats(*all_of_them: Beat) -> Iterator[Beat]:
    """Beats that a door has to ask for."""
    yield from all_of_them


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within half a minute; looks every few milliseconds."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.005)
    return False


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is printed or logged, whatever a client does."""
    yield
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        bytes(range(256)) * 8,
        b"GET\r\n\r\n",
        b"HELO there\r\n",
        b"POST /v1/interactions HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "TLS", "bytes", "short", "mail", "version", "long header"],
)
def test_garbage_is_answered_or_dropped(door: Door, payload: bytes) -> None:
    """The next client is served."""
    answer = raw(door, payload)

    assert b" 500 " not in answer[:64]
    assert door.create().status == 200


@pytest.mark.parametrize(
    "payload",
    [
        b'POST {}/v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"model"',
        b"POST {}/v1/interactions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"POST {}/v1/interactions HTTP/1.1\r\nHost: x\r\n",
    ],
    ids=["half a body", "half a chunk", "half a head"],
)
def test_half_a_request_is_no_request(fake: Fake, door: Door, payload: bytes) -> None:
    """A client that leaves before it has asked is not answered and not counted."""
    raw(door, payload.replace(b"{}", urlsplit(door.url).path.encode()), read=False)

    assert door.create().status == 200
    assert len(fake.requests) == 1


def test_a_huge_body_is_served(door: Door) -> None:
    """Twenty megabytes of image."""
    image = {"type": "image", "mime_type": "image/png", "data": "iVBORw0K" * 2_500_000}

    assert door.create([{"type": "text", "text": "See:"}, image]).status == 200


def test_a_body_beyond_the_limit_is_refused(fake: Fake, door: Door) -> None:
    """Read to its end, told in one line, never kept."""
    place = urlsplit(door.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    piece = b" " * (8 * 1024 * 1024)
    count = BODY_LIMIT // len(piece) + 1
    connection.request(
        "POST",
        f"{place.path}/v1/interactions",
        (piece for _ in range(count)),
        {"Content-Length": str(len(piece) * count)},
    )

    response = connection.getresponse()

    assert response.status == 400
    assert b"the body is larger than" in response.read()
    connection.close()
    assert fake.requests == []


def test_a_create_beyond_the_limit_is_refused(fake: Fake, door: Door) -> None:
    """Without anybody having parsed it, and the complaint names its size."""
    start = b'{"model": "gemini-3.5-flash", "input": "'
    body = start.ljust(LARGEST_CREATE, b"x") + b'"}'

    answer = door.ask("POST", "/v1/interactions", body)

    assert answer.status == 400
    assert answer.json["error"] == {
        "message": "Request payload size exceeds the limit: 104857600 bytes.",
        "code": "invalid_request",
    }
    (complaint,) = fake.complaints.list_pending({})
    assert f"it has {len(body)} bytes; upload what is large" in complaint[1]
    assert f"with {len(body)} bytes" in complaint[1]


def nested(depth: int, where: str) -> bytes:
    """A create body with lists in lists."""
    deep = b"[" * depth + b"]" * depth
    return b'{"model":"' + MODEL.encode() + b'","' + where.encode() + b'":' + deep + b"}"


@pytest.mark.parametrize("where", ["input", "tools", "odd"])
@pytest.mark.parametrize("depth", [50, 240, 330, 480, 700, 950, 1200, 5000, 100_000])
def test_deep_nesting_is_refused_in_the_servers_words(door: Door, depth: int, where: str) -> None:
    """Not with a traceback of ours."""
    answer = door.ask("POST", "/v1/interactions", nested(depth, where))

    assert answer.status == 400
    assert answer.json["error"]["code"] == "invalid_request"


@pytest.mark.parametrize("depth", [50, 240, 330, 480, 700, 950, 1200, 5000])
@pytest.mark.parametrize("odd", [b"", b'"odd":1,'], ids=["good", "bad"])
def test_deep_arguments_are_taken_or_refused(door: Door, depth: int, odd: bytes) -> None:
    """What belongs to a function is not looked into; too deep is unreadable."""
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    body = (
        b"{" + odd + b'"model":"' + MODEL.encode() + b'",'
        b'"input":[{"type":"function_call","id":"a","name":"f","arguments":'
        + deep
        + b'},{"type":"function_result","call_id":"a","name":"f",'
        b'"result":"x"}]}'
    )

    answer = door.ask("POST", "/v1/interactions", body)

    assert answer.status in (200, 400)
    assert b"fakegemini itself failed" not in answer.body


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"%s","input":"\\ud800"}',
        b'{"model":"%s","input":[{"type":"text","text":"\\udfff"}]}',
        b'{"model":"%s","input":"x","\\ud800":1}',
        b'{"model":"\\ud800","input":"x"}',
        b'{"model":"%s","input":"x","previous_interaction_id":"\\ud800"}',
    ],
)
@pytest.mark.parametrize("stream", [b"", b',"stream":true}'], ids=["unary", "stream"])
def test_a_lone_surrogate_does_no_harm(door: Door, body: bytes, stream: bytes) -> None:
    """No server can write it down; whether the live one refuses it, nobody observed."""
    sent = body.replace(b"%s", MODEL.encode())
    answer = door.ask("POST", "/v1/interactions", sent[:-1] + stream if stream else sent)

    assert answer.status in (200, 400, 404)
    assert b"fakegemini itself failed" not in answer.body


def test_a_scripted_surrogate_is_sent_as_an_escape(fake: Fake, door: Door) -> None:
    """A test may want to know what its client does with it."""
    fake.replies(say("\ud800 x"), times=2)

    assert b"\\ud800 x" in door.create().body
    assert b"\\ud800" in door.create(stream=True).body


def test_fifty_at_once(door: Door) -> None:
    """Each gets its own answer."""
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: door.create(f"number {n}", stream=n % 2 == 0), range(50)))

    assert {answer.status for answer in answers} == {200}
    bodies = [a.events[0]["interaction"] if "event" in a.kind else a.json for a in answers]
    assert len({body["id"] for body in bodies}) == 50


def test_a_client_that_leaves_a_stream_leaves_nothing_behind(
    fake: Fake, plug: Callable[[Handler], Door]
) -> None:
    """The run that it followed is no longer followed: its beats are closed."""
    fake.replies("x", background=never_ending())
    closed = threading.Event()

    def watched(request: Request) -> Reply:
        reply = fake.handle(request)

        def until_closed() -> Iterator[Beat]:
            try:
                yield from reply.beats
            finally:
                closed.set()

        return Reply(reply.status, reply.headers, until_closed())

    door = plug(watched)
    with door.live(background=True) as stream:
        stream.event()
        assert not closed.is_set()

    assert closed.wait(20)
    assert door.ask("GET", "/v1/models").status == 200


def test_leaving_clients_add_no_threads(fake: Fake, door: Door) -> None:
    """Twenty that leave in the middle."""
    fake.replies("x " * 400, times=20)
    before = threading.active_count()
    for _ in range(20):
        with door.live() as stream:
            stream.event()

    assert door.ask("GET", "/v1/models").status == 200
    assert eventually(lambda: threading.active_count() <= before)


def explode(request: Request) -> Reply:
    """A handler with a bug."""
    raise ZeroDivisionError("a bug")


def complain(request: Request) -> Reply:
    """A handler that a test drove wrongly."""
    raise IllegalMove("cannot cancel \ud800")


def late(request: Request) -> Reply:
    """A handler whose answer breaks before its first byte."""

    def broken() -> Iterator[bytes]:
        raise ZeroDivisionError("a late bug")
        yield b""

    return Reply(200, (("content-type", "text/event-stream"),), broken())


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (explode, "fakegemini itself failed, please report it:\nTraceback"),
        (complain, "cannot cancel \\ud800"),
        (late, "fakegemini itself failed, please report it:\nTraceback"),
    ],
)
def test_a_handler_that_raises_is_a_400(
    plug: Callable[[Handler], Door], handler: Handler, text: str
) -> None:
    """SDKs retry 5xx, which would turn a mistake into seconds of silence."""
    answer = plug(handler).create()

    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(text)
    assert answer.json["error"]["code"] == "fakegemini"


def test_a_handler_that_breaks_in_mid_stream_drops_the_connection(
    plug: Callable[[Handler], Door],
) -> None:
    """What came before it is delivered; the end is no clean one."""

    def handler(request: Request) -> Reply:
        def broken() -> Iterator[bytes]:
            yield b"data: 1\n\n"
            raise ZeroDivisionError("a bug")

        return Reply(200, (), broken())

    with plug(handler).open("GET", "/") as response:
        assert response.readline() == b"data: 1\n"
        with pytest.raises(http.client.IncompleteRead):
            response.read()


@pytest.mark.parametrize("pieces", [[b"a"], [b"a", b"b", b"c" * 100_000]], ids=["one", "three"])
def test_a_cut_delivers_what_came_before_it(
    plug: Callable[[Handler], Door], pieces: list[bytes]
) -> None:
    """Then the connection is gone: no last chunk, nothing after it."""

    def handler(request: Request) -> Reply:
        return Reply(200, (), beats(*pieces, Cut(), b"never"))

    with (
        plug(handler).open("GET", "/") as response,
        pytest.raises(http.client.IncompleteRead) as caught,
    ):
        response.read()

    assert caught.value.partial == b"".join(pieces)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_before_the_head_is_no_answer(plug: Callable[[Handler], Door], reset: bool) -> None:
    """Not even a status."""
    door = plug(lambda request: Reply(200, (), beats(Cut(reset=reset))))

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        door.ask("GET", "/")


def test_a_cut_ends_only_its_own_connection(fake: Fake, plug: Callable[[Handler], Door]) -> None:
    """Others go on."""
    cutting = plug(lambda request: Reply(200, (), beats(b"x", Cut())))
    door = plug(fake.handle)

    with pytest.raises(http.client.IncompleteRead):
        cutting.ask("GET", "/")

    assert door.create().status == 200


def test_a_wait_takes_no_time_unless_it_is_real(plug: Callable[[Handler], Door]) -> None:
    """Virtual time passes at once, a client's own timeout is real."""
    door = plug(lambda request: Reply(200, (), beats(Wait(3600.0), b"x")))
    slow = plug(lambda request: Reply(200, (), beats(Wait(0.05, real=True), b"x")))

    began = time.monotonic()
    assert door.ask("GET", "/").body == b"x"
    middle = time.monotonic()
    assert slow.ask("GET", "/").body == b"x"

    assert middle - began < 60  # and not an hour
    assert time.monotonic() - middle >= 0.045


def test_a_server_ends_with_its_block() -> None:
    """Its thread too, even while a client still follows a run."""
    fake = Fake()
    fake.replies("x", background=never_ending())
    count = sum(thread.name == SERVER for thread in threading.enumerate())
    with serve(fake.handle) as url:
        with Door(url).live(background=True) as stream:
            stream.event()
        assert Door(url).create(odd=1).status == 400

    assert sum(thread.name == SERVER for thread in threading.enumerate()) == count
    with pytest.raises(ConnectionRefusedError):
        Door(url).create()


def test_a_taken_port_is_told() -> None:
    """In one line, and the first server goes on."""
    with serve(Fake().handle) as url:
        port = urlsplit(url).port
        assert port
        with (
            pytest.raises(CannotListen, match=f"cannot listen on 127.0.0.1:{port}: "),
            serve(Fake().handle, port=port),
        ):
            pass
        assert Door(url).create().status == 200


def test_a_connection_is_kept(door: Door) -> None:
    """Several requests, refused and streamed ones too, on one socket."""
    place = urlsplit(door.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.connect()
    kept = connection.sock
    for body in ({"input": "a"}, {"odd": 1}, {"input": "b", "stream": True}, {"input": "c"}):
        payload = json.dumps({"model": MODEL} | body)
        connection.request("POST", f"{place.path}/v1/interactions", payload)
        connection.getresponse().read()
        assert connection.sock is kept
    connection.close()
