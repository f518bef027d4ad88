"""Hands the prompt's words to the values that need them, each word once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .prompt_words import Mention, stem, word_set

_ALIASES = {
    # What a parameter is called, and the word that stands before its value in a sentence.
    "origin": "from",
    "source": "from",
    "departure": "from",
    "from": "from",
    "destination": "to",
    "target": "to",
    "arrival": "to",
    "to": "to",
    "recipient": "to",
}
_KINDS_BY_NAME: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (word_set("email mail recipient"), ("email",)),
    (word_set("url uri link website page"), ("url",)),
    (word_set("date day when checkin checkout deadline"), ("date",)),
    (word_set("time hour"), ("time",)),
)
_PLACES = word_set(
    "location city place town country address destination origin where region area state"
    " departure arrival port airport from to"
)
_PLACE_STEMS = frozenset(map(stem, _PLACES))
_NAMES = word_set("name person author user artist symbol ticker")
_TITLES = word_set("name title subject topic")
_KIND_BY_FORMAT = {"email": "email", "uri": "url", "url": "url", "uuid": "uuid", "date": "date"}
_KIND_BY_FORMAT["date-time"] = "moment"


class PromptValues:
    """The mentions of a prompt and which of them are used. `use_count` counts what was useful."""

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self.text = text
        self.used_mentions: list[Mention] = []
        self.use_count = 0
        self._mentions = mentions

    def mark(self) -> tuple[int, int]:
        """Where the taking stands, for `reset`."""
        return len(self.used_mentions), self.use_count

    def reset(self, mark: tuple[int, int]) -> None:
        """Give back what was taken since."""
        del self.used_mentions[mark[0] :]
        self.use_count = mark[1]

    def take(self, mention: Mention | None) -> None:
        """This one is used; None: something else of the prompt was."""
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
        """The free mentions of these kinds, those next to a word of the label first.

        One that stands next to a rival's word is left to the rival. `only_near` True: only those
        that do stand next to a word of the label.
        """
        label_stems = {stem(word) for word in label} | _prepositions_for(label)
        rival_stems = rivals | _prepositions_for(rivals)
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
        """The mention of exactly this word, whatever its case."""
        folded_value = value.casefold()
        for mention in self._mentions:
            if str(mention.value).casefold() == folded_value and mention not in self.used_mentions:
                return mention
        return None


def _prepositions_for(label: Iterable[str]) -> set[str]:
    # The words that stand before a value of that name in a sentence.
    prepositions = {_ALIASES[word] for word in label if word in _ALIASES}
    place_prepositions = (
        {"in", "at", "near"} if not prepositions and _PLACE_STEMS & set(map(stem, label)) else set()
    )
    return prepositions | place_prepositions


def mention_kinds(label: Sequence[str], format_name: str | None) -> tuple[str, ...]:
    """Which kinds of mention suit a text of that label and format, best first."""
    if format_name is not None:
        return (_KIND_BY_FORMAT[format_name],) if format_name in _KIND_BY_FORMAT else ()
    name_words = set(label)
    if name_words & _PLACES:
        return ("name", "quoted")
    for names, matching_kinds in _KINDS_BY_NAME:
        if name_words & names:
            return matching_kinds
    return ("quoted", "term", "name") if name_words & _NAMES else ("quoted", "term")


def is_place(label: Sequence[str]) -> bool:
    """Whether a parameter of that name holds a place."""
    return bool(_PLACES & set(label))


def is_title(label: Sequence[str]) -> bool:
    """Whether a parameter of that name says what something is about."""
    return bool(_TITLES & set(label))
