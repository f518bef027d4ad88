"""What growth costs: stored interactions, runs in the background, sizes of bodies.

All without a socket, in seconds of the processor. Chains are in `chain.py`, cassettes in
`replay.py`.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from statistics import median

from fakegemini import Fake, Request

from .figures import Curve, Figure, Plan, compare, curve_of
from .processes import MODEL, PATH

WINDOW = 50
SIZES = (1, 10, 100, 1_000)
"""Bodies in kB."""


def create(fake: Fake, given: str, **body: object) -> str:
    """Create one interaction; gives its id."""
    payload = json.dumps({"model": MODEL, "input": given} | body).encode()
    reply = fake.handle(Request("POST", PATH, (), (), payload))
    (answer,) = reply.beats
    assert isinstance(answer, bytes)
    return str(json.loads(answer)["id"])


def get(fake: Fake, identifier: str) -> None:
    """Poll an interaction."""
    assert fake.handle(Request("GET", f"{PATH}/{identifier}")).status == 200


def microseconds(work: Callable[[int], object], numbers: range) -> float:
    """Return the median of what each takes."""
    times = []
    for number in numbers:
        began = time.process_time()
        work(number)
        times.append(time.process_time() - began)
    return median(times) * 1e6


def grow(
    plan: Plan, places: tuple[int, ...], begin: Callable[[], Callable[[int], object]]
) -> dict[int, list[float]]:
    """Do work again and again, and measure a window of it at each place; in several rounds."""
    took: dict[int, list[float]] = {place: [] for place in places}
    for _ in range(min(plan.rounds, 3)):
        work, done = begin(), 0
        gc.collect()
        for place in places:
            for number in range(done, place - WINDOW):
                work(number)
            done = max(done, place - WINDOW)
            took[place].append(microseconds(work, range(done, done + WINDOW)))
            done += WINDOW
    return took


def stored(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure a create where many are stored."""

    def begin() -> Callable[[int], object]:
        fake = Fake()
        return lambda number: create(fake, f"Why are there tides? {number}")

    places = (100, 1_000) if plan.is_quick else (100, 1_000, 10_000, 100_000)
    took = grow(plan, places, begin)
    yield curve_of("a create", "stored interactions", took)
    for place in places[1:]:
        yield compare(f"create {place:,}", took[place], "µs", "the first", took[places[0]], 1.2)


def runs(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure a create and a poll where many runs in the background are under way."""

    def begin() -> Callable[[int], object]:
        fake = Fake()
        first = create(fake, "A report.", background=True)

        def run_and_poll(number: int) -> None:
            create(fake, f"A report on {number}.", background=True)
            get(fake, first)

        return run_and_poll

    places = (100, 1_000) if plan.is_quick else (100, 1_000, 10_000)
    took = grow(plan, places, begin)
    yield curve_of("a run in the background, and a poll", "runs under way", took)
    for place in places[1:]:
        name = f"run {place:,} in the background, and a poll"
        yield compare(name, took[place], "µs", "the first", took[places[0]], 1.2)


def bodies(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure what a kB of a body costs, in bodies of several sizes."""
    took: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(plan.rounds):
        for size in SIZES:
            fake, text = Fake(), "tides and moon " * (size * 1000 // 15)

            def ask(number: int, fake: Fake = fake, text: str = text) -> None:
                create(fake, f"{number} {text}")

            took[size].append(microseconds(ask, range(5)) / size)
    yield curve_of("a kB of a body", "kB of the body", took)
    for size, smaller in zip(SIZES[1:], SIZES, strict=False):
        name = f"a kB of a body of {size:,} kB"
        yield compare(name, took[size], "µs", f"of one of {smaller:,} kB", took[smaller], 1.2)


def measure(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure all three."""
    yield from stored(plan)
    yield from runs(plan)
    yield from bodies(plan)
