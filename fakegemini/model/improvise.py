"""The order in which the unscripted model decides what to do."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocol.ask import Ask
from ..protocol.ids import Mint
from ..protocol.status import Status
from ..protocol.turn import Turn
from ..protocol.usage import tokens
from ..wire.http import Json
from .agents.registry import family
from .agents.task import Errand
from .function_calls import callable_functions, calls, mode, wanted
from .output import output
from .output_limit import within
from .situation import Scene, scene
from .thought import think
from .tools.computer_use import move
from .tools.registry import plan
from .tools.tool_search import lookup
from .values.prompt_words import clean


def improvise(ask: Ask, mint: Mint) -> Turn:
    """What the model says when nobody scripted it: the same turn for the same ask and seed.

    A turn that brings function results is answered, whatever `tool_choice` says: a model that
    must always call would never let a client's loop end. Otherwise functions come first, where
    there are any and the prompt is not rather for another tool; then the first move of computer
    use; then the server's own tools and an output that cites what they found.
    """
    seen = scene(ask)
    limit = ask.config.get("max_output_tokens")
    return within(_turn(ask, seen, mint), limit if isinstance(limit, int) else None)


def _turn(ask: Ask, seen: Scene, mint: Mint) -> Turn:
    text = seen.question
    if seen.results:
        thought, cost = think(ask, mint, text, "", idle=True)
        said, files = output(ask, seen, (), mint)
        return Turn((*thought, said), thought_tokens=cost, files=files)
    planned = plan(ask, seen, mint)
    chosen = _functions(ask, text, bool(planned.jobs))
    if chosen:
        return _calling(ask, seen, calls(chosen, text, mint), chosen, mint)
    moved = move(ask, seen, mint) if mode(ask) != "none" else []
    if moved:
        return _calling(ask, seen, moved, (), mint)
    makes = family(ask) if ask.agent else None
    if makes:
        return makes(Errand(ask, seen, mint))
    uses = planned.carried_out()
    thought, cost = think(ask, mint, text, f"Answering in turn {seen.turn}.", idle=False)
    said, files = output(ask, seen, uses, mint)
    return Turn(
        _ordered(ask, [step for use in uses for step in use.steps], (*thought, said)),
        thought_tokens=cost,
        files=files,
        tool_use_tokens=sum(_cost(step) for use in uses for step in use.steps),
        grounding=tuple(
            {"type": use.counted, "count": use.times} for use in uses if use.counted is not None
        ),
    )


def _ordered(ask: Ask, used: list[Json], said: tuple[Json, ...]) -> tuple[Json, ...]:
    searched = bool(used) and all(step["type"].startswith("google_search_") for step in used)
    if not (searched and ask.era.does("search comes last") and "gemini-2.5" in (ask.model or "")):
        return (*used, *said)
    bare = ({key: step[key] for key in step if key != "signature"} for step in used)
    return (*said, *bare)


def _calling(ask: Ask, seen: Scene, made: list[Json], declared: Iterable[Json], mint: Mint) -> Turn:
    names = list(dict.fromkeys(call["name"] for call in made))
    functions = [function for function in declared if function["name"] in names]
    searched, by_client = lookup(ask, seen, functions, mint)
    intent = f"The next step is to call {clean(', '.join(names))}."
    thought, cost = think(ask, mint, seen.question, intent, idle=False)
    if by_client:
        return Turn((*thought, *searched), Status.REQUIRES_ACTION, thought_tokens=cost)
    return Turn((*searched, *thought, *made), thought_tokens=cost)


def _functions(ask: Ask, text: str, others: bool) -> list[Json]:
    how, functions = mode(ask), callable_functions(ask)
    if how == "none" or (others and how != "any" and not wanted(functions, text)):
        return []
    return functions


def _cost(step: Json) -> int:
    said = (step.get("arguments"), step.get("result"))
    return sum(tokens(str(value)) for value in said if value)
