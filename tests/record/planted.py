"""Secrets of every kind, made up anew each time, and places to plant them in."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.wire.sse import DONE_FRAME, encode_frame

ALNUM = string.ascii_letters + string.digits
HOST = "https://generativelanguage.googleapis.com"


def _some(length: int, alphabet: str = ALNUM) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=length, max_size=length)


SHAPED: dict[str, st.SearchStrategy[str]] = {
    "google": _some(35, ALNUM + "_-").map("AIza{}".format),
    "google-new": _some(40).map("AQ.{}".format),
    "oauth": _some(50, ALNUM + "_-").map("ya29.{}".format),
    "api": _some(40).map("sk-4{}".format),
    "github": _some(36).map("ghp_{}".format),
    "gitlab": _some(20).map("glpat-{}".format),
    "aws": _some(16, string.ascii_uppercase + string.digits).map("AKIA{}".format),
    "slack": _some(24, string.digits).map("xoxb-{}".format),
    "webhook": _some(32).map("whsec_{}".format),
    "jwt": st.tuples(_some(20), _some(30), _some(43, ALNUM + "_-")).map(
        lambda parts: "eyJ{}.eyJ{}.{}".format(*parts)
    ),
    "private-key": _some(128, ALNUM + "+/").map(
        lambda text: "\n".join(
            ["-----BEGIN PRIVATE KEY-----", text[:64], text[64:], "-----END PRIVATE KEY-----"]
        )
    ),
}
"""What its shape gives away, wherever it is."""

NAMED = st.text(
    st.sampled_from(ALNUM + " \"\\/+=&%<>'{}:,.\t\n" + "é€😀"), min_size=9, max_size=40
).map("Q9{}z".format)
"""What only a name can give away."""

TOKENS = st.text(ALNUM + "-._~+/=", min_size=9, max_size=60).map("Q9{}z".format)
"""What fits into a header as it is."""


@dataclass(frozen=True)
class Planted:
    """An exchange with a secret in it, and where."""

    where: str
    secret: str
    recorded: RecordedExchange


def create(body: Any, answer: Any, *, query: str = "", **headers: str) -> RecordedExchange:
    """A create; an answer that is a list of events is a stream that came in three chunks."""
    streamed = isinstance(answer, list)
    raw = (
        b"".join(map(encode_frame, answer)) + DONE_FRAME
        if streamed
        else json.dumps(answer).encode()
    )
    third = len(raw) // 3
    exchange = Exchange(
        1,
        "POST",
        f"{HOST}/v1/interactions{query}",
        {"content-type": "application/json"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps({"model": "m", "input": "Hi"} | body, ensure_ascii=False).encode(),
        200,
        {"content-type": "text/event-stream" if streamed else "application/json"},
        raw,
    )
    sizes = (third, third, len(raw) - 2 * third)
    chunks = tuple((0.5 * at, size) for at, size in enumerate(sizes)) if streamed else ()
    return RecordedExchange(exchange, chunks)


def deltas(kind: str, member: str, *pieces: str) -> list[Any]:
    """The deltas of one step."""
    return [
        {"index": 1, "delta": {"type": kind, member: piece}, "event_type": "step.delta"}
        for piece in pieces
    ]


def _split(text: str, at: int) -> tuple[str, str]:
    return text[: at % len(text)], text[at % len(text) :]


def _echo(secret: str, said: str) -> RecordedExchange:
    return create({}, {"error": {"message": f"Not for {said}."}}, x_goog_api_key=secret)


def _in_base64(secret: str, at: int) -> str:
    return base64.b64encode(b"x" * (at % 3) + secret.encode() + b"\nand so on").decode()


SHAPED_PLACES: dict[str, Callable[[str, int], RecordedExchange]] = {
    "request text": lambda s, at: create({"input": f"is {s} a key?"}, {}),
    "member name": lambda s, at: create({"labels": {s: "x"}}, {}),
    "nested json": lambda s, at: create({"input": json.dumps({"a": json.dumps([s])})}, {}),
    "error text": lambda s, at: create({}, {"error": {"message": f"bad key: {s}."}}),
    "answer": lambda s, at: create({}, {"steps": [{"content": [{"text": f"<{s}>"}]}]}),
    "one delta": lambda s, at: create({}, deltas("text", "text", "it is ", s, " you know")),
    "two deltas": lambda s, at: create({}, deltas("text", "text", *_split(f"It is {s}", at + 7))),
    "a delta a character": lambda s, at: create({}, deltas("text", "text", *f"It is {s}")),
    "split arguments": lambda s, at: create(
        {}, deltas("arguments_delta", "arguments", *_split(json.dumps({"a": f"the {s}"}), at))
    ),
    "packed file": lambda s, at: create(
        {"data": base64.b64encode(f"KEY = {s}\nMORE = {'x' * 64}\n".encode()).decode()}, {}
    ),
    "response header": lambda s, at: create({}, {}, x_note=quote(s)),
    "query": lambda s, at: create({}, {}, query=f"?note={quote(s)}"),
}

NAMED_PLACES: dict[str, Callable[[str, int], RecordedExchange]] = {
    "password": lambda s, at: create({"labels": {"dbPassword": s}}, {}),
    "list": lambda s, at: create({"labels": {"api_keys": [s]}}, {}),
    "mcp header": lambda s, at: create(
        {"tools": [{"type": "mcp_server", "headers": {"Authorization": s}}]}, {}
    ),
    "environment": lambda s, at: create({"environment": {"env": {"DB": {"value": s}}}}, {}),
    "egress": lambda s, at: create(
        {"environment": {"network": {"allowlist": [{"transform": [{"x-a": s}]}]}}}, {}
    ),
    "nested": lambda s, at: create({"input": json.dumps({"client_secret": s})}, {}),
    "new secret": lambda s, at: create({}, {"id": "w", "new_signing_secret": s}),
    "arguments": lambda s, at: create(
        {}, deltas("arguments_delta", "arguments", *_split(json.dumps({"password": s}), at))
    ),
    "and elsewhere": lambda s, at: create(
        {"labels": {"token": s}}, {"error": {"message": f"wrong: {s}, {quote(s)}, {quote_plus(s)}"}}
    ),
}

TOKEN_PLACES: dict[str, Callable[[str, int], RecordedExchange]] = {
    "key header": lambda s, at: create({}, {}, x_goog_api_key=s),
    "authorization": lambda s, at: create({}, {}, authorization=f"Bearer {s}"),
    "proxy": lambda s, at: create({}, {}, proxy_authorization=s),
    "basic": lambda s, at: create(
        {"input": s}, {}, authorization="Basic " + base64.b64encode(f"me:{s}".encode()).decode()
    ),
    "cookie": lambda s, at: create({}, {}, cookie=f"a=b; sid={s.replace('=', '-')}"),
    "key in query": lambda s, at: create({}, {}, query=f"?alt=sse&key={quote(s)}"),
    "token in query": lambda s, at: create({}, {}, query=f"?access_token={quote(s, safe='')}&x=1"),
    "echoed": lambda s, at: _echo(s, s),
    "echoed in percents": lambda s, at: _echo(s, quote(s, safe="")),
    "echoed in json": lambda s, at: _echo(s, json.dumps({"key": s}).replace("/", "\\/")),
    "echoed in base64": lambda s, at: _echo(s, _in_base64(s, at)),
    "echoed in two deltas": lambda s, at: create(
        {}, deltas("text", "text", *_split(f"You sent {s}", at + 10)), x_goog_api_key=s
    ),
}

_GROUPS: tuple[
    tuple[st.SearchStrategy[str], dict[str, Callable[[str, int], RecordedExchange]]], ...
] = (
    *((made, SHAPED_PLACES) for made in SHAPED.values()),
    *[(NAMED, NAMED_PLACES)] * 3,
    *[(TOKENS, TOKEN_PLACES)] * 3,
)


@st.composite
def planted(draw: st.DrawFn) -> Planted:
    """A secret of any kind in any place where it must be found."""
    made, places = draw(st.sampled_from(_GROUPS))
    where = draw(st.sampled_from(sorted(places)))
    secret = draw(made)
    if where == "cookie":
        secret = secret.replace("=", "-")
    return Planted(where, secret, places[where](secret, draw(st.integers(0, 500))))
