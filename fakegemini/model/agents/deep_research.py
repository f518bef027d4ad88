"""Answer for Deep Research: a plan where one is asked for, else a report with sources and pictures.

Measured in May 2026: a thought with many summaries and an empty signature, a text full of
citations, a picture, a text, and a last output with the sources. What a plan looks like is
unverified.
"""

from __future__ import annotations

from urllib.parse import quote

from ...protocol.builders import say
from ...protocol.turn import Turn
from ...wire.http import Json
from ..citations import Statement, cite_statements
from ..media.image import make_image
from ..prose import write_prose
from ..step_builders import thought_step
from ..task import Task

_HOSTS = ("encyclopedia.example", "example.com", "journal.example")
_ASPECTS = ("history", "use")
_PHASES = ("Reading what was asked", "Looking for sources", "Weighing the sources", "Writing")
_REPORT_THOUGHT_TOKENS = 400
_PLAN_THOUGHT_TOKENS = 40


def deep_research_turn(task: Task) -> Turn:
    """Return a plan if `collaborative_planning` is true, else a report in several outputs."""
    if task.agent_config.get("collaborative_planning") is True:
        return _plan_turn(task)
    subject = task.subject
    statements = [
        _invent_statement(host, subject, aspect) for aspect in _ASPECTS for host in _HOSTS
    ]
    report = cite_statements(write_prose(task, "Nothing was researched."), statements)
    wants_picture = task.agent_config.get("visualization") == "auto"
    pictures = [make_image(task, {"type": "image"}).block] if wants_picture else []
    summary = f'In short: nobody has looked into "{subject}" here.'
    sources = "Sources\n" + "\n".join(f"- {_page_url(host, subject)}" for host in _HOSTS)
    parts: list[str | Json] = [report, *pictures, summary, sources]
    outputs = [say(part) for part in parts]
    return Turn((_thought(task, _PHASES), *outputs), thought_tokens=_REPORT_THOUGHT_TOKENS)


def _plan_turn(task: Task) -> Turn:
    points = [f"{number}. {phase}: {task.subject}" for number, phase in enumerate(_PHASES, start=1)]
    lines = [
        write_prose(task),
        "This is the plan:",
        *points,
        "Tell me what to change, or go on with collaborative_planning=false.",
    ]
    steps = (_thought(task, _PHASES[:1]), say("\n".join(lines)))
    return Turn(steps, thought_tokens=_PLAN_THOUGHT_TOKENS)


def _thought(task: Task, phases: tuple[str, ...]) -> Json:
    """Return the thought with its empty signature, and a summary for each phase if asked for."""
    with_summaries = task.agent_config.get("thinking_summaries") == "auto"
    summaries = [f"**{phase}**\n\n{task.subject}" for phase in phases] if with_summaries else []
    return thought_step("", summaries)


def _invent_statement(host: str, subject: str, aspect: str) -> Statement:
    annotation = {"type": "url_citation", "url": _page_url(host, subject), "title": host}
    return Statement(
        f'A page that fakegemini invented on {host} is about the {aspect} of "{subject}".',
        annotation,
    )


def _page_url(host: str, subject: str) -> str:
    return f"https://{host}/{quote(subject, safe='')}"
