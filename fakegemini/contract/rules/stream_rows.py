"""The rows of the rules about the order and the end of a stream, which `StreamCheck` follows."""

from __future__ import annotations

from ..findings import Kind
from .registry import ANY_ANSWER, API_DOCS, STREAMS, Evidence, add_rule
from .streamed_steps import UNSURE

add_rule(
    "stream-order",
    "`interaction.created` is first and comes once, the status update is second, steps follow",
    otherwise=f"{UNSURE}, and for a status update that is missing or late",
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[0].event_type: "step.start"; expected interaction.created first',
)
add_rule(
    "id-stream",
    "all events of a stream name one id, or none where nothing is stored",
    otherwise="drift where some have an empty id and some have none",
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[1].interaction_id: "x"; expected none, as in interaction.created',
)
add_rule(
    "event-id",
    "an `event_id` comes once",
    kind=Kind.DRIFT,
    bears_on="events with an id",
    evidence=(API_DOCS,),
    example='response.events[3].event_id: "a"; expected an id of its own',
)
add_rule(
    "event-id-foreground",
    "events of a foreground create have no `event_id`",
    otherwise="drift for agents",
    bears_on="streams of a foreground create",
    evidence=(Evidence("C", "40 of 40 recorded streams", "2026-05 to 2026-10"),),
    example='response.events[2].event_id: "a"; expected none in the foreground',
)
add_rule(
    "update-once",
    "a stream has one update with a status that runs",
    otherwise="drift where it is not known that the run is in the foreground",
    bears_on="streams",
    evidence=(Evidence("C", "37 of 37 recorded streams", "2026-05 to 2026-10"),),
    example="response.events[2].event_type: a second one; expected one in a stream",
)
add_rule(
    "after-terminal",
    "nothing but `[DONE]` follows `interaction.completed` or an error",
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[6].event_type: "step.stop"; expected [DONE]',
)
add_rule(
    "after-done",
    "nothing follows `[DONE]`",
    bears_on="streams",
    scope=ANY_ANSWER,
    evidence=(STREAMS,),
    example='response.events[7]: "{\\"index\\":0,\\"event_type\\":\\"step.stop\\"}"; expected '
    "nothing after [DONE]",
)
add_rule(
    "no-terminal",
    "a stream ends with `interaction.completed`",
    otherwise=UNSURE,
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[5]: the stream ends; expected interaction.completed",
)
add_rule(
    "no-done",
    "a stream ends with `[DONE]`",
    otherwise=UNSURE,
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[6]: the stream ends; expected event: done, data: [DONE]",
)
add_rule(
    "stream-cut",
    "the last frame is whole",
    bears_on="streams",
    scope=ANY_ANSWER,
    evidence=(STREAMS,),
    example="response.events[5]: 557 bytes of a frame without its end: "
    '"8-flash\\"},\\"event_type\\":\\"interaction.comp"; expected a blank line',
)
add_rule(
    "bare-error",
    "an error in a stream is an event",
    kind=Kind.DRIFT,
    bears_on="streams",
    evidence=(Evidence("I", "googleapis/js-genai#1973", "2026-09-22"),),
    example='response.events[2]: "{\\"error\\":{\\"code\\":\\"x\\"}}"; expected data: before it (a '
    "known fault of the server: googleapis/js-genai#1973)",
)
