"""Hypothesis strategies for the Interactions API: requests, steps, answers, streams, faults.

What they draw passes the contract check. All shrink to what is short: the fewest members, the
shortest texts, a stream in one piece. They need the package `hypothesis`.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("hypothesis") is None:
    raise ModuleNotFoundError(
        'fakegemini.strategies needs hypothesis: pip install "fakegemini[hypothesis]"',
        name="hypothesis",
    )

from .draw_answers import events, interactions, streams
from .draw_bytes import chunkings
from .draw_chains import conversations
from .draw_faults import NamedFault, faults
from .draw_requests import requests
from .draw_steps import steps, turns
from .draw_values import texts

__all__ = [
    "NamedFault",
    "chunkings",
    "conversations",
    "events",
    "faults",
    "interactions",
    "requests",
    "steps",
    "streams",
    "texts",
    "turns",
]
