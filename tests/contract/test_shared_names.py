"""Names that conversations share: each set is what a frozenset would be, however they branch."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakegemini.contract.rules.shared_names import NO_NAMES, SharedNames

NAMES = st.text("abcde", max_size=1)
BRANCHES = st.lists(st.tuples(st.integers(0, 30), st.lists(NAMES, max_size=4)), max_size=25)


@given(BRANCHES)
def test_sets_that_branch(branches: list[tuple[int, list[str]]]) -> None:
    """Each is made of any one before it, and none of them ever changes."""
    made: list[tuple[SharedNames, frozenset[str]]] = [(NO_NAMES, frozenset())]
    for number, names in branches:
        shared, plain = made[number % len(made)]
        made.append((shared.with_more(names), plain | frozenset(names)))

    for shared, plain in made:
        assert sorted(shared) == sorted(plain)
        assert [name in shared for name in "abcdef"] == [name in plain for name in "abcdef"]
        assert ("" in shared) == ("" in plain)


def test_a_long_conversation_has_one_table() -> None:
    """The thousandth turn looks into the table of the first one with names."""
    names = first = NO_NAMES.with_more(["0"])
    for number in range(1, 1000):
        names = names.with_more([str(number)])

    assert names._places is first._places
    assert list(first) == ["0"]
    assert len(list(names)) == 1000
