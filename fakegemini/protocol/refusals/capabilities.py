"""Refuse what the model or the agent cannot do, after the tables of `known_models`."""

from __future__ import annotations

from ..step_reading import hoist_results
from . import live_words
from .lookups import not_found
from .refusal import Refusal, catch_all, invalid
from .registry import TABLES, Layer, refusal
from .subject import Subject

CAPABILITIES = TABLES[Layer.CAPABILITIES]


@refusal(Layer.CAPABILITIES, "L", "agent")
def unknown_agent(subject: Subject) -> Refusal | None:
    """Refuse an agent nobody knows; a model in the agent field is one too.

    The status was measured here, the words on triggers.
    """
    name = subject.ask.agent
    if not name or name in subject.agents:
        return None
    return invalid(f"Agent '{name}' is invalid or not found")


@refusal(Layer.CAPABILITIES, "I", "model")
def agent_as_model(subject: Subject) -> Refusal | None:
    """Refuse an agent in the model field.

    Reported in BerriAI/litellm#22694.
    """
    name = subject.ask.model
    if not name or name not in subject.agents:
        return None
    return invalid(
        f"'{name}' refers to an agent, but was provided in the 'model' field. "
        "Please use the 'agent' field instead."
    )


@refusal(Layer.CAPABILITIES, "L", "model")
def unknown_model(subject: Subject) -> Refusal | None:
    """Refuse a model nobody knows.

    Measured: byte for byte the refusal of an unknown id.
    """
    name = subject.ask.model
    is_unknown = name and name not in subject.models and not subject.any_model
    return not_found() if is_unknown else None


@refusal(Layer.CAPABILITIES, "C", "background")
def no_background(subject: Subject) -> Refusal | None:
    """Refuse a background run of a model that does not run in the background.

    Recorded on 2026-07-07.
    """
    model = subject.model
    if model is None or model.background or not subject.ask.background:
        return None
    return invalid(live_words.no_background(model.name))


@refusal(Layer.CAPABILITIES, "L", "generation_config")
def unsupported_level(subject: Subject) -> Refusal | None:
    """Refuse a thinking level that the model has not got, with the list of those it has.

    Measured in 2026-07 to 2026-09.
    """
    level = subject.ask.config.get("thinking_level")
    levels = subject.model.levels if subject.model else None
    if level is None or levels is None or level in levels:
        return None
    return invalid(
        f"'{level}' is not a supported thinking level for this model. "
        f"Allowed values are: {', '.join(levels)}."
    )


@refusal(Layer.CAPABILITIES, "L", "response_format")
def no_delivery(subject: Subject) -> Refusal | None:
    """Refuse `delivery` in the response format of an image or of audio, whatever its value.

    Measured for these two; a video may be delivered either way.
    """
    media_types = (str(form.get("type")) for form in subject.formats if "delivery" in form)
    media_type = next((name for name in media_types if name in ("image", "audio")), None)
    if media_type is None:
        return None
    return invalid(f"{media_type.capitalize()} delivery mode is not supported.")


@refusal(Layer.CAPABILITIES, "L", "response_format")
def no_audio_mime_type(subject: Subject) -> Refusal | None:
    """Refuse `mime_type` in the response format of audio, for a model that has but one.

    Measured for the models of speech and music.
    """
    encodings = subject.model.encodings if subject.model else None
    if encodings is None:
        return None
    mime_types = (form.get("mime_type") for form in subject.formats if form.get("type") == "audio")
    if not any(mime_type and mime_type not in encodings for mime_type in mime_types):
        return None
    return invalid("Audio mime_type is not supported in response_format.")


@refusal(Layer.CAPABILITIES, "L", "input")
def no_block_results(subject: Subject) -> Refusal | None:
    """Refuse a function result that is a list of blocks, for a model that takes none.

    Measured for 2.5, whatever the blocks are.
    """
    if subject.model is None or subject.model.blocks:
        return None
    steps = hoist_results(subject.ask.input_steps)  # those that repeat the history as well
    results = (step for step in steps if step.get("type") == "function_result")
    if not any(isinstance(result.get("result"), list) for result in results):
        return None
    return invalid("Multimodal function responses are not supported for this model")


@refusal(Layer.CAPABILITIES, "X", "agent")
def agent_needs_background(subject: Subject) -> Refusal | None:
    """Refuse an agent in the foreground that takes minutes.

    Documented and measured for research; the words are not known.
    """
    agent = subject.agent
    if agent is None or agent.foreground or subject.ask.background:
        return None
    return catch_all(f"{agent.name} needs background=true")


@refusal(Layer.CAPABILITIES, "X", "agent")
def agent_lacks_feature(subject: Subject) -> Refusal | None:
    """Refuse a field or a tool that the agent does not take.

    Documented; that research refuses `system_instruction` was measured, other pages differ. The
    words are not known.
    """
    agent = subject.agent
    if agent is None:
        return None
    names = [name for name in (*subject.body, *subject.tool_types) if name in agent.without]
    in_use = [name for name in names if name in subject.tool_types or subject.body.get(name)]
    return catch_all(f"{agent.name} takes no {in_use[0]}") if in_use else None
