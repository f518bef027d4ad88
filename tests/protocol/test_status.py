"""The life of an interaction: every legal move, and no other."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fakegemini import IllegalMove
from fakegemini.protocol.status import (
    IDLE,
    MOVE_TO,
    MOVES,
    Move,
    Status,
    diagram,
    is_running,
    status_after,
)

LEGAL = [
    ("queued", "start", "in_progress"),
    ("queued", "fail", "failed"),
    ("queued", "cancel", "cancelled"),
    ("in_progress", "finish", "completed"),
    ("in_progress", "pause", "requires_action"),
    ("in_progress", "yield", "requires_continuation"),
    ("in_progress", "truncate", "incomplete"),
    ("in_progress", "exhaust", "budget_exceeded"),
    ("in_progress", "fail", "failed"),
    ("in_progress", "cancel", "cancelled"),
]
PAIRS = {(status, move) for status, move, _ in LEGAL}
ILLEGAL = [pair for pair in product(Status, Move) if pair not in PAIRS]
RUNNING = {"queued", "in_progress"}
TEXTS = [
    ("completed", "cancel", "none, it is final"),
    ("requires_action", "start", "none, it is final"),
    ("queued", "finish", "start, fail, cancel"),
    ("in_progress", "start", "finish, pause, yield, truncate, exhaust, fail, cancel"),
]


@pytest.mark.parametrize(("status", "move", "target"), LEGAL)
def test_a_legal_move_leads_where_the_table_says(status: str, move: str, target: str) -> None:
    """Each row of the table, by the words that go over the wire."""
    assert status_after(Status(status), Move(move)) == target


@pytest.mark.parametrize(("status", "move"), ILLEGAL)
def test_every_other_move_is_refused(status: Status, move: Move) -> None:
    """What is not in the table raises."""
    with pytest.raises(IllegalMove):
        status_after(status, move)


def test_the_table_has_a_row_for_each_status_and_names_each_move() -> None:
    """No status is without a row, no move without use."""
    assert set(MOVES) == set(Status)
    assert {move for moves in MOVES.values() for move in moves} == set(Move)
    assert sum(len(moves) for moves in MOVES.values()) == len(LEGAL)


@pytest.mark.parametrize("status", Status)
def test_only_what_can_move_runs(status: Status) -> None:
    """A status runs exactly while something can still happen to it."""
    assert is_running(status) is (status.value in RUNNING)


def test_a_status_nobody_knows_does_not_run() -> None:
    """A client must not poll for ever because of a word it does not know."""
    assert not is_running("marinating")


def test_of_idle_nothing_is_said() -> None:
    """Declared, and never seen: no move leads there, so that nothing makes it."""
    assert IDLE not in {
        *MOVES,
        *MOVE_TO,
        *(end for moves in MOVES.values() for end in moves.values()),
    }
    assert not is_running(IDLE)


def test_each_ending_has_its_move() -> None:
    """The status a turn ends in names the move that leads there."""
    for status, move in MOVE_TO.items():
        assert status_after(Status.IN_PROGRESS, move) is status


@pytest.mark.parametrize(("status", "move", "legal"), TEXTS)
def test_the_error_names_the_legal_moves(status: str, move: str, legal: str) -> None:
    """The text says what was tried, from where, and what would have been possible."""
    with pytest.raises(IllegalMove) as caught:
        status_after(Status(status), Move(move))

    assert str(caught.value) == (
        f"cannot {move} an interaction that is {status} (legal moves: {legal})"
    )


def test_the_diagram_has_a_line_for_each_move() -> None:
    """The picture in docs/server.md is the table."""
    lines = diagram().splitlines()

    assert lines[:2] == ["stateDiagram-v2", "  [*] --> in_progress"]
    assert lines[2:] == [f"  {start} --> {end}: {move}" for start, move, end in LEGAL]


class Life(RuleBasedStateMachine):
    """Any moves in any order, from either beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.status = Status.QUEUED
        self.ended: Status | None = None

    @rule(move=st.sampled_from(list(Move)))
    def move(self, move: Move) -> None:
        """Try a move; a refused one changes nothing."""
        before = self.status
        try:
            self.status = status_after(before, move)
        except IllegalMove:
            assert move not in MOVES[before]
        if self.ended is None and not is_running(self.status):
            self.ended = self.status

    @invariant()
    def no_path_leaves_a_final_state(self) -> None:
        """What has ended stays as it ended."""
        assert self.ended is None or self.status is self.ended


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
