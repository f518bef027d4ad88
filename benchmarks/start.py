"""How long `serve` takes from its start to its first answer, and what it weighs when it idles.

Of memory, what counts is what a process alone holds and the kernel cannot take back. The pages of
its files, such as libraries, are in a row of their own: the kernel shares and drops them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .figures import Figure, Plan, Skipped, compare
from .processes import running

ROWS = (
    ("start to first answer", "ms", "wall", ("aimock", "constant"), 1.0),
    ("start to first answer, CPU", "ms", "processor", ("aimock", "constant"), 1.0),
    ("memory of an idle server", "MB", "own", ("constant", "aimock"), 1.4),
    ("the same with the pages of its files", "MB", "all", ("constant", "aimock"), None),
)
"""What is measured, and beside what; the goal is for the first."""

YARDSTICKS = {"constant": "constant responder", "aimock": "aimock"}


def measure(plan: Plan) -> Iterator[Figure]:
    """Start each server once a round, in turns."""
    kinds = ["fakegemini", "constant", "aimock"]
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(-1, plan.rounds):
        for kind in [*kinds]:
            try:
                with running(kind) as server:
                    if number >= 0:
                        took[kind, "wall"].append(server.first_answer * 1e3)
                        took[kind, "processor"].append(server.first_cpu * 1e3)
                        own, files = server.memory()
                        took[kind, "own"].append(own / 1e6)
                        took[kind, "all"].append((own + files) / 1e6)
            except Skipped as reason:
                if kind == "fakegemini":
                    raise
                print(f"without {kind}: {reason}")
                kinds.remove(kind)
    for name, unit, aspect, peers, goal in ROWS:
        for peer in peers:
            if peer in kinds:
                beside = took[peer, aspect]
                its_goal = goal if peer == peers[0] else None
                own_values = took["fakegemini", aspect]
                yield compare(name, own_values, unit, YARDSTICKS[peer], beside, its_goal)
