"""What a prompt offers to whoever needs a value: names, numbers, dates, quoted texts.

Everything here is a heuristic for readable values; nothing depends on it being right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for the tables below and elsewhere."""
    return frozenset(text.split())


_MAX_LEN = 4000  # characters of a prompt that are searched: hints sit in the question, not the data

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTHS = _MONTH.split("|")
_PREPOSITIONS = word_set("in at for to from near of between around on")
_JOINTS = word_set("and or then plus also versus vs")
STOP = (
    _PREPOSITIONS
    | _JOINTS
    | word_set("""a an the is are was were be do does did can could would should will may might what
        whats which who whose when where why how i im my me we our you your it its this that
        these those there please with without by as if not no yes get give show tell find make
        current given want need like know about into out up gets returns function tool call use""")
)
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
_BETWEEN = re.compile(
    r"(?:\s*[,;&/+]\s*|\s+)(?:(?:and|or|then|plus|also|versus|vs\.?)\s+)?(?:(?:also|in|at|for|of)\s+)?"
)
_JOINING = re.compile(r"[,;&/+]|\b(?:and|or|then|plus|versus|vs)\b")


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing the prompt names.

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


def replace_surrogates(text: str) -> str:
    """`text` with lone surrogates replaced: a reply that held one could not be sent as UTF-8."""
    return text.encode("utf-8", "replace").decode()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    cut = limit - 1
    while cut > 0 and joins_characters(text[cut - 1], text[cut]):
        cut -= 1
    return text[:cut].rstrip() + "…"


def joins_characters(first: str, second: str) -> bool:
    """Whether a cut between the two would tear what a reader sees as one character."""
    glue = "\u200d\ufe0f"
    return bool(unicodedata.combining(second)) or second in glue or first == "\u200d"


def stem(word: str) -> str:
    """A crude stem: "temperatures" and "Temperature" meet."""
    word = word.lower().removesuffix("'s").removesuffix("\u2019s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for suffix in ("ing", "ed", "es", "s"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word.removesuffix(suffix)
            break
    return word.removesuffix("e") if len(word) > 3 else word


def split_identifier(name: str) -> list[str]:
    """The lower-case words of an identifier: `getHTTPStatus_code` → get, http, status, code."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.findall(r"[^\W_]+", spaced)]


@lru_cache(maxsize=512)
def word_stems(text: str) -> frozenset[str]:
    """The stems of the words of a text or identifier that say something."""
    return frozenset(stem(word) for word in split_identifier(text[:_MAX_LEN]) if word not in STOP)


def find_mentions(text: str, terms: Iterable[str] = ()) -> tuple[Mention, ...]:
    """What the prompt names, in order. `terms` are further words to look for."""
    text = text[:_MAX_LEN]
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
    return word[0].isupper() and not {word.lower(), stem(word)} & (STOP | _NOT_NAMES)


def _join_names(tokens: Iterable[Mention], text: str) -> Iterator[Mention]:
    # "New York" is one name. A capital that opens a sentence says nothing: dropped.
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
    if names and (not (text_before := text[: names[0].start].rstrip()) or text_before[-1] in ".!?"):
        names = names[1:]
    if names:
        yield Mention("name", text[names[0].start : names[-1].end], names[0].start, names[-1].end)


def _find_nearby_stems(mention: Mention, text: str) -> frozenset[str]:
    words_before = split_identifier(text[max(0, mention.start - 40) : mention.start])[-3:]
    words_after = split_identifier(text[mention.end : mention.end + 20])[:1]
    preposition = words_before[-1:] if words_before and words_before[-1] in _PREPOSITIONS else []
    return frozenset(preposition) | {
        stem(word) for word in (*words_before, *words_after) if word not in STOP
    }


def _group_mentions(mentions: list[Mention], text: str) -> Iterator[Mention]:
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


def find_subject(text: str) -> str:
    """What the prompt is about, in a few words: "a recipe for banana bread" → banana bread."""
    text = " ".join(text[:_MAX_LEN].split())
    phrase = _phrase_after("about|called|named", text) or _phrase_after("for|of", text) or text
    return shorten(phrase.strip(" .?!"), 60)


def find_place(text: str) -> str:
    """Where something is, for prompts without capitals: "the weather in paris" → paris."""
    phrase = _phrase_after("in|at|near|for|to|from", " ".join(text[:_MAX_LEN].split()))
    place = re.split(r"\b(?:and|or|on|at|in|for|to|from|today|tomorrow|now|please)\b", phrase)[0]
    return shorten(place.strip(), 60)


def _phrase_after(openings: str, text: str) -> str:
    hit = re.search(rf"\b(?:{openings})\s+(?:(?:an?|the|my)\s+)?([^.?!,;:]+)", text, re.IGNORECASE)
    return hit.group(1) if hit else ""
