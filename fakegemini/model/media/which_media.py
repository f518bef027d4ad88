"""Tell which media a turn wants, without loading who makes them."""

from __future__ import annotations

from ...wire.http import Json
from ..task import Task


def is_music(task: Task) -> bool:
    """Return whether the model is one that makes music."""
    capability = task.ask.capability
    return capability is not None and capability.skill == "music"


def is_transcription(task: Task) -> bool:
    """Return whether the turn is a transcript: it brings a sound, and model or config say so."""
    capability = task.ask.capability
    is_configured = (
        capability is not None and capability.skill == "transcription"
    ) or "transcription_config" in task.ask.config
    return is_configured and bool(sound_blocks(task))


def sound_blocks(task: Task) -> list[Json]:
    """Return the blocks of this turn that can be heard."""
    blocks = task.situation.new_blocks
    return [block for block in blocks if block.get("type") in ("audio", "video")]
