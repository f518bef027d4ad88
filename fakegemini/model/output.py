"""Make the model's output: a content block for each format that the request wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..protocol.builders import say
from ..protocol.turn import File
from ..wire.http import Json
from ..wire.json_text import compact_json
from ..wording import brief_json, five_parts, spell_json_path
from .citations import cite_statements
from .function_results import result_mentions
from .media.output_part import OutputPart
from .media.registry import find_medium
from .prose import opening_sentence, write_prose
from .requested_formats import requested_formats, wants_json
from .step_builders import text_block
from .task import Task
from .tools.tool_use import ToolUse

if TYPE_CHECKING:
    from .values.fit import Misfit


def make_output(task: Task, tool_uses: Sequence[ToolUse]) -> tuple[Json, tuple[File, ...]]:
    """Return the `model_output` step, and the files that it points to.

    It has one block for each format, text if none is asked for. Plain text says what the tools
    found; nothing is cited in JSON.
    """
    response_formats = requested_formats(task.ask)
    has_audio = any(response_format.get("type") == "audio" for response_format in response_formats)
    parts = [
        _make_part(task, response_format, tool_uses, has_audio)
        for response_format in response_formats
    ]
    return say(*(part.block for part in parts)), tuple(part.file for part in parts if part.file)


def _make_part(
    task: Task, response_format: Json, tool_uses: Sequence[ToolUse], has_audio: bool
) -> OutputPart:
    if wants_json(response_format):
        return OutputPart(text_block(compact_json(_make_value(task, response_format))))
    medium = find_medium(task, response_format)
    if medium:
        return medium.make(task, response_format)
    if has_audio and task.situation.question:
        from .media.speech import make_speech_text

        return OutputPart(make_speech_text(task))
    statements = [statement for tool_use in tool_uses for statement in tool_use.statements]
    return OutputPart(cite_statements(write_prose(task), statements))


def _make_value(task: Task, response_format: Json) -> Any:
    """Return a value for the format's schema; without one, an object that describes the turn."""
    situation = task.situation
    if "schema" not in response_format:
        results = {result.name: result.value for result in situation.results}
        value: Json = {"answer": opening_sentence(task), "you_said": situation.question}
        return {**value, "results": results} if results else value
    from .values.fit import fit
    from .values.json_schema import enum_words
    from .values.mentions import find_mentions
    from .values.prompt_values import PromptValues

    schema = response_format["schema"]
    offered_mentions = (
        *result_mentions(situation.results),
        *find_mentions(situation.question, enum_words(schema)),
    )
    fitted = fit(schema, lambda: PromptValues(situation.question, offered_mentions))
    task.shortcomings.extend(_describe_misfit(misfit, fitted.value) for misfit in fitted.misfits)
    return fitted.value


def _describe_misfit(misfit: Misfit, value: Any) -> str:
    place = spell_json_path(misfit.path) or "the top"
    return five_parts(
        "The unscripted model found no JSON that fits the schema of the request.",
        asked=f"at {place}, a value that fits\n{brief_json(misfit.schema)}",
        nearest=brief_json(value),
        difference="no value fits, or none was found within the steps that one answer may take",
        fix="correct the schema: a live model cannot do it either if no value fits. Or script the "
        "answer with\nfakegemini.replies(say(…)), or say that it does not matter with\n"
        'fakegemini.allow("bad_json")',
    )
