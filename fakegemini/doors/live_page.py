"""Serve the page on which people see the conversations of a fake, and write it as a report.

The page is one file without anything from elsewhere. It gets what is new as events, and scripts the
fake by the control routes, whose rules about callers and web pages hold for it as well.
"""

from __future__ import annotations

import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..errors import NotWritten
from ..fake.fake import Fake
from ..fake.routes import CONTROL_PREFIX
from ..protocol.refusals.refusal import Refusal
from ..wire.http import Beat, Handler, Json, Reply, Request, Wait
from ..wire.replies import ERROR_JSON, json_reply
from ..wording import spell_json, spell_unsafe_json
from .live_transcript import Transcript

_PAGE = Path(__file__).with_name("page") / "live.html"
_CHARSET = '<meta charset="utf-8">'
_NO_DATA = '<script id="data" type="application/json">null</script>'
_LOOK_SECONDS = 0.2
_REST_FACTOR = 9
"""How much longer than writing what is new the pause behind it is."""

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
            return _refuse(request, fake) or _exchanges_reply(transcript)
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
        text = spell_unsafe_json(spell_json(report, indent=2))
    else:
        # Nothing in it ends the script, or steers who reads the file itself.
        data = spell_unsafe_json(spell_json(report)).replace("<", "\\u003c")
        element = f'<script id="data" type="application/json">{data}</script>'
        policy = f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'
        page = _PAGE.read_text("utf-8").replace(_CHARSET, f"{_CHARSET}\n{policy}", 1)
        text = page.replace(_NO_DATA, element)
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


def _exchanges_reply(transcript: Transcript) -> Reply:
    reply = json_reply(transcript.since(0))
    return replace(reply, headers=(*reply.headers, *_PRIVATE))


def _watch(transcript: Transcript) -> Reply:
    headers = (("content-type", "text/event-stream"), *_PRIVATE)
    # What is new may be long to write as JSON, which is nobody's else wait.
    return Reply(200, headers, _new_events(transcript), plain=True, slow=True)


def _new_events(transcript: Transcript) -> Iterator[Beat]:
    """Yield what is new as events, as long as somebody reads them."""
    version, looks = 0, 0
    yield b"event: forget\ndata: {}\n\n"
    while True:
        if transcript.forgotten > version:
            yield b"event: forget\ndata: {}\n\n"
            version = transcript.forgotten
        begun = time.perf_counter()
        newest = transcript.version
        if newest > version:
            exchanges = transcript.since(version)
            version, looks = newest, 0
            if exchanges:
                yield f"data: {spell_json(exchanges)}\n\n".encode()
        elif (looks := looks + 1) % _LOOKS_PER_SIGN == 0:
            yield b": still here\n\n"
        spent = time.perf_counter() - begun
        yield Wait(max(_LOOK_SECONDS, _REST_FACTOR * spent), real=True)


@cache
def _policy() -> str:
    """Return what the page may do: run its own script, and ask nobody but who served it."""
    script = re.search(r"<script>(.*?)</script>", _PAGE.read_text("utf-8"), re.DOTALL)
    assert script
    digest = b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


_PRIVATE = (
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
)
"""The headers of what is for the page alone: no other page may even load it as something else."""


@cache
def _page_reply() -> Reply:
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", f"{_policy()}; frame-ancestors 'none'"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        *_PRIVATE,
    )
    return Reply(200, headers, (_PAGE.read_bytes(),))
