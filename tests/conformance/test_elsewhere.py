"""The rest of the real SDK against the fake: told that it is not emulated, and not retried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google import genai
from google.genai._gaos.lib.compat_errors import NotFoundError
from google.genai.errors import ClientError

from fakegemini import Fake

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
