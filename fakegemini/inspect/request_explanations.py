"""Say which recorded exchange would be played for a request, and which rules decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotOnTape
from ..fake.option_types import PlayOptions
from ..fake.options import OPTIONS
from ..fake.replay.cassettes import PlayedCassettes
from ..fake.replay.explain_create import Candidate
from ..fake.replay.nearest_create import describe_turn
from ..fake.replay.player import Player
from ..fake.replay.request_exchange import as_exchange
from ..recordings.exchange import Exchange
from ..wire.http import Json, Request


@dataclass(frozen=True, slots=True)
class Explanation:
    """What becomes of one request.

    played: the recorded exchange whose answer it gets, None for a miss
    candidates: the recorded creates that are near, nearest first; none where it is no create
    miss: the text of the miss, empty where it is answered
    note: what there is to say of an answer to another request than a create
    """

    request_line: str
    played: Exchange | None
    file: str
    candidates: tuple[Candidate, ...]
    miss: str = ""
    note: str = ""

    def to_json(self) -> Json:
        """Return it as JSON."""
        played: Json | None = {"exchange": self.played.number} if self.played else None
        if played and self.file:
            played = {"file": self.file, **played}
        return {
            "request": self.request_line,
            "plays": played,
            "candidates": [_candidate_json(candidate) for candidate in self.candidates],
            **({"miss": self.miss} if self.miss else {}),
            **({"note": self.note} if self.note else {}),
        }


def explain_requests(
    paths: Iterable[Path], requests: Sequence[Request], options: PlayOptions
) -> list[Explanation]:
    """Ask a replay of cassettes one request after the other, and say what becomes of each.

    A request may have the ids of the recording. Raises `Unreadable` for a file that is no
    cassette.
    """
    all_options: Any = {name: row.default for name, row in OPTIONS.items() if row.plays}
    player = PlayedCassettes(paths, seed="0", options=all_options | options).player
    player.take_recorded_names()
    return [_explain(player, request) for request in requests]


def _explain(player: Player, request: Request) -> Explanation:
    exchange = as_exchange(request)
    is_create = exchange.targets_interactions and exchange.operation == "create"
    shown = player.without_secrets(request)
    line = f"{shown.method} {'/'.join(('', *shown.path_parts))}"
    try:
        player.replay(request)
    except NotOnTape as error:
        candidates = _explain_miss(player, request) if is_create else ()
        return Explanation(line, None, "", candidates, str(error))
    recorded, interaction = player.last_played
    played = recorded.exchange if recorded else None
    file = interaction.file if interaction else ""
    if is_create:
        return Explanation(line, played, file, tuple(player.explain(request, interaction)))
    return Explanation(line, played, file, (), note=_note_follow_up(exchange, played))


def _explain_miss(player: Player, request: Request) -> tuple[Candidate, ...]:
    try:
        return tuple(player.explain(request))
    except NotOnTape:  # a hook drops it from every recording
        return ()


def _note_follow_up(asked: Exchange, recorded: Exchange | None) -> str:
    """Say how the answer to a get, a cancel, a delete or another request was found."""
    if recorded is None:
        return "nobody recorded it; it is made of what is known of the interaction"
    if not asked.targets_interactions:
        return "it is found by its method, path, query and body"
    if recorded.operation == asked.operation:
        return f"it is found by the interaction, whose {asked.operation} was recorded"
    return f"nobody recorded it; it is made of the recorded {recorded.operation}"


def _candidate_json(candidate: Candidate) -> Json:
    interaction = candidate.interaction
    decisions: list[Any] = [decision.to_json() for decision in candidate.decisions]
    return {
        "file": interaction.file,
        "exchange": interaction.number,
        "turn": describe_turn(interaction),
        "verdict": candidate.verdict,
        "rules": decisions,
    }
