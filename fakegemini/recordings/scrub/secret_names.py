"""Recognise secrets by their names, and by the places where they stand."""

from __future__ import annotations

import re
from functools import lru_cache

from ...wire.json_paths import JsonPath

_PROTOCOL_TOKENS = frozenset(
    "continuation_token page_token next_page_token widget_context_token raw_prompt_token".split()
)
"""The API's own tokens: they mark where a reader is, are no secrets, and a replay needs them."""

_SECRET_LAST_WORDS = frozenset(
    "apikey authorization authkey cookie cookies credential credentials jwt passcode passphrase "
    "passwd password passwords privatekey pwd secret secrets secretkey token whsec".split()
)
_SECRET_WORD_PAIRS = frozenset(
    "access_key account_key api_key api_keys auth_key connection_string encryption_key "
    "master_key private_key secret_key secret_value shared_key signing_key subscription_key "
    "function_key service_key".split()
)
_AMBIGUOUS_WORDS = frozenset(
    "authorization cookie cookies credential credentials jwt secret secrets token tokens".split()
)
_WORDS_BEFORE_TOKEN = frozenset(
    "bos cls end eos mask pad sep special start stop text unk word".split()
)
"""Before `token`, they say that it is a piece of a text."""

_SECRET_NUMBER_WORDS = frozenset("passcode passphrase passwd password pwd secret".split())
_SECRET_PARAMETER_WORDS = frozenset("key sig signature auth code".split())
_DOUBTFUL_WORDS = frozenset("key keys auth pass sig cert pin otp salt csrf signing login".split())
_PLAIN_KEYS = frozenset(
    "sort_key primary_key foreign_key cache_key idempotency_key partition_key public_key "
    "dedup_key group_key row_key".split()
)
"""The ends of names under which a random text is no secret, though it is a key."""

_SECRET_PLACES: tuple[tuple[str | None, ...], ...] = (
    ("tools", None, "headers", None),  # what an MCP server is sent
    ("env", None),  # an agent's environment variables
    ("env", None, "value"),
    ("env", None, "credential"),
    ("allowlist", None, "credential"),
    ("allowlist", None, "transform", None),  # headers that an egress proxy adds
    ("allowlist", None, "transform", None, None),
)
"""The ends of paths at which any text may be a secret; None is any name or number."""

_CAMEL_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(4096)
def is_secret_path(path: JsonPath, fields: frozenset[str]) -> bool | None:
    """Tell whether a scalar is a secret by its path: True surely, False maybe, None no.

    fields: the names that the user wants scrubbed, normalized
    """
    names = [part for part in path if isinstance(part, str)]
    plain = [normalize_name(name) for name in names]
    if not names:
        return None
    if not fields.isdisjoint(plain) or sounds_secret(plain[-1]):
        return True
    if names[-1] == "value" and (path == ("value",) or sounds_secret("".join(plain[-2:-1]))):
        return True
    return False if is_secret_place(path) else None


def is_secret_place(path: JsonPath) -> bool:
    """Tell whether any text at a path may be a secret, whatever its name."""
    return "properties" not in path and any(_matches_place(path, place) for place in _SECRET_PLACES)


def is_only_a_word(path: JsonPath, value: str, fields: frozenset[str]) -> bool:
    """Tell whether a name that secrets have stands before a word: `{"token": "NOUN"}`.

    fields: the names that the user wants scrubbed, normalized
    """
    names = [normalize_name(part) for part in path if isinstance(part, str)]
    words = names[-1].split("_")
    is_ambiguous = words[-1] in _AMBIGUOUS_WORDS and (
        len(words) == 1 or words[-2] in _WORDS_BEFORE_TOKEN
    )
    if not is_ambiguous or not fields.isdisjoint(names):
        return False
    has_digit = re.search(r"\d", value) is not None
    return len(value) < 8 or (
        not has_digit and (len(value) < 16 or re.search(r"\s", value) is not None)
    )


def sounds_secret(plain: str) -> bool:
    """Tell whether a normalized name is that of a secret."""
    if plain in _PROTOCOL_TOKENS:
        return False
    words = plain.split("_")
    return words[-1] in _SECRET_LAST_WORDS or "_".join(words[-2:]) in _SECRET_WORD_PAIRS


def _matches_place(path: JsonPath, place: tuple[str | None, ...]) -> bool:
    """Tell whether a path ends as a place of `_SECRET_PLACES` says."""
    tail = path[-len(place) :]
    return len(tail) == len(place) and all(
        expected is None or expected == part for part, expected in zip(tail, place, strict=True)
    )


@lru_cache(4096)
def normalize_name(name: str) -> str:
    """Write a name in lower case, words joined by `_`: `X-Api-Key`, `xApiKey` are `x_api_key`."""
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL_BOUNDARY.sub("_", name).lower()).strip("_")


def names_secret_parameter(name: str) -> bool:
    """Tell whether a query parameter of that name is a secret, such as `key` or `code`."""
    return normalize_name(name).split("_")[-1] in _SECRET_PARAMETER_WORDS


def names_secret_number(name: str) -> bool:
    """Tell whether a number of that name is a secret, such as `pin`."""
    return normalize_name(name).split("_")[-1] in _SECRET_NUMBER_WORDS


def names_doubtful_value(name: str) -> bool:
    """Tell whether a text of that name is a secret if it looks random, such as `salt`."""
    words = normalize_name(name).split("_")
    return (
        words[-1] in _DOUBTFUL_WORDS
        and "_".join(words) not in _PROTOCOL_TOKENS
        and "_".join(words[-2:]) not in _PLAIN_KEYS
    )


def hides_parameter(name: str) -> bool:
    """Tell whether the value of a query parameter of that name is never shown, in any case."""
    return sounds_secret(normalize_name(name)) or names_secret_parameter(name)


def hides_header(name: str) -> bool:
    """Tell whether the value of a header of that name is never shown, in any case."""
    return sounds_secret(normalize_name(name))
