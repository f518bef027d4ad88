"""Bad days: faults are pure, they only rewrite answers.

Faults compose: `both(cut_after(3), slow(0.1))`. What the live service was seen to do has its name
in `PRESETS`.
"""

from __future__ import annotations

from ..wire.http import RETRIED, Fault
from .compose import both
from .on_answers import (
    ERRORS,
    chunks,
    gzip,
    malformed,
    refuse,
    reset,
    slow,
    time_out,
    wrong_content_type,
)
from .on_streams import (
    bare_line,
    cut_after,
    cut_at,
    cut_mid_character,
    cut_mid_frame,
    drop,
    drop_terminal,
    error_event,
    insert,
    repeat,
    stall,
    swap,
    unknown_event,
)
from .pace import pace
from .presets import PRESETS, named

__all__ = [
    "ERRORS",
    "PRESETS",
    "RETRIED",
    "Fault",
    "bare_line",
    "both",
    "chunks",
    "cut_after",
    "cut_at",
    "cut_mid_character",
    "cut_mid_frame",
    "drop",
    "drop_terminal",
    "error_event",
    "gzip",
    "insert",
    "malformed",
    "named",
    "pace",
    "refuse",
    "repeat",
    "reset",
    "slow",
    "stall",
    "swap",
    "time_out",
    "unknown_event",
    "wrong_content_type",
]
