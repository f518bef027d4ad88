"""Refuse what one field forbids another, and fields that this edition of the API has not."""

from __future__ import annotations

from ...wire.http import Json
from ..tool_types import FUNCTION, HIDDEN_FUNCTIONS
from . import live_words
from .refusal import Refusal, catch_all, invalid
from .registry import TABLES, Layer, refusal
from .subject import Subject

FIELDS = TABLES[Layer.FIELDS]


@refusal(Layer.FIELDS, "L", "safety_settings", "labels", "response_format", "agent_config")
def enterprise_only(subject: Subject) -> Refusal | None:
    """Refuse a field of the Gemini Enterprise Agent Platform outside the Vertex path.

    Measured for each of these in 2026-07 and 2026-08; v1's page still lists the first two.
    """
    if subject.enterprise:
        return None
    enterprise_values = {
        "safety_settings": subject.body.get("safety_settings"),
        "labels": subject.body.get("labels"),
        "gcs_uri": any(form.get("gcs_uri") for form in subject.formats),
        "enable_bigquery_tool": subject.body.get("agent_config", {}).get("enable_bigquery_tool"),
    }
    name = next((name for name, value in enterprise_values.items() if value), None)
    if name is None:
        return None
    return invalid(
        f"The parameter '{name}' is not available on the Gemini API but it is available on the "
        "Gemini Enterprise Agent Platform."
    )


@refusal(Layer.FIELDS, "L", "tools")
def enterprise_tool(subject: Subject) -> Refusal | None:
    """Refuse the tool `retrieval` outside the Vertex path.

    Measured in 2026-07.
    """
    if subject.enterprise or _ENTERPRISE_TOOL not in subject.tool_types:
        return None
    field = f"tools[{subject.tool_types.index(_ENTERPRISE_TOOL)}].type"
    return invalid(
        f"{live_words.unsupported_value(_ENTERPRISE_TOOL, field)} on the Gemini API, it is allowed "
        "on the Gemini Enterprise Agent Platform."
    )


_ENTERPRISE_TOOL = "retrieval"


@refusal(Layer.FIELDS, "L", "response_mime_type")
def mime_type_without_format(subject: Subject) -> Refusal | None:
    """Refuse `response_mime_type`, beside any `response_format` too.

    Measured in every combination: with no format, with a good one, with a bare schema.
    """
    if "response_mime_type" not in subject.body:
        return None
    return invalid("responseFormat must be set when responseMimeType is set")


@refusal(Layer.FIELDS, "X", "generation_config", "agent_config")
def foreign_config(subject: Subject) -> Refusal | None:
    """Refuse `agent_config` for a model, and `generation_config` for an agent.

    The SDK's two request types differ by these two; the words are those for an unknown parameter.
    """
    name = "generation_config" if subject.ask.agent else "agent_config"
    return invalid(live_words.unknown_parameter(name)) if name in subject.body else None


@refusal(Layer.FIELDS, "X", "background")
def background_needs_store(subject: Subject) -> Refusal | None:
    """Refuse `background=true` with `store=false`.

    Documented as incompatible; the words are ours.
    """
    if not subject.ask.background or subject.ask.store:
        return None
    return invalid("background=true requires store=true.")


@refusal(Layer.FIELDS, "X", "webhook_config")
def webhook_needs_background(subject: Subject) -> Refusal | None:
    """Refuse `webhook_config` without `background`.

    Measured to be refused in 2026-07; the words are not known.
    """
    if "webhook_config" not in subject.body or subject.ask.background:
        return None
    return catch_all("webhook_config needs background=true")


@refusal(Layer.FIELDS, "L", "generation_config")
def vocabulary_with_diarization(subject: Subject) -> Refusal | None:
    """Refuse both `custom_vocabulary` and diarization, as a field or as one of the mode.

    Measured on 2026-09-07.
    """
    config = subject.ask.config.get("transcription_config", {})
    mode = config.get("mode")
    diarized = config.get("diarization_mode") or (
        isinstance(mode, dict) and mode.get("diarization_mode")
    )
    if not config.get("custom_vocabulary") or not diarized:
        return None
    return invalid("custom_vocabulary is incompatible with diarization.")


@refusal(Layer.FIELDS, "L", "tools")
def two_searches(subject: Subject) -> Refusal | None:
    """Refuse `google_search` or `url_context` beside `file_search`.

    Measured for these two; other tools may stand beside it.
    """
    tool = next((name for name in subject.tool_types if name in _SEARCHES), None)
    if tool is None or "file_search" not in subject.tool_types:
        return None
    return invalid(
        f"'{tool}' and 'file_search' cannot be combined in the same request. Please choose one to "
        "continue."
    )


_SEARCHES = frozenset({"google_search", "url_context"})


@refusal(Layer.FIELDS, "I", "generation_config")
def choice_without_functions(subject: Subject) -> Refusal | None:
    """Refuse a `tool_choice` that demands a call where no function is declared.

    Reported where only built-in tools, or none, are declared. `auto` and `none` demand nothing,
    and the functions of some tools are known only to the server.
    """
    choice = subject.ask.config.get("tool_choice")
    demands_call = isinstance(choice, dict) or choice in ("any", "validated")
    if not demands_call or not _TOOLS_WITH_FUNCTIONS.isdisjoint(subject.tool_types):
        return None
    return invalid("Function calling config is set without function_declarations.")


_TOOLS_WITH_FUNCTIONS = HIDDEN_FUNCTIONS | {FUNCTION}


@refusal(Layer.FIELDS, "X", "tools")
def bad_function_name(subject: Subject) -> Refusal | None:
    """Refuse a function whose name is empty or longer than 128 characters.

    Words and limit are those of generateContent.
    """
    for index, tool in enumerate(subject.ask.tools):
        name = tool.get("name") if tool.get("type") == FUNCTION else None
        if isinstance(name, str) and not 0 < len(name) <= _MAX_FUNCTION_NAME:
            return invalid(
                f"tools[{index}].name: Invalid function name. Must start with a letter or an "
                "underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons "
                f"(:), or dashes (-), with a maximum length of {_MAX_FUNCTION_NAME}."
            )
    return None


_MAX_FUNCTION_NAME = 128


@refusal(Layer.FIELDS, "X", "tools")
def same_function_twice(subject: Subject) -> Refusal | None:
    """Refuse two functions of one name.

    The words are those of generateContent.
    """
    names: set[str] = set()
    for tool in subject.ask.tools:
        name = tool.get("name") if tool.get("type") == FUNCTION else None
        if isinstance(name, str) and name in names:
            return invalid(f"Duplicate function declaration found: {name}")
        names |= {name} if isinstance(name, str) else set()
    return None


@refusal(Layer.FIELDS, "L", "input")
def unsupported_uri(subject: Subject) -> Refusal | None:
    """Refuse a media block whose `uri` has no scheme.

    Measured for the name of a file, `files/…`.
    """
    uris = (_text_member(block, "uri") for block in subject.media)
    uri = next((uri for uri in uris if uri and "://" not in uri), None)
    if uri is None:
        return None
    return invalid(
        f"Unsupported file URI type: {uri}. File URI must be a File API (e.g. "
        "https://generativelanguage.googleapis.com/files/<id>), Youtube (e.g. "
        "https://www.youtube.com/watch?v=<id>), or HTTPS (e.g. http://path/to/file)."
    )


@refusal(Layer.FIELDS, "X", "input")
def wrong_mime_type(subject: Subject) -> Refusal | None:
    """Refuse a media block whose `mime_type` is of another kind of media.

    The words are those for a model that does not hear. A type that the server does not list
    passes, for it takes some of these.
    """
    for block in subject.media:
        kind, mime_type = block["type"], _text_member(block, "mime_type")
        if mime_type and kind in _MEDIA and not mime_type.startswith(f"{kind}/"):
            return invalid(live_words.unsupported_mime_type(mime_type))
    return None


_MEDIA = frozenset({"image", "audio", "video"})


def _text_member(block: Json, name: str) -> str:
    # In a step of an unknown type, anything may stand anywhere.
    value = block.get(name)
    return value if isinstance(value, str) else ""
