"""Clients with one fault each. The docstring of each names the fault that it stands for."""

from __future__ import annotations

import json
from typing import Any

import httpx

from .careful import Calling, Event, Http, Polling, Stateless, Step, Streaming


class Storming(Http):
    """Tries again and again."""

    tries = 30


class Impatient(Http):
    """Tries again at once, whatever it is told."""

    def pause(self, answer: httpx.Response) -> float:
        """No pause."""
        return 0.0


class Backing(Http):
    """Has a pause of its own, whatever it is told."""

    def pause(self, answer: httpx.Response) -> float:
        """Half a second, as many clients do."""
        return 0.5


class Insisting(Http):
    """Tries again what is refused for good."""

    def again(self, answer: httpx.Response) -> bool:
        """Whatever it is."""
        return True


class TakingThePart(Streaming):
    """Takes a dropped connection for the end."""

    def cut(self) -> bool:
        """That was all."""
        return True


class TakingTheEnd(Streaming):
    """Takes the end of a stream for the end of the text."""

    def ended(self) -> bool:
        """That was all."""
        return True


class TakingTheError(Streaming):
    """Takes an error event for the end."""

    def failed(self, event: Event) -> bool:
        """That was all."""
        return True


class Repeating(Streaming):
    """Resumes a stream from its beginning, and keeps what it has."""

    def resumed(self) -> httpx.Response:
        """All of it once more."""
        return self.send("GET", f"/interactions/{self.id}", stream="true")


class KnowingAllEvents(Streaming):
    """Raises at an event that it does not know."""

    def take(self, event: Event) -> bool:
        """By its name."""
        known = ("interaction.created", "interaction.status_update", "interaction.completed")
        if event["event_type"] not in (*known, "step.start", "step.delta", "step.stop", "error"):
            raise ValueError(f"unexpected event {event['event_type']}")
        return super().take(event)


class KnowingAllSteps(Http):
    """Raises at a step that it does not know."""

    def text_of(self, step: Step) -> str:
        """By its type."""
        return {"thought": lambda _: "", "model_output": super().text_of}[step["type"]](step)


class KnowingAllStatuses(Http):
    """Crashes at a status that it does not know."""

    def known(self, turn: Any) -> Any:
        """By a table."""
        good = {"completed": True, "failed": False, "requires_action": True}[turn["status"]]
        return turn if good else None


class TakingTheFirstHop(Http):
    """Takes the first answer of a turn in hops for the turn."""

    def more(self, turn: Any) -> bool:
        """There is never more."""
        return False

    def known(self, turn: Any) -> Any:
        """Whatever it is."""
        return turn


class WaitingForCompleted(Polling):
    """Polls on at a status that it does not know, for as long as nobody stops it."""

    most = 1_000_000

    def going(self, status: str) -> bool:
        """Whatever is not good goes on."""
        return status not in ("completed", "failed", "cancelled")

    def poll(self, identifier: str) -> Any:
        """Gives up after forty polls, but only on what runs."""
        seen = super().poll(identifier)
        self.polls = getattr(self, "polls", 0) + (not seen or seen["status"] == "in_progress")
        if self.polls > 400:
            self.give_up(identifier)
            raise RuntimeError("the run took too long")
        return seen


class Racing(Polling):
    """Polls without a pause."""

    pause_seconds = 0.0


class PollingForEver(Polling):
    """Polls until the run ends, if it ever does."""

    most = 1_000_000
    pause_seconds = 0.0

    def poll(self, identifier: str) -> Any:
        """Takes its time only while the run is young, and gives up at an error of HTTP."""
        self.polls = getattr(self, "polls", 0) + 1
        self.sleep(0.011 if self.polls < 40 else 0.0)
        answer = self.http.get(f"/interactions/{identifier}")
        if answer.status_code == 400:
            raise RuntimeError(answer.text)
        return answer.json() if answer.status_code == 200 else None


class WalkingAway(Polling):
    """Gives up on a run and lets it go on."""

    def give_up(self, identifier: str) -> None:
        """Nothing."""


class LosingTheRun(Polling):
    """Gives up at the first bad poll."""

    def poll(self, identifier: str) -> Any:
        """Whatever it is."""
        return self.whole(self.send("GET", f"/interactions/{identifier}"))


class AnsweringOne(Calling):
    """Answers the first call of a turn."""

    def calls(self, turn: Any) -> list[Step]:
        """The first of them."""
        return super().calls(turn)[:1]


class DroppingThoughts(Stateless):
    """Sends the history back without its thoughts."""

    def kept(self, steps: list[Step]) -> list[Step]:
        """What a person would read."""
        return [step for step in steps if step["type"] != "thought"]


class DroppingSignatures(Stateless):
    """Sends the history back without its signatures."""

    def kept(self, steps: list[Step]) -> list[Step]:
        """The thoughts, but not what signs them."""
        return [{key: step[key] for key in step if key != "signature"} for step in steps]


class EditingSignatures(Stateless):
    """Sends the history back with other signatures."""

    def kept(self, steps: list[Step]) -> list[Step]:
        """Lower-cased, as a store without case would have it."""
        return [
            {key: value.lower() if key == "signature" else value for key, value in step.items()}
            for step in json.loads(json.dumps(steps))
        ]


CARELESS: list[tuple[type[Http], str]] = [
    (Storming, "retry_storm"),
    (Impatient, "retry_after_ignored"),
    (Backing, "retry_after_ignored"),
    (Insisting, "blocked"),
    (TakingThePart, "cut_stream"),
    (TakingTheEnd, "no_terminal"),
    (TakingTheError, "error_event"),
    (Repeating, "duplicated_text"),
    (KnowingAllEvents, "unknown_event"),
    (KnowingAllSteps, "unknown_step"),
    (KnowingAllStatuses, "unknown_status"),
    (TakingTheFirstHop, "continuation"),
    (WaitingForCompleted, "unknown_status"),
    (Racing, "polling_too_fast"),
    (PollingForEver, "polling_for_ever"),
    (WalkingAway, "never_cancelled"),
    (LosingTheRun, "poll_fails_once"),
    (AnsweringOne, "parallel_calls"),
    (DroppingThoughts, "signature_dropped"),
    (DroppingSignatures, "signature_dropped"),
    (EditingSignatures, "signature_edited"),
]
"""Each client, and the one day that goes badly for it."""
