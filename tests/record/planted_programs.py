"""Programs that send secrets anywhere, and a live API that says back what it was asked."""

from __future__ import annotations

import json
import re
import socket
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from hypothesis import strategies as st

from tests.record.planted import ALNUM, NAMED, SHAPED, TOKENS, planted
from tests.record.planted_anywhere import NAMED_ANYWHERE, SHAPED_ANYWHERE
from tests.record.upstream import saying

PROGRAM = Path(__file__).parent / "ask_planted.py"
_FITS_PATHS = {name: made for name, made in SHAPED.items() if name not in ("private-key",)}


@dataclass(frozen=True)
class PlantedProgram:
    """What a program asks, one request after the other, and in each a secret, and where."""

    asks: list[dict[str, Any]]
    secrets: list[str]
    places: list[str]

    def write(self, path: Path) -> Path:
        """Write the requests for `ask_planted.py`, and return the path."""
        path.write_text(json.dumps(self.asks), "utf-8")
        return path

    def other(self) -> PlantedProgram:
        """Return a program that asks something else each time, with the same secrets."""
        asks = [
            ask | {"body": ask["body"] | {"generation_config": {"seed": 77 + number}}}
            if ask["body"]
            else ask | {"path": f"/v1beta/other/{quote(self.secrets[number], safe='')}"}
            for number, ask in enumerate(self.asks)
        ]
        return PlantedProgram(asks, self.secrets, self.places)


def _ask(exchange: Any, number: int) -> dict[str, Any]:
    address = urlsplit(exchange.uri)
    seed = {"generation_config": {"seed": number}}
    return {
        "method": "POST",
        "path": address.path + (f"?{address.query}" if address.query else ""),
        "headers": exchange.request_headers,
        "body": exchange.request_json | seed,
    }


def _get(path: str) -> dict[str, Any]:
    return {"method": "GET", "path": path, "headers": {}, "body": None}


@st.composite
def _planted_ask(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """Draw where a secret is, the secret, and a request with it."""
    group = draw(st.sampled_from(["known", "shaped", "named", "other", "login"]))
    if group == "known":
        one = draw(planted().filter(lambda one: one.where not in _BY_PLACE))
        return one.where, one.secret, _ask(one.recorded.exchange, 0)
    if group == "login":
        secret = draw(TOKENS)
        ask = _ask(NAMED_ANYWHERE["arguments"](secret).exchange, 0)
        return "login", secret, ask | {"login": ["me", secret]}
    if group == "other":
        secret = draw(_FITS_PATHS[draw(st.sampled_from(sorted(_FITS_PATHS)))])
        where = draw(st.sampled_from(["files/{}", "files/{}/b", "files?pageToken=a&q={}"]))
        return where, secret, _get(f"/v1beta/{where.format(quote(secret, safe=''))}")
    places = SHAPED_ANYWHERE if group == "shaped" else NAMED_ANYWHERE
    where = draw(st.sampled_from(sorted(places)))
    made = SHAPED[draw(st.sampled_from(sorted(SHAPED)))] if group == "shaped" else NAMED
    if where in _ONE_WORD:
        made = _FITS_PATHS[draw(st.sampled_from(sorted(_FITS_PATHS)))]
    if "header" in where:
        made = (
            _FITS_PATHS[draw(st.sampled_from(sorted(_FITS_PATHS)))]
            if places is (SHAPED_ANYWHERE)
            else st.text(ALNUM + string.punctuation, min_size=9, max_size=40).map("Q9{}z".format)
        )
    secret = draw(made)
    return where, secret, _ask(places[where](secret).exchange, 0)


_BY_PLACE = ("environment", "egress", "mcp header")
"""Where a text may be a secret, but is not taken out elsewhere if it has white space."""

_ONE_WORD = frozenset(
    [
        *("user of an address", "path of an address", "path of an MCP server", "file name"),
        *("query of an address", "fragment of an address", "address of an MCP server"),
    ]
)
"""The places in which a secret stands as it is, so that it is one without white space."""


@st.composite
def programs(draw: st.DrawFn) -> PlantedProgram:
    """Draw a program of several requests, each with another secret in another place."""
    drawn = draw(st.lists(_planted_ask(), min_size=4, max_size=8, unique_by=lambda one: one[1]))
    asks = []
    for number, (_, _, ask) in enumerate(drawn, start=1):
        if ask["body"]:
            ask = ask | {"body": ask["body"] | {"generation_config": {"seed": number}}}
        asks.append(ask)
    return PlantedProgram(
        asks, [secret for _, secret, _ in drawn], [where for where, _, _ in drawn]
    )


@contextmanager
def echoing_api() -> Iterator[str]:
    """A live API that numbers its answers, and says back all that it was asked."""
    count = 0

    def answer(connection: socket.socket, request: bytes) -> None:
        nonlocal count
        count += 1
        head, _, body = request.decode("utf-8", "replace").partition("\r\n\r\n")
        texts = [f"Answer ({count}).", f"You sent {head} and {body}"]
        content = [{"type": "text", "text": text} for text in texts]
        said = json.dumps(
            {
                "id": f"v1_answer{count}",
                "object": "interaction",
                "status": "completed",
                "model": "m",
                "steps": [{"type": "model_output", "content": content}],
            }
        ).encode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(said), said)
        )

    with saying(answer) as url:
        yield url


def numbers_in(text: str) -> list[int]:
    """List the numbers of the answers in what a program printed."""
    return [int(number) for number in re.findall(r"Answer \((\d+)\)", text)]
