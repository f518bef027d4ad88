"""What the live server says when a model, an agent or its edition does not take something.

The words of `refusals` are for what nobody takes; these depend on who is asked, or on what else
the request says. `checks` decides when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from . import refusal
from .refusal import Refusal, case, invalid


@case("L")
def enterprise_only(name: str) -> Refusal:
    """A field of the Gemini Enterprise Agent Platform, asked for outside the Vertex path."""
    return invalid(
        f"The parameter '{name}' is not available on the Gemini API but it is available on the "
        "Gemini Enterprise Agent Platform."
    )


@case("L")
def enterprise_tool(tool_type: str, place: str) -> Refusal:
    """A tool of the Gemini Enterprise Agent Platform, asked for outside the Vertex path."""
    return invalid(
        f"The value '{tool_type}' is not supported for '{place}.type' on the Gemini API, it is "
        "allowed on the Gemini Enterprise Agent Platform."
    )


@case("L")
def mime_type_without_format() -> Refusal:
    """`response_mime_type`, which is refused beside any `response_format` too."""
    return invalid("responseFormat must be set when responseMimeType is set")


@case("L")
def no_schema() -> Refusal:
    """A JSON Schema that is neither an object nor a boolean."""
    return invalid("schema at top-level must be a boolean or an object")


@case("X")
def foreign_config(name: str) -> Refusal:
    """`agent_config` for a model, `generation_config` for an agent: the words are those for an
    unknown parameter."""
    return invalid(f"Unknown parameter '{name}'.")


@case("X")
def webhook_needs_background() -> Refusal:
    """`webhook_config` without `background`: measured to be refused, the words are not known."""
    return _invalid_argument("webhook_config needs background=true")


@case("L")
def vocabulary_with_diarization() -> Refusal:
    """Both `custom_vocabulary` and diarization."""
    return invalid("custom_vocabulary is incompatible with diarization.")


@case("L")
def two_searches(tool: str) -> Refusal:
    """`google_search` or `url_context` beside `file_search`."""
    return invalid(
        f"'{tool}' and 'file_search' cannot be combined in the same request. Please choose one to "
        "continue."
    )


@case("I")
def choice_without_functions() -> Refusal:
    """`tool_choice` demands a call, and no function is declared."""
    return invalid("Function calling config is set without function_declarations.")


@case("L")
def unsupported_uri(uri: str) -> Refusal:
    """The `uri` of a media block is no URI, as the name of a file is none."""
    return invalid(
        f"Unsupported file URI type: {uri}. File URI must be a File API (e.g. "
        "https://generativelanguage.googleapis.com/files/<id>), Youtube (e.g. "
        "https://www.youtube.com/watch?v=<id>), or HTTPS (e.g. http://path/to/file)."
    )


@case("X")
def wrong_mime_type(mime_type: str) -> Refusal:
    """A media block whose `mime_type` is of another kind of media: in the words for a model that
    does not hear."""
    return invalid(f"Unsupported input mime type for this model: {mime_type}")


@case("L")
def no_audio_input() -> Refusal:
    """Audio, as input or in the history, for a model that only makes it."""
    return invalid("Unsupported input mime type for this model: audio/s16le")


@case("L")
def unsupported_level(level: str, allowed: Iterable[str]) -> Refusal:
    """A thinking level that the model has not got."""
    return invalid(
        f"'{level}' is not a supported thinking level for this model. "
        f"Allowed values are: {', '.join(allowed)}."
    )


@case("L")
def no_delivery(kind: str) -> Refusal:
    """`delivery` in the response format of an image or of audio, whatever its value."""
    return invalid(f"{kind.capitalize()} delivery mode is not supported.")


@case("L")
def no_audio_mime_type() -> Refusal:
    """`mime_type` in the response format of audio, for a model that has but one."""
    return invalid("Audio mime_type is not supported in response_format.")


@case("L")
def no_block_results() -> Refusal:
    """A function result that is a list of blocks, for a model that takes none."""
    return invalid("Multimodal function responses are not supported for this model")


@case("X")
def agent_cannot(reason: str) -> Refusal:
    """What the documentation says that an agent does not take: the words are not known."""
    return _invalid_argument(reason)


@case("L")
def unsigned_call(hint: str = "") -> Refusal:
    """Resent history whose function call has no signature, nor a signed thought before it."""
    return _invalid_argument(hint)


@case("C")
def corrupted_signature(hint: str = "") -> Refusal:
    """Resent history with a signature that was altered, or that is none."""
    return replace(invalid("Corrupted thought signature."), hint=hint)


@case("X")
def misplaced_signature(hint: str = "") -> Refusal:
    """Resent history with a signature that belongs to another step or another conversation: in
    the words for an altered one."""
    return replace(invalid("Corrupted thought signature."), hint=hint)


def _invalid_argument(hint: str) -> Refusal:
    return replace(refusal.invalid_argument(), hint=hint)
