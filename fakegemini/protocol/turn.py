"""Hold what a model makes of one request, scripted or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ..errors import BadScript
from ..wire.http import Fault, Json
from .ask import Ask
from .background import Course
from .ids import IdSource
from .status import ENDINGS, Status, is_running
from .step_reading import unanswered_calls


@dataclass(frozen=True, slots=True)
class Turn:
    """The steps of a turn, and what cannot be read off them.

    status: any text but one in which the server still works; None means `requires_action` while a
    function call waits for its result, else `completed`
    thought_tokens, tool_use_tokens: what the turn cost beyond its visible output
    grounding: the rows of `grounding_tool_count` in the usage
    usage: the whole usage object, None to count it
    is_verbatim: the steps are complete, as those of a recording: no ids, thoughts or signatures are
    added
    id: that of the interaction, None to make one
    errors: the interaction's list of errors
    course: how it runs in the background, None for the usual course
    fault: what spoils the answer
    files: those that its steps point to
    hops: the number of answers in which it is sent, each but the last with a continuation token
    shortcomings: texts about what the request asked for and the unscripted model could not do

    Raises `BadScript` for a status in which no turn can end.
    """

    steps: tuple[Json, ...]
    status: str | None = None
    thought_tokens: int = 0
    tool_use_tokens: int = 0
    grounding: tuple[Json, ...] = ()
    usage: Json | None = None
    is_verbatim: bool = False
    id: str | None = None
    errors: tuple[Json, ...] = ()
    course: Course | None = None
    fault: Fault | None = None
    files: tuple[File, ...] = ()
    hops: int = 1
    shortcomings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.status is not None:
            check_outcome(self.status)

    @property
    def outcome(self) -> str:
        """Return the status in which the interaction ends."""
        if self.status is not None:
            return self.status
        return Status.REQUIRES_ACTION if unanswered_calls(self.steps) else Status.COMPLETED


def check_outcome(status: object) -> None:
    """Raise `BadScript` for what is no status in which a turn can end."""
    if not isinstance(status, str):
        raise BadScript(f"status= is a text, such as {Status.INCOMPLETE.value!r}, not {status!r}")
    if is_running(status):
        raise BadScript(
            f"status={str(status)!r} is no end: a turn with it would never be over. Take one of "
            f"{', '.join(ENDINGS)}; for a run that goes on until it is cancelled, "
            "background=never_ending()"
        )


class File(NamedTuple):
    """One file: its id as in `files/<id>`, its MIME type, and its bytes."""

    id: str
    mime_type: str
    data: bytes


TurnMaker: TypeAlias = Callable[[Ask, IdSource], Turn]
"""Makes the model's turn of a request, with ids from the source. May raise `Unscripted`."""
