"""The order in which the unscripted model decides what to do."""

from __future__ import annotations

from ..core.ask import Ask
from ..core.http import Json
from ..core.ids import Mint
from ..core.turn import Turn
from .budget import within
from .calls import callable_functions, calls, mode, wanted
from .output import output
from .scene import Scene, scene
from .search import kinds_of_search, search_steps
from .think import think
from .words import clean


def improvise(ask: Ask, mint: Mint) -> Turn:
    """What the model says when nobody scripted it: the same turn for the same ask and seed.

    A turn that brings function results is answered, whatever `tool_choice` says: a model that
    must always call would never let a client's loop end. Otherwise functions come first, where
    there are any and the prompt is not rather for a search; then the search; then plain output.
    """
    seen = scene(ask)
    limit = ask.config.get("max_output_tokens")
    return within(_turn(ask, seen, mint), limit if isinstance(limit, int) else None)


def _turn(ask: Ask, seen: Scene, mint: Mint) -> Turn:
    text = seen.question
    if seen.results:
        thought, cost = think(ask, mint, text, "", idle=True)
        return Turn((*thought, output(ask, seen, searched=False)), thought_tokens=cost)
    searches = kinds_of_search(ask)
    chosen = _functions(ask, text, bool(searches))
    if chosen:
        made = calls(chosen, text, mint)
        names = clean(", ".join(dict.fromkeys(call["name"] for call in made)))
        thought, cost = think(ask, mint, text, f"The next step is to call {names}.", idle=False)
        return Turn((*thought, *made), thought_tokens=cost)
    found, spent = search_steps(searches, text, mint)
    thought, cost = think(ask, mint, text, f"Answering in turn {seen.turn}.", idle=False)
    return Turn(
        (*found, *thought, output(ask, seen, searched=bool(found))),
        thought_tokens=cost,
        tool_use_tokens=spent,
        grounding=({"type": "google_search", "count": len(searches)},) if searches else (),
    )


def _functions(ask: Ask, text: str, searching: bool) -> list[Json]:
    how, functions = mode(ask), callable_functions(ask)
    if how == "none" or (searching and how != "any" and not wanted(functions, text)):
        return []
    return functions
