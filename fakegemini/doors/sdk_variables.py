"""List the variables by which the SDKs find a fake, past a proxy of the user's."""

from __future__ import annotations

from collections.abc import Mapping

KEY = "fake-key"
"""The API key that examples use; any is taken."""

_SDKS = "google-genai, @google/genai, and what is built on them"

ADDRESS_VARIABLES: dict[str, str] = {
    "GOOGLE_GEMINI_BASE_URL": _SDKS,
    "GOOGLE_VERTEX_BASE_URL": "the same, for Vertex",
    "GEMINI_API_BASE": "litellm",
}
"""Where clients look for the address of the API, and who looks there."""

KEY_VARIABLES: dict[str, str] = {
    "GEMINI_API_KEY": f"{_SDKS}; litellm",
    "GOOGLE_GENAI_API_KEY": "Genkit, ADK for JavaScript",
    "GOOGLE_GENERATIVE_AI_API_KEY": "the AI SDK",
}
"""Where clients look for a key, and who looks there."""

HIDDEN_VARIABLES: dict[str, str] = {
    # The SDKs prefer it, and a real key must not get into a test.
    "GOOGLE_API_KEY": "nobody: it is taken away",
}
"""What is taken away, and why."""


def sdk_variables(url: str) -> dict[str, str | None]:
    """Return what points the SDKs at `url`, and hides the developer's key; None takes away."""
    return {
        **address_variables(url),
        **dict.fromkeys(KEY_VARIABLES, KEY),
        **dict.fromkeys(HIDDEN_VARIABLES),
    }


def address_variables(url: str) -> dict[str, str]:
    """Return what points the SDKs at `url` with the developer's own key."""
    return dict.fromkeys(ADDRESS_VARIABLES, url)


def stand_in_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return keys for clients that want one where an environment has none at all."""
    names = {*KEY_VARIABLES, *HIDDEN_VARIABLES}
    has_key = any(environment.get(name) for name in names)
    return {} if has_key else dict.fromkeys(KEY_VARIABLES, KEY)


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
