"""Build the seven stream events, keys in the recorded order; unfold and fold whole turns."""

from __future__ import annotations

from collections.abc import Iterable

from ..wire.http import Json
from .steps import fold, kind_of, unfold

TERMINAL = "interaction.completed"
"""The one terminal event, whatever the status (recorded for every status seen)."""


def interaction_created(interaction: Json) -> Json:
    """Build `interaction.created`, always the first event."""
    return {"interaction": interaction, "event_type": "interaction.created"}


def status_update(interaction_id: str, status: str, token: str | None = None) -> Json:
    """Build `interaction.status_update`; the id is empty where nothing is stored.

    `token` is the continuation token of a checkpoint.
    """
    checkpoint = {"continuation_token": token} if token else {}
    return {
        "interaction_id": interaction_id,
        "status": status,
        **checkpoint,
        "event_type": "interaction.status_update",
    }


def step_start(index: int, step: Json) -> Json:
    """Build `step.start`, with the members that name the step."""
    return {"index": index, "step": step, "event_type": "step.start"}


def step_delta(index: int, delta: Json) -> Json:
    """Build `step.delta`."""
    return {"index": index, "delta": delta, "event_type": "step.delta"}


def step_stop(index: int) -> Json:
    """Build `step.stop`."""
    return {"index": index, "event_type": "step.stop"}


def interaction_completed(interaction: Json) -> Json:
    """Build `interaction.completed`, with status and usage and without steps."""
    return {"interaction": interaction, "event_type": TERMINAL}


def error(body: Json) -> Json:
    """Build an `error` event of an error body."""
    return {**body, "event_type": "error"}


def with_id(event: Json, event_id: str) -> Json:
    """Add the id from which a stream resumes, right before the event's type (documented order)."""
    members = {key: value for key, value in event.items() if key != "event_type"}
    return {**members, "event_id": event_id, "event_type": event["event_type"]}


def step_events(steps: Iterable[Json]) -> list[Json]:
    """Build the step events of a turn, indexes from 0 without gaps; some types never stream."""
    events = []
    for index, streamed_step in enumerate(step for step in steps if kind_of(step).streamed):
        start, deltas = unfold(streamed_step)
        events.append(step_start(index, start))
        events += [step_delta(index, delta) for delta in deltas]
        events.append(step_stop(index))
    return events


def to_steps(events: Iterable[Json]) -> list[Json]:
    """Build the whole steps of a stream's events; a step that never stopped is not among them.

    Raises ValueError for deltas or stops of a step that is not open, and for arguments that are
    not JSON.
    """
    open_steps: dict[int, tuple[Json, list[Json]]] = {}
    steps_by_index: dict[int, Json] = {}
    for event in events:
        match event.get("event_type"):
            case "step.start":
                open_steps[event["index"]] = (event["step"], [])
            case "step.delta" | "step.stop" if event["index"] not in open_steps:
                raise ValueError(f"{event['event_type']} of step {event['index']}, which is closed")
            case "step.delta":
                open_steps[event["index"]][1].append(event["delta"])
            case "step.stop":
                start, deltas = open_steps.pop(event["index"])
                steps_by_index[event["index"]] = fold(start, deltas)
    return [steps_by_index[index] for index in sorted(steps_by_index)]
