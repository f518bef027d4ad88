"""Clients that have their address written in, and Vertex clients without credentials."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.test_fixture import Run, run

__all__ = ["run"]

ADOPTED = """
import asyncio
import pytest
from google import genai
{imports}

MODEL = CALL["model"]
options = genai.types.HttpOptions(base_url="http://127.0.0.1:9/written/in")

def sync(client):
    return client.interactions.create(model=MODEL, input="Hi").output_text

def resource(interactions):
    return interactions.create(model=MODEL, input="Hi").output_text

async def once(client):
    return (await client.interactions.create(model=MODEL, input="Hi")).output_text

plain = genai.Client(api_key="theirs", http_options=options)
kept = genai.Client(api_key="theirs", http_options=options)
kept_resource = kept.interactions
vertex = genai.Client(vertexai=True, project="p", location="global", http_options=options)

WAYS = {{
    "plain": (plain, lambda: sync(plain)),
    "async": (plain, lambda: asyncio.run(once(plain.aio))),
    "kept": (kept, lambda: resource(kept_resource)),
    "vertex": (vertex, lambda: sync(vertex)),
}}

def address(client):
    configured = {{client._api_client._http_options.base_url}}
    for member in (*vars(client).values(), *vars(client._aio).values()):
        if hasattr(member, "sdk_configuration"):
            configured.add(member.sdk_configuration.server_url)
    return configured

@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("way", WAYS)
def test_it(fakegemini, way, number):
    client, ask_it = WAYS[way]
    assert address(client) == {{"http://127.0.0.1:9/written/in"}}
    fakegemini.adopt(client)
    fakegemini.replies(say(f"{{way}} {{number}}"))
    assert ask_it() == f"{{way}} {{number}}"
    assert fakegemini.requests[0].status == 200

def test_after():
    for client, _ in WAYS.values():
        assert address(client) == {{"http://127.0.0.1:9/written/in"}}
"""


def test_a_client_with_its_address_written_in(run: Run) -> None:
    """It goes to the fake while the test runs, and has its own address again afterwards."""
    pytest.importorskip("google.genai")

    run(ADOPTED.format(imports=""), "-W", "ignore").assert_outcomes(passed=9)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_other_clients(library: str, run: Run) -> None:
    """Whatever has a base URL; what has none is one sentence."""
    pytest.importorskip(library)
    result = run(f"""
import {library} as library
import pytest
from fakegemini import BadScript, Fake

client = library.Client(base_url="http://127.0.0.1:9/", trust_env=False)

def test_it(fakegemini):
    fakegemini.adopt(client)
    assert client.post("v1/interactions", json=CALL).status_code == 200

def test_after():
    assert client.base_url == "http://127.0.0.1:9/"

def test_another(fakegemini):
    with pytest.raises(BadScript, match="adopt takes a client of google-genai, .* not object: "):
        fakegemini.adopt(object())

def test_no_address():
    with pytest.raises(BadScript, match="this fake has no address yet"):
        Fake().adopt(client)
""")

    result.assert_outcomes(passed=4)


VERTEX = """
import asyncio
import socket
import sys
import pytest
from google import genai

ASKED = []

def look(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        ASKED.append((event, str(arguments[-1] if event == "socket.connect" else arguments[0])))

sys.addaudithook(look)

{where}

def make():
    return genai.Client(vertexai=True, project="my-project", location="europe-west4")

async def once(client):
    async with client.aio as aio:
        return (await aio.interactions.create(model=CALL["model"], input="Hi")).output_text

@pytest.mark.parametrize("kind", ["sync", "async"])
def test_it(fakegemini, kind):
    fakegemini.replies(say("Hello."))
    client = {client}
    if kind == "sync":
        text = client.interactions.create(model=CALL["model"], input="Hi").output_text
    else:
        text = asyncio.run(once(client))
    assert text == "Hello."
    request = fakegemini.requests[0]
    assert request.path == "/v1beta1/projects/my-project/locations/europe-west4/interactions"
    assert request.header("authorization") == "Bearer fake-token"
    assert [place for _, place in ASKED if "127.0.0.1" not in place] == []
"""


@pytest.mark.parametrize("at_import", [False, True], ids=["in the test", "at import"])
def test_vertex_without_credentials(
    at_import: bool,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A client with project and location asks neither gcloud's files nor the metadata server."""
    pytest.importorskip("google.genai")
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("nobody")))
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    made, used = ("client = None", "make()")
    if at_import:
        made, used = ("", "EARLY")
    source = VERTEX.format(where=made, client=used)
    if at_import:
        source = source.replace("async def once", "EARLY = make()\n\nasync def once", 1)

    run(source, *(["--fakegemini-env"] if at_import else [])).assert_outcomes(passed=2)
