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
    from ...recordings.conversations import Take
    from ...recordings.tolerance import Tolerated
    from .beats import Change
    from .player import Player


def replaying(
    paths: Iterable[Path], tolerate: Iterable[Tolerated] | Tolerated = (), *, repeats: bool = False
) -> Player:
    """A player of cassettes, as they are written, without a fake around it.

    Raises `Unreadable` and `BadScript`.
    """
    from ...recordings.cassette import load_tape
    from ...recordings.conversations import Takes
    from ...recordings.tolerance import Tolerance
    from .player import Player

    takes = Takes(Tolerance(tolerate))
    for path in paths:
        takes.add(str(path), load_tape(path).recorded)
    return Player(takes, repeats=repeats)


MISSING = ("error", "script", "model")
"""What may become of a request that is not on the tape."""

Adopt = Callable[[Json, str, Turn], None]
"""Is told of each replayed interaction: the request, its id, what the model made of it."""


class Tapes:
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
        scripted: Callable[[], bool],
    ) -> None:
        from ...recordings.cassette import load
        from ...recordings.conversations import Takes
        from ...recordings.read import files_in
        from ...recordings.tolerance import Tolerance
        from .beats import Pace
        from .player import Player

        if missing not in MISSING:
            raise BadScript(_no_such(missing))
        self._missing, self._adopt, self._scripted = missing, adopt, scripted
        takes = Takes(Tolerance(tolerate))
        self.files = [file for path in paths for file in files_in(path)]
        """The cassettes, in the order in which they are looked at."""
        self.recorded_on: dict[str, dt.date | None] = {}
        """The day of each cassette, None where its head does not say."""
        for file in self.files:
            cassette = load(file)
            takes.add(str(file), cassette.recorded)
            self.recorded_on[str(file)] = _day(cassette.head.get("recorded"))
        self.player = Player(
            takes,
            seed=seed,
            pace=Pace(chunks, real=real_pace),
            repeats=repeats,
            made=self._made,
        )

    def over(self, handler: Handler) -> Handler:
        """The tape first, then `handler` where it may answer what is not on the tape."""

        def played(request: Request) -> Reply:
            try:
                return self.player.handle(request)
            except NotOnTape:
                if self._missing == "error" or (self._missing == "script" and not self._scripted()):
                    raise
                return handler(request)

        return played

    @property
    def unplayed(self) -> list[str]:
        """The recorded requests that nobody made."""
        from .miss import where

        return [where(take) for take in self.player.unplayed()]

    def _made(self, body: Json, identity: str, take: Take, change: Change) -> None:
        from ...recordings.recorded_turn import recorded_turn

        assert take.create is not None
        later = [recorded.exchange for recorded in take.later]
        steps = {"steps": list((turn := recorded_turn(take.create.exchange, later)).steps)}
        named: Any = change(steps)["steps"]
        self._adopt(body, identity, Turn(tuple(named), turn.status, usage=turn.usage, whole=True))


class BeforeUpstream:
    """What a fake does for a recorder: logs each request, and plays what is on the tape."""

    def __init__(self, log: Callable[[Request], object], tapes: Tapes | None) -> None:
        self._log = log
        self._tapes = tapes

    def handle(self, request: Request) -> Reply:
        """The recorded answer; raises `NotOnTape` for what goes upstream."""
        self._log(request)
        if self._tapes is None:
            raise NotOnTape("nothing is played")
        return self._tapes.player.handle(request)

    def as_recorded(self, request: Request) -> Request:
        """The request with the names that the recorded server knows."""
        return self._tapes.player.as_recorded(request) if self._tapes else request


def _day(text: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _no_such(missing: str) -> str:
    known = ", ".join(map(repr, MISSING))
    return f"missing is {known}, not {missing!r}{did_you_mean(missing, MISSING)}"
