"""fakegemini: the Gemini Interactions API on your own machine."""

from __future__ import annotations

from .core import faults
from .core.ask import Ask
from .core.clock import VirtualClock
from .core.course import never_ending, running_for
from .core.http import Cut, Handler, Reply, Request, Wait
from .core.models import Agent, Model
from .core.steps import call, say, step, think
from .errors import (
    BadScript,
    ContractBreach,
    FakeGeminiError,
    IllegalMove,
    LeftOver,
    Refused,
    Unscripted,
)
from .fake import Fake

__all__ = [
    "Agent",
    "Ask",
    "BadScript",
    "ContractBreach",
    "Cut",
    "Fake",
    "FakeGeminiError",
    "Handler",
    "IllegalMove",
    "LeftOver",
    "Model",
    "Refused",
    "Reply",
    "Request",
    "Unscripted",
    "VirtualClock",
    "Wait",
    "call",
    "faults",
    "never_ending",
    "running_for",
    "say",
    "step",
    "think",
]
__version__ = "0.1.0"
