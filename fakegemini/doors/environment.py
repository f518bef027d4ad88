"""Point the SDKs of this process at a fake by the environment, and give back what was there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .sdk_variables import address_variables, no_proxy_variables, sdk_variables

_CREDENTIALS = Path(__file__).with_name("no_credentials.json")
"""Credentials whose token is made up and never expires: nobody asks for a fresh one."""


def sdk_environment(url: str, *, keep_key: bool = False) -> dict[str, str | None]:
    """Return the variables to set for a fake at `url`; None stands for one to remove.

    With `keep_key` the developer's own key and credentials stay, as a recording needs them.
    """
    variables: dict[str, str | None] = {}
    if keep_key:
        variables |= address_variables(url)
    else:
        variables |= sdk_variables(url)
        # Vertex: without a file, google-auth asks gcloud's files and then the metadata server.
        variables["GOOGLE_APPLICATION_CREDENTIALS"] = str(_CREDENTIALS)
    return variables | no_proxy_variables(os.environ)


def apply_environment(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """Set or remove these variables, and return what undoes it, in the same form."""
    before = {name: os.environ.get(name) for name in variables}
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return before


@contextmanager
def environment_set(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set or remove these variables while the block runs."""
    before = apply_environment(variables)
    try:
        yield
    finally:
        apply_environment(before)
