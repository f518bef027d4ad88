"""Hands the prompt's words to the values that need them, each word once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .prompt_words import Mention, stem, words

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
_KINDS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (words("email mail recipient"), ("email",)),
    (words("url uri link website page"), ("url",)),
    (words("date day when checkin checkout deadline"), ("date",)),
    (words("time hour"), ("time",)),
)
_PLACES = words(
    "location city place town country address destination origin where region area state"
    " departure arrival port airport from to"
)
_PLACE_STEMS = frozenset(map(stem, _PLACES))
_NAMES = words("name person author user artist symbol ticker")
_TITLES = words("name title subject topic")
_FORMATS = {"email": "email", "uri": "url", "url": "url", "uuid": "uuid", "date": "date"}
_FORMATS["date-time"] = "moment"


class Offer:
    """The mentions of a prompt and which of them are taken. `uses` counts what was useful."""

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self.text = text
        self.taken: list[Mention] = []
        self.uses = 0
        self._mentions = mentions

    def mark(self) -> tuple[int, int]:
        """Where the taking stands, for `reset`."""
        return len(self.taken), self.uses

    def reset(self, mark: tuple[int, int]) -> None:
        """Give back what was taken since."""
        del self.taken[mark[0] :]
        self.uses = mark[1]

    def take(self, mention: Mention | None) -> None:
        """This one is used; None: something else of the prompt was."""
        self.uses += 1
        if mention is not None:
            self.taken.append(mention)

    def of(
        self,
        kinds: Iterable[str],
        label: Sequence[str],
        rivals: frozenset[str],
        *,
        near: bool = False,
    ) -> list[Mention]:
        """The free mentions of these kinds, those next to a word of the label first.

        One that stands next to a rival's word is left to the rival. `near` True: only those
        that do stand next to a word of the label.
        """
        own = {stem(word) for word in label} | _before(label)
        theirs = rivals | _before(rivals)
        wanted = []
        for mention in self._mentions:
            if mention.kind not in kinds or mention in self.taken:
                continue
            score = len(mention.around & own)
            if score or not (near or mention.shy or mention.around & (theirs - own)):
                wanted.append((-score, mention.at, mention))
        return [mention for _, _, mention in sorted(wanted, key=lambda item: item[:2])]

    def term(self, value: str) -> Mention | None:
        """The mention of exactly this word, whatever its case."""
        wanted = value.casefold()
        for mention in self._mentions:
            if str(mention.value).casefold() == wanted and mention not in self.taken:
                return mention
        return None


def _before(label: Iterable[str]) -> set[str]:
    # The words that stand before a value of that name in a sentence.
    said = {_ALIASES[word] for word in label if word in _ALIASES}
    here = {"in", "at", "near"} if not said and _PLACE_STEMS & set(map(stem, label)) else set()
    return said | here


def kinds(label: Sequence[str], form: str | None) -> tuple[str, ...]:
    """Which kinds of mention suit a text of that label and format, best first."""
    if form is not None:
        return (_FORMATS[form],) if form in _FORMATS else ()
    words = set(label)
    if words & _PLACES:
        return ("name", "quoted")
    for names, wanted in _KINDS:
        if words & names:
            return wanted
    return ("quoted", "term", "name") if words & _NAMES else ("quoted", "term")


def is_place(label: Sequence[str]) -> bool:
    """Whether a parameter of that name holds a place."""
    return bool(_PLACES & set(label))


def is_title(label: Sequence[str]) -> bool:
    """Whether a parameter of that name says what something is about."""
    return bool(_TITLES & set(label))
