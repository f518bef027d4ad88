"""Take a refusal for expected where `pytest.raises` or `assertRaises` stands around it.

What a test checks by these is no swallowed exception. Both are known by what they return, so that
no private name of pytest or unittest is used.
"""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..fake.state.complaints import Complaints


def forgive_inside_raises(complaints: Complaints, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop the complaint of a refused request where an expected exception comes out of the block.

    It lasts as long as `monkeypatch`.
    """
    kinds = {
        type(pytest.raises(AssertionError)),
        type(unittest.TestCase().assertRaises(AssertionError)),  # noqa: PT027
    }
    if hasattr(pytest, "RaisesGroup"):
        kinds.add(pytest.RaisesGroup)
    for kind in kinds:
        _watch_blocks(kind, complaints, monkeypatch)


def _watch_blocks(kind: Any, complaints: Complaints, monkeypatch: pytest.MonkeyPatch) -> None:
    enter, leave = kind.__enter__, kind.__exit__
    counts: dict[int, int] = {}

    def enter_counting(block: Any) -> Any:
        counts[id(block)] = complaints.count_refused()
        return enter(block)

    def leave_forgiving(block: Any, *exception: Any) -> Any:
        __tracebackhide__ = True
        count = counts.pop(id(block), None)
        is_expected = leave(block, *exception)
        if is_expected and count is not None:
            complaints.forgive_refused(count)
        return is_expected

    monkeypatch.setattr(kind, "__enter__", enter_counting)
    monkeypatch.setattr(kind, "__exit__", leave_forgiving)
