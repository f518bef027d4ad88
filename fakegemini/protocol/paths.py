"""Which paths below `interactions` are no interaction's: routes that the fake has not got.

An id may hold anything, a slash too, and the live server names the one that it cannot read. So
what the SDKs ask for beside the four operations would be taken for an id that is misspelt. Known
from google-genai 3.6.1: Live Interactions and their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .ids import InteractionId

_LIVE = "live"
_TOKENS = "auth_tokens"
_VERB = re.compile(r"[^:]+:[A-Za-z]+")


def beside(method: str, below: Sequence[str]) -> bool:
    """Whether a method and the parts of a path below `interactions` ask for something else.

    `below` is decoded. What goes on behind a well-formed id, with a slash or a colon, is a route;
    only the cancel is one of ours.
    """
    first, colon, _ = below[0].partition(":") if below else ("", "", "")
    if first == _LIVE or _TOKENS in below[1:]:
        return True
    if method == "POST" and _cancels(below):
        return False
    if InteractionId.parse(first):
        return bool(colon) or len(below) > 1
    # Of what stands behind `interactions/`, only verbs are asked for with a POST.
    return method == "POST" and len(below) == 1 and bool(_VERB.fullmatch(below[0]))


def _cancels(below: Sequence[str]) -> bool:
    if len(below) == 1:
        return below[0].endswith(":cancel")
    return bool(below) and below[-1] == "cancel"
