"""What a late turn of a chain costs beside the first, and what stored turns weigh.

`python -m benchmarks.chain [ROUNDS [TURNS]]` asks a fake turn after turn, each naming the one
before it, without a socket: questions, function calls with their results, streams. The cost of a
place in the chain is that of the middle one of 20 turns there; each round builds new chains, and
the figure is the median of the rounds. Then the turns of a chain and as many without a parent are
kept, and what the process then holds more is divided by their number.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

from fakegemini import Fake, Request

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


def compare_places(rounds: int, count: int) -> None:
    """Print a line a kind: what the last turns cost, in times of what the first ones do."""
    for name, take_turn in KINDS.items():
        time_turns(take_turn, WINDOW)  # what is compiled once is compiled before
        chains = [time_turns(take_turn, count) for _ in range(rounds)]
        first = median(median(chain[:WINDOW]) for chain in chains)
        last = median(median(chain[-WINDOW:]) for chain in chains)
        ratios = [median(chain[-WINDOW:]) / median(chain[:WINDOW]) for chain in chains]
        print(
            f"{name}: turn 1 {first * 1e6:,.0f} µs, turn {count:,} {last * 1e6:,.0f} µs, "
            f"{median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def weigh(*, chained: bool) -> float:
    """Return the bytes that each of many stored turns of about 1 kB keeps in memory."""
    fake, parent = Fake(), None
    fake.answers(lambda request: ANSWER)
    answer_question(fake, None)
    gc.collect()
    tracemalloc.start()
    for _ in range(STORED):
        parent = answer_question(fake, parent if chained else None)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / STORED


def main() -> None:
    """Print all figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    compare_places(rounds, count)
    for chained in (False, True):
        size = weigh(chained=chained)
        form = "in one chain" if chained else "without a parent"
        print(f"{STORED:,} turns {form}: {size * STORED / 1e6:.0f} MB, {size:,.0f} bytes each")


if __name__ == "__main__":
    main()
