"""Hold a conversation so that a child shares all that its parent has.

A `Conversation` is what came before it and a few steps more. What the server asks about a whole
conversation in every create is a row of `Facts`: it is worked out from the parent's and the new
steps alone, so that turn 10,000 costs what turn 2 does. Anything else walks, from the newest step
backwards where it can end early.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, overload

from ..wire.http import Json
from .step_reading import hoist_results, is_from_user, media_blocks, step_key, text_of
from .tokens import add_tokens

EARLIER_TEXTS = 4
"""How many of the user's earlier texts are at hand."""

IdSets: TypeAlias = tuple[frozenset[Any], ...]
"""Ids in several sets, the largest first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What every create asks about its whole conversation.

    steps_to_answer: those after the model's last one
    new_texts: the user's texts in them
    earlier_texts: the newest of the user's texts before them, at most `EARLIER_TEXTS`
    earlier_text_count: how many there are before them in all
    model_turns: the number of runs of the model's steps
    tokens: all tokens by modality, in the order in which the modalities came
    open_calls: the function calls without a result
    loading_steps: the results of searches for functions
    has_audio: whether a block of audio is anywhere in it
    answered_ids: the ids of the calls that have a result, in sets that are shared with the parent
    """

    steps_to_answer: tuple[Json, ...] = ()
    new_texts: tuple[str, ...] = ()
    earlier_texts: tuple[str, ...] = ()
    earlier_text_count: int = 0
    model_turns: int = 0
    tokens: tuple[tuple[str, int], ...] = ()
    open_calls: tuple[Json, ...] = ()
    loading_steps: tuple[Json, ...] = ()
    has_audio: bool = False
    answered_ids: IdSets = field(default=(), repr=False)

    def followed_by(self, steps: Sequence[Json]) -> Facts:
        """Return the facts of the conversation that these steps continue."""
        tail, new_texts = [*self.steps_to_answer], [*self.new_texts]
        earlier_texts, model_turns = self.earlier_texts, self.model_turns
        earlier_text_count = self.earlier_text_count
        follows_model = not tail and bool(model_turns)
        for step in steps:
            if is_from_user(step):
                tail.append(step)
                text = text_of(step) if step.get("type") == "user_input" else ""
                if text:
                    new_texts.append(text)
                follows_model = False
                continue
            if not follows_model:
                model_turns += 1
                earlier_texts = (*earlier_texts, *new_texts)[-EARLIER_TEXTS:]
                earlier_text_count += len(new_texts)
                tail, new_texts, follows_model = [], [], True
        open_calls, answered_ids = self._follow_calls(steps)
        new_loading_steps = [step for step in steps if step.get("type") == "tool_search_result"]
        return Facts(
            steps_to_answer=tuple(tail),
            new_texts=tuple(new_texts),
            earlier_texts=earlier_texts,
            earlier_text_count=earlier_text_count,
            model_turns=model_turns,
            tokens=tuple(add_tokens(dict(self.tokens), steps).items()),
            open_calls=open_calls,
            answered_ids=answered_ids,
            loading_steps=(*self.loading_steps, *new_loading_steps),
            has_audio=self.has_audio
            or any(block["type"] == "audio" for block in media_blocks(steps)),
        )

    def _follow_calls(self, steps: Sequence[Json]) -> tuple[tuple[Json, ...], IdSets]:
        """Return the open calls and the answered ids behind these steps."""
        new_ids = frozenset(
            step.get("call_id") for step in steps if step.get("type") == "function_result"
        )
        answered_ids = _add_set(self.answered_ids, new_ids) if new_ids else self.answered_ids
        new_calls = (
            step
            for step in steps
            if step.get("type") == "function_call"
            and not any(step.get("id") in ids for ids in answered_ids)
        )
        waiting_calls = (call for call in self.open_calls if call.get("id") not in new_ids)
        return (*waiting_calls, *new_calls), answered_ids


def _add_set(sets: IdSets, new_set: frozenset[Any]) -> IdSets:
    """Add a set to sets that grow smaller, joining those of a size: n ids stay in log(n) sets."""
    while sets and len(sets[-1]) <= len(new_set):
        *rest, last_set = sets
        sets, new_set = tuple(rest), new_set | last_set
    return (*sets, new_set)


_NO_FACTS = Facts()


class Conversation(Sequence[Json]):
    """The steps of a conversation, oldest first, function results as steps of their own.

    It never changes. Made by `of`, continued by `followed_by`; a copy that is pickled stands alone.
    A subclass may recall its steps from elsewhere: it cuts off its last part, and finds and keeps
    its facts.
    """

    __slots__ = ("_facts", "_parent", "_steps")

    def __init__(self, parent: Conversation | None, steps: Iterable[Json]) -> None:
        self._parent = parent
        self._steps = tuple(steps)
        self._facts: Facts | None = None

    @classmethod
    def of(cls, steps: Sequence[Json]) -> Conversation:
        """Return these steps as a conversation; one that already is comes back as it is."""
        if isinstance(steps, Conversation):
            return steps
        return cls(None, hoist_results(tuple(steps)))

    def followed_by(self, steps: Sequence[Json]) -> Conversation:
        """Return the conversation that goes on with these steps."""
        return Conversation(self, hoist_results(tuple(steps)))

    def _cut_last(self, *, keeps: bool) -> tuple[Conversation | None, tuple[Json, ...]]:
        """Return the conversation before its newest part, and the steps of that part.

        `keeps` asks to keep what has to be recalled for them: more will be asked of them.
        """
        return self._parent, self._steps

    def find_facts(self) -> Facts | None:
        """Return its facts where they are known."""
        return self._facts

    def _keep_facts(self, facts: Facts) -> None:
        """Keep its facts."""
        self._facts = facts

    def _parts(self) -> Iterator[tuple[Json, ...]]:
        """Yield its parts, the newest first."""
        node: Conversation | None = self
        while node is not None:
            node, steps = node._cut_last(keeps=True)
            yield steps

    @property
    def facts(self) -> Facts:
        """Return what every create asks about it, from the nearest ancestor that knows its own."""
        facts = self.find_facts()
        if facts is None:
            new_parts: list[tuple[Json, ...]] = []
            node: Conversation | None = self
            while node is not None and facts is None:
                node, steps = node._cut_last(keeps=False)
                new_parts.append(steps)
                facts = node.find_facts() if node is not None else None
            new_steps = [step for part in reversed(new_parts) for step in part]
            facts = (facts or _NO_FACTS).followed_by(new_steps)
            self._keep_facts(facts)
        return facts

    def find_calls(self, call_ids: Iterable[Any]) -> dict[Any, Json]:
        """Return the newest function call of each of these ids that has one."""
        missing_ids, calls_by_id = set(call_ids), dict[Any, Json]()
        for step in reversed(self) if missing_ids else ():
            if step.get("type") == "function_call" and step.get("id") in missing_ids:
                calls_by_id[step.get("id")] = step
                missing_ids.discard(step.get("id"))
                if not missing_ids:
                    break
        return calls_by_id

    def find_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those of these keys of steps that one of its steps has."""
        missing_keys, found_keys = set(keys), set[str]()
        for step in reversed(self) if missing_keys else ():
            key = step_key(step)
            if key in missing_keys:
                found_keys.add(key)
                missing_keys.discard(key)
                if not missing_keys:
                    break
        return found_keys

    def __bool__(self) -> bool:
        return any(self._parts())

    def __len__(self) -> int:
        return sum(map(len, self._parts()))

    def __iter__(self) -> Iterator[Json]:
        return (step for part in reversed([*self._parts()]) for step in part)

    def __reversed__(self) -> Iterator[Json]:
        return (step for part in self._parts() for step in reversed(part))

    @overload
    def __getitem__(self, index: int) -> Json: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Json, ...]: ...

    def __getitem__(self, index: int | slice) -> Json | tuple[Json, ...]:
        return self._as_tuple()[index]

    def _as_tuple(self) -> tuple[Json, ...]:
        return tuple(iter(self))  # of an iterator nobody asks the length, which is a walk as well

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Conversation, tuple)):
            return NotImplemented
        return self._as_tuple() == tuple(iter(other))

    __hash__ = None  # type: ignore[assignment]  # its steps can change

    def __reduce__(self) -> tuple[Any, ...]:
        # Links as deep as a chain is long cannot be sent.
        return Conversation, (None, self._as_tuple())
