"""How long `serve` takes from its start to its first answer, and what it weighs when it idles."""

from __future__ import annotations

from collections.abc import Iterator

from .figures import Figure, Plan, Skipped, compare
from .processes import running


def measure(plan: Plan) -> Iterator[Figure]:
    """Start each server once a round, in turns."""
    kinds = ["fakegemini", "constant", "aimock"]
    starts: dict[str, list[float]] = {kind: [] for kind in kinds}
    sizes: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(-1, plan.rounds):
        for kind in [*kinds]:
            try:
                with running(kind) as server:
                    if number >= 0:
                        starts[kind].append(server.first_answer * 1e3)
                        sizes[kind].append(server.memory() / 1e6)
            except Skipped as reason:
                print(f"without {kind}: {reason}")
                kinds.remove(kind)
    own = starts["fakegemini"]
    for kind, name, goal in (("aimock", "aimock", 1.0), ("constant", "constant responder", None)):
        if kind in kinds:
            yield compare("start to first answer", own, "ms", name, starts[kind], goal)
    yield compare(
        "memory of an idle server",
        sizes["fakegemini"],
        "MB",
        "constant responder",
        sizes["constant"],
        1.4,
    )
