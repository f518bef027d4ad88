"""Deep Research: a plan where one is asked for, else a report with sources and pictures.

Measured in May 2026: a thought with many summaries and an empty signature, a text full of
citations, a picture, a text, and a last output with the sources. How a plan looks is unverified.
"""

from __future__ import annotations

from urllib.parse import quote

from ...protocol.turn import Turn
from ...wire.http import Json
from ..citations import cited
from ..media.order import Order
from ..media.registry import MAKERS
from ..prose import talk
from ..tools.job import Finding
from .task import Errand

_HOSTS = ("encyclopedia.example", "example.com", "journal.example")
_LOOKS = ("Reading what was asked", "Looking for sources", "Weighing the sources", "Writing")
_THOUGHT_TOKENS = 400


def research(errand: Errand) -> Turn:
    """The turn of a request to Deep Research."""
    if errand.config.get("collaborative_planning") is True:
        return _plan(errand)
    subject = errand.subject
    report = talk(errand.ask, errand.scene, "Nothing was researched.")
    found = [_finding(host, subject, part) for part in ("history", "use") for host in _HOSTS]
    said = [_output(cited(report, found))]
    if errand.config.get("visualization") == "auto":
        said.append(_output(_picture(errand)))
    said.append(_output(_text(f'In short: nobody has looked into "{subject}" here.')))
    said.append(_output(_text("Sources\n" + "\n".join(f"- {_url(h, subject)}" for h in _HOSTS))))
    return Turn((_thought(errand, _LOOKS), *said), thought_tokens=_THOUGHT_TOKENS)


def _plan(errand: Errand) -> Turn:
    points = [f"{at}. {look}: {errand.subject}" for at, look in enumerate(_LOOKS, start=1)]
    lines = [
        talk(errand.ask, errand.scene),
        "This is the plan:",
        *points,
        "Tell me what to change, or go on with collaborative_planning=false.",
    ]
    return Turn((_thought(errand, _LOOKS[:1]), _output(_text("\n".join(lines)))), thought_tokens=40)


def _thought(errand: Errand, looks: tuple[str, ...]) -> Json:
    thought: Json = {"signature": ""}
    if errand.config.get("thinking_summaries") == "auto":
        texts = (f"**{look}**\n\n{errand.subject}" for look in looks)
        thought["summary"] = [_text(text) for text in texts]
    return {**thought, "type": "thought"}


def _finding(host: str, subject: str, part: str) -> Finding:
    note = {"type": "url_citation", "url": _url(host, subject), "title": host}
    return Finding(
        f'A page that fakegemini invented on {host} is about the {part} of "{subject}".', note
    )


def _url(host: str, subject: str) -> str:
    return f"https://{host}/{quote(subject, safe='')}"


def _picture(errand: Errand) -> Json:
    form = {"type": "image", "mime_type": "image/jpeg"}
    return MAKERS["image"](Order(errand.ask, errand.scene, form, errand.mint)).block


def _text(text: str) -> Json:
    return {"text": text, "type": "text"}


def _output(block: Json) -> Json:
    return {"content": [block], "type": "model_output"}
