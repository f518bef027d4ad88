"""A replay in a network namespace without a route: whatever an answer says leads back to it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange

LIVE = "https://generativelanguage.googleapis.com"
STORE = "https://storage.googleapis.com/b"
ALONE = ["unshare", "--map-root-user", "--net"]
MODEL = "gemini-3.5-flash"
PROGRAM = """
import fcntl, socket, struct, sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as raw:  # the loopback is down at first
    fcntl.ioctl(raw, 0x8914, struct.pack("16sH14s", b"lo", 0x41, b""))
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as error:
    assert "unreachable" in str(error), error
else:
    raise SystemExit("there is a route")

import httpx
from google import genai
from fakegemini import Fake
from fakegemini.doors.loopback import serve

fake = Fake()
fake.play(sys.argv[1])
with serve(fake.handle) as url:
    client = genai.Client(api_key="fake-key", http_options={"base_url": url})
    file = client.files.upload(file=sys.argv[2], config={"mime_type": "text/plain"})
    assert file.uri.startswith(url), file.uri
    block = {"type": "document", "uri": file.uri, "mime_type": "text/plain"}
    turn = client.interactions.create(model="gemini-3.5-flash", input=[block])
    video = turn.steps[-1].content[0]
    assert httpx.get(video.uri).content == b"\\0film"
    events = client.interactions.create(model="gemini-3.5-flash", input="Go on", stream=True)
    uris = [event.delta.uri for event in events if getattr(event, "delta", None)]
    assert httpx.get(uris[0]).content == b"\\0film"
    moved = httpx.get(f"{url}/v1beta/old", follow_redirects=True)
    assert moved.json() == {"next": f"{url}/v1beta/models?pageToken=2"}
    assert httpx.get(moved.json()["next"]).json() == {"models": []}
    assert fake.unplayed == []
print("done")
"""


def exchange(
    number: int, method: str, uri: str, asked: Any, answer: Any, status: int = 200, **headers: str
) -> RecordedExchange:
    """An exchange; bodies are JSON, bytes or nothing."""

    def body(value: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        return b"" if value is None else json.dumps(value).encode()

    told = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return RecordedExchange(
        Exchange(number, method, uri, {}, body(asked), status, told, body(answer))
    )


def tape() -> str:
    """A recording in which each answer names a live server."""
    file = {"name": "files/f", "uri": f"{LIVE}/v1beta/files/f", "mimeType": "text/plain",
            "state": "ACTIVE"}  # fmt: skip
    film = {"type": "video", "mime_type": "video/mp4", "uri": f"{STORE}/film?sig=1"}
    block = {"type": "document", "uri": file["uri"], "mime_type": "text/plain"}
    turn = {
        "id": "v1_ChdBTGxWYWJZcnFVRk14dEt4MnBvYUc1WRIXQUxsVmFiWXJxVUZNeHRLeDJwb2FHNVk",
        "status": "completed", "object": "interaction", "model": MODEL,
        "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
        "steps": [{"type": "model_output", "content": [film]}],
    }  # fmt: skip
    events: list[dict[str, Any]] = [
        {"index": 0, "step": {"type": "model_output"}, "event_type": "step.start"},
        {"index": 0, "delta": film, "event_type": "step.delta"},
        {"index": 0, "event_type": "step.stop"},
    ]
    stream = b"".join(
        f"event: {event['event_type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events
    )
    upload = f"{LIVE}/upload/v1beta/files"
    start = {"file": {"mime_type": "text/plain", "size_bytes": 4}}
    return dump_cassette(
        [
            exchange(1, "POST", upload, start, None,
                     x_goog_upload_url=f"{upload}?upload_id=AB", x_goog_upload_status="active"),
            exchange(2, "POST", f"{upload}?upload_id=AB", b"text", {"file": file},
                     x_goog_upload_status="final"),
            exchange(3, "POST", f"{LIVE}/v1beta/interactions",
                     {"model": MODEL, "input": [block]}, turn),
            exchange(4, "GET", film["uri"], None, b"\0film"),
            exchange(5, "POST", f"{LIVE}/v1beta/interactions",
                     {"model": MODEL, "input": "Go on", "stream": True}, stream,
                     content_type="text/event-stream"),
            exchange(6, "GET", f"{LIVE}/v1beta/old", None, None, 302,
                     location=f"{LIVE}/v1beta/new"),
            exchange(7, "GET", f"{LIVE}/v1beta/new", None,
                     {"next": f"{LIVE}/v1beta/models?pageToken=2"}),
            exchange(8, "GET", f"{LIVE}/v1beta/models?pageToken=2", None, {"models": []}),
        ]
    )[0]  # fmt: skip


def can_be_alone() -> bool:
    """Whether a program can have a network namespace of its own here."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_a_replay_needs_no_route(tmp_path: Path) -> None:
    """Uploads, files, films, redirects and pages, with the official SDK."""
    if not can_be_alone():
        pytest.skip("this machine lets nobody make a network namespace")
    (tmp_path / "tape.yaml").write_text(tape(), encoding="utf-8")
    (tmp_path / "file.txt").write_text("text")
    (tmp_path / "program.py").write_text(PROGRAM)

    done = subprocess.run(
        [*ALONE, sys.executable, "program.py", "tape.yaml", "file.txt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
