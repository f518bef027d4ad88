"""What a check costs grows with the exchanges of a recording, and no faster; counted in calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fakegemini import Fake, Request, call, think
from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.guards import build_exchange
from fakegemini.contract.rules.recorder_marks import find_late_create
from fakegemini.recordings.exchange import Exchange

from .mutants import Recording

TOOL = {"type": "function", "name": "read_tide", "parameters": {"type": "object"}}
FEW, MANY = 40, 160


class Recorder:
    """Asks a fake, and keeps what was asked and answered."""

    def __init__(self) -> None:
        self.fake = Fake(seed=7)
        self.exchanges: Recording = []

    def ask(self, method: str, path: str = "", **members: Any) -> Any:
        """Ask, and return the answer."""
        body = json.dumps({"model": "gemini-3.5-flash", **members}).encode() if members else b""
        request = Request(method, f"/v1/interactions{path}", body=body)
        reply = self.fake.handle(request)
        raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        self.exchanges.append(build_exchange(len(self.exchanges) + 1, request, reply, raw))
        return json.loads(raw)


def chain(count: int) -> Recording:
    """Every turn goes on from the one before it."""
    recorder = Recorder()
    turn = recorder.ask("POST", input="Why are there tides?")
    for _ in range(count - 1):
        turn = recorder.ask("POST", input="And now?", previous_interaction_id=turn["id"])
    return recorder.exchanges


def chain_of_calls(count: int) -> Recording:
    """Every turn answers the call of the one before it."""
    recorder = Recorder()
    asked: dict[str, Any] = {"input": "Why are there tides?"}
    for _ in range(count):
        recorder.fake.replies(think(), call("read_tide", harbour="Dover"))
        turn = recorder.ask("POST", tools=[TOOL], **asked)
        result = {"type": "function_result", "name": "read_tide", "result": "up"}
        call_id = turn["steps"][-1]["id"]
        asked = {"input": [{**result, "call_id": call_id}], "previous_interaction_id": turn["id"]}
    return recorder.exchanges


def polls(count: int) -> Recording:
    """One answer, asked for again and again."""
    recorder = Recorder()
    turn = recorder.ask("POST", input="Why are there tides?")
    for _ in range(count - 1):
        recorder.ask("GET", f"/{turn['id']}")
    return recorder.exchanges


def turns_of_other_recordings(count: int) -> Recording:
    """Every turn goes on from one that another recording holds."""
    recordings = [chain_of_another(number) for number in range(count)]
    return [replace(each, number=number) for number, each in enumerate(recordings, start=1)]


def chain_of_another(number: int) -> Exchange:
    """The second turn of a conversation."""
    recorder = Recorder()
    recorder.fake = Fake(seed=number)
    turn = recorder.ask("POST", input="Why are there tides?")
    recorder.ask("POST", input="And now?", previous_interaction_id=turn["id"])
    return recorder.exchanges[-1]


def calls_of(recording: Recording) -> float:
    """How many functions are called for an exchange, in Python and in C."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    exchanges = [replace(exchange) for exchange in recording]
    sys.setprofile(note)
    try:
        check_exchanges(exchanges)
        find_late_create(exchanges)
    finally:
        sys.setprofile(None)
    return count / len(exchanges)


@pytest.mark.parametrize("make", [chain, chain_of_calls, polls, turns_of_other_recordings])
def test_an_exchange_costs_the_same_in_a_long_recording(make: Callable[[int], Recording]) -> None:
    """Whatever came before it."""
    few, many = make(FEW), make(MANY)
    check_exchanges([replace(exchange) for exchange in many])  # so that all shapes are known

    assert calls_of(many) < calls_of(few) * 1.05
