"""List the variables by which the SDKs find a fake, past a proxy of the user's."""

from __future__ import annotations

from collections.abc import Mapping

KEY = "fake-key"
"""The API key that examples use; any is taken."""


def sdk_variables(url: str) -> dict[str, str | None]:
    """Return what points the SDKs at `url`, and hides the developer's key; None takes away."""
    return {
        "GOOGLE_GEMINI_BASE_URL": url,
        "GOOGLE_VERTEX_BASE_URL": url,
        "GEMINI_API_KEY": KEY,
        "GOOGLE_API_KEY": None,  # the SDK prefers it, and a real key must not get into a test
    }


_THIS_MACHINE = ("127.0.0.1", "localhost")


def no_proxy_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `NO_PROXY` and `no_proxy` of an environment, with this machine in both.

    Some clients read one, some the other first: where only one is set, its hosts are in both.
    """
    variables = {}
    for name, twin in (("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")):
        text = environment.get(name) or environment.get(twin) or ""
        hosts = [host.strip() for host in text.split(",") if host.strip()]
        missing = [host for host in _THIS_MACHINE if host not in hosts]
        variables[name] = ",".join([*hosts, *missing])
    return variables


def with_variables(
    environment: Mapping[str, str], *changes: Mapping[str, str | None]
) -> dict[str, str]:
    """Return an environment with variables set, and those that are None taken away."""
    variables: dict[str, str | None] = dict(environment)
    for change in changes:
        variables |= change
    return {name: value for name, value in variables.items() if value is not None}
