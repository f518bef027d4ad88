"""What the model or agent that is asked cannot do, after the tables of `core.models`."""

from __future__ import annotations

from . import limits, refusal
from .refusal import Refusal
from .subject import Check, Look


def unknown_agent(look: Look) -> Refusal | None:
    """A model in the agent field is one too."""
    name = look.ask.agent
    return refusal.unknown_agent(name) if name and name not in look.agents else None


def agent_as_model(look: Look) -> Refusal | None:
    """Reported."""
    name = look.ask.model
    return refusal.agent_as_model(name) if name in look.agents and name else None


def unknown_model(look: Look) -> Refusal | None:
    """Measured: byte for byte the refusal of an unknown id."""
    name = look.ask.model
    unknown = name and name not in look.models and not look.any_model
    return refusal.not_found() if unknown else None


def no_background(look: Look) -> Refusal | None:
    """Recorded."""
    model = look.model
    cannot = model and not model.background and look.ask.background
    return refusal.no_background(model.name) if model and cannot else None


def unsupported_level(look: Look) -> Refusal | None:
    """Measured in 2026-07 to 2026-09, with the words naming the levels there are."""
    level = look.ask.config.get("thinking_level")
    levels = look.model.levels if look.model else None
    if level is None or levels is None or level in levels:
        return None
    return limits.unsupported_level(level, levels)


def no_delivery(look: Look) -> Refusal | None:
    """Measured for image and audio; a video may be delivered either way."""
    asked = (str(form.get("type")) for form in look.formats if "delivery" in form)
    return next((limits.no_delivery(kind) for kind in asked if kind in ("image", "audio")), None)


def no_audio_mime_type(look: Look) -> Refusal | None:
    """Measured for the models of speech and music."""
    encodings = look.model.encodings if look.model else None
    if encodings is None:
        return None
    asked = (form.get("mime_type") for form in look.formats if form.get("type") == "audio")
    bad = [mime_type for mime_type in asked if mime_type and mime_type not in encodings]
    return limits.no_audio_mime_type() if bad else None


def results_of_blocks(look: Look) -> Refusal | None:
    """Measured for 2.5, whatever the blocks are."""
    if look.model is None or look.model.blocks:
        return None
    lists = any(isinstance(result.get("result"), list) for result in look.ask.results)
    return limits.results_of_blocks() if lists else None


def agent_in_the_foreground(look: Look) -> Refusal | None:
    """Documented and measured: research takes minutes."""
    agent = look.agent
    waits = agent and not agent.foreground and not look.ask.background
    return limits.agent_cannot(f"{agent.name} needs background=true") if agent and waits else None


def agent_without(look: Look) -> Refusal | None:
    """Documented; that research refuses `system_instruction` was measured, other pages differ."""
    agent = look.agent
    without = agent.without if agent else frozenset()
    asked = [name for name in (*look.body, *look.tool_types) if name in without]
    named = [name for name in asked if name in look.tool_types or look.body.get(name)]
    return limits.agent_cannot(f"{agent.name} takes no {named[0]}") if agent and named else None


CAPABILITIES: tuple[Check, ...] = (
    unknown_agent,
    agent_as_model,
    unknown_model,
    no_background,
    unsupported_level,
    no_delivery,
    no_audio_mime_type,
    results_of_blocks,
    agent_in_the_foreground,
    agent_without,
)
"""The third layer: it depends on who is asked."""
