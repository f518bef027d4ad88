"""Reply with an interaction that is over at once, and say what the reply says."""

from __future__ import annotations

from functools import partial

from ...protocol.interaction import Interaction
from ...wire.due_frames import DueFrames
from ...wire.http import Beat, Pairs, Reply, Request, Summary
from ...wire.json_text import dump_json
from ...wire.replies import EVENT_STREAM, JSON
from ..state.state import State
from ..state.store import follow_due

_JSON_HEADERS: Pairs = (("content-type", JSON),)
_STREAM_HEADERS: Pairs = (("content-type", EVENT_STREAM),)


def reply_with(
    state: State,
    interaction: Interaction,
    answer: bytes,
    request: Request,
    *,
    stream: bool,
    store: bool,
    about: tuple[str, str, tuple[str, ...]],
) -> Reply:
    """Reply with an answer that is written already, as JSON or as all frames of a stream.

    `about` are the model or agent, the text that it was asked, and the types of the steps.
    """
    headers, beats = _JSON_HEADERS, (answer,)
    subject, text, step_types = about
    if not stream:
        summary = Summary(request.body, beats, subject, text, str(interaction.status), step_types)
        return Reply(200, headers, beats, summary=summary)
    follow = partial(follow_due, state, interaction, state.clock)
    frames = DueFrames(answer, follow if store else iter)
    summary = Summary(request.body, frames, subject, text, str(interaction.status), step_types)
    return Reply(200, _STREAM_HEADERS, frames, summary=summary)


def reply_at_once(state: State, interaction: Interaction, request: Request) -> Reply:
    """Reply with an interaction to words alone, which lets go of what can be worked out again."""
    ask = interaction.ask
    stream, store = ask.stream, ask.store
    subject = str(ask.body.get("model") or ask.body.get("agent") or "")
    step_types = tuple([str(step.get("type")) for step in interaction.steps])
    if stream:
        frames = interaction.frames(state.clock, resumable=False)
        answer = b"".join([_as_bytes(beat) for beat in frames])
    else:
        answer = dump_json(interaction.resource()).encode()
    interaction.pack()
    about = subject, ask.text, step_types
    return reply_with(state, interaction, answer, request, stream=stream, store=store, about=about)


def _as_bytes(beat: Beat) -> bytes:
    assert isinstance(beat, bytes)  # nothing waits in what is over at once
    return beat
