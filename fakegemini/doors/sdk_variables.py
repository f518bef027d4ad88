"""List the variables by which the SDKs find a fake."""

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


def with_variables(
    environment: Mapping[str, str], *changes: Mapping[str, str | None]
) -> dict[str, str]:
    """Return an environment with variables set, and those that are None taken away."""
    variables: dict[str, str | None] = dict(environment)
    for change in changes:
        variables |= change
    return {name: value for name, value in variables.items() if value is not None}
