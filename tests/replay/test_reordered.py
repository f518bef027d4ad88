"""Cassettes whose exchanges somebody sorted or merged: ids say what belongs together."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from fakegemini import say
from fakegemini.recordings.exchange import Exchange
from tests.scenarios import Client, dump


def recorded_chain() -> list[Exchange]:
    """A chain of three, and a stranger."""
    client = Client()
    for text in ("one", "two", "three", "alone"):
        client.fake.replies(say(text))
    first = client.create(input="a")
    second = client.create(input="b", previous_interaction_id=first["id"])
    client.create(input="c", previous_interaction_id=second["id"])
    client.create(input="d")
    return client.exchanges


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_in_the_file_does_not_count(order: tuple[int, ...], tmp_path: Path) -> None:
    """Each is found by what it continues, wherever that stands."""
    exchanges = recorded_chain()
    path = tmp_path / "a.yaml"
    path.write_text(dump([exchanges[place] for place in order]))
    client = Client()
    client.fake.play(path)

    first = client.create(input="a")
    second = client.create(input="b", previous_interaction_id=first["id"])
    third = client.create(input="c", previous_interaction_id=second["id"])

    texts = [answer["steps"][-1]["content"][0]["text"] for answer in (first, second, third)]
    assert texts == ["one", "two", "three"]
    assert client.create(input="d")["steps"][-1]["content"][0]["text"] == "alone"
    assert client.fake.unplayed == []
