"""What the model or agent that is asked cannot do, after the tables of `core.models`."""

from __future__ import annotations

from ..ask import hoist_results
from . import limits, refusal
from .refusal import Refusal
from .subject import Check, Subject


def unknown_agent(subject: Subject) -> Refusal | None:
    """A model in the agent field is one too."""
    name = subject.ask.agent
    return refusal.unknown_agent(name) if name and name not in subject.agents else None


def agent_as_model(subject: Subject) -> Refusal | None:
    """Reported."""
    name = subject.ask.model
    return refusal.agent_as_model(name) if name in subject.agents and name else None


def unknown_model(subject: Subject) -> Refusal | None:
    """Measured: byte for byte the refusal of an unknown id."""
    name = subject.ask.model
    unknown = name and name not in subject.models and not subject.any_model
    return refusal.not_found() if unknown else None


def no_background(subject: Subject) -> Refusal | None:
    """Recorded."""
    model = subject.model
    cannot = model and not model.background and subject.ask.background
    return refusal.no_background(model.name) if model and cannot else None


def unsupported_level(subject: Subject) -> Refusal | None:
    """Measured in 2026-07 to 2026-09, with the words naming the levels there are."""
    level = subject.ask.config.get("thinking_level")
    levels = subject.model.levels if subject.model else None
    if level is None or levels is None or level in levels:
        return None
    return limits.unsupported_level(level, levels)


def no_delivery(subject: Subject) -> Refusal | None:
    """Measured for image and audio; a video may be delivered either way."""
    media_types = (str(form.get("type")) for form in subject.formats if "delivery" in form)
    return next(
        (
            limits.no_delivery(media_type)
            for media_type in media_types
            if media_type in ("image", "audio")
        ),
        None,
    )


def no_audio_mime_type(subject: Subject) -> Refusal | None:
    """Measured for the models of speech and music."""
    encodings = subject.model.encodings if subject.model else None
    if encodings is None:
        return None
    mime_types = (form.get("mime_type") for form in subject.formats if form.get("type") == "audio")
    unsupported = [
        mime_type for mime_type in mime_types if mime_type and mime_type not in encodings
    ]
    return limits.no_audio_mime_type() if unsupported else None


def no_block_results(subject: Subject) -> Refusal | None:
    """Measured for 2.5, whatever the blocks are."""
    if subject.model is None or subject.model.blocks:
        return None
    steps = hoist_results(subject.ask.input_steps)  # those that repeat the history as well
    results = (step for step in steps if step.get("type") == "function_result")
    has_blocks = any(isinstance(result.get("result"), list) for result in results)
    return limits.no_block_results() if has_blocks else None


def agent_needs_background(subject: Subject) -> Refusal | None:
    """Documented and measured: research takes minutes."""
    agent = subject.agent
    in_foreground = agent and not agent.foreground and not subject.ask.background
    return (
        limits.agent_cannot(f"{agent.name} needs background=true")
        if agent and in_foreground
        else None
    )


def agent_lacks_feature(subject: Subject) -> Refusal | None:
    """Documented; that research refuses `system_instruction` was measured, other pages differ."""
    agent = subject.agent
    without = agent.without if agent else frozenset()
    unsupported = [name for name in (*subject.body, *subject.tool_types) if name in without]
    in_use = [name for name in unsupported if name in subject.tool_types or subject.body.get(name)]
    return limits.agent_cannot(f"{agent.name} takes no {in_use[0]}") if agent and in_use else None


CAPABILITIES: tuple[Check, ...] = (
    unknown_agent,
    agent_as_model,
    unknown_model,
    no_background,
    unsupported_level,
    no_delivery,
    no_audio_mime_type,
    no_block_results,
    agent_needs_background,
    agent_lacks_feature,
)
"""The third layer: it depends on who is asked."""
