"""Point a client that has its address written in to a fake, for as long as a test takes.

What a client holds is found by its shape, so that no SDK has to be loaded: a client of google-genai
has an `_api_client`, all others are told by a `base_url` that can be set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import BadScript

Undo = Callable[[], object]


class Adoptions:
    """The clients that a fake has adopted, and how each gets back what it had."""

    def __init__(self) -> None:
        self._undos: list[Undo] = []

    def adopt(self, client: Any, url: str) -> None:
        """Point a client to `url`; raises `BadScript` for what is no client that we know."""
        if not url:
            raise BadScript(
                "adopt: this fake has no address yet; serve it, or use it as the fixture fakegemini"
            )
        if hasattr(getattr(client, "_api_client", None), "_http_options"):
            self._adopt_google_genai(client, url)
        elif hasattr(client, "base_url"):
            self._set(client, "base_url", url)
        else:
            raise BadScript(
                f"adopt takes a client of google-genai, or one with a base_url, not "
                f"{type(client).__name__}: give it {url} as its address where it is made"
            )

    def _adopt_google_genai(self, client: Any, url: str) -> None:
        api_client = client._api_client
        self._undos.append(_point_configurations(client, api_client._http_options.base_url))
        self._set(api_client._http_options, "base_url", url)
        if getattr(api_client, "custom_base_url", None):
            self._set(api_client, "custom_base_url", url)
        if getattr(api_client, "vertexai", False) and not getattr(api_client, "api_key", None):
            self._set(api_client, "_credentials", _make_credentials())
        _point_configurations(client, url)()

    def _set(self, holder: Any, name: str, value: Any) -> None:
        before = getattr(holder, name)
        setattr(holder, name, value)
        self._undos.append(lambda: setattr(holder, name, before))

    def release(self) -> None:
        """Give every client back what it had."""
        while self._undos:
            self._undos.pop()()


def _point_configurations(client: Any, url: str) -> Undo:
    """Return what points the resources that a client has made by then to `url`."""

    def point() -> None:
        for configuration in _find_configurations(client):
            configuration.server_url = url.rstrip("/")

    return point


def _find_configurations(client: Any) -> Iterator[Any]:
    """Yield the configurations of the resources that a client of google-genai keeps."""
    for holder in (client, getattr(client, "_aio", None)):
        for member in (holder, *getattr(holder, "__dict__", {}).values()):
            configuration = getattr(member, "sdk_configuration", None)
            if hasattr(configuration, "server_url"):
                yield configuration


def _make_credentials() -> Any:
    """Return credentials for Vertex whose token is made up: nobody asks for a fresh one."""
    from importlib import import_module

    return import_module("google.oauth2.credentials").Credentials(token="fake-token")
