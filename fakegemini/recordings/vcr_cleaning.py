"""Take the secrets out of the entries of vcrpy; a doubt costs a value, and then its entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..errors import FakeGeminiError, SecretLeft
from ..wire.http import Json
from ..wire.packed_layers import unpack_layers
from .exchange import Exchange, RecordedExchange
from .scrub.policy import ScrubRules
from .scrub.remaining import remaining_secrets
from .scrub.scrubber import Scrubber
from .vcr_entries import (
    as_vcrpy_has_it,
    blank_entry,
    exchange_of_entry,
    is_ours,
    scrub_entry,
    spell_entry,
    unpack_entry,
)

_UNREADABLE = "so it cannot be looked into"


@dataclass
class CleanEntries:
    """The entries of a cassette without secrets.

    counts: how many secrets were taken out, by place
    warnings: a sentence for each entry that is not kept, or that could not be looked into
    """

    entries: list[Json] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def clean_entries(
    entries: list[Json], rules: ScrubRules, attachments: dict[str, bytes]
) -> CleanEntries:
    """Take the secrets out of the entries of vcrpy, and write ours for review.

    Adds to `attachments`. What still looks like a secret costs its text; an entry that cannot be
    cleaned is not kept, and all others are.
    """
    scrubber, result = Scrubber(rules), CleanEntries()

    def attempt(number: int, entry: Json, work: Callable[[int, Json], Json]) -> Json | None:
        try:
            return work(number, entry)
        except FakeGeminiError as error:
            reason = str(error)
        except Exception as error:  # whatever it is, the other exchanges are safe
            reason = f"fakegemini itself failed on it with {type(error).__name__}, please report it"
        result.warnings.append(f"exchange {number} is not kept: {reason}")
        return None

    def learn(number: int, entry: Json) -> Json:
        exchange = exchange_of_entry(number, entry)
        if is_ours(exchange):
            entry = unpack_entry(entry)
            exchange = exchange_of_entry(number, entry)
        scrubber.learn(RecordedExchange(_unpacked(exchange)))
        return entry

    def clean(number: int, entry: Json) -> Json:
        cleaned = scrub_entry(entry, scrubber)
        attached: dict[str, bytes] = {}
        if is_ours(exchange_of_entry(number, cleaned)):
            cleaned = _without_suspects(number, cleaned, scrubber)
            cleaned = spell_entry(cleaned, attached)
        for side, problem in _unreadable_sides(exchange_of_entry(number, cleaned)):
            result.warnings.append(
                f"exchange {number} is kept as it came: {side}: {problem}, {_UNREADABLE}"
            )
        attachments.update(attached)
        return as_vcrpy_has_it(cleaned)

    numbered = [
        (number, learned)
        for number, entry in enumerate(entries, start=1)
        if (learned := attempt(number, entry, learn)) is not None
    ]
    result.entries = [
        cleaned
        for number, entry in numbered
        if (cleaned := attempt(number, entry, clean)) is not None
    ]
    result.counts = dict(sorted(scrubber.counts.items()))
    return result


def _without_suspects(number: int, entry: Json, scrubber: Scrubber) -> Json:
    """Return an entry of ours without the texts that still look like secrets.

    Raises `SecretLeft` where one is left all the same.
    """
    if not _suspects(number, entry, scrubber.rules):
        return entry
    blank = blank_entry(entry, scrubber)
    if left := _suspects(number, blank, scrubber.rules):
        raise SecretLeft(
            f"{'; '.join(left)}. Fix: say in configure(scrub=…, scrub_patterns=…) what is a "
            "secret, or with allow_secrets=… that it is none"
        )
    return blank


def _suspects(number: int, entry: Json, rules: ScrubRules) -> list[str]:
    """List what still looks like a secret in what will be written of an entry."""
    exchange = exchange_of_entry(number, entry)
    return [
        suspect
        for suspect in remaining_secrets(RecordedExchange(exchange), rules)
        if _UNREADABLE not in suspect
    ]


def _unpacked(exchange: Exchange) -> Exchange:
    """Return an exchange with its bodies unpacked, as far as we can."""
    bodies = (
        (exchange.request_body, exchange.request_headers),
        (exchange.response_body, exchange.response_headers),
    )
    request, response = (
        unpack_layers(raw, headers.get("content-encoding", "")).plain for raw, headers in bodies
    )
    return replace(exchange, request_body=request, response_body=response)


def _unreadable_sides(exchange: Exchange) -> list[tuple[str, str]]:
    sides = (
        ("the request's body", exchange.request_body, exchange.request_headers),
        ("the response's body", exchange.response_body, exchange.response_headers),
    )
    return [
        (side, problem)
        for side, raw, headers in sides
        if (problem := unpack_layers(raw, headers.get("content-encoding", "")).problem)
    ]
