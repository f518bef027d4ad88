"""Make a template: ask what answers every create with a text of ours, and find it in the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...model.prose import quote_words
from ...protocol.ask import Ask
from ...protocol.clock import format_time
from ...protocol.ids import InteractionId
from ...protocol.interaction import Interaction
from ...protocol.status import Status
from ...protocol.tokens import estimate_tokens
from ...protocol.turn import Turn
from ...protocol.usage import count_input, spell_usage
from ...wire.http import Beat
from ...wire.json_text import dump_json
from ...wire.sse import Decoder
from ..ask_ids import digest_of, dump_sorted
from .answer_template import AnswerTemplate, Around, EventPatterns
from .conditions import Conditions
from .text_slots import INPUT_TOKENS, OUTPUT_TOKENS, THOUGHT_TOKENS, make_pattern

PROBE = "fakegemini probe 5f0c7a"
"""A text that nobody sends."""

_PROBE_TIME = 3_999_999_901.0
_PROBE_NUMBER = 1

_MEMBERS = frozenset(
    "model input stream store background system_instruction service_tier generation_config".split()
)
"""The members of a body whose unscripted answer is prose, whatever its text is."""

_CONFIG_MEMBERS = frozenset(
    "temperature top_p top_k seed stop_sequences thinking_level thinking_summaries".split()
)
"""The same of a `generation_config`: a limit cuts the output, and other members make media."""

_SAMPLES = (
    "Hi",
    'Grüße & <b>"\\n"</b> 🌊\t100 % ' * 16,
    "Infinity, null \u2028 e\u0301 " * 19,
)
"""Texts by which a template is tried: a short one, and those that are escaped and cut."""


_PROBE_BLOCK = {"type": "text", "text": PROBE}
_INPUTS: tuple[Any, ...] = (
    PROBE,
    _PROBE_BLOCK,
    [_PROBE_BLOCK],
    {"type": "user_input", "content": [_PROBE_BLOCK]},
    [{"type": "user_input", "content": [_PROBE_BLOCK]}],
)
"""The inputs that say nothing but the probe."""


def stands_alone(ask: Ask) -> bool:
    """Tell whether a create asks the probe alone, and goes on with nothing before it."""
    return ask.body.get("input") in _INPUTS and not (ask.parent or ask.continues)


def can_have_template(ask: Ask) -> bool:
    """Tell whether a create may have a template: one of words alone, answered by prose at once."""
    return (
        ask.body.keys() <= _MEMBERS and ask.config.keys() <= _CONFIG_MEMBERS and not ask.background
    )


def make_template(conditions: Conditions, ask: Ask) -> AnswerTemplate | None:
    """Make the template of a create whose text is the probe; None where its answer has none.

    That is so where its answer is not one text around the probe, and where what is filled differs
    from what the same functions answer to other texts.
    """
    interaction, signature = _rehearse(conditions, ask, _PROBE_NUMBER, _PROBE_TIME)
    turn = interaction.turn
    prose, quoted_words = _find_prose(turn), quote_words(PROBE)
    around_body = dump_sorted(ask.body).split(dump_sorted(PROBE))
    around_words = prose.split(quoted_words)
    if len(around_body) != 2 or len(around_words) != 2:
        return None
    interaction.turn = _with_large_usage(ask, turn)
    events = _split_events(interaction, prose)
    if events is None:
        return None
    probes = {
        "id": str(interaction.id),
        "time": format_time(_PROBE_TIME),
        "words": dump_json(quoted_words)[1:-1],
        "signature": signature,
    }
    answer, answer_sums = make_pattern(dump_json(interaction.resource()), probes)
    opening, opening_sums = make_pattern(events.opening, probes)
    ending, ending_sums = make_pattern(events.ending, probes)
    template = AnswerTemplate(
        conditions=conditions,
        ask=ask,
        body=Around(*around_body),
        prose=Around(*around_words),
        base_tokens=count_input(ask)["text"] - estimate_tokens(PROBE),
        answer=answer,
        events=EventPatterns(opening, events.piece, ending),
        sums=tuple((each.name, each) for each in answer_sums | opening_sums | ending_sums),
        step_types=tuple(str(step["type"]) for step in turn.steps),
        is_signed=any(step.get("signature") == signature for step in turn.steps),
    )
    return template if all(_fits(template, text) for text in _SAMPLES) else None


def _rehearse(conditions: Conditions, ask: Ask, number: int, now: float) -> tuple[Interaction, str]:
    """Make an interaction that nobody keeps, and the signature that comes first after its id."""
    ids = conditions.make_ids(ask, digest_of(dump_sorted(ask.body)), number)
    own_half = ids.own_half(int(now))
    interaction = Interaction(
        id=InteractionId(own_half, own_half) if ask.store else None,
        ask=ask,
        turn=conditions.make_turn(ask, number),
        started_at=now,
        status=Status.COMPLETED,
    )
    return interaction, ids.signature()


def _find_prose(turn: Turn) -> str:
    """Return the text of a turn that has thoughts and one text; empty for any other turn."""
    outputs = [step for step in turn.steps if step["type"] != "thought"]
    is_bare = replace(turn, steps=(), thought_tokens=0) == Turn(())
    if not is_bare or len(outputs) != 1 or outputs[0].keys() != {"type", "content"}:
        return ""
    blocks = outputs[0]["content"]
    is_text = len(blocks) == 1 and blocks[0].keys() == {"type", "text"}
    return str(blocks[0]["text"]) if is_text and outputs[0]["type"] == "model_output" else ""


def _with_large_usage(ask: Ask, turn: Turn) -> Turn:
    """Return the turn so that it counts the tokens that no request has."""
    thought_tokens = THOUGHT_TOKENS if turn.thought_tokens else 0
    counts = {"text": INPUT_TOKENS}, {"text": OUTPUT_TOKENS}
    return replace(
        turn, usage=spell_usage(ask, replace(turn, thought_tokens=thought_tokens), *counts)
    )


def _split_events(interaction: Interaction, prose: str) -> EventPatterns | None:
    """Return the frames of a stream around the pieces of its text; None where they are not one."""
    frames = [
        beat.decode()
        for beat in interaction.frames(lambda: _PROBE_TIME, resumable=False)
        if isinstance(beat, bytes)
    ]
    texts = [_text_of_delta(frame) for frame in frames]
    places = [place for place, text in enumerate(texts) if text]
    if not places or "".join(texts[places[0] : places[-1] + 1]) != prose:
        return None
    opening, ending = "".join(frames[: places[0]]), "".join(frames[places[-1] + 1 :])
    piece = frames[places[0]].split(dump_json(texts[places[0]])[1:-1])
    return EventPatterns(opening, Around(*piece), ending) if len(piece) == 2 else None


def _text_of_delta(frame: str) -> str:
    """Return the piece of text that a frame carries; empty for any other frame."""
    events = [each.json() for each in Decoder().feed(frame.encode()) if not each.is_done]
    delta = events[0].get("delta", {}) if events else {}
    return str(delta["text"]) if delta.get("type") == "text" else ""


def _fits(template: AnswerTemplate, text: str) -> bool:
    """Tell whether what is filled for a text is what the same functions answer to it."""
    number, now = _PROBE_NUMBER + 1, 1_000_000_007.5
    conditions = template.conditions
    ask = conditions.build_ask(dump_json(_with_text(template.ask.body, text)).encode())
    interaction, _ = _rehearse(conditions, ask, number, now)
    digest = template.digest(text)
    filled = template.fill(text, digest, number, int(now), now)
    frames = interaction.frames(lambda: now, resumable=False)
    return (
        digest == digest_of(dump_sorted(ask.body))
        and str(filled.id) == str(interaction.id)
        and template.spell_answer(filled) == dump_json(interaction.resource()).encode()
        and template.spell_events(filled) == b"".join(map(_as_bytes, frames))
    )


def _with_text(value: Any, text: str) -> Any:
    """Return a body with a text in the place of the probe."""
    if isinstance(value, dict):
        return {name: _with_text(member, text) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_text(member, text) for member in value]
    return text if value == PROBE else value


def _as_bytes(beat: Beat) -> bytes:
    return beat if isinstance(beat, bytes) else b""
