"""Whoever writes what the page shows, or opens another page beside it, gets nothing out of it."""

from __future__ import annotations

import ast
import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fakegemini import Fake, Reply, Request
from fakegemini.doors.live_page import serve_page, write_report
from fakegemini.doors.live_transcript import Transcript
from fakegemini.doors.loopback import serve
from tests.http.door import MODEL, Door

from .test_live_page import JS, browse, needs_chromium

__all__ = ["needs_chromium"]

pytestmark = pytest.mark.usefixtures("needs_chromium")

MARKUP = (
    '<img src=x onerror="window.attacked=1">"\'><svg/onload=window.attacked=1>'
    "<script>window.attacked=1</script></script><!--<a href=javascript:window.attacked=1>x</a>"
)
SHELL = "'; touch attacked; '$(touch attacked)`touch attacked`\n\x1b[201~touch attacked\n\\"
HIDDEN = "ab\u202etxt.exe\u2066\u200b\u009b31m\x07\u001b]0;title\x07\ufeff\U000e0041"
UNSEEN = "\x1b\x07\u202e\u2066\u200b\u009b\ufeff"
TEXTS = {
    "markup": MARKUP,
    "shell": SHELL,
    "hidden": HIDDEN,
    "Hebrew": "שלום <b>",
    "@": "@/etc/passwd",
}

Body = Any


def _say(text: Any, **members: Any) -> Body:
    content = [{"type": "text", "text": text}]
    steps = [{"type": "model_output", "content": content}]
    return {"id": "v1_x", "status": "completed", "steps": steps, **members}


def _deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


ODD_REPLIES: dict[str, Body] = {
    "steps are a text": {"steps": "x"},
    "steps are a number": {"steps": 7},
    "steps are an object": {"steps": {"length": 4_294_967_295}},
    "steps of nothing": {"steps": [None, 1, "x", [], {}]},
    "a type that is an object": {"steps": [{"type": {"a": 1}, "content": 5}]},
    "a status that is an object": {"status": {"x": MARKUP}},
    "an error without a message": {"error": {}},
    "an error that is a text": {"error": "x"},
    "usage that is a text": {"usage": MARKUP},
    "metadata that is empty": {"metadata": {}},
    "a signature that is a list": {"steps": [{"type": "thought", "signature": ["x"] * 40}]},
    "a picture that is a page": {
        "steps": [
            {
                "type": "model_output",
                "content": [
                    {"type": "image", "mime_type": 'image/svg+xml,<svg onload="x">', "data": "x"},
                    {"type": "image", "mime_type": "text/html", "data": MARKUP},
                    {"type": "image", "mime_type": ["image/png"], "data": "x"},
                ],
            }
        ]
    },
    "nested": _say(_deep(400)),
    "nested deeply": _say(_deep(900)),
    "a list": [1, 2, 3],
    "null": None,
    "a number": 7,
    "__proto__": {"__proto__": {"steps": 1}, "constructor": {"prototype": 1}},
    "many steps": {"steps": [{"type": "thought"}] * 3000},
}
ODD_BODIES: dict[str, Body] = {
    "input of nothing": {"model": MODEL, "input": [None, 1, [], {}, {"type": 1}]},
    "input nested": {"model": MODEL, "input": _deep(900)},
    "a model that is an object": {"model": {"a": 1}, "input": {"text": 5}},
    "a parent that is an object": {"model": MODEL, "previous_interaction_id": {"a": 1}},
    "a list": [1, 2],
    "a text": "text",
    "a number": 7,
}
START = {"event_type": "step.start", "step": {"type": "model_output"}}
DELTA = {"event_type": "step.delta", "delta": {"type": "text", "text": "x"}}
ODD_STREAMS: dict[str, list[Any]] = {
    "an index beyond any list": [
        START | {"index": 4_294_967_294},
        DELTA | {"index": 4_294_967_294},
    ],
    "an index that is a prototype": [
        START | {"index": "__proto__"},
        DELTA | {"index": "__proto__"},
    ],
    "a step that is a text": [START | {"index": 0, "step": "x"}, DELTA | {"index": 0}],
    "a delta of nothing": [START | {"index": 0}, {**DELTA, "index": 0, "delta": None}],
    "a text that is a number": [{**DELTA, "delta": {"type": "text", "text": 7}}],
    "content that is a text": [
        START | {"index": 0, "step": {"content": "x"}},
        DELTA | {"index": 0},
    ],
    "deltas of its own": [
        START | {"index": 0, "step": {"deltas": 1}},
        {**DELTA, "index": 0, "delta": {"type": "image"}},
    ],
    "an interaction that is a text": [{"interaction": "x"}, None, 7, "x"],
    "markup": [{"event_type": MARKUP, "delta": {"text": MARKUP}}],
    "very many events": [DELTA | {"index": 0}] * 5000,
}


class Attacker:
    """A handler that answers whatever the attacker likes; the fake's routes stay."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self.reply = Reply(200, (), (b"",))

    def handle(self, request: Request) -> Reply:
        """Answer a request of the API as the attacker says."""
        is_control = request.path.startswith("/__fakegemini__/")
        return self._fake.handle(request) if is_control else self.reply


@contextmanager
def attacked() -> Iterator[tuple[str, Fake, Transcript, Attacker]]:
    """A page whose server answers as the attacker likes."""
    fake, transcript = Fake(), Transcript()
    attacker = Attacker(fake)
    handler = serve_page(transcript, fake, transcript.watch(fake, attacker.handle, group=MARKUP))
    with serve(handler) as url:
        yield url, fake, transcript, attacker


def _fill(url: str, attacker: Attacker, transcript: Transcript) -> None:
    """Have every text in every place, and every odd shape."""
    door = Door(url)

    def ask(
        body: Any, answer: bytes, content_type: str = "application/json", path: str = ""
    ) -> None:
        attacker.reply = Reply(200, (("content-type", content_type), ("x-odd", MARKUP)), (answer,))
        headers = {"x-odd": MARKUP, "user-agent": "</script>"}
        door.ask("POST", f"/v1/interactions{path}", body, headers, **{"<b>": MARKUP})

    for text in TEXTS.values():
        ask({"model": text, "input": text}, json.dumps(_say(text, id=text, model=text)).encode())
        ask({"agent": text, "input": [{"type": text, "name": text}]}, text.encode())
        event = {"event_type": text, "interaction": {"id": text, "status": text}}
        name = text.partition("\n")[0].replace("\r", "")
        frame = f"event: {name}\ndata: {json.dumps(event)}\n\n".encode()
        ask({"model": MODEL, "input": text}, frame, "text/event-stream")
    for body in ODD_REPLIES.values():
        ask({"model": MODEL, "input": "x"}, json.dumps(body).encode())
    for body in ODD_BODIES.values():
        ask(body, b"{}")
    for events in ODD_STREAMS.values():
        frames = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        ask({"model": MODEL, "input": "x"}, frames.encode(), "text/event-stream")
    for depth in (950, 3000, 100_000):
        body = b'{"model": "x", "input": %b}' % (b"[" * depth + b"]" * depth)
        attacker.reply = Reply(200, (("content-type", "application/json"),), (body,))
        transcript.watch(Fake(), lambda request: attacker.reply)(
            Request("POST", "/v1/interactions", body=body)
        )
    for text in TEXTS.values():
        raw = Request("POST", "/v1/interactions", (), (), text.encode())
        transcript.watch(Fake(), lambda request: attacker.reply, group=text)(raw)
        odd = Request("$(touch attacked)", f"/v1/models/{text}", ((text, text),), ((text, text),))
        transcript.watch(Fake(), lambda request: attacker.reply)(odd)
    for exchange in transcript._exchanges.values():
        exchange.complaints.append(MARKUP + HIDDEN)


def _check_copies(folder: Path, copied: list[str], exchanges: list[Any]) -> None:
    """The lines for a shell ask for the same, the tests send the same, and neither does more."""
    folder.mkdir()
    bodies = [one["body"] for one in exchanges]
    for text in copied:
        assert not any(char in text for char in UNSEEN)
        if text.count("[") > 500:
            continue  # neither Python reads it
        if text.startswith("curl"):
            script = 'curl() { printf "%s\\0" "$@"; }\n' + text
            done = subprocess.run(
                ["bash"], input=script.encode(), cwd=folder, capture_output=True, timeout=60
            )
            words = done.stdout.decode().split("\0")[:-1]
            assert (done.returncode, done.stderr) == (0, b"")
            assert words[0] == "-X"
            if "--data-raw" in words:
                body = words[words.index("--data-raw") + 1]
                assert body in bodies or json.loads(body) in bodies
            continue
        literals = [
            node.args[0].value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "json.loads"
            if isinstance(node.args[0], ast.Constant)
        ]
        assert len(literals) == 1
        assert json.loads(str(literals[0])) in bodies
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("way", ["live", "report"])
def test_whatever_is_shown_is_text(tmp_path: Path, way: str) -> None:
    """In every field; odd shapes spoil their own row at most, and what is copied does no harm."""
    with attacked() as (url, _, transcript, attacker):
        _fill(url, attacker, transcript)
        place = f"{url}/"
        if way == "report":
            path = tmp_path / "report.html"
            write_report(path, transcript, MARKUP, [MARKUP + HIDDEN])
            place = path.as_uri()
        exchanges = json.loads(json.dumps(transcript.since(0)))
        shown = browse(tmp_path, "attacked", place)

    assert shown["attacked"] is None
    assert (shown["title"], shown["elements"], shown["odd"]) == ("fakegemini", 0, 0)
    assert shown["all"] == len(exchanges)
    assert sum(MARKUP[:20] in text for text in shown["details"]) > 10
    assert not any("cannot be shown" in text for text in shown["details"])
    assert not any(char in shown["text"] for char in UNSEEN)
    _check_copies(tmp_path / "shell", shown["copied"], exchanges)


FOREIGN = (JS / "foreign.html").read_text("utf-8")
"""A page that tries everything that a browser lets it try."""


@contextmanager
def _serve_page(text: str, host: str, **headers: str) -> Iterator[str]:
    """A page of somewhere else: another port is another origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        """Answer everything with the page."""

        def do_GET(self) -> None:
            content = text.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _paged() -> Iterator[tuple[str, Fake]]:
    fake, transcript = Fake(), Transcript()
    with serve(serve_page(transcript, fake, transcript.watch(fake))) as url:
        Door(url).create("a secret plan")
        yield url, fake


def test_another_page_gets_nothing(tmp_path: Path) -> None:
    """Of another port, of a name, of no origin at all: it reads and scripts nothing."""
    sandbox = "sandbox allow-scripts allow-forms"
    with _paged() as (url, fake):
        page = FOREIGN.replace("http://127.0.0.1:0", url)
        with (
            _serve_page(page, "127.0.0.1") as same_site,
            _serve_page(page, "localhost") as cross_site,
            _serve_page(page, "attacker.example") as elsewhere,
            _serve_page(page, "127.0.0.1", Content_Security_Policy=sandbox) as without_origin,
        ):
            places = (cross_site, elsewhere, without_origin)
            outcomes = browse(tmp_path, "foreign", same_site, *places)
        state = fake.control.state

    assert len(outcomes) == 4
    assert list(outcomes.values()) == [{}] * 4
    assert state.script.rules == []
    assert len(fake.requests.creates) == 1
    assert state.sessions is None or not state.sessions.listing()


def test_a_name_that_leads_here_reads_nothing(tmp_path: Path) -> None:
    """DNS rebinding: the attacker's own name is suddenly this machine's."""
    paths = ["/", "/__fakegemini__/requests", "/__fakegemini__/exchanges", "/__fakegemini__/watch"]
    with _paged() as (url, _):
        place = f"http://attacker.example:{urlsplit(url).port}/"
        shown = browse(tmp_path, "rebound", place, *paths)

    assert "attacker.example" in shown["shown"]
    assert "secret plan" not in shown["shown"]
    assert {path: status for path, status in shown["read"].items() if path != "/"} == dict.fromkeys(
        paths[1:], 403
    )
