"""What the log and the page show of a request has no secret in it, wherever it stood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakegemini import Fake, Request, say
from fakegemini.doors.access_log import LOG_FORMATS, log_requests
from fakegemini.doors.live_transcript import Transcript
from fakegemini.recordings.scrub.mask import mask_secrets
from fakegemini.wire.http import Beat
from tests.record.readings import holds

KEY = "AIza" + "k9" * 17 + "q"
MODEL = "gemini-3.5-flash"


def create(text: str, **more: object) -> Request:
    """A create that asks this."""
    body = json.dumps({"model": MODEL, "input": text} | more)
    return Request("POST", "/v1/interactions", body=body.encode())


ASKED: dict[str, Request] = {
    "prompt": create(f"my key {KEY}"),
    "JSON in a prompt": create(json.dumps({"password": KEY})),
    "path": Request("GET", f"/v1beta/files/{KEY}"),
    "plain parameter": Request("GET", "/v1beta/files", (("pageToken", KEY),)),
    "parameter of a key": Request("GET", "/v1beta/files", (("key", KEY),)),
    "header": Request("GET", "/v1beta/files", headers=(("x-note", KEY), ("x-goog-api-key", KEY))),
    "broken body": Request("POST", "/v1/interactions", body=f'{{"input": "{KEY}'.encode()),
    "large body": create("and so on " * 40_000 + KEY),
    "stream": create("Hi", stream=True),
}


def perform(handler: Any, request: Request) -> None:
    """Send a request, and take the answer to its end."""
    beats: tuple[Beat, ...] = tuple(handler(request).beats)
    assert beats


@pytest.mark.parametrize("log_format", LOG_FORMATS)
@pytest.mark.parametrize("request_sent", ASKED.values(), ids=ASKED)
def test_the_log(request_sent: Request, log_format: str) -> None:
    """In either form, at any length."""
    lines: list[str] = []
    for longest in (0, 48):
        handler = log_requests(Fake().handle, lines.append, log_format=log_format, longest=longest)
        perform(handler, request_sent)
    assert len(lines) == 2
    assert not any(holds(line, KEY[:20]) for line in lines)


@pytest.mark.parametrize("request_sent", ASKED.values(), ids=ASKED)
def test_the_page(request_sent: Request) -> None:
    """Bodies, addresses, headers, what the model says in pieces, complaints."""
    fake, transcript = Fake(), Transcript()
    fake.replies(say(f"You said {KEY}, did you not?"))
    perform(transcript.watch(fake), request_sent)

    (shown,) = transcript.since(0)

    assert not holds(json.dumps(shown), KEY)
    said = "".join(
        data["delta"].get("text", "") for _, _, data in shown["stream"] or () if "delta" in data
    )
    assert KEY[10:] not in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Why are there tides in all oceans?", "Why are there tides in all oceans?"),
        (f"use {KEY} now", "use *** now"),
        (f"{KEY} {KEY}", "*** ***"),
        ("the password=hunter2hunter2 is", "the password=*** is"),
        ("key " + KEY.encode().hex(), "key ***"),
    ],
)
def test_a_mask(text: str, shown: str) -> None:
    """It stands for the secret alone."""
    assert mask_secrets(text) == shown
