"""The rest of the real SDK against the fake: told that it is not emulated, and not retried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google import genai
from google.genai._gaos.lib.compat_errors import NotFoundError
from google.genai._gaos.types import interactions as types
from google.genai.errors import ClientError

from fakegemini import Fake

UNKNOWN = "v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8"

CLASSIC: dict[str, Callable[[Any], object]] = {
    "generate_content": lambda client: client.models.generate_content(
        model="gemini-3.5-flash", contents="Hi"
    ),
    "count_tokens": lambda client: client.models.count_tokens(
        model="gemini-3.5-flash", contents="Hi"
    ),
    "files": lambda client: client.files.get(name="files/abc"),
    "caches": lambda client: client.caches.get(name="cachedContents/abc"),
    "batches": lambda client: client.batches.get(name="batches/abc"),
}

NEWER: dict[str, Callable[[Any], object]] = {
    "agents": lambda client: client.agents.list(),
    "webhooks": lambda client: client.webhooks.list(),
    "environments": lambda client: client.environments.list(),
    "triggers": lambda client: client.triggers.list(),
}


@pytest.mark.parametrize("name", CLASSIC)
def test_an_older_resource_is_no_404_of_the_live_server(fakegemini: Fake, name: str) -> None:
    """Its part of the SDK shows our words, and asks once."""
    client = genai.Client()

    with pytest.raises(ClientError, match="fakegemini does not emulate") as told:
        CLASSIC[name](client)

    assert (told.value.code, told.value.status) == (404, "NOT_FOUND")
    assert len(fakegemini.requests) == 1


@pytest.mark.filterwarnings("ignore:.* usage is experimental:UserWarning")
@pytest.mark.parametrize("name", NEWER)
def test_a_newer_resource_is_no_404_of_the_live_server(fakegemini: Fake, name: str) -> None:
    """In the shape of the interactions."""
    client = genai.Client()

    with pytest.raises(NotFoundError, match="fakegemini does not emulate"):
        NEWER[name](client)

    assert len(fakegemini.requests) == 1


LIVE: dict[str, Callable[[Any], object]] = {
    "create": lambda client: client.interactions.auth_tokens.create(UNKNOWN),
    "delete": lambda client: client.interactions.auth_tokens.delete(UNKNOWN, "auth_tokens/abc"),
}


@pytest.mark.skipif(not hasattr(types, "ClientEvent"), reason="Live Interactions came with 3.5.0")
@pytest.mark.filterwarnings("ignore:Live Interactions usage:UserWarning")
@pytest.mark.parametrize("name", LIVE)
def test_an_auth_token_is_no_misspelt_id(fakegemini: Fake, name: str) -> None:
    """Nothing is wrong with the name that was asked for."""
    with pytest.raises(NotFoundError, match="fakegemini does not emulate"):
        LIVE[name](genai.Client())

    assert [request.operation for request in fakegemini.requests] == [None]


@pytest.mark.skipif(not hasattr(types, "ClientEvent"), reason="Live Interactions came with 3.5.0")
@pytest.mark.filterwarnings("ignore:Live Interactions usage:UserWarning")
@pytest.mark.asyncio
async def test_a_live_interaction_is_refused_at_the_handshake(fakegemini: Fake) -> None:
    """The SDK shows no more than the status; the log of requests has the rest."""
    client: Any = genai.Client()

    with pytest.raises(Exception, match="live interaction setup failed") as told:
        async with client.aio.interactions.connect(UNKNOWN):
            pass

    assert getattr(told.value, "http_status", None) == 404
    [asked] = fakegemini.requests
    assert (asked.path, asked.status) == ("/v1/interactions/live", 404)
