"""fakegemini: the Gemini Interactions API on your own machine.

The names load when they are first used: pytest imports this package in every run, and a run that
does not use it must not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import faults
    from .doors.fake_mixin import FakeMixin
    from .doors.running import adopt, running
    from .doors.transport import transport
    from .doors.turbo import turbo
    from .errors import (
        BadScript,
        ContractBreach,
        FakeGeminiError,
        IllegalMove,
        LeftOver,
        NotOnTape,
        Refused,
        Unscripted,
    )
    from .fake.fake import Fake
    from .fake.option_types import FakeOptions
    from .protocol.ask import Ask
    from .protocol.background import never_ending, running_for
    from .protocol.builders import call, say, step, think
    from .protocol.clock import VirtualClock
    from .protocol.known_models import Agent, Model
    from .pytest_plugin.fixture_factory import fake_fixture
    from .record.recording_block import recording
    from .wire.http import Cut, Handler, Reply, Request, Wait

__version__ = "0.1.0"

_HOMES = {
    "protocol.ask": ("Ask",),
    "protocol.clock": ("VirtualClock",),
    "protocol.background": ("never_ending", "running_for"),
    "wire.http": ("Cut", "Handler", "Reply", "Request", "Wait"),
    "protocol.known_models": ("Agent", "Model"),
    "protocol.builders": ("call", "say", "step", "think"),
    "errors": (
        "BadScript",
        "ContractBreach",
        "FakeGeminiError",
        "IllegalMove",
        "LeftOver",
        "NotOnTape",
        "Refused",
        "Unscripted",
    ),
    "fake.fake": ("Fake",),
    "fake.option_types": ("FakeOptions",),
    "doors.transport": ("transport",),
    "doors.running": ("adopt", "running"),
    "doors.fake_mixin": ("FakeMixin",),
    "pytest_plugin.fixture_factory": ("fake_fixture",),
    "doors.turbo": ("turbo",),
    "record.recording_block": ("recording",),
}

__all__ = [
    "Agent",
    "Ask",
    "BadScript",
    "ContractBreach",
    "Cut",
    "Fake",
    "FakeGeminiError",
    "FakeMixin",
    "FakeOptions",
    "Handler",
    "IllegalMove",
    "LeftOver",
    "Model",
    "NotOnTape",
    "Refused",
    "Reply",
    "Request",
    "Unscripted",
    "VirtualClock",
    "Wait",
    "adopt",
    "call",
    "fake_fixture",
    "faults",
    "never_ending",
    "recording",
    "running",
    "running_for",
    "say",
    "step",
    "think",
    "transport",
    "turbo",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "faults":
        return import_module(".faults", __name__)
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
