"""Whatever a reply says about where to go next leads to the recorder, and then to the replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from fakegemini import Fake, Reply, Request
from fakegemini.doors.loopback import cut, serve_app
from fakegemini.record.modes import MODES
from fakegemini.record.proxy import Recorder
from fakegemini.record.rewritten_addresses import RewrittenAddresses
from fakegemini.record.upstream import Upstream
from fakegemini.record.writer import open_recording
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.wire.origins import OriginMover, map_header
from tests.http.door import Door
from tests.replay.conftest import board, plug

__all__ = ["board", "plug"]

LIVE = "https://generativelanguage.googleapis.com"


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        (f"{LIVE}/v1beta/files/a:download?alt=media", "http://h:1/v1beta/files/a:download?alt=media"),
        ("https://storage.googleapis.com/b/o", "http://h:1/b/o"),
        ("HTTPS://Generativelanguage.Googleapis.com/x", "http://h:1/x"),
        (f"{LIVE}:443/x", "http://h:1/x"),
        ("http://127.0.0.1:9/x?y#z", "http://h:1/x?y#z"),
        (LIVE, "http://h:1"),
        (f"See {LIVE}/docs", None),
        (f"{LIVE}/docs tells it", None),
        ("https://googleapis.com.example/x", None),
        ("https://notgoogleapis.com/x", None),
        ("http://127.0.0.1:90/x", None),
        ("https://example.com/?u=" + LIVE, None),
        ("type.googleapis.com/google.rpc.ErrorInfo", None),
    ],
)  # fmt: skip
def test_what_is_moved(text: str, moved: str | None) -> None:
    """An address of the recorded server or of a live one, as a whole; no sentence, no other."""
    mover = OriginMover("http://127.0.0.1:9/v1/interactions", "http://h:1")
    assert mover.move_text(text) == (moved or text)
    assert mover.move_all({"a": [text, 1]}) == {"a": [moved or text, 1]}


@pytest.mark.parametrize(
    ("value", "moved"),
    [
        (f"{LIVE}/x?a=1", "http://h:1/x?a=1"),
        ("//storage.googleapis.com/b/o", "http://h:1/b/o"),
        ("//example.com/b", None),
        (f'<{LIVE}/v1/x?pageToken=2>; rel="next"', '<http://h:1/v1/x?pageToken=2>; rel="next"'),
        (f"<{LIVE}/a>; a=b, <https://example.com/b>", "<http://h:1/a>; a=b, <https://example.com/b>"),
        ("/v1/x", None),
        ("<no address>", None),
    ],
)  # fmt: skip
def test_what_is_moved_in_a_header(value: str, moved: str | None) -> None:
    """Alone, without a scheme, in brackets; in a replay and while recording."""
    mover = OriginMover("http://127.0.0.1:9/v1/interactions", "http://h:1")
    addresses = RewrittenAddresses(Upstream())

    assert map_header(value, mover.move_text) == (moved or value)
    assert addresses.rewrite_header(value, "http://h:1") == (moved or value)


VIDEO = {"type": "video", "mime_type": "video/mp4", "uri": f"{LIVE}/v1beta/files/f:download"}
EVENT = {"index": 0, "delta": VIDEO, "event_type": "step.delta"}
BODIES: dict[str, tuple[str, str, bytes]] = {
    "a create": (
        "POST",
        "/v1beta/interactions",
        json.dumps({"status": "completed", "steps": [{"content": [VIDEO]}]}).encode(),
    ),
    "a stream": (
        "POST",
        "/v1beta/interactions",
        f"event: step.delta\ndata: {json.dumps(EVENT)}\n\ndata: [DONE]\n\n".encode(),
    ),
    "a file": ("GET", "/v1beta/files/f", json.dumps({"uri": VIDEO["uri"]}).encode()),
    "an upload": ("POST", "/upload/v1beta/files", b""),
}


@pytest.mark.parametrize("place", BODIES)
@pytest.mark.parametrize("origin", [LIVE, "http://upstream.example:8080"])
def test_nothing_in_a_replay_leads_to_a_live_host(
    origin: str, place: str, tmp_path: Path, plug: Callable[..., Door]
) -> None:
    """Bodies, events and headers; the address is that of the replay, which a client reaches."""
    method, path, answer = BODIES[place]
    body = b'{"model": "m", "input": "Hi"}' if "interactions" in path else b""
    headers = {
        "content-type": "text/event-stream" if answer.startswith(b"event") else "application/json",
        "location": f"{origin}/next",
        "x-goog-upload-url": f"{origin}/upload/v1beta/files?upload_id=AB",
    }
    answer = answer.replace(LIVE.encode(), origin.encode())
    exchange = Exchange(1, method, origin + path, {}, body, 200, headers, answer)
    tape = tmp_path / "tape.yaml"
    other = Exchange(2, "POST", f"{LIVE}/v1/interactions", {}, b"{}", 200, {}, b"{}")
    exchanges = [RecordedExchange(exchange), RecordedExchange(other)]
    tape.write_text(dump_cassette(exchanges)[0], "utf-8")
    fake = Fake()
    fake.play(tape)
    url = plug(fake.handle).url
    base = "/".join(url.split("/")[:3])

    got = httpx.request(method, url + path, content=body, follow_redirects=False)

    assert got.status_code == 200, got.text
    everything = f"{got.headers} {got.text}"
    assert origin not in everything
    assert got.headers["x-goog-upload-url"] == f"{base}/upload/v1beta/files?upload_id=AB"
    if answer:
        assert f"{base}/v1beta/files/f" in got.text


@pytest.mark.parametrize("place", ["uri", "text"])
def test_an_address_of_the_replay_is_understood(
    place: str, tmp_path: Path, plug: Callable[..., Door]
) -> None:
    """Who uploads a file and then asks about it sends the address that the replay told."""
    address = f"{LIVE}/v1beta/files/f"
    block = {"type": "document", "uri": address} if place == "uri" else {"type": "text"}
    asked = {"model": "m", "input": [block | {"text": address} if place == "text" else block]}
    counted = {"contents": [{"parts": [{"fileData": {"fileUri": address}}]}]}
    answer = {"id": "v1_x", "status": "completed", "steps": []}
    told = {"content-type": "application/json"}
    exchanges = [
        Exchange(1, "GET", address, {}, b"", 200, told, dumped({"uri": address})),
        Exchange(2, "POST", f"{LIVE}/v1beta/interactions", {}, dumped(asked), 200, told,
                 dumped(answer)),
        Exchange(3, "POST", f"{LIVE}/v1beta/models/m:countTokens", {}, dumped(counted), 200, told,
                 dumped({"totalTokens": 7})),
    ]  # fmt: skip
    tape = tmp_path / "tape.yaml"
    tape.write_text(dump_cassette(list(map(RecordedExchange, exchanges)))[0], "utf-8")
    fake = Fake()
    fake.play(tape)
    url = plug(fake.handle).url

    got = httpx.get(f"{url}/v1beta/files/f").json()["uri"]
    assert got.startswith("http://127.0.0.1")
    as_told = json.dumps(asked).replace(address, got)
    created = httpx.post(f"{url}/v1beta/interactions", content=as_told)
    count = json.dumps(counted).replace(address, got)

    assert created.json()["status"] == "completed"
    assert httpx.post(f"{url}/v1beta/models/m:countTokens", content=count).json() == {
        "totalTokens": 7
    }


def dumped(value: Any) -> bytes:
    """JSON as bytes."""
    return json.dumps(value).encode()


def test_an_upload_goes_through_the_recorder(tmp_path: Path, plug: Callable[..., Door]) -> None:
    """Its second half as well, and the replay then has both."""
    door: Any = None

    def upstream(request: Request) -> Reply:
        if request.param("upload_id"):
            return Reply(200, (("content-type", "application/json"),), (b'{"file":{}}',))
        address = f"{door.url}/upload/v1beta/files?upload_id=AB"
        return Reply(200, (("x-goog-upload-url", address),), (b"",))

    door = plug(upstream)
    tape = tmp_path / "tape.yaml"

    def upload(base: str) -> list[Any]:
        start = httpx.post(f"{base}/upload/v1beta/files", content=b"{}")
        address = start.headers["x-goog-upload-url"]
        end = httpx.post(address, content=b"\x00\xff")
        return [address.startswith(base.rsplit("/t", 1)[0]), end.json()]

    with open_recording(tape, MODES["once"]) as writer:
        app = Recorder(writer, door.url.rsplit("/t", 1)[0], cut=cut)
        with serve_app(app, lifespan=True) as url:
            recorded = upload(url + "/t" + door.url.rsplit("/t", 1)[1])
        writer.save()
    assert recorded == [True, {"file": {}}]
    assert tape.read_text("utf-8").count("- request:") == 2
