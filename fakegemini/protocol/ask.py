"""What a create request asks, in one form whatever form it came in.

The live server takes `input` as a string, one content block, a list of blocks or a list of
steps, and function results both as steps and inside a `user_input`; clients resend history with
and without a parent. Scripts, the unscripted model and assertions see the one form below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..wire.http import Json
from .eras import NOW, Era
from .known_models import MODELS, Model


@dataclass(frozen=True, slots=True)
class Ask:
    """One turn as the model sees it.

    `body` is the request without nulls. `given` are the steps of its input in the form in which
    a GET shows them. `history` are the steps of the chain before it, oldest first. `turn` counts
    the model's turns in the conversation, this one included, from 1. `known` is what the fake was
    told that the model can do. `origin` is where the server is reached, as the start of an address.
    `era` is the time whose server it is.
    """

    body: Json
    given: tuple[Json, ...]
    history: tuple[Json, ...] = ()
    known: Model | None = None
    origin: str = "https://generativelanguage.googleapis.com"
    era: Era = NOW

    @property
    def model(self) -> str | None:
        """The model's bare name; the server also takes `models/<name>`."""
        model: str | None = self.body.get("model")
        return model.removeprefix("models/") if model else None

    @property
    def capability(self) -> Model | None:
        """What the model can do; None for an agent and for a model nobody knows."""
        return self.known or MODELS.get(self.model or "")

    @property
    def agent(self) -> str | None:
        """The agent's name, where the request asks an agent."""
        return self.body.get("agent")

    @property
    def tools(self) -> tuple[Json, ...]:
        """The declared tools, as they came."""
        return tuple(self.body.get("tools", ()))

    @property
    def config(self) -> Json:
        """`generation_config`, or an empty object."""
        config: Json = self.body.get("generation_config", {})
        return config

    @property
    def store(self) -> bool:
        """Whether the server keeps it: yes unless told not to."""
        return self.body.get("store", True) is not False

    @property
    def background(self) -> bool:
        """Whether it runs in the background."""
        return self.body.get("background") is True

    @property
    def stream(self) -> bool:
        """Whether the answer is a stream; only the body decides."""
        return self.body.get("stream") is True

    @property
    def parent(self) -> str | None:
        """`previous_interaction_id`; an empty string means none."""
        return self.body.get("previous_interaction_id") or None

    @property
    def continues(self) -> bool:
        """Whether it asks for the rest of a turn, by a continuation token."""
        return bool(self.body.get("continuation_token"))

    @property
    def fresh(self) -> tuple[Json, ...]:
        """What the input adds to the history, function results hoisted out of user inputs."""
        return tuple(_unrepeated(hoisted(self.given), self.history))

    @property
    def conversation(self) -> tuple[Json, ...]:
        """History and input together, each step once, function results as steps."""
        return (*hoisted(self.history), *self.fresh)

    @property
    def tail(self) -> tuple[Json, ...]:
        """The steps after the model's last one: what this turn has to answer."""
        steps = self.conversation
        cut = len(steps)
        while cut and steps[cut - 1].get("type") in FROM_THE_USER:
            cut -= 1
        return steps[cut:]

    @property
    def turn(self) -> int:
        """Which turn of the model this is, from 1: runs of model steps before it, plus one."""
        turns, inside = 1, False
        for step in self.conversation:
            made = step.get("type") not in FROM_THE_USER
            turns += made and not inside
            inside = made
        return turns

    @property
    def results(self) -> tuple[Json, ...]:
        """The function results that this request brings."""
        return tuple(step for step in self.fresh if step.get("type") == "function_result")

    @property
    def text(self) -> str:
        """The newest text of the user, blocks joined by a line break; empty if there is none."""
        said = self.said
        return said[-1] if said else ""

    @property
    def said(self) -> tuple[str, ...]:
        """Every text of the user in this conversation, oldest first, one a `user_input`."""
        texts = (text_of(step) for step in self.conversation if step.get("type") == "user_input")
        return tuple(text for text in texts if text)


FROM_THE_USER = frozenset({"user_input", "function_result"})
"""The steps that a client adds; all others are the model's or the server's."""


def without_nulls(value: Any) -> Any:
    """`value` with every null member of every object removed: the server reads null as absent.

    Values inside lists stay, as does everything under a function's arguments and results.
    """
    if isinstance(value, Mapping):
        return {
            key: item if key in _OPAQUE else without_nulls(item)
            for key, item in value.items()
            if item is not None
        }
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


_OPAQUE = frozenset({"arguments", "result", "parameters", "schema"})


def steps_of(value: Any) -> list[Json]:
    """`input` in any of its forms as a list of steps, in the form in which a GET shows it.

    A string and a block become one `user_input`; so does each run of blocks in a list.
    """
    if value is None:
        return []
    if isinstance(value, str):
        return [user_input({"text": value, "type": "text"})]
    if isinstance(value, Mapping):
        return steps_of([dict(value)])
    steps: list[Json] = []
    blocks: list[Json] = []
    for item in value:
        if isinstance(item, str):
            blocks.append({"text": item, "type": "text"})
        elif item.get("type", "text") in CONTENT_TYPES:
            blocks.append(item if "type" in item else {**item, "type": "text"})
        else:
            if blocks:
                steps.append(user_input(*blocks))
                blocks = []
            steps.append(_step(item))
    if blocks:
        steps.append(user_input(*blocks))
    return steps


CONTENT_TYPES = frozenset({"text", "image", "audio", "video", "document"})
"""The tags of content blocks; anything else in a list of inputs is a step."""


def bare_content(value: Any) -> bool:
    """Whether `input` has a step whose content is a bare string, a form of the REST samples."""
    steps = value if isinstance(value, list) else ()
    return any(isinstance(item, Mapping) and isinstance(item.get("content"), str) for item in steps)


def user_input(*blocks: Json) -> Json:
    """A `user_input` step of these blocks."""
    return {"type": "user_input", "content": list(blocks)}


def _step(item: Json) -> Json:
    if item.get("type") == "user_input" and isinstance(item.get("content"), str):
        return {**item, "content": [{"text": item["content"], "type": "text"}]}
    return item


def hoisted(steps: tuple[Json, ...] | list[Json]) -> list[Json]:
    """The steps with each function result inside a `user_input` as a step of its own, before it."""
    out: list[Json] = []
    for step in steps:
        content = step.get("content") if step.get("type") == "user_input" else None
        if not isinstance(content, list):
            out.append(step)
            continue
        results = [block for block in content if block.get("type") == "function_result"]
        rest = [block for block in content if block.get("type") != "function_result"]
        out += results
        if rest or not results:
            out.append({**step, "content": rest} if results else step)
    return out


def _unrepeated(given: list[Json], history: tuple[Json, ...]) -> list[Json]:
    """`given` without what a client resends although the chain already holds it.

    Some clients send `previous_interaction_id` and repeat the turn before the new results. What
    lies behind the last repeated step of the model is new, even where its words are old.
    """
    known = {_identity(step) for step in hoisted(history)}
    last = -1
    for position, step in enumerate(given):
        if step.get("type") not in FROM_THE_USER and _identity(step) in known:
            last = position
    return [
        step
        for position, step in enumerate(given)
        if position > last or _identity(step) not in known
    ]


def _identity(step: Json) -> str:
    # A call is known by its id, a result by the call it answers, a thought by its signature;
    # clients may add or drop other members when they resend.
    for key in ("id", "call_id", "signature"):
        if step.get(key):
            return f"{step.get('type')} {step[key]}"
    return f"{step.get('type')} {text_of(step)}"


def text_of(step: Json) -> str:
    """The text of a step's content, blocks joined by a line break."""
    content = step.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text")


def unanswered(steps: tuple[Json, ...] | list[Json]) -> list[Json]:
    """The function calls among the steps that no function result answers."""
    answered = {step.get("call_id") for step in steps if step.get("type") == "function_result"}
    return [
        step
        for step in steps
        if step.get("type") == "function_call" and step.get("id") not in answered
    ]
