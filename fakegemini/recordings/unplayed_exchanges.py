"""Find and drop the exchanges of a cassette that nobody played, and no played one needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..errors import FakeGeminiError
from ..wording import count_of
from .cassette import load_any_cassette
from .conversations import RecordedConversations, RecordedInteraction
from .drop_entries import drop_entries


def drop_unplayed(path: Path, played: Collection[int], *, whose: str, stays: str = "") -> str:
    """Drop from a cassette what was not played, and say so in a line; empty where there is nothing.

    played: the numbers of the creates that were played
    whose: who could have played it, such as `test`
    stays: why the file is not to be changed, empty where it may be
    """
    try:
        unplayed = find_unplayed(path, played)
        if not unplayed:
            return ""
        if not played:
            return f"{path}: no {whose} asked for any exchange; it stays, delete it if it is over"
        names = f"{count_of(len(unplayed), 'exchange')} ({', '.join(map(str, unplayed))})"
        if stays:
            return f"{path}: {names} not played; it stays, since {stays}"
        drop_entries(path, unplayed)
    except FakeGeminiError as error:
        return f"{error}; it stays"
    return f"{path}: dropped {names} that no {whose} played"


def find_unplayed(path: Path, played: Collection[int]) -> list[int]:
    """Return the numbers of the exchanges that can go, in their order; raises `Unreadable`.

    These are creates that were not played, with what was asked of them later. What a played one
    continues stays, and so do exchanges of other resources and other APIs, which nobody counts.

    played: the numbers of the creates that were played
    """
    conversations = RecordedConversations()
    conversations.add_cassette(str(path), load_any_cassette(path).exchanges)
    needed: set[int] = set()
    for interaction in conversations.interactions:
        ancestor: RecordedInteraction | None = interaction
        while ancestor is not None and interaction.number in played:
            needed.add(id(ancestor))
            ancestor = ancestor.parent
    return sorted(
        recorded.exchange.number
        for interaction in conversations.interactions
        if interaction.create and id(interaction) not in needed
        for recorded in (interaction.create, *interaction.follow_ups)
    )
