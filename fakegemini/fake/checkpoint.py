"""Remember what a fake is told, to bring it back to that: for one example after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..protocol.clock import VirtualClock
from .options import OPTIONS
from .settings import Settings
from .state.state import State


def make_checkpoint(settings: Settings, state: State) -> Callable[[], None]:
    """Return a function that forgets all that happens from now on.

    What is scripted now, the faults that are in force, what is allowed, the options and the time
    are then as they are now; nothing is stored, and no request is remembered.
    """
    options = settings.all_options()
    rules = [replace(rule, turns=[*rule.turns]) for rule in state.script.rules]
    entries = [replace(entry) for entry in state.faults_in_force.entries]
    allowed = state.complaints.allowed
    set_clock_back = state.clock.make_return() if isinstance(state.clock, VirtualClock) else None

    def bring_back() -> None:
        state.reset()
        for name in OPTIONS:
            setattr(settings, name, options[name])
        state.continuations.limit = settings.decode_limit
        state.script.rules[:] = [replace(rule, turns=[*rule.turns]) for rule in rules]
        state.faults_in_force.entries[:] = [replace(entry) for entry in entries]
        state.complaints.allow(*allowed)
        if set_clock_back:
            set_clock_back()

    return bring_back
