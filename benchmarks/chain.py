"""What a late turn of a chain costs beside the first, and what stored turns weigh.

It asks a fake turn after turn, each naming the one before it, without a socket: questions, function
calls with their results, streams. The cost of a place in the chain is that of the middle one of 20
turns there; each round builds new chains, and the figure is the median of the rounds. Then the
turns of a chain and as many without a parent are kept, and what the process then holds more is
counted.
"""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from fakegemini import Fake, Request

from .figures import Curve, Figure, Plan, compare, curve_of

WINDOW = 20
STORED = 10_000
MODEL = "gemini-3.5-flash"
TOOL = {"type": "function", "name": "read_tide", "parameters": {"type": "object"}}
HEADERS = (("content-type", "application/json"),)
QUESTION = "How is the tide at this buoy, and when does it turn again? " * 4
ANSWER = "Tides follow the moon, and a little the sun, twice a day in most harbours. " * 12


def ask(fake: Fake, parent: str | None, **body: Any) -> bytes:
    """Create one interaction; gives the bytes of the answer."""
    body = {"model": MODEL} | body | ({"previous_interaction_id": parent} if parent else {})
    request = Request("POST", "/v1beta/interactions", (), HEADERS, json.dumps(body).encode())
    reply = fake.handle(request)
    assert reply.status == 200
    return b"".join(beat for beat in reply.beats if isinstance(beat, bytes))


def answer_question(fake: Fake, parent: str | None) -> str:
    """Ask one question; gives the id of the answer."""
    return str(json.loads(ask(fake, parent, input=QUESTION))["id"])


def stream_answer(fake: Fake, parent: str | None) -> str:
    """Ask one question whose answer streams."""
    first_event = ask(fake, parent, input=QUESTION, stream=True).split(b"\n\n", 1)[0]
    data = first_event.split(b"data: ", 1)[1]
    return str(json.loads(data)["interaction"]["id"])


def call_function(fake: Fake, parent: str | None) -> str:
    """Have a function called, and send its result."""
    body = json.loads(ask(fake, parent, input="Call read_tide", tools=[TOOL]))
    results = [
        {"type": "function_result", "call_id": step["id"], "name": "read_tide", "result": "low"}
        for step in body["steps"]
        if step["type"] == "function_call"
    ]
    assert results
    return str(json.loads(ask(fake, str(body["id"]), input=results, tools=[TOOL]))["id"])


KINDS: dict[str, Callable[[Fake, str | None], str]] = {
    "questions": answer_question,
    "functions": call_function,
    "streams": stream_answer,
}


def time_turns(take_turn: Callable[[Fake, str | None], str], count: int) -> list[float]:
    """Return the seconds of the processor that each turn of one chain takes."""
    fake, parent, seconds = Fake(), None, []
    gc.collect()
    gc.disable()
    for _ in range(count):
        start = time.process_time()
        parent = take_turn(fake, parent)
        seconds.append(time.process_time() - start)
    gc.enable()
    return seconds


def compare_places(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure what late turns cost beside the first ones, a kind after the other."""
    for name, take_turn in KINDS.items():
        for place in (1_000,) if plan.is_quick else (1_000, 10_000):
            time_turns(take_turn, WINDOW)  # what is compiled once is compiled before
            rounds = plan.rounds if place == 1_000 else min(plan.rounds, 3)
            chains = [time_turns(take_turn, place) for _ in range(rounds)]
            last, first = (
                [median(chain[part]) * 1e6 for chain in chains]
                for part in (slice(-WINDOW, None), slice(WINDOW))
            )
            yield compare(f"{name}: turn {place:,}", last, "µs", "turn 1", first, 1.2)
        places = [place for place in (10, 100, 1_000, 10_000) if place <= len(chains[0])]
        took = {
            place: [median(chain[place - WINDOW // 2 : place + WINDOW // 2]) for chain in chains]
            for place in places
        }
        yield curve_of(f"a turn ({name})", "turns of its chain", took)


def weigh(*, chained: bool, alike: bool = True) -> float:
    """Return the bytes that many stored turns of about 1 kB keep in memory.

    Answers that are `alike` are one text, as a script's mostly are; others are counted in.
    """
    fake, parent = Fake(), None
    fake.answers(lambda request: ANSWER if alike else ANSWER + str(len(fake.requests)))
    answer_question(fake, None)
    gc.collect()
    tracemalloc.start()
    for _ in range(STORED):
        parent = answer_question(fake, parent if chained else None)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size


def measure(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure both."""
    yield from compare_places(plan)
    for chained in (False, True):
        form = "in one chain" if chained else "without a parent"
        yield Figure(
            f"{STORED:,} turns of 1 kB {form}", weigh(chained=chained) / 1e6, "MB", goal=20
        )
    size = weigh(chained=True, alike=False)
    yield Figure("the same with another answer each", size / 1e6, "MB")
