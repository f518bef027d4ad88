"""What a name or a place gives away as a secret."""

from __future__ import annotations

import re
from functools import lru_cache

from .body import JsonPath

_PROTOCOL_TOKENS = frozenset(
    "continuation_token page_token next_page_token widget_context_token raw_prompt_token".split()
)
"""Tokens of the protocol: they say where a reader is, and a replay needs them."""

_SECRET_LAST_WORDS = frozenset(
    "apikey authorization authkey cookie cookies credential credentials jwt passcode passphrase "
    "passwd password passwords privatekey pwd secret secrets secretkey token whsec".split()
)
_SECRET_WORD_PAIRS = frozenset(
    "access_key account_key api_key api_keys auth_key connection_string encryption_key "
    "master_key private_key secret_key secret_value shared_key signing_key subscription_key "
    "function_key service_key".split()
)
_SECRET_NUMBER_WORDS = frozenset("passcode passphrase passwd password pin pwd secret".split())
_SECRET_PARAMETER_WORDS = frozenset("key sig signature auth code".split())
_DOUBTFUL_WORDS = frozenset("key keys auth pass sig cert pin otp salt csrf signing login".split())
_SECRET_PLACES: tuple[tuple[str | None, ...], ...] = (
    ("tools", None, "headers", None),  # what an MCP server is sent
    ("env", None),  # an agent's environment variables
    ("env", None, "value"),
    ("env", None, "credential"),
    ("allowlist", None, "credential"),
    ("allowlist", None, "transform", None),  # headers that an egress proxy adds
    ("allowlist", None, "transform", None, None),
)
"""Where whatever stands is treated as a secret; None is any name or number."""

_CAMEL_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(4096)
def is_secret_path(path: JsonPath, fields: frozenset[str]) -> bool | None:
    """Whether a scalar is a secret by its path: True for sure, False maybe, None no."""
    names = [part for part in path if isinstance(part, str)]
    plain = [normalize_name(name) for name in names]
    if not names:
        return None
    if not fields.isdisjoint(plain) or sounds_secret(plain[-1]):
        return True
    if names[-1] == "value" and (path == ("value",) or sounds_secret("".join(plain[-2:-1]))):
        return True
    if "properties" not in names and any(_matches_place(path, place) for place in _SECRET_PLACES):
        return False
    return None


def sounds_secret(plain: str) -> bool:
    """Whether a normal name is that of a secret."""
    if plain in _PROTOCOL_TOKENS:
        return False
    words = plain.split("_")
    return words[-1] in _SECRET_LAST_WORDS or "_".join(words[-2:]) in _SECRET_WORD_PAIRS


def _matches_place(path: JsonPath, place: tuple[str | None, ...]) -> bool:
    tail = path[-len(place) :]
    return len(tail) == len(place) and all(
        expected is None or expected == part for part, expected in zip(tail, place, strict=True)
    )


@lru_cache(4096)
def normalize_name(name: str) -> str:
    """A name in lower case, its words joined by `_`: `X-Api-Key` and `xApiKey` are `x_api_key`."""
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL_BOUNDARY.sub("_", name).lower()).strip("_")


def names_secret_parameter(name: str) -> bool:
    """Whether a query parameter of that name is a secret, which as a member it may not be."""
    return normalize_name(name).split("_")[-1] in _SECRET_PARAMETER_WORDS


def names_secret_number(name: str) -> bool:
    """Whether a number may be a secret by that name."""
    return normalize_name(name).split("_")[-1] in _SECRET_NUMBER_WORDS


def names_doubtful_value(name: str) -> bool:
    """Whether a random text by that name may be a secret."""
    return (
        normalize_name(name).split("_")[-1] in _DOUBTFUL_WORDS
        and normalize_name(name) not in _PROTOCOL_TOKENS
    )
