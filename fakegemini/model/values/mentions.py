"""Find what a prompt mentions: names, numbers, dates, addresses, quoted texts.

Everything here is a heuristic for readable values; nothing depends on it being right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .words import PREPOSITIONS, SEARCHED_LENGTH, STOP_WORDS, split_identifier, stem, word_set

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTHS = _MONTH.split("|")
_NOT_NAMES = frozenset(_MONTHS) | word_set(
    "monday tuesday wednesday thursday friday saturday sunday"
)

_TOKENS = re.compile(
    rf"""
    (?P<quoted> "[^"\n]+" | “[^“”\n]+” | «[^«»\n]+» | `[^`\n]+` | (?<!\w)'[^'\n]+'(?!\w) )
  | (?P<url> https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d+)?
      (?:[/?\#](?:[a-z0-9._~:/?@!$&*+,;=-]|%[0-9a-f]{{2}})*[a-z0-9/=])? )
  | (?P<uuid> \b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b )
  | (?P<email> \b[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{{2,}}\b )
  | (?P<moment> \b\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{{1,6}})?(?:Z|[+-]\d\d:\d\d)(?!\w) )
  | (?P<date> \b\d{{4}}-\d\d-\d\d\b
    | \b\d{{1,2}}/\d{{1,2}}/\d{{4}}\b
    | \b(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b
    | \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTH})\s+\d{{4}}\b )
  | (?P<time> \b\d{{1,2}}:\d\d(?::\d\d)?(?:\s*[ap]m)?\b )
  | (?P<number> (?<![\w.])-?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?![\w-]|\.\d) )
  | (?P<word> [^\W\d_][\w'\u2019-]* )
  | (?P<other> \w+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# What stands between two mentions of one enumeration, and what of it makes it one.
_BETWEEN = re.compile(
    r"(?:\s*[,;&/+]\s*|\s+)(?:(?:and|or|then|plus|also|versus|vs\.?)\s+)?(?:(?:also|in|at|for|of)\s+)?"
)
_JOINING = re.compile(r"[,;&/+]|\b(?:and|or|then|plus|versus|vs)\b")


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing that the prompt mentions, at `start` to `end` of its characters.

    `kind` is quoted, url, uuid, email, date, moment (date and time), time, number, name or term
    (a word that a schema asks for). `nearby_stems` are those of the words next to it. Mentions of
    one enumeration ("Paris and Rome") share their `group`. One that `needs_label` is only for a
    value whose name is among the words around it.
    """

    kind: str
    value: Any
    start: int
    end: int
    nearby_stems: frozenset[str] = frozenset()
    group: int = 0
    needs_label: bool = False


def find_mentions(text: str, terms: Iterable[str] = ()) -> tuple[Mention, ...]:
    """Return what the prompt mentions, in its order; `terms` are further words to look for."""
    text = text[:SEARCHED_LENGTH]
    mentions = list(_join_names(_find_tokens(text), text))
    for term in dict.fromkeys(terms):
        term_pattern = r"[\s_-]+".join(map(re.escape, re.findall(r"[^\s_-]+", term)))
        for hit in (
            re.finditer(rf"(?<!\w){term_pattern}(?!\w)", text, re.IGNORECASE)
            if term_pattern
            else ()
        ):
            free = [
                mention
                for mention in mentions
                if mention.end <= hit.start() or mention.start >= hit.end()
            ]
            mentions = [*free, Mention("term", term, hit.start(), hit.end())]
    mentions.sort(key=lambda mention: mention.start)
    return tuple(
        _group_mentions(
            [
                replace(mention, nearby_stems=_find_nearby_stems(mention, text))
                for mention in mentions
            ],
            text,
        )
    )


def _find_tokens(text: str) -> Iterator[Mention]:
    """Yield each token that can be a mention; of the words, those that look like names."""
    for hit in _TOKENS.finditer(text):
        kind, value = str(hit.lastgroup), hit.group()
        if kind == "quoted":
            yield Mention(kind, value[1:-1].strip(), hit.start(), hit.end())
        elif kind == "number":
            digits = value.replace(",", "")
            number = float(digits) if "." in digits else int(digits)
            yield Mention(kind, number, hit.start(), hit.end())
        elif kind in ("date", "moment"):
            value = _iso_date(value) if kind == "date" else value.upper()
            if _is_valid_date(value):
                yield Mention(kind, value, hit.start(), hit.end())
        elif kind == "word":
            if _is_name(value):
                value = value.removesuffix("'s").removesuffix("\u2019s")
                yield Mention("name", value, hit.start(), hit.start() + len(value))
        elif kind != "other":
            yield Mention(kind, value, hit.start(), hit.end())


def _iso_date(date: str) -> str:
    """Return a date in any of the forms of `_TOKENS` as YYYY-MM-DD; it need not exist."""
    if date[:4].isdigit():
        return date
    numbers = [int(number) for number in re.findall(r"\d+", date)]
    if len(numbers) == 3:  # 03/14/2025; the American order unless it cannot be
        first, second, year = numbers
        month, day = (second, first) if first > 12 else (first, second)
        return f"{year:04}-{month:02}-{day:02}"
    day, year = numbers
    month = next(number for number, name in enumerate(_MONTHS, 1) if name in date.lower())
    return f"{year:04}-{month:02}-{day:02}"


def _is_valid_date(moment: str) -> bool:
    try:
        return bool(datetime.fromisoformat(moment))
    except ValueError:
        return False


def _is_name(word: str) -> bool:
    return word[0].isupper() and not {word.lower(), stem(word)} & (STOP_WORDS | _NOT_NAMES)


def _join_names(tokens: Iterable[Mention], text: str) -> Iterator[Mention]:
    """Yield the tokens with the words of one name, such as New York, as one mention."""
    names: list[Mention] = []
    for token in tokens:
        if token.kind == "name" and names and not text[names[-1].end : token.start].strip(" "):
            names.append(token)
            continue
        yield from _join_name(names, text)
        names = [token] if token.kind == "name" else []
        if token.kind != "name":
            yield token
    yield from _join_name(names, text)


def _join_name(names: list[Mention], text: str) -> Iterator[Mention]:
    # A capital that opens a sentence says nothing: its word is dropped.
    if names and (not (text_before := text[: names[0].start].rstrip()) or text_before[-1] in ".!?"):
        names = names[1:]
    if names:
        yield Mention("name", text[names[0].start : names[-1].end], names[0].start, names[-1].end)


def _find_nearby_stems(mention: Mention, text: str) -> frozenset[str]:
    """Return the stems of three words before and one behind, a preposition only just before it."""
    words_before = split_identifier(text[max(0, mention.start - 40) : mention.start])[-3:]
    words_after = split_identifier(text[mention.end : mention.end + 20])[:1]
    preposition = words_before[-1:] if words_before and words_before[-1] in PREPOSITIONS else []
    return frozenset(preposition) | {
        stem(word) for word in (*words_before, *words_after) if word not in STOP_WORDS
    }


def _group_mentions(mentions: list[Mention], text: str) -> Iterator[Mention]:
    """Yield the mentions with the number of their enumeration."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        previous = groups[-1][-1] if groups else None
        between = text[previous.end : mention.start] if previous else ""
        is_linked = _BETWEEN.fullmatch(between) and _JOINING.search(between)
        if previous and previous.kind == mention.kind and is_linked:
            groups[-1].append(mention)
        else:
            groups.append([mention])
    for number, group in enumerate(groups):
        # "Paris, France" is one place, "Paris, Rome and Berlin" are three.
        if len(group) == 2 and group[0].kind == "name":
            first, second = group
            if text[first.end : second.start].strip() == ",":
                group = [replace(first, value=text[first.start : second.end], end=second.end)]
        yield from (replace(mention, group=number) for mention in group)
