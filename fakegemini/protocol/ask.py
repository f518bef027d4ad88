"""Put a create request in one form, whatever form the client chose.

The live server takes `input` as a string, one content block, a list of blocks or a list of
steps, and function results both as steps and inside a `user_input`; clients resend history with
and without a parent (recorded and measured). Scripts, the unscripted model and assertions see the
one form below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..wire.http import Json
from .conversation import Conversation
from .eras import CURRENT_ERA, Era
from .known_models import MODELS, Model
from .lazy import Lazy
from .paths import LIVE_API_URL
from .step_reading import CONTENT_TYPES, hoist_results, is_from_user, step_key, text_of


@dataclass(frozen=True)  # no slots: what is worked out is kept
class Ask:
    """One turn as the model sees it; `build_ask` makes one of a request.

    `body` is the request without nulls, `input_steps` its input as steps in the form in which
    a GET shows them. `earlier` are the steps of the chain before it, oldest first, which it shares
    with its parent where that is known. `known_model` is what the fake was told that the model can
    do, None for an agent and for a model it was not told of. `origin` is where the server is
    reached, as the start of an address. `era` is the time whose server answers.
    """

    body: Json
    input_steps: tuple[Json, ...]
    earlier: Sequence[Json] = ()
    known_model: Model | None = None
    origin: str = LIVE_API_URL
    era: Era = CURRENT_ERA

    @property
    def model(self) -> str | None:
        """Return the model's bare name, or None for an agent."""
        return model_name(self.body)

    @property
    def capability(self) -> Model | None:
        """Return what the model can do; None for an agent and for a model nobody described."""
        return self.known_model or MODELS.get(self.model or "")

    @property
    def agent(self) -> str | None:
        """Return the agent's name, or None where the request asks a model."""
        return self.body.get("agent")

    @Lazy
    def tools(self) -> tuple[Json, ...]:
        """Return the declared tools as the request has them."""
        return tuple(self.body.get("tools", ()))

    @Lazy
    def config(self) -> Json:
        """Return `generation_config`, or an empty object."""
        config: Json = self.body.get("generation_config", {})
        return config

    @property
    def thinks(self) -> bool:
        """Tell whether the turn begins with a thought; agents and unknown models do think."""
        model = self.capability
        if model is None or model.thinks:
            return True
        return model.thinks_if_asked and self.config.get("thinking_level") not in (None, "minimal")

    @property
    def store(self) -> bool:
        """Tell whether the server keeps the interaction: yes, unless `store` is false."""
        return self.body.get("store", True) is not False

    @property
    def background(self) -> bool:
        """Tell whether the interaction runs in the background."""
        return self.body.get("background") is True

    @property
    def stream(self) -> bool:
        """Tell whether the answer is a stream; only the body decides."""
        return self.body.get("stream") is True

    @property
    def parent(self) -> str | None:
        """Return `previous_interaction_id`; an empty string means none."""
        return parent_id(self.body)

    @property
    def continues(self) -> bool:
        """Tell whether it asks for the rest of a turn, with a continuation token."""
        return bool(self.body.get("continuation_token"))

    @Lazy
    def new_steps(self) -> tuple[Json, ...]:
        """Return what the input adds to the history, function results as steps of their own."""
        return tuple(_drop_resent(hoist_results(self.input_steps), self._past))

    @Lazy
    def dialogue(self) -> Conversation:
        """Return history and input together, as what shares its beginning with the parent's."""
        return Conversation(self._past, self.new_steps)

    @property
    def history(self) -> tuple[Json, ...]:
        """Return the steps of the chain before it, oldest first."""
        return tuple(iter(self.earlier))

    @property
    def conversation(self) -> tuple[Json, ...]:
        """Return history and input together, each step once, function results as steps."""
        return tuple(iter(self.dialogue))

    @property
    def steps_to_answer(self) -> tuple[Json, ...]:
        """Return the steps after the model's last one: what this turn has to answer."""
        return self.dialogue.facts.steps_to_answer

    @property
    def turn(self) -> int:
        """Count the model's turns in the conversation, this one included: 1 for the first."""
        return 1 + self.dialogue.facts.model_turns

    @Lazy
    def _past(self) -> Conversation:
        return Conversation.of(self.earlier)

    @Lazy
    def results(self) -> tuple[Json, ...]:
        """Return the function results that this request brings."""
        return tuple(step for step in self.new_steps if step.get("type") == "function_result")

    @property
    def text(self) -> str:
        """Return the newest text of the user, blocks joined by a line break; empty without one."""
        facts = self.dialogue.facts
        texts = facts.new_texts or facts.earlier_texts
        return texts[-1] if texts else ""

    @property
    def said(self) -> tuple[str, ...]:
        """Return every text of the user in this conversation, oldest first, one a `user_input`."""
        texts = (text_of(step) for step in self.dialogue if step.get("type") == "user_input")
        return tuple(text for text in texts if text)


def build_ask(
    body: Json,
    *,
    known_model: Model | None = None,
    era: Era = CURRENT_ERA,
    origin: str = LIVE_API_URL,
    history: Sequence[Json] = (),
) -> Ask:
    """Build the complete record of a create request.

    `body` is parsed JSON without nulls and of a good shape. `model_name` and `parent_id` read off
    it what is needed to look up `known_model` and `history` before.
    """
    return Ask(body, tuple(steps_of(body.get("input"))), history, known_model, origin, era)


def model_name(body: Json) -> str | None:
    """Return the bare name of the model that a body asks; the server also takes `models/<name>`."""
    model: str | None = body.get("model")
    return model.removeprefix("models/") if model else None


def parent_id(body: Json) -> str | None:
    """Return the id of the interaction that a body continues; an empty string means none."""
    return body.get("previous_interaction_id") or None


def without_nulls(value: Any) -> Any:
    """Return `value` without the null members of its objects: the server reads null as absent.

    Nulls inside lists stay, as does everything under a function's arguments and results.
    """
    if isinstance(value, Mapping):
        return {
            key: member if key in _OPAQUE else without_nulls(member)
            for key, member in value.items()
            if member is not None
        }
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


_OPAQUE = frozenset({"arguments", "result", "parameters", "schema"})


def steps_of(value: Any) -> list[Json]:
    """Return `input`, in any of its forms, as a list of steps as a GET shows them.

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
    for element in value:
        if isinstance(element, str):
            blocks.append({"text": element, "type": "text"})
        elif element.get("type", "text") in CONTENT_TYPES:
            blocks.append(element if "type" in element else {**element, "type": "text"})
        else:
            if blocks:
                steps.append(user_input(*blocks))
                blocks = []
            steps.append(_with_block_content(element))
    if blocks:
        steps.append(user_input(*blocks))
    return steps


def has_bare_content(value: Any) -> bool:
    """Tell whether `input` has a step whose content is a bare string, as REST samples have."""
    steps = value if isinstance(value, list) else ()
    return any(isinstance(step, Mapping) and isinstance(step.get("content"), str) for step in steps)


def user_input(*blocks: Json) -> Json:
    """Build a `user_input` step of these blocks."""
    return {"type": "user_input", "content": list(blocks)}


def _with_block_content(step: Json) -> Json:
    if step.get("type") == "user_input" and isinstance(step.get("content"), str):
        return {**step, "content": [{"text": step["content"], "type": "text"}]}
    return step


def _drop_resent(steps: list[Json], past: Conversation) -> list[Json]:
    """Return `steps` without what a client resends although the chain already holds it.

    Some clients send `previous_interaction_id` and repeat the turn before the new results. What
    lies behind the last repeated step of the model is new, even where its words are old.
    """
    if all(map(is_from_user, steps)):
        return steps
    keys = [step_key(step) for step in steps]
    past_keys = past.find_keys(keys)
    last_repeat = -1
    for position, step in enumerate(steps):
        if not is_from_user(step) and keys[position] in past_keys:
            last_repeat = position
    return [
        step
        for position, step in enumerate(steps)
        if position > last_repeat or keys[position] not in past_keys
    ]
