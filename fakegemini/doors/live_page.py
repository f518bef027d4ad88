"""Serve the page on which people see the conversations of a fake, and write it as a report.

The page is one file without anything from elsewhere. It gets what is new as events, and scripts the
fake by the control routes, whose rules about callers and web pages hold for it as well.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..errors import NotWritten
from ..fake.fake import Fake
from ..fake.routes import CONTROL_PREFIX
from ..protocol.refusals.refusal import Refusal
from ..wire.http import Beat, Handler, Json, Reply, Request, Wait
from ..wire.replies import ERROR_JSON, json_reply
from ..wording import spell_json
from .live_transcript import Transcript

_PAGE = Path(__file__).with_name("page") / "live.html"
_NO_DATA = '<script id="data" type="application/json">null</script>'
_LOOK_SECONDS = 0.2
_LOOKS_PER_SIGN = 50
"""How often nothing new is looked for until a sign of life is sent."""


def serve_page(transcript: Transcript, fake: Fake, handler: Handler) -> Handler:
    """Return a handler that answers a browser at `/`, and the page's own questions."""

    def handle(request: Request) -> Reply:
        if request.method == "GET" and request.path == "/" and _is_browser(request):
            return _refuse(request, fake) or _page_reply()
        if request.method == "GET" and request.path == f"{CONTROL_PREFIX}/watch":
            return _refuse(request, fake) or _watch(transcript)
        if request.method == "GET" and request.path == f"{CONTROL_PREFIX}/exchanges":
            return _refuse(request, fake) or json_reply(transcript.since(0))
        reply = handler(request)
        if request.path == f"{CONTROL_PREFIX}/reset" and reply.status == 200:
            transcript.forget()
        return reply

    return handle


def write_report(path: Path, transcript: Transcript, title: str, complaints: list[str]) -> None:
    """Write what was seen: as JSON where the name ends in `.json`, else as the page.

    Raises `NotWritten`.
    """
    from ..recordings.atomic_write import write_atomically

    write_atomically(path, render_report(path, transcript.since(0), title, complaints))


def render_report(path: Path, exchanges: list[Json], title: str, complaints: list[str]) -> bytes:
    """Return what `write_report` writes into a file of that name."""
    report: Json = {"title": title, "complaints": complaints, "exchanges": exchanges}
    if path.suffix == ".json":
        text = spell_json(report, indent=2)
    else:
        data = spell_json(report).replace("<", "\\u003c")  # nothing in it ends the script
        element = f'<script id="data" type="application/json">{data}</script>'
        text = _PAGE.read_text("utf-8").replace(_NO_DATA, element)
    return text.encode("utf-8", "backslashreplace")


def check_report_path(path: Path | None, option: str = "--report") -> None:
    """Raise `NotWritten` at once where a report could not be written at the end."""
    if path and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise NotWritten(f"{option} {path}: there is no folder for such a file")


def _is_browser(request: Request) -> bool:
    return "text/html" in (request.header("accept") or "")


def _refuse(request: Request, fake: Fake) -> Reply | None:
    """Refuse who may not use the control routes."""
    reason = fake.control.state.access.refuse(request)
    if not reason:
        return None
    text = f"the page is not for everybody: {reason}"
    return json_reply(Refusal(403, "fakegemini", text, "X").body(), 403, ERROR_JSON)


def _watch(transcript: Transcript) -> Reply:
    headers = (("content-type", "text/event-stream"), ("cache-control", "no-store"))
    return Reply(200, headers, _new_events(transcript), plain=True)


def _new_events(transcript: Transcript) -> Iterator[Beat]:
    """Yield what is new as events, as long as somebody reads them."""
    version, looks = 0, 0
    yield b"event: forget\ndata: {}\n\n"
    while True:
        if transcript.forgotten > version:
            yield b"event: forget\ndata: {}\n\n"
            version = transcript.forgotten
        newest = transcript.version
        if newest > version:
            exchanges = transcript.since(version)
            version, looks = newest, 0
            if exchanges:
                yield f"data: {spell_json(exchanges)}\n\n".encode()
        elif (looks := looks + 1) % _LOOKS_PER_SIGN == 0:
            yield b": still here\n\n"
        yield Wait(_LOOK_SECONDS, real=True)


@cache
def _page_reply() -> Reply:
    page = _PAGE.read_text("utf-8")
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert script
    digest = b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    )
    return Reply(200, headers, (page.encode(),))
