"""Hand the mentions of a prompt to the values that need them, each mention once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .labels import prepositions_for
from .mentions import Mention
from .words import stem


class PromptValues:
    """The mentions of a prompt, and which of them are used.

    `use_count` counts every value that the prompt gave, those without a mention of their own too.
    """

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self.text = text
        self.used_mentions: list[Mention] = []
        self.use_count = 0
        self._mentions = mentions

    def mark(self) -> tuple[int, int]:
        """Return what is used so far, for `reset`."""
        return len(self.used_mentions), self.use_count

    def reset(self, mark: tuple[int, int]) -> None:
        """Give back what was taken since `mark` returned this."""
        del self.used_mentions[mark[0] :]
        self.use_count = mark[1]

    def take(self, mention: Mention | None) -> None:
        """Note that a mention is used; None for a value that the prompt gave otherwise."""
        self.use_count += 1
        if mention is not None:
            self.used_mentions.append(mention)

    def find_mentions(
        self,
        kinds: Iterable[str],
        label: Sequence[str],
        rivals: frozenset[str],
        *,
        only_near: bool = False,
    ) -> list[Mention]:
        """Return the free mentions of these kinds, those next to a word of the label first.

        One that stands next to a rival's word is left to the rival. `only_near` leaves those that
        stand next to a word of the label.
        """
        if not self._mentions:
            return []
        label_stems = {stem(word) for word in label} | prepositions_for(label)
        rival_stems = rivals | prepositions_for(rivals)
        ranked_mentions = []
        for mention in self._mentions:
            if mention.kind not in kinds or mention in self.used_mentions:
                continue
            score = len(mention.nearby_stems & label_stems)
            if score or not (
                only_near
                or mention.needs_label
                or mention.nearby_stems & (rival_stems - label_stems)
            ):
                ranked_mentions.append((-score, mention.start, mention))
        return [mention for _, _, mention in sorted(ranked_mentions, key=lambda entry: entry[:2])]

    def find_term(self, value: str) -> Mention | None:
        """Return the free mention of exactly this word, whatever its case; None if it has none."""
        folded_value = value.casefold()
        for mention in self._mentions:
            if str(mention.value).casefold() == folded_value and mention not in self.used_mentions:
                return mention
        return None
