"""Say how the status of an interaction may change: `MOVES` has every legal move."""

from __future__ import annotations

from enum import StrEnum

from ..errors import IllegalMove


class Status(StrEnum):
    """The statuses with rows in `MOVES` (google-genai 3.4.0); servers may add more, as `IDLE`."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    REQUIRES_ACTION = "requires_action"
    REQUIRES_CONTINUATION = "requires_continuation"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    BUDGET_EXCEEDED = "budget_exceeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


IDLE = "idle"
"""Declared since google-genai 3.5.0. Nobody knows when it is sent, what goes with it and what may
follow: it has no row below, checks accept it anywhere, and only a script makes it."""


class Move(StrEnum):
    """One thing that can happen to an interaction."""

    START = "start"
    FINISH = "finish"
    PAUSE = "pause"
    YIELD = "yield"
    TRUNCATE = "truncate"
    EXHAUST = "exhaust"
    FAIL = "fail"
    CANCEL = "cancel"


_ENDINGS: dict[Move, Status] = {
    Move.FINISH: Status.COMPLETED,
    Move.PAUSE: Status.REQUIRES_ACTION,
    Move.YIELD: Status.REQUIRES_CONTINUATION,
    Move.TRUNCATE: Status.INCOMPLETE,
    Move.EXHAUST: Status.BUDGET_EXCEEDED,
    Move.FAIL: Status.FAILED,
    Move.CANCEL: Status.CANCELLED,
}

MOVES: dict[Status, dict[Move, Status]] = {
    Status.QUEUED: {
        Move.START: Status.IN_PROGRESS,
        Move.FAIL: Status.FAILED,
        Move.CANCEL: Status.CANCELLED,
    },
    Status.IN_PROGRESS: _ENDINGS,
    # Not running any more: the client goes on with a new interaction, never with this one.
    Status.REQUIRES_ACTION: {},
    Status.REQUIRES_CONTINUATION: {},
    Status.COMPLETED: {},
    Status.INCOMPLETE: {},
    Status.BUDGET_EXCEEDED: {},
    Status.FAILED: {},
    Status.CANCELLED: {},
}

MOVE_TO: dict[Status, Move] = {status: move for move, status in _ENDINGS.items()}


ENDINGS = tuple(_ENDINGS.values())
"""The statuses in which a turn can end, as far as their life is known."""

_RUNNING = frozenset(status for status, moves in MOVES.items() if moves)


def status_after(status: Status, move: Move) -> Status:
    """Return the status that `move` leads to; raises `IllegalMove`, which names the legal moves."""
    try:
        return MOVES[status][move]
    except KeyError:
        legal = ", ".join(MOVES[status]) or "none, it is final"
        raise IllegalMove(
            f"cannot {move} an interaction that is {status} (legal moves: {legal})"
        ) from None


def is_running(status: str) -> bool:
    """Tell whether the server still works in this status; an unknown status does not run."""
    return status in _RUNNING


def diagram() -> str:
    """Draw `MOVES` as a mermaid state diagram."""
    lines = ["stateDiagram-v2", "  [*] --> in_progress"]
    for status, moves in MOVES.items():
        lines += [f"  {status} --> {target}: {move}" for move, target in moves.items()]
    return "\n".join(lines)
