"""The environment that points the SDKs at a fake, as a table of variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

KEY = "fake-key"
"""The API key in the environment of code under test, which no server takes."""

_CREDENTIALS = Path(__file__).with_name("no_credentials.json")
"""Credentials whose token is made up and never expires: nobody asks for a fresh one."""

_NO_PROXY = ("127.0.0.1", "localhost")


def sdk_environment(url: str, *, keep_key: bool = False) -> dict[str, str | None]:
    """Return the variables to set for a fake at `url`; None stands for one to remove.

    With `keep_key` the developer's own key and credentials stay, as a recording needs them.
    """
    variables: dict[str, str | None] = {
        "GOOGLE_GEMINI_BASE_URL": url,
        "GOOGLE_VERTEX_BASE_URL": url,
        **{name: _without_proxy(os.environ.get(name)) for name in ("NO_PROXY", "no_proxy")},
    }
    if keep_key:
        return variables
    return variables | {
        "GEMINI_API_KEY": KEY,
        # The SDK prefers this variable, and a developer's real key must not get into a test.
        "GOOGLE_API_KEY": None,
        # Vertex: without a file, google-auth asks gcloud's files and then the metadata server.
        "GOOGLE_APPLICATION_CREDENTIALS": str(_CREDENTIALS),
    }


def _without_proxy(no_proxy: str | None) -> str:
    """Return the list of hosts that need no proxy, with this machine in it."""
    hosts = [host.strip() for host in (no_proxy or "").split(",") if host.strip()]
    return ",".join([*hosts, *(host for host in _NO_PROXY if host not in hosts)])


def apply_environment(variables: dict[str, str | None]) -> dict[str, str | None]:
    """Set or remove these variables, and return what undoes it, in the same form."""
    before = {name: os.environ.get(name) for name in variables}
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return before


def restore_environment(before: dict[str, str | None]) -> None:
    """Undo what `apply_environment` did."""
    apply_environment(before)


def point_sdks_at(url: str, monkeypatch: pytest.MonkeyPatch, *, keep_key: bool) -> None:
    """Set the environment for one test; a recording needs the developer's own key."""
    for name, value in sdk_environment(url, keep_key=keep_key).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
