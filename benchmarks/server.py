"""What a create and a stream cost on `serve`, beside a constant responder and aimock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from statistics import median

from .figures import Figure, Plan, Skipped, compare, in_turns
from .processes import Server, load, running


def measure(plan: Plan) -> Iterator[Figure]:
    """Load each server in turns, with answers in one piece and with streams."""
    for name, stream, yardstick in (
        ("a create", False, "constant"),
        ("a stream", True, "events"),
    ):
        with ExitStack() as stack:
            servers = {
                kind: stack.enter_context(running(kind)) for kind in ("fakegemini", yardstick)
            }
            try:
                servers["aimock"] = stack.enter_context(running("aimock"))
            except Skipped as reason:
                print(f"without aimock: {reason}")
            parts = {
                kind: partial(microseconds, server, plan, stream)
                for kind, server in servers.items()
            }
            values = in_turns(parts, plan.rounds)
        own = values["fakegemini"]
        yield compare(
            f"{name}, 16 connections",
            own,
            "µs of CPU",
            "constant responder",
            values[yardstick],
            1.7,
        )
        if "aimock" in values:
            yield compare(
                f"{name}, 16 connections", own, "µs of CPU", "aimock", values["aimock"], 1
            )
        yield Figure(f"{name}: the constant responder", median(values[yardstick]), "µs of CPU")


def microseconds(server: Server, plan: Plan, stream: bool) -> float:
    """Return the microseconds of CPU that a request costs the server."""
    count, spent = load(server, plan.seconds, stream=stream)
    return spent / count * 1e6
