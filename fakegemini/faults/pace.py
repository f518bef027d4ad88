"""Set how fast a stream comes: the time to its first token, then tokens per second."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from ..errors import BadScript
from ..protocol.tokens import estimate_tokens
from ..wire.http import Beat, Fault, Wait
from .arguments import SECONDS, Numbers
from .compose import number_beats, on_stream, parse_step_event
from .registry import Layer, fault_maker

_MEMBERS_WITHOUT_TOKENS = frozenset({"type", "mime_type", "signature", "data", "uri"})
"""The members of a delta for which no tokens are counted."""

_FORM = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "first": {**SECONDS, "description": "Seconds until the first step."},
        "tokens_per_second": {"type": "number", "exclusiveMinimum": 0},
        "jitter": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "The share by which each pause is longer or shorter.",
        },
        "seed": {"type": ["integer", "string"]},
        "real": {"type": "boolean", "description": "Pauses that are slept even in a test."},
    },
}


@fault_maker(
    "pace", _FORM, Layer.TIME, {"first": Numbers(0, 9), "tokens_per_second": Numbers(1, 99)}
)
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
    `real`. An answer that is no stream passes at once. Raises `BadScript` for a negative time, a
    speed that is not above 0, or a share outside of 0 to 1.
    """
    if first < 0 or (tokens_per_second is not None and tokens_per_second <= 0):
        raise BadScript("pace() takes seconds from 0 and tokens a second above 0")
    if not 0 <= jitter <= 1:
        raise BadScript(f"jitter= is a share from 0 to 1, not {jitter!r}")
    if not first and tokens_per_second is None:
        return lambda handler: handler

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        has_started = False
        for number, beat in number_beats(frames):
            event = parse_step_event(beat)
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
    """Return a number from -1 to 1, the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**31 - 1


def _text_of_delta(delta: Any) -> str:
    """Join all texts inside a delta that cost tokens."""
    if isinstance(delta, dict):
        return "".join(
            _text_of_delta(value)
            for name, value in delta.items()
            if name not in _MEMBERS_WITHOUT_TOKENS
        )
    if isinstance(delta, list):
        return "".join(map(_text_of_delta, delta))
    return delta if isinstance(delta, str) else ""
