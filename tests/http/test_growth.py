"""A turn costs the same wherever it stands in its chain: work is counted, not timed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeAlias

import pytest

from fakegemini import Ask, Fake, Request, call, step

TOOL = {"type": "function", "name": "tide", "parameters": {"type": "object", "properties": {}}}
EARLY, LATE = 80, 150
"""Behind the newest 64, of which each makes an older one be packed."""
Answer: TypeAlias = Callable[[Ask], Any]


class Chain:
    """One conversation; each turn names the one before it."""

    def __init__(self, answer: Answer | None = None, guarded: bool = False) -> None:
        self.fake = Fake()
        self.body: dict[str, Any] = {}
        if answer:
            self.fake.answers(answer)
        if guarded:
            self.fake.watch()

    def create(self, **body: Any) -> Any:
        """Create the next turn; gives the interaction."""
        parent = self.body.get("id")
        body = {"model": "gemini-3.5-flash"} | body
        body |= {"previous_interaction_id": parent} if parent else {}
        text = json.dumps(body).encode()
        headers = (("content-type", "application/json"),)
        reply = self.fake.handle(Request("POST", "/v1beta/interactions", (), headers, text))
        raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        assert reply.status == 200, raw
        if body.get("stream"):
            events = [json.loads(line[6:]) for line in raw.splitlines() if line[6:7] == b"{"]
            self.body = events[-1]["interaction"]
        else:
            self.body = json.loads(raw)
        return self.body

    def results(self) -> list[Any]:
        """The results of the calls in the newest turn."""
        return [
            {"type": "function_result", "call_id": call_step["id"], "name": "tide", "result": "low"}
            for call_step in self.body["steps"]
            if call_step["type"] == "function_call"
        ]


def ask_again(chain: Chain) -> None:
    """A question."""
    chain.create(input="Why are there tides?")


def stream(chain: Chain) -> None:
    """A question whose answer streams."""
    chain.create(input="Why are there tides?", stream=True)


def call_and_answer(chain: Chain) -> None:
    """A call, then its result."""
    chain.create(input="Call tide", tools=[TOOL])
    chain.create(input=chain.results(), tools=[TOOL])


def resend(chain: Chain) -> None:
    """The turn before sent again, although the chain holds it."""
    steps = chain.body.get("steps", [])
    chain.create(input=[*steps, {"type": "user_input", "content": [{"type": "text", "text": "?"}]}])


def answer_with_calls(ask: Ask) -> Any:
    """Call, or answer the results, with ids and signatures that are always the same."""
    return "Low." if ask.results else [step("thought", signature="ZmFrZQ=="), call("tide")]


KINDS: dict[str, tuple[Callable[[Chain], None], Answer | None]] = {
    "questions": (ask_again, None),
    "streams": (stream, None),
    "functions": (call_and_answer, None),
    "functions, scripted": (call_and_answer, answer_with_calls),
    "the turn before resent": (resend, None),
    "a script that looks at the newest text": (ask_again, lambda ask: f"{ask.turn}: {ask.text}"),
}


def count_work(work: Callable[[], object]) -> int:
    """Count the calls and the resumed generators of this work: Python's, and those of C."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(previous)
    return count


@pytest.mark.parametrize("guarded", [False, True], ids=["unguarded", "guarded"])
@pytest.mark.parametrize(("take_turn", "answer"), KINDS.values(), ids=KINDS.keys())
def test_a_late_turn_costs_what_an_early_one_does(
    take_turn: Callable[[Chain], None], answer: Answer | None, guarded: bool
) -> None:
    """Nothing walks over what came before."""
    chain = Chain(answer, guarded)
    counts = [count_work(lambda: take_turn(chain)) for _ in range(LATE)]

    assert min(counts[LATE - 8 :]) <= 1.05 * max(counts[EARLY - 8 : EARLY]), counts[::20]
