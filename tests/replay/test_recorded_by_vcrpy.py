"""Cassettes that vcrpy 4 to 9 wrote: with our bridge each client gets what vcrpy alone gives it.

`recorded_by_vcrpy/make.py` wrote them, in an environment for each version.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import vcr as vcrpy
from click.testing import CliRunner

from fakegemini import Fake
from fakegemini.cli import main
from fakegemini.recordings.cassette import load_any_cassette
from fakegemini.vcr import configure
from tests.replay.recorded_by_vcrpy.make import ASK, DONE, PNG, STREAM, TURN

FILES = sorted(
    path
    for path in (Path(__file__).parent / "recorded_by_vcrpy").iterdir()
    if path.suffix in (".yaml", ".json")
)
BASE = "http://recorded.example"
ASKED: list[tuple[str, str, Any]] = [
    ("POST", "/v1beta/interactions", ASK),
    ("POST", "/v1beta/interactions", ASK | {"stream": True}),
    ("GET", "/nothing", None),
    ("GET", "/picture", None),
    ("GET", "/packed", None),
    ("GET", "/html", None),
    ("POST", "/html", None),
    ("POST", "/upload", None),
]
Answer = tuple[int, bytes]


def with_aiohttp(method: str, url: str, body: Any) -> Answer:
    """One request of a session of its own."""

    async def ask() -> Answer:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body) as answer,
        ):
            return answer.status, await answer.read()

    return asyncio.run(ask())


def with_httpx(method: str, url: str, body: Any) -> Answer:
    """One request."""
    answer = httpx.request(method, url, json=body)
    return answer.status_code, answer.content


def with_httpx2(method: str, url: str, body: Any) -> Answer:
    """One request."""
    answer = httpx2.request(method, url, json=body)
    return answer.status_code, answer.content


def with_requests(method: str, url: str, body: Any) -> Answer:
    """One request."""
    answer = requests.request(method, url, json=body, timeout=5)
    return answer.status_code, answer.content


CLIENTS: dict[str, Callable[[str, str, Any], Answer]] = {
    "aiohttp": with_aiohttp,
    "httpx": with_httpx,
    "httpx2": with_httpx2,
    "requests": with_requests,
}


def answered(vcr: Any, path: Path, client: str) -> list[Answer | None]:
    """What a client gets of a cassette: to each request an answer, or None where there is none."""
    got: list[Answer | None] = []
    for method, target, body in ASKED:
        with vcr.use_cassette(str(path), record_mode="none"):
            try:
                got.append(CLIENTS[client](method, BASE + target, body))
            except Exception:
                got.append(None)
    return got


def test_every_version_is_there() -> None:
    """Three clients, two forms."""
    assert {(path.name.split("-")[1][0], path.name.split("-")[2]) for path in FILES} == {
        (version, f"{client}.{form}")
        for version in "456789"
        for client in ("aiohttp", "httpx", "requests")
        for form in ("yaml", "json")
    }


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_bridge_replays_what_vcrpy_does(path: Path, client: str, tmp_path: Path) -> None:
    """Status and bytes; what vcrpy alone does not replay, need not be."""
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    form = path.suffix[1:]

    plain = answered(vcrpy.VCR(serializer=form), path, client)
    bridged = answered(configure(vcrpy.VCR(serializer=form)), copy, client)

    # vcrpy alone takes the first POST for each other; the bridge knows the stream.
    plain[1] = bridged[1] if plain[1] == plain[0] else plain[1]
    assert [ours for ours, theirs in zip(bridged, plain, strict=True) if theirs] == [
        theirs for theirs in plain if theirs
    ]
    if plain[0] and not lost_requests(path):
        assert bridged[:2] == [(200, json_bytes(TURN)), (200, STREAM + DONE)]
    assert copy.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_own_readers_read_them(path: Path) -> None:
    """Every body as it was; the fake plays them."""
    exchanges = [recorded.exchange for recorded in load_any_cassette(path).exchanges]
    by_path = {exchange.uri.removeprefix(BASE): exchange for exchange in exchanges}
    first, second = exchanges[:2]

    assert (first.request_json, first.response_json) == (
        None if lost_requests(path) else ASK,
        TURN,
    )
    assert second.response_body == STREAM + DONE
    assert by_path["/nothing"].response_body == b""
    if "/picture" in by_path and not lost_bytes(path):
        assert by_path["/picture"].response_body == PNG
    assert by_path["/html"].response_body == "<p>Büsum\r\n".encode()
    if "/upload" in by_path:
        assert by_path["/upload"].request_body in (PNG, b"plain text")
    fake = Fake()
    fake.play(path)
    assert len(fake.unplayed) == 2


def lost_requests(path: Path) -> bool:
    """vcrpy before 8 does not keep what aiohttp sends with `json=`."""
    return "aiohttp" in path.name and version_of(path) < 8


def lost_bytes(path: Path) -> bool:
    """vcrpy before 6 keeps of httpx's answers what is text."""
    return "httpx" in path.name and version_of(path) < 6


def version_of(path: Path) -> int:
    """The first number of its version."""
    return int(path.name.split("-")[1].partition(".")[0])


@pytest.mark.parametrize(
    "path", [path for path in FILES if lost_requests(path)], ids=lambda path: path.name
)
def test_a_request_that_was_not_kept_is_nobodys_fault(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`verify` and `rerecord` say so; the server is not blamed, and nothing is asked."""
    monkeypatch.setenv("GEMINI_API_KEY", "fake-key")
    run = CliRunner().invoke
    verified = run(main, ["verify", str(path)])
    asked = run(main, ["rerecord", str(path), "--upstream", "http://127.0.0.1:9"])

    assert verified.exit_code == 2
    reason = "exchange 1: request.body is empty: the recorder did not keep what was asked"
    assert f"could not compare {path}: {reason}" in verified.output
    assert asked.exit_code == 1
    assert f"{path}: exchange 1 has no request body" in asked.output


def json_bytes(value: Any) -> bytes:
    """JSON as the invented server writes it."""
    return json.dumps(value).encode()
