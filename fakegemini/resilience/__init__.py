"""Find out how the code under test does on bad days, which are played one after the other.

One row of `days.DAYS` is one bad day. Each is played against a fresh fake behind the address
that the test uses, after a good day that shows what the code does at all.
"""

from __future__ import annotations

from ..errors import GoodDayFailed, NotResilient
from .days import DAYS
from .runner import DayHost, play
from .verdicts import Verdict, Verdicts

__all__ = ["DAYS", "DayHost", "GoodDayFailed", "NotResilient", "Verdict", "Verdicts", "play"]
