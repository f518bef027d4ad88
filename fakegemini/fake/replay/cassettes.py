"""Play cassettes in a fake: read the files, answer from them, say what they do not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import NoInteraction, NotOnTape, Unreadable
from ...protocol.turn import Turn
from ...wire.http import Json, Reply, Request
from ...wire.sendable import find_unsendable
from ..option_types import PlayOptions

if TYPE_CHECKING:
    from ...recordings.cassette import Cassette
    from ...recordings.conversations import RecordedConversations
    from ...recordings.record_hooks import RecordHooks
    from ...recordings.scrub.policy import ScrubRules
    from ...recordings.tolerance import Tolerance
    from .player import Player, ReplayedCreate


def _check_sendable(cassette: Cassette) -> None:
    """Raise `Unreadable` for an answer that no server can give again."""
    for exchange in (recorded.exchange for recorded in cassette.exchanges):
        headers = tuple(exchange.response_headers.items())
        problem = find_unsendable(200 if exchange.status is None else exchange.status, headers)
        if problem:
            raise Unreadable(f"{cassette.path}: exchange {exchange.number}: {problem}")


def make_player(
    paths: Iterable[Path], rules: ScrubRules | None = None, hooks: RecordHooks | None = None
) -> Player:
    """Make a player of cassettes, without a fake around it; raises `Unreadable`."""
    from ...recordings.cassette import load_any_cassette
    from .player import Player

    return Player(_read_conversations(map(load_any_cassette, paths)), rules=rules, hooks=hooks)


def _read_conversations(
    cassettes: Iterable[Cassette], tolerance: Tolerance | None = None
) -> RecordedConversations:
    from ...recordings.conversations import RecordedConversations

    conversations = RecordedConversations(tolerance)
    for cassette in cassettes:
        answered = (
            recorded
            for recorded in cassette.exchanges
            if recorded.exchange.status is not None  # else it was given up before an answer came
        )
        conversations.add_cassette(str(cassette.path), answered)
    return conversations


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded answer. `turn` is what the model made, where a create was granted.

    `body` is then that of the request, and `interaction_id` the id it got.
    """

    reply: Reply
    body: Json | None = None
    interaction_id: str = ""
    turn: Turn | None = None


class PlayedCassettes:
    """The cassettes that a fake plays, from their beginning on.

    `paths` are cassettes and folders of them, `seed` makes the ids, `options` has each of
    `PlayOptions`. Raises `Unreadable` for a file that is no cassette.
    """

    def __init__(self, paths: Iterable[Path], *, seed: str, options: PlayOptions) -> None:
        from ...recordings.cassette import load_cassette
        from ...recordings.read import files_in
        from ...recordings.record_hooks import RecordHooks
        from ...recordings.scrub.policy import ScrubRules
        from ...recordings.tolerance import Tolerance
        from .beats import ReplayPace
        from .play_log import note_played
        from .player import Player

        self.paths = [*paths]
        self.options = options
        self.has_begun = False
        """Whether it has answered a request."""
        tolerance, hooks = Tolerance(options["tolerate"]), RecordHooks.from_options(options)
        self.calls_users_code = hooks != RecordHooks() or any(map(callable, tolerance.entries))
        """Whether a function of the user's says what may differ, or what was recorded."""
        cassettes = [load_cassette(file) for path in self.paths for file in files_in(path)]
        for cassette in cassettes:
            _check_sendable(cassette)
            note_played(str(cassette.path))
        self.recorded_on: dict[str, dt.date | None] = {
            str(cassette.path): _parse_day(cassette.head.get("recorded")) for cassette in cassettes
        }
        """The day of each cassette, None where its head does not say; in the order of reading."""
        self.player = Player(
            _read_conversations(cassettes, tolerance),
            seed=seed,
            pace=ReplayPace(options["chunks"], real=options["real_pace"]),
            repeats=options["repeats"],
            rules=ScrubRules.from_mapping(options),
            hooks=hooks,
        )

    def replay(self, request: Request) -> Replayed:
        """Give the recorded answer; raises `NotOnTape`."""
        self.has_begun = True
        reply, create = self.player.replay(request)
        if create is None:
            return Replayed(reply)
        try:
            turn = _renamed_turn(create)
        except NoInteraction:  # it is replayed all the same, but nothing can continue it
            return Replayed(reply)
        return Replayed(reply, create.body, create.interaction_id, turn)

    def opened_anew(self, *, seed: str, options: PlayOptions) -> PlayedCassettes:
        """Return the same cassettes with other options, from their beginning on."""
        return PlayedCassettes(self.paths, seed=seed, options=options)

    def passes_on(self, *, has_script: bool) -> bool:
        """Tell whether somebody else may answer what the cassettes do not hold."""
        missing = self.options["missing"]
        return missing == "model" or (missing == "script" and has_script)

    def rewind(self) -> None:
        """Play from the beginning again."""
        self.has_begun = False
        self.player.rewind()

    def describe_unplayed(self) -> list[str]:
        """Describe the recorded requests that nobody made, where that fails a test."""
        if self.options["on_unplayed"] != "fail" or not self.unplayed:
            return []
        return [
            f"Nobody asked for {', '.join(self.unplayed)}, and on_unplayed is 'fail'.\n"
            "Fix: let the code under test ask what was recorded, or record the test again: pytest "
            "--fakegemini-record rewrite"
        ]

    @property
    def unplayed(self) -> list[str]:
        """The recorded creates that nobody asked for, each by its place in its cassette."""
        from .nearest_create import describe_place

        return [describe_place(interaction) for interaction in self.player.unplayed_interactions()]


class MissingCassettes(PlayedCassettes):
    """Cassettes that are not there: whatever is asked is a miss, whose text says how to record."""

    def __init__(self, text: str, *, seed: str, options: PlayOptions) -> None:
        super().__init__((), seed=seed, options=options)
        self._text = text

    def replay(self, request: Request) -> Replayed:
        """Raise `NotOnTape` for every request."""
        self.has_begun = True
        raise NotOnTape(self._text)

    def opened_anew(self, *, seed: str, options: PlayOptions) -> PlayedCassettes:
        """Return the same miss."""
        return MissingCassettes(self._text, seed=seed, options=options)

    def passes_on(self, *, has_script: bool) -> bool:
        """Let nobody else answer: it would be forgotten that nothing was recorded."""
        return False


def _renamed_turn(create: ReplayedCreate) -> Turn:
    """Read what the model made off the recording, with the names of the replay."""
    from ...recordings.recorded_turn import recorded_turn

    assert create.interaction.create is not None
    follow_ups = [recorded.exchange for recorded in create.interaction.follow_ups]
    turn = recorded_turn(create.interaction.create.exchange, follow_ups)
    steps: Any = create.rename({"steps": list(turn.steps)})["steps"]
    return Turn(tuple(steps), turn.status, usage=turn.usage, is_verbatim=True)


def _parse_day(text: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
