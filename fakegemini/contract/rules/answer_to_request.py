"""What holds between a request and its answer: who answers, what is not echoed, limits, formats."""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol.status import Status
from ...protocol.step_reading import text_of
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from ..support.answer_kinds import family_of
from .json_fit import describe_misfit, wanted_schema
from .registry import (
    RECORDED_MEDIA,
    TURN,
    Evidence,
    TurnView,
    problem,
    rule,
)
from .schema_fit import ABSENT

_ECHOES = ("previous_interaction_id", "input", "tools", "system_instruction", "generation_config")
_MODELS = Evidence("C", "61 of 61 recorded replies, 37 of 37 streams", "2026-05 to 2026-10")
_NO_ECHOES = Evidence("C", "62 of 62 recorded replies", "2026-05 to 2026-10")
_SUMMARIES = Evidence("C", "3 recorded thoughts with `auto`, 58 without", "2026-05 to 2026-10")
_LIMITS = Evidence("C", "22 of 22 recorded replies", "2026-05 to 2026-10")


@rule(
    "reply-model",
    "an answer, and every event that says so, is of the model or the agent that was asked",
    looks_at=(TURN,),
    weighs=(),
    bears_on="answers to a create",
    recorded_elsewhere=RECORDED_MEDIA,
    otherwise="drift for names that stand for another, such as `-latest` and `-preview`",
    evidence=(_MODELS,),
    example='response.body.model: "gemini-2.5-flash"; expected "gemini-3.8-flash", as asked',
)
def check_reply_model(view: TurnView) -> Iterator[Problem]:
    """Find an answer, or an event, that names another model or agent than the request.

    Where there is none, the first event of a stream says who was asked.
    """
    for member in ("model", "agent"):
        is_asked = bool(view.request)
        wanted = (view.request if is_asked else view.heads[0][1]).get(member)
        if not isinstance(wanted, str) or not wanted:
            continue
        for path, head in view.heads:
            actual = head.get(member)
            if isinstance(actual, str) and _bare(actual) != _bare(wanted):
                kind = Kind.DRIFT if _may_stand_for(_bare(wanted), _bare(actual)) else None
                expected = (
                    f"{brief_json(wanted)}, as {'asked' if is_asked else 'in the first event'}"
                )
                place = join_path(path, member)
                yield problem("reply-model", place, brief_json(actual), expected, kind=kind)


def _bare(name: str) -> str:
    return name.rpartition("/")[2]


def _may_stand_for(wanted: str, actual: str) -> bool:
    """Say whether a name may be that of another: an alias, a preview that is over, a version."""
    is_version = actual.startswith(wanted)
    is_preview = "preview" in wanted and family_of(wanted) == family_of(actual)
    return is_version or is_preview or "latest" in wanted


@rule(
    "reply-echo",
    "the answer to a create does not repeat the request",
    looks_at=(TURN,),
    weighs=(),
    bears_on="answers to a create",
    recorded_elsewhere=RECORDED_MEDIA,
    evidence=(_NO_ECHOES,),
    example="response.body.tools: it is there; expected nothing of the request",
)
def check_echo(view: TurnView) -> Iterator[Problem]:
    """Find what the request says in the answer to it; a GET may be asked for the input."""
    if view.exchange.operation != "create":
        return
    for path, head in view.heads:
        for member in _ECHOES:
            if member in head:
                place = join_path(path, member)
                yield problem("reply-echo", place, "it is there", "nothing of the request")


@rule(
    "summary-asked",
    "a thought has a summary only where `thinking_summaries` is `auto`",
    looks_at=(TURN,),
    weighs=(),
    bears_on="thoughts",
    otherwise="drift for agents",
    evidence=(_SUMMARIES, Evidence("D", "thinking", "2026-09-25")),
    example="response.body.steps[0].summary: a summary; expected none: thinking_summaries is not "
    "auto",
    recordings_only=True,
)
def check_summaries(view: TurnView) -> Iterator[Problem]:
    """Find summaries that nobody asked for."""
    wanted = view.config.get("thinking_summaries")
    if not view.request or wanted == "auto":
        return
    kind = Kind.DRIFT if view.request.get("agent") else None
    for step, place in zip(view.steps, view.places, strict=True):
        if step.get("type") == "thought" and step.get("summary"):
            is_set = "is not auto" if wanted is None else f"is {brief_json(wanted)}"
            expected = f"none: thinking_summaries {is_set}"
            yield problem(
                "summary-asked", place.path_of("summary"), "a summary", expected, kind=kind
            )


@rule(
    "output-limit",
    "output and thought are within `max_output_tokens`",
    looks_at=(TURN,),
    weighs=("request.max_output_tokens",),
    bears_on="token counts under a limit",
    evidence=(_LIMITS,),
    example="response.body.usage.total_output_tokens: 12, with 40 of thought; expected at most 50 "
    "together",
    recordings_only=True,
)
def check_limit(view: TurnView) -> Iterator[Problem]:
    """Find more tokens than the request allowed."""
    limit, usage = view.config.get("max_output_tokens"), view.body.get("usage")
    if type(limit) is not int or not isinstance(usage, dict):
        return
    output, thought = usage.get("total_output_tokens"), usage.get("total_thought_tokens", 0)
    if type(output) is int and type(thought) is int and output + thought > limit:
        path = join_path(view.body_path, "usage.total_output_tokens")
        observed = f"{output}, with {thought} of thought"
        yield problem("output-limit", path, observed, f"at most {limit} together")


@rule(
    "json-asked",
    "a text is the JSON that the request asked for",
    looks_at=(TURN,),
    weighs=("request.response_format", "request.response_mime_type"),
    kind=Kind.DRIFT,
    bears_on="answers in JSON",
    evidence=(Evidence("D", "structured output", "2026-09"),),
    example='response.body.steps[1].content[0].text: "At noon.", which is no JSON (Expecting '
    "value: line 1 column 1 (char 0)); expected JSON, as response_format asks",
    recordings_only=True,
)
def check_json(view: TurnView) -> Iterator[Problem]:
    """Find a whole text that is no JSON, or does not fit its schema, where one was asked for."""
    schema = wanted_schema(view.request)
    if schema is None or view.body.get("status") != Status.COMPLETED:
        return
    outputs = [at for at, step in enumerate(view.steps) if step.get("type") == "model_output"]
    text = "".join(text_of(view.steps[at]) for at in outputs)
    fault = describe_misfit(text, schema) if text else ""
    if fault:
        path = view.places[outputs[-1]].path_of("content[0].text")
        yield problem("json-asked", path, fault, "JSON, as response_format asks")


_RAW_PROMPT = "raw_prompt_token"
_RAW_PROMPT_SINCE = "2026-08-07"
_WITHOUT_RAW_PROMPT, _WITH_RAW_PROMPT = "gemini 2.5", "gemini 3"


@rule(
    "raw-prompt",
    "models of 3 count `raw_prompt_token` since 2026-08-07, models of 2.5 do not",
    looks_at=(TURN,),
    weighs=("body.created",),
    kind=Kind.DRIFT,
    bears_on="token counts",
    evidence=(Evidence("C", "recorded replies", "2026-08-07 to 2026-10-02"),),
    example="response.body.usage.raw_prompt_token: 9; expected none for gemini 2.5",
)
def check_raw_prompt(view: TurnView) -> Iterator[Problem]:
    """Find the count of the raw prompt where a family of models does not have it, or none."""
    usage, created = view.body.get("usage"), str(view.body.get("created"))
    if not isinstance(usage, dict) or not usage:
        return
    family = family_of(_bare(str(view.body.get("model"))))
    path = join_path(view.body_path, f"usage.{_RAW_PROMPT}")
    if family == _WITHOUT_RAW_PROMPT and _RAW_PROMPT in usage:
        observed = brief_json(usage[_RAW_PROMPT])
        yield problem("raw-prompt", path, observed, f"none for {family}")
    elif family == _WITH_RAW_PROMPT and _RAW_PROMPT not in usage and created > _RAW_PROMPT_SINCE:
        yield problem("raw-prompt", path, ABSENT, f"it, as for all of {family}")
