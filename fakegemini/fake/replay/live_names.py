"""Give interactions the names of a replay: fresh ids for the recorded ones, and back again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...protocol.ids import IdSource, InteractionId
from ...recordings.conversations import RecordedInteraction
from ...recordings.server_names import is_constant_name, new_name, swap_names
from ...wire.http import Json
from .beats import Renamer
from .follow_ups import FollowUps


@dataclass(eq=False)
class LiveInteraction:
    """One interaction as the client knows it: what was recorded, its id, its new names."""

    interaction: RecordedInteraction
    id: str
    names: dict[str, str]
    follow_ups: FollowUps = field(init=False)

    def __post_init__(self) -> None:
        self.follow_ups = FollowUps(self.interaction)


def make_renamer(live: LiveInteraction, ids: IdSource, recorded_names: dict[str, str]) -> Renamer:
    """Build the function that gives a recorded body the names of the replay.

    recorded_names: gets the recorded name of each new one
    """

    def swap(key: str, name: str) -> str:
        name = live.interaction.call_aliases.get(name, name)
        if is_constant_name(name):
            return name
        if name not in live.names:
            if key in ("interaction_id", "previous_interaction_id"):
                return name
            live.names[name] = new_name(key, ids)
            recorded_names[live.names[name]] = name
        return live.names[name]

    def rename(body: Any) -> Any:
        renamed_body = swap_names(body, swap)
        return _reword_error(renamed_body, live) if "error" in renamed_body else renamed_body

    return rename


def fresh_id(
    interaction: RecordedInteraction, live_parent: LiveInteraction | None, ids: IdSource
) -> str:
    """Make a fresh id, of the second of the recorded one, with the root of the live parent."""
    recorded = InteractionId.parse(interaction.id)
    own_half = ids.own_half(recorded.second if recorded else 0)
    parent_id = InteractionId.parse(live_parent.id) if live_parent else None
    return str(InteractionId(parent_id.root if parent_id else own_half, own_half))


def _reword_error(body: Json, live: LiveInteraction) -> Json:
    """Put the client's ids into the message of a recorded error."""
    error = body.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return body
    message = error["message"]
    for recorded, name in live.names.items():
        message = message.replace(recorded, name)
    return {**body, "error": {**error, "message": message}}
