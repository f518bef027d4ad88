"""Find the recorded creates that mean what is asked, also where secrets were taken out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...errors import BadBody
from ...recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    key_under_parent,
    request_content,
)
from ...recordings.exchange import Exchange, RecordedExchange
from ...recordings.recorded_turn import recorded_turn
from ...recordings.scrub.stand_ins import match_stand_ins
from ...recordings.server_names import swap_names
from ...wire.http import Json, Request

if TYPE_CHECKING:
    from ...recordings.scrub.policy import ScrubRules
    from ...recordings.scrub.request_scrubber import RequestScrubber


@dataclass(frozen=True, slots=True)
class AskedCreate:
    """A create as it is looked up; its body is without secrets where the plain one is not recorded.

    body: what a miss shows
    meaning: what the request means
    key: that of the recorded creates that mean the same, or of none
    in_recorded_names: the body with the names of the recording
    """

    body: Any
    meaning: Json
    key: str
    in_recorded_names: Any


class CreateFinder:
    """Looks creates up in `conversations`; one for each replay, whose secrets it tells apart."""

    def __init__(
        self, conversations: RecordedConversations, rules: ScrubRules | None = None
    ) -> None:
        self._rules = rules
        self._conversations = conversations
        self._values: dict[str, str] = {}

    def find(
        self,
        request: Request,
        exchange: Exchange,
        parent: RecordedInteraction | None,
        parent_name: str,
        as_recorded: Callable[[Any], Any],
    ) -> AskedCreate:
        """Look a create up: as it came, then without its secrets, then by what they may stand for.

        parent: the recorded interaction that it continues; `parent_name` is its recorded id
        as_recorded: gives a body the names of the recording
        """
        body = parse_body(request)
        plain = self._read_create(body, parent, parent_name, as_recorded)
        if plain.key in self._conversations.by_key and "SCRUBBED" not in str(plain.meaning):
            return plain
        clean = self.find_clean(exchange, parent, parent_name, as_recorded)
        if clean.key in self._conversations.by_key:
            return clean
        for interaction in self._scrubbed_creates:
            key = key_under_parent(parent, parent_name, interaction.meaning)
            for meaning in (clean.meaning, plain.meaning) if key == interaction.key else ():
                if match_stand_ins(interaction.meaning, meaning) is not None:
                    return AskedCreate(clean.body, meaning, key, clean.in_recorded_names)
        return plain if plain.key in self._conversations.by_key else clean

    def find_clean(
        self,
        exchange: Exchange,
        parent: RecordedInteraction | None,
        parent_name: str,
        as_recorded: Callable[[Any], Any],
    ) -> AskedCreate:
        """Look a create up without its secrets; the rest is as for `find`."""
        body = request_content(self.scrub(exchange))
        return self._read_create(body, parent, parent_name, as_recorded)

    def scrub(self, exchange: Exchange) -> Exchange:
        """Return a request without its secrets."""
        return self._scrubber.scrub(exchange)

    def in_order(
        self, candidates: list[RecordedInteraction], asked: AskedCreate
    ) -> list[RecordedInteraction]:
        """Return the recordings whose secrets are those of the earlier requests, or all of them."""
        agreeing = [one for one in candidates if self._agrees(one, asked)]
        return agreeing or candidates

    def note_choice(self, interaction: RecordedInteraction, asked: AskedCreate) -> None:
        """Remember what the placeholders of a recording stand for from now on."""
        values = match_stand_ins(interaction.meaning, asked.meaning)
        self._values = {**(values or {}), **self._values}

    def of_same_secrets(
        self, recordings: list[RecordedExchange], asked: Exchange
    ) -> list[RecordedExchange]:
        """Return those of recorded requests of another resource that have the secrets of one.

        They differ in nothing but placeholders. What these stand for is remembered.
        """
        if not any("SCRUBBED" in recorded.exchange.uri for recorded in recordings):
            return recordings
        requested = _address_of(asked)
        chosen, values = recordings[0], dict[str, str]()
        for recorded in recordings:
            candidate_values = match_stand_ins(_address_of(recorded.exchange), requested)
            if candidate_values is not None and self._fits_known_values(candidate_values):
                chosen, values = recorded, candidate_values
                break
        self._values = {**values, **self._values}
        return [one for one in recordings if one.exchange.uri == chosen.exchange.uri]

    def _agrees(self, interaction: RecordedInteraction, asked: AskedCreate) -> bool:
        return self._fits_known_values(match_stand_ins(interaction.meaning, asked.meaning) or {})

    def _fits_known_values(self, values: dict[str, str]) -> bool:
        known_names = {value: name for name, value in self._values.items()}
        return all(
            self._values.get(name, value) == value and known_names.get(value, name) == name
            for name, value in values.items()
        )

    def _read_create(
        self,
        body: Any,
        parent: RecordedInteraction | None,
        parent_name: str,
        as_recorded: Callable[[Any], Any],
    ) -> AskedCreate:
        named = as_recorded(body)
        meaning = self._conversations.meaning_of(named, parent)
        return AskedCreate(body, meaning, key_under_parent(parent, parent_name, meaning), named)

    @cached_property
    def _scrubber(self) -> RequestScrubber:
        from ...recordings.scrub.request_scrubber import RequestScrubber

        return RequestScrubber(self._rules)

    @cached_property
    def _scrubbed_creates(self) -> list[RecordedInteraction]:
        return list(_creates_with_stand_ins(self._conversations.interactions))


def _address_of(exchange: Exchange) -> list[Any]:
    """Return what may hold secrets in the address of a request of another resource."""
    return ["/".join(exchange.path_parts[1:]), exchange.query]


def _creates_with_stand_ins(
    interactions: list[RecordedInteraction],
) -> Iterator[RecordedInteraction]:
    for interaction in interactions:
        if interaction.create and b"SCRUBBED" in interaction.create.exchange.request_body:
            yield interaction


def said_the_same(
    interaction: RecordedInteraction | None, other: RecordedInteraction | None
) -> bool:
    """Tell whether two interactions, and those before them, were answered with the same calls."""
    while interaction is not other:
        if interaction is None or other is None or _calls_of(interaction) != _calls_of(other):
            return False
        interaction, other = interaction.parent, other.parent
    return True


def _calls_of(interaction: RecordedInteraction) -> Any:
    """Return the calls in an answer without the names that the server made."""
    if interaction.create is None:
        return interaction.name
    follow_ups = [recorded.exchange for recorded in interaction.follow_ups]
    try:
        turn = recorded_turn(interaction.create.exchange, follow_ups)
        calls = [step for step in turn.steps if str(step.get("type")).endswith("_call")]
    except (AttributeError, TypeError, ValueError):
        return interaction.create.exchange.response_body  # it is no interaction at all
    return swap_names(calls, lambda key, name: key)


def parse_body(request: Request) -> Any:
    """Parse the JSON of a request; give the text of a body that is no JSON, None for no body."""
    try:
        return request.json()
    except BadBody:
        return request.body.decode("utf-8", "replace") if request.body.strip() else None
