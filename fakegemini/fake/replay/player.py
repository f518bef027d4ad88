"""Serve recordings: each request gets the recorded answer to what it means, under fresh ids.

Order matters only inside a conversation. Polls and retries are elastic: what was recorded once may
be asked again, and what is known of an interaction answers a get that nobody recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...errors import BadBody, NotOnTape
from ...protocol.ids import IdSource
from ...recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    other_resource_key,
    parent_id_of,
)
from ...recordings.exchange import Exchange, RecordedExchange
from ...recordings.record_hooks import RecordHooks
from ...recordings.scrub.policy import ScrubRules
from ...recordings.server_names import swap_names
from ...wire.http import Json, Reply, Request
from ...wire.json_text import dump_json
from ...wire.origins import map_texts
from .beats import Renamer, ReplayPace, replay_reply
from .explain_create import Candidate, explain_create, explain_nearest
from .find_create import AskedCreate, CreateFinder, parse_body, said_the_same
from .live_names import LiveInteraction, fresh_id, make_renamer
from .miss import spent_create_error, unknown_create_error, unknown_request_error
from .play_log import note_played
from .request_exchange import as_exchange, as_hooked, base_of


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a create stands: what it continues, and what its names are in the recording."""

    live_parent: LiveInteraction | None
    parent_name: str
    as_recorded: Callable[[Any], Any]

    @property
    def recorded_parent(self) -> RecordedInteraction | None:
        """The recorded interaction that it continues."""
        return self.live_parent.interaction if self.live_parent else None

    @property
    def of_parent(self) -> tuple[RecordedInteraction | None, str, Callable[[Any], Any]]:
        """What the finder has to know of it."""
        return self.recorded_parent, self.parent_name, self.as_recorded


@dataclass(frozen=True, slots=True)
class ReplayedCreate:
    """A create that was replayed: its body, the id it got, and what was recorded.

    `rename` gives a recorded body the names of the replay.
    """

    body: Json
    interaction_id: str
    interaction: RecordedInteraction
    rename: Renamer


class Player:
    """Answers from `conversations`.

    `seed` makes the ids. With `repeats` a conversation is played again once all recordings of it
    were. `rules` say what is a secret, `hooks` what was recorded of a request.
    """

    def __init__(
        self,
        conversations: RecordedConversations,
        *,
        seed: str = "0",
        pace: ReplayPace | None = None,
        repeats: bool = False,
        rules: ScrubRules | None = None,
        hooks: RecordHooks | None = None,
    ) -> None:
        self._conversations = conversations
        self._seed = seed
        self._pace = pace or ReplayPace()
        self._repeats = repeats
        self._rules = rules
        self._hooks = hooks or RecordHooks()
        self.rewind()

    def rewind(self) -> None:
        """Forget what was played: the recordings begin anew, and give the same ids again."""
        self._live_by_id: dict[str, LiveInteraction] = {}
        self._recorded_names: dict[str, str] = {}
        self._recorded_addresses: dict[str, str] = {}
        self._play_counts: Counter[int] = Counter()
        self._ask_counts: Counter[str] = Counter()
        self._finder = CreateFinder(self._conversations, self._rules)
        self.last_played: tuple[RecordedExchange | None, RecordedInteraction | None] = (None, None)
        """What the last answer was made of, and its interaction; None where nothing is."""

    def take_recorded_names(self) -> None:
        """Take the names of the recording from clients as if this replay had given them out."""
        for interaction in self._conversations.interactions:
            if name := interaction.id:
                names = {place: place for place in (name, *interaction.name_places)}
                self._live_by_id[name] = LiveInteraction(interaction, name, names)

    def without_secrets(self, request: Request) -> Exchange:
        """Return a request as it may be shown."""
        return self._finder.scrub(as_exchange(request))

    def handle(self, request: Request) -> Reply:
        """Give the recorded answer; raises `NotOnTape`."""
        return self.replay(request)[0]

    def replay(self, request: Request) -> tuple[Reply, ReplayedCreate | None]:
        """Give the recorded answer, and the create where one was granted; raises `NotOnTape`."""
        self.last_played = (None, None)
        request = as_hooked(request, self._hooks)
        exchange = as_exchange(request)
        if not exchange.targets_interactions or not exchange.operation:
            return self._answer_other(exchange, base_of(request)), None
        if exchange.operation == "create":
            return self._answer_create(request)
        return self._answer_follow_up(exchange, base_of(request)), None

    def as_recorded(self, request: Request) -> Request:
        """Give the request the names of the recording, which the recorded server knows."""
        path = "/".join(self._recorded_names.get(part, part) for part in request.path.split("/"))
        try:
            body = request.json()
        except BadBody:
            return replace(request, path=path)
        renamed = self._with_recorded_addresses(
            swap_names(body, lambda _, name: self._recorded_names.get(name, name))
        )
        payload = request.body if renamed == body else dump_json(renamed).encode()
        return replace(request, path=path, body=payload)

    def unplayed_interactions(self) -> list[RecordedInteraction]:
        """List the recorded creates that nobody asked for since the beginning."""
        return [
            interaction
            for interaction in self._conversations.interactions
            if interaction.create and not self._play_counts[id(interaction)]
        ]

    def _answer_create(self, request: Request) -> tuple[Reply, ReplayedCreate | None]:
        place = self._place_of(request)
        asked = self._finder.find(request, as_exchange(request), *place.of_parent)
        interaction = self._choose_interaction(asked, place.recorded_parent)
        if interaction is None:
            raise self._miss(request, asked, place)
        self._play_counts[id(interaction)] += 1
        self.last_played = (interaction.create, interaction)
        note_played(interaction.file, interaction.number)
        self._finder.note_choice(interaction, asked)
        body = parse_body(request)
        return self._replay_create(body, interaction, place.live_parent, base_of(request))

    def explain(
        self, request: Request, chosen: RecordedInteraction | None = None
    ) -> list[Candidate]:
        """Say of each recording near to a create what becomes of it now, nearest first.

        chosen: the recording that is played for it, if any is
        """
        request = as_hooked(request, self._hooks)
        place = self._place_of(request)
        asked = self._finder.find_clean(as_exchange(request), *place.of_parent)
        return explain_create(
            asked,
            place.recorded_parent,
            self._conversations,
            is_played=self._is_played,
            chosen=chosen,
        )

    def _is_played(self, interaction: RecordedInteraction) -> bool:
        return bool(self._play_counts[id(interaction)])

    def _miss(self, request: Request, asked: AskedCreate, place: _Place) -> NotOnTape:
        """Make the error of a create that no recording answers."""
        spent = self._conversations.by_key.get(asked.key, [])
        asked = self._finder.find_clean(as_exchange(request), *place.of_parent)
        if spent and all(self._play_counts[id(played)] for played in spent):
            return spent_create_error(asked.body, spent)
        nearest = explain_nearest(
            asked, place.recorded_parent, self._conversations, is_played=self._is_played
        )
        return unknown_create_error(asked, nearest, self._conversations.tolerance)

    def _place_of(self, request: Request) -> _Place:
        name = parent_id_of(parse_body(request))
        live_parent = self._live_by_id.get(name)
        return _Place(
            live_parent,
            self._recorded_names.get(name, name),
            lambda body: swap_names(
                self._with_recorded_addresses(body),
                lambda key, value: self._recorded(key, value, live_parent),
            ),
        )

    def _recorded(self, key: str, name: str, live_parent: LiveInteraction | None) -> str:
        """Return the recorded name of a live one; a recorded name itself is nobody's here."""
        if name in self._recorded_names or not live_parent or key != "call_id":
            return self._recorded_names.get(name, name)
        is_bare = live_parent.names.get(name, name) != name
        return f"{name} (of the recording)" if is_bare else name

    def _choose_interaction(
        self, asked: AskedCreate, parent: RecordedInteraction | None
    ) -> RecordedInteraction | None:
        candidates = self._conversations.by_key.get(asked.key, [])
        unplayed = [
            interaction for interaction in candidates if not self._play_counts[id(interaction)]
        ]
        if not unplayed and candidates and self._repeats:
            for interaction in candidates:
                self._play_counts[id(interaction)] = 0
            unplayed = candidates
        # Conversations that began alike may have been recorded side by side: the one whose
        # beginning this client saw goes first, its twin is as good where it was answered alike.
        unplayed = [interaction for interaction in unplayed if interaction.parent is parent] or [
            interaction for interaction in unplayed if said_the_same(interaction.parent, parent)
        ]
        if unplayed:
            return self._finder.in_order(unplayed, asked)[0]
        last_create = candidates[-1].create if candidates else None
        return candidates[-1] if last_create and (last_create.exchange.status or 0) >= 400 else None

    def _replay_create(
        self,
        body: Any,
        interaction: RecordedInteraction,
        live_parent: LiveInteraction | None,
        base: str,
    ) -> tuple[Reply, ReplayedCreate | None]:
        assert interaction.create is not None
        self._ask_counts[interaction.key] += 1
        ids = IdSource(
            f"{self._seed} {interaction.file} {interaction.key} {self._ask_counts[interaction.key]}"
        )
        interaction_id = fresh_id(interaction, live_parent, ids)
        live = LiveInteraction(
            interaction, interaction_id, dict(live_parent.names) if live_parent else {}
        )
        if interaction.id:
            live.names[interaction.id] = interaction_id
            self._live_by_id[interaction_id] = live
            self._recorded_names[interaction_id] = interaction.id
        rename = make_renamer(live, ids, self._recorded_names)
        reply = self._replay(interaction.create, rename, base)
        if reply.status != 200 or not isinstance(body, dict):
            return reply, None
        return reply, ReplayedCreate(body, interaction_id, interaction, rename)

    def _answer_follow_up(self, exchange: Exchange, base: str) -> Reply:
        name = exchange.interaction_id
        live = self._live_by_id.get(name) or self._find_stray(name)
        if live is None:
            raise unknown_request_error(
                self._finder.scrub(exchange),
                self._conversations,
                [live.id for live in self._live_by_id.values()],
            )
        ids = IdSource(f"{self._seed} {live.id} later")
        answer = live.follow_ups.answer(exchange)
        if answer is None:
            raise unknown_request_error(
                self._finder.scrub(exchange),
                self._conversations,
                [other_live.id for other_live in self._live_by_id.values()],
            )
        if isinstance(answer, Reply):
            return answer
        recorded, last_event_id = answer
        self.last_played = (recorded, live.interaction)
        note_played(live.interaction.file, live.interaction.number)
        rename = make_renamer(live, ids, self._recorded_names)
        return self._replay(recorded, rename, base, last_event_id)

    def _find_stray(self, name: str) -> LiveInteraction | None:
        """Find an interaction that began before its recording did; it keeps its name."""
        interaction = self._conversations.orphans.get(name)
        if interaction:
            self._live_by_id[name] = LiveInteraction(interaction, name, {name: name})
        return self._live_by_id.get(name)

    def _answer_other(self, exchange: Exchange, base: str) -> Reply:
        exchange = plain = self._as_sent_live(exchange)
        key = other_resource_key(exchange)
        recordings = self._conversations.other_resources.get(key)
        if not recordings:
            exchange = self._finder.scrub(exchange)
            key = other_resource_key(exchange)
            recordings = self._conversations.other_resources.get(key)
        if not recordings:
            raise unknown_request_error(exchange, self._conversations, [])
        recordings = self._finder.of_same_secrets(recordings, plain)
        asked = "\0".join([*key, recordings[0].exchange.uri])
        self._ask_counts[asked] += 1
        number = min(self._ask_counts[asked], len(recordings))
        return self._replay(recordings[number - 1], lambda body: body, base)

    def _replay(
        self,
        recorded: RecordedExchange,
        rename: Renamer,
        base: str,
        last_event_id: str | None = None,
    ) -> Reply:
        """Return a recorded answer whose addresses lead to `base`, and remember what they were."""
        moved = self._recorded_addresses
        return replay_reply(recorded, rename, self._pace, last_event_id, base=base, moved=moved)

    def _as_sent_live(self, exchange: Exchange) -> Exchange:
        """Return a request of another resource with the addresses of the recording in its JSON."""
        if not self._recorded_addresses or b"://" not in exchange.request_body:
            return exchange
        try:
            body = exchange.request_json
        except ValueError:
            return exchange
        renamed = self._with_recorded_addresses(body)
        if renamed is body:
            return exchange
        return replace(exchange, request_body=dump_json(renamed).encode())

    def _with_recorded_addresses(self, body: Any) -> Any:
        """Return a body with the addresses of the recording where it has those of the replay."""
        addresses = self._recorded_addresses
        return map_texts(body, lambda text: addresses.get(text, text)) if addresses else body
