"""Cassettes in a fake: files become a player, and what is not on the tape goes on as asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import BadScript, NotOnTape
from ...protocol.turn import Turn
from ...wire.http import Handler, Json, Reply, Request
from ...wording import did_you_mean

if TYPE_CHECKING:
    from ...recordings.conversations import RecordedInteraction
    from ...recordings.tolerance import Tolerated
    from .beats import Renamer
    from .player import Player


def make_player(
    paths: Iterable[Path], tolerate: Iterable[Tolerated] | Tolerated = (), *, repeats: bool = False
) -> Player:
    """A player of cassettes, as they are written, without a fake around it.

    Raises `Unreadable` and `BadScript`.
    """
    from ...recordings.cassette import load_vcr_cassette
    from ...recordings.conversations import RecordedConversations
    from ...recordings.tolerance import Tolerance
    from .player import Player

    conversations = RecordedConversations(Tolerance(tolerate))
    for path in paths:
        conversations.add_cassette(str(path), load_vcr_cassette(path).exchanges)
    return Player(conversations, repeats=repeats)


MISSING_MODES = ("error", "script", "model")
"""What may become of a request that is not on the tape."""

Adopt = Callable[[Json, str, Turn], None]
"""Is told of each replayed interaction: the request, its id, what the model made of it."""


class PlayedCassettes:
    """The cassettes a fake plays. Raises `Unreadable` and `BadScript`."""

    def __init__(
        self,
        paths: Iterable[Path],
        *,
        tolerate: Iterable[Tolerated] | Tolerated,
        missing: str,
        chunks: str | int,
        real_pace: bool,
        repeats: bool,
        seed: str,
        adopt: Adopt,
        has_script: Callable[[], bool],
    ) -> None:
        from ...recordings.cassette import load_cassette
        from ...recordings.conversations import RecordedConversations
        from ...recordings.read import files_in
        from ...recordings.tolerance import Tolerance
        from .beats import ReplayPace
        from .player import Player

        if missing not in MISSING_MODES:
            raise BadScript(_describe_unknown_mode(missing))
        self._missing, self._adopt, self._has_script = missing, adopt, has_script
        conversations = RecordedConversations(Tolerance(tolerate))
        self.files = [file for path in paths for file in files_in(path)]
        """The cassettes, in the order in which they are looked at."""
        self.recorded_on: dict[str, dt.date | None] = {}
        """The day of each cassette, None where its head does not say."""
        for file in self.files:
            cassette = load_cassette(file)
            conversations.add_cassette(str(file), cassette.exchanges)
            self.recorded_on[str(file)] = _parse_day(cassette.head.get("recorded"))
        self.player = Player(
            conversations,
            seed=seed,
            pace=ReplayPace(chunks, real=real_pace),
            repeats=repeats,
            on_replayed=self._adopt_replayed,
        )

    def wrap(self, handler: Handler) -> Handler:
        """The tape first, then `handler` where it may answer what is not on the tape."""

        def answer(request: Request) -> Reply:
            try:
                return self.player.handle(request)
            except NotOnTape:
                if self._missing == "error" or (
                    self._missing == "script" and not self._has_script()
                ):
                    raise
                return handler(request)

        return answer

    @property
    def unplayed(self) -> list[str]:
        """The recorded requests that nobody made."""
        from .miss import describe_place

        return [describe_place(interaction) for interaction in self.player.unplayed_interactions()]

    def _adopt_replayed(
        self, body: Json, interaction_id: str, interaction: RecordedInteraction, rename: Renamer
    ) -> None:
        from ...recordings.recorded_turn import recorded_turn

        assert interaction.create is not None
        follow_ups = [recorded.exchange for recorded in interaction.follow_ups]
        steps = {
            "steps": list((turn := recorded_turn(interaction.create.exchange, follow_ups)).steps)
        }
        renamed_steps: Any = rename(steps)["steps"]
        self._adopt(
            body,
            interaction_id,
            Turn(tuple(renamed_steps), turn.status, usage=turn.usage, is_verbatim=True),
        )


class BeforeUpstream:
    """What a fake does for a recorder: logs each request, and plays what is on the tape."""

    def __init__(self, log: Callable[[Request], object], cassettes: PlayedCassettes | None) -> None:
        self._log = log
        self._cassettes = cassettes

    def handle(self, request: Request) -> Reply:
        """The recorded answer; raises `NotOnTape` for what goes upstream."""
        self._log(request)
        if self._cassettes is None:
            raise NotOnTape("nothing is played")
        return self._cassettes.player.handle(request)

    def as_recorded(self, request: Request) -> Request:
        """The request with the names that the recorded server knows."""
        return self._cassettes.player.as_recorded(request) if self._cassettes else request


def _parse_day(text: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _describe_unknown_mode(missing: str) -> str:
    known = ", ".join(map(repr, MISSING_MODES))
    return f"missing is {known}, not {missing!r}{did_you_mean(missing, MISSING_MODES)}"
