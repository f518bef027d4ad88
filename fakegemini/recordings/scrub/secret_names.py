"""What a name or a place gives away as a secret."""

from __future__ import annotations

import re
from functools import lru_cache

from .body import Path

_NO_SECRET = frozenset(
    "continuation_token page_token next_page_token widget_context_token raw_prompt_token".split()
)
"""Tokens of the protocol: they say where a reader is, and a replay needs them."""

_ENDS = frozenset(
    "apikey authorization authkey cookie cookies credential credentials jwt passcode passphrase "
    "passwd password passwords privatekey pwd secret secrets secretkey token whsec".split()
)
_PAIRS = frozenset(
    "access_key account_key api_key api_keys auth_key connection_string encryption_key "
    "master_key private_key secret_key secret_value shared_key signing_key subscription_key "
    "function_key service_key".split()
)
_NUMBERS = frozenset("passcode passphrase passwd password pin pwd secret".split())
_QUERY = frozenset("key sig signature auth code".split())
_DOUBTFUL = frozenset("key keys auth pass sig cert pin otp salt csrf signing login".split())
_PLACES: tuple[tuple[str | None, ...], ...] = (
    ("tools", None, "headers", None),  # what an MCP server is sent
    ("env", None),  # an agent's environment variables
    ("env", None, "value"),
    ("env", None, "credential"),
    ("allowlist", None, "credential"),
    ("allowlist", None, "transform", None),  # headers that an egress proxy adds
    ("allowlist", None, "transform", None, None),
)
"""Where whatever stands is treated as a secret; None is any name or number."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(4096)
def guarded(path: Path, fields: frozenset[str]) -> bool | None:
    """Whether a leaf is a secret by its path: True for sure, False maybe, None no."""
    names = [part for part in path if isinstance(part, str)]
    plain = [normal(name) for name in names]
    if not names:
        return None
    if not fields.isdisjoint(plain) or sounds_secret(plain[-1]):
        return True
    if names[-1] == "value" and (path == ("value",) or sounds_secret("".join(plain[-2:-1]))):
        return True
    if "properties" not in names and any(_fits(path, place) for place in _PLACES):
        return False
    return None


def sounds_secret(plain: str) -> bool:
    """Whether a normal name is that of a secret."""
    if plain in _NO_SECRET:
        return False
    words = plain.split("_")
    return words[-1] in _ENDS or "_".join(words[-2:]) in _PAIRS


def _fits(path: Path, place: tuple[str | None, ...]) -> bool:
    tail = path[-len(place) :]
    return len(tail) == len(place) and all(
        wanted is None or wanted == part for part, wanted in zip(tail, place, strict=True)
    )


@lru_cache(4096)
def normal(name: str) -> str:
    """A name in lower case, its words joined by `_`: `X-Api-Key` and `xApiKey` are `x_api_key`."""
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", name).lower()).strip("_")


def names_a_parameter(name: str) -> bool:
    """Whether a query parameter of that name is a secret, which as a member it may not be."""
    return normal(name).split("_")[-1] in _QUERY


def names_a_number(name: str) -> bool:
    """Whether a number may be a secret by that name."""
    return normal(name).split("_")[-1] in _NUMBERS


def names_in_doubt(name: str) -> bool:
    """Whether a random text by that name may be a secret."""
    return normal(name).split("_")[-1] in _DOUBTFUL and normal(name) not in _NO_SECRET
