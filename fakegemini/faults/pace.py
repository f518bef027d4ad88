"""How fast a stream comes: the time to its first token, once, then so many tokens a second."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from ..errors import BadScript
from ..protocol.usage import estimate_tokens
from ..wire.http import Beat, Fault, Wait
from ..wire.sse import Decoder
from .compose import number_beats, on_stream

_SILENT = frozenset({"type", "mime_type", "signature", "data", "uri"})
"""Members of a delta that no tokens are counted for."""


def pace(
    first: float = 0.0,
    tokens_per_second: float | None = None,
    *,
    jitter: float = 0.0,
    seed: int | str = 0,
    real: bool = False,
) -> Fault:
    """Let streams come as from a model: `first` seconds until the first step, then at this speed.

    Every delta takes the time of its estimated tokens; without `tokens_per_second`, none. `jitter`
    is the share, from 0 to 1, by which each pause is longer or shorter, as `seed` decides. The
    pauses are slept where time is real, as in `serve`, and take no time in a test unless they are
    `real`. An answer that is no stream passes at once. Raises `BadScript` for what is no pace.
    """
    if first < 0 or (tokens_per_second is not None and tokens_per_second <= 0):
        raise BadScript("pace() takes seconds from 0 and tokens a second above 0")
    if not 0 <= jitter <= 1:
        raise BadScript(f"jitter= is a share from 0 to 1, not {jitter!r}")

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        has_started = False
        for number, beat in number_beats(frames):
            event = _parse_step_event(beat)
            event_type = event.get("event_type", "")
            seconds = 0.0
            if not has_started and event_type.startswith("step."):
                has_started, seconds = True, first
            elif event_type == "step.delta" and tokens_per_second is not None:
                seconds = estimate_tokens(_text_of_delta(event["delta"])) / tokens_per_second
            if seconds:
                yield Wait(seconds * (1 + jitter * _pseudo_random(f"{seed} {number}")), real=real)
            yield beat

    return on_stream(spoil)


def _pseudo_random(seed: str) -> float:
    """From -1 to 1, the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**31 - 1


def _parse_step_event(beat: Beat) -> dict[str, Any]:
    if not isinstance(beat, bytes) or not beat.startswith(b"event: step."):
        return {}
    try:
        event = json.loads(Decoder().feed(beat)[0].data)
    except (IndexError, ValueError):  # another fault has broken it
        return {}
    return event if isinstance(event, dict) else {}


def _text_of_delta(delta: Any) -> str:
    if isinstance(delta, dict):
        return "".join(_text_of_delta(value) for key, value in delta.items() if key not in _SILENT)
    if isinstance(delta, list):
        return "".join(map(_text_of_delta, delta))
    return delta if isinstance(delta, str) else ""
