"""Find the exchanges of a cassette that no test played, and that none of the played ones needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from .cassette import load_vcr_cassette
from .conversations import RecordedConversations, RecordedInteraction


def find_unplayed(path: Path, played: Collection[int]) -> list[int]:
    """Return the numbers of the exchanges that can go, in their order; raises `Unreadable`.

    These are creates that were not played, with what was asked of them later. What a played one
    continues stays, and so do exchanges of other resources and other APIs, which nobody counts.

    played: the numbers of the creates that were played
    """
    conversations = RecordedConversations()
    conversations.add_cassette(str(path), load_vcr_cassette(path).exchanges)
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
