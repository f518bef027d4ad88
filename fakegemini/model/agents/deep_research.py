"""Deep Research: a plan where one is asked for, else a report with sources and pictures.

Measured in May 2026: a thought with many summaries and an empty signature, a text full of
citations, a picture, a text, and a last output with the sources. How a plan looks is unverified.
"""

from __future__ import annotations

from urllib.parse import quote

from ...protocol.turn import Turn
from ...wire.http import Json
from ..citations import cite_statements
from ..media.order import MediaOrder
from ..media.registry import MAKERS
from ..prose import write_prose
from ..tools.job import Statement
from .task import Task

_HOSTS = ("encyclopedia.example", "example.com", "journal.example")
_PHASES = ("Reading what was asked", "Looking for sources", "Weighing the sources", "Writing")
_THOUGHT_TOKENS = 400


def deep_research_turn(task: Task) -> Turn:
    """The turn of a request to Deep Research."""
    if task.config.get("collaborative_planning") is True:
        return _plan_turn(task)
    subject = task.subject
    report = write_prose(task.ask, task.situation, "Nothing was researched.")
    statements = [
        _invent_statement(host, subject, aspect) for aspect in ("history", "use") for host in _HOSTS
    ]
    output_steps = [_output_step(cite_statements(report, statements))]
    if task.config.get("visualization") == "auto":
        output_steps.append(_output_step(_draw_picture(task)))
    output_steps.append(
        _output_step(_text_block(f'In short: nobody has looked into "{subject}" here.'))
    )
    output_steps.append(
        _output_step(
            _text_block("Sources\n" + "\n".join(f"- {_url(host, subject)}" for host in _HOSTS))
        )
    )
    return Turn((_thought_step(task, _PHASES), *output_steps), thought_tokens=_THOUGHT_TOKENS)


def _plan_turn(task: Task) -> Turn:
    points = [f"{number}. {phase}: {task.subject}" for number, phase in enumerate(_PHASES, start=1)]
    lines = [
        write_prose(task.ask, task.situation),
        "This is the plan:",
        *points,
        "Tell me what to change, or go on with collaborative_planning=false.",
    ]
    return Turn(
        (_thought_step(task, _PHASES[:1]), _output_step(_text_block("\n".join(lines)))),
        thought_tokens=40,
    )


def _thought_step(task: Task, phases: tuple[str, ...]) -> Json:
    thought: Json = {"signature": ""}
    if task.config.get("thinking_summaries") == "auto":
        texts = (f"**{phase}**\n\n{task.subject}" for phase in phases)
        thought["summary"] = [_text_block(text) for text in texts]
    return {**thought, "type": "thought"}


def _invent_statement(host: str, subject: str, aspect: str) -> Statement:
    annotation = {"type": "url_citation", "url": _url(host, subject), "title": host}
    return Statement(
        f'A page that fakegemini invented on {host} is about the {aspect} of "{subject}".',
        annotation,
    )


def _url(host: str, subject: str) -> str:
    return f"https://{host}/{quote(subject, safe='')}"


def _draw_picture(task: Task) -> Json:
    response_format = {"type": "image", "mime_type": "image/jpeg"}
    return MAKERS["image"](MediaOrder(task.ask, task.situation, response_format, task.ids)).block


def _text_block(text: str) -> Json:
    return {"text": text, "type": "text"}


def _output_step(block: Json) -> Json:
    return {"content": [block], "type": "model_output"}
