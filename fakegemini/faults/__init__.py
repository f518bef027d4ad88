"""Faults: functions from one handler to a worse one, which only rewrite its answers.

They compose: `both(cut_after(3), slow(0.1))`. What the live service was seen to do on a bad day
has its name in `PRESETS`. Each function is a row of `registry.FAULTS`; the files that define them
say in their `__all__` which names are public here.
"""

from __future__ import annotations

from ..wire.http import RETRIED, Fault
from . import on_answers, on_streams
from .compose import both
from .on_answers import *  # noqa: F403
from .on_streams import *  # noqa: F403
from .pace import pace
from .presets import PRESETS, named

__all__ = ["PRESETS", "RETRIED", "Fault", "both", "named", "pace"]
__all__ += on_answers.__all__
__all__ += on_streams.__all__
