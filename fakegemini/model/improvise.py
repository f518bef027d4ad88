"""The order in which the unscripted model decides what to do."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..protocol.status import Status
from ..protocol.turn import Turn
from ..protocol.usage import estimate_tokens
from ..wire.http import Json
from .agents.registry import find_turn_maker
from .agents.task import Task
from .function_calls import asks_for_function, callable_functions, make_calls, tool_choice_mode
from .output import make_output
from .output_limit import limit_output
from .situation import Situation, read_situation
from .thought import make_thought
from .tools.computer_use import first_screen_action
from .tools.registry import plan_tools
from .tools.tool_search import load_deferred
from .values.prompt_words import replace_surrogates


def improvise(ask: Ask, ids: IdSource) -> Turn:
    """What the model says when nobody scripted it: the same turn for the same ask and seed.

    A turn that brings function results is answered, whatever `tool_choice` says: a model that
    must always call would never let a client's loop end. Otherwise functions come first, where
    there are any and the prompt is not rather for another tool; then the first move of computer
    use; then the server's own tools and an output that cites what they found.
    """
    situation = read_situation(ask)
    limit = ask.config.get("max_output_tokens")
    return limit_output(
        _choose_turn(ask, situation, ids), limit if isinstance(limit, int) else None
    )


def _choose_turn(ask: Ask, situation: Situation, ids: IdSource) -> Turn:
    text = situation.question
    if situation.results:
        thought, cost = make_thought(ask, ids, text, "", only_results=True)
        output_step, files = make_output(ask, situation, (), ids)
        return Turn((*thought, output_step), thought_tokens=cost, files=files)
    tool_plan = plan_tools(ask, situation, ids)
    functions = _functions_to_call(ask, text, bool(tool_plan.jobs))
    if functions:
        return _make_call_turn(ask, situation, make_calls(functions, text, ids), functions, ids)
    screen_actions = (
        first_screen_action(ask, situation, ids) if tool_choice_mode(ask) != "none" else []
    )
    if screen_actions:
        return _make_call_turn(ask, situation, screen_actions, (), ids)
    make_agent_turn = find_turn_maker(ask) if ask.agent else None
    if make_agent_turn:
        return make_agent_turn(Task(ask, situation, ids))
    tool_uses = tool_plan.use_tools()
    thought, cost = make_thought(
        ask, ids, text, f"Answering in turn {situation.turn}.", only_results=False
    )
    output_step, files = make_output(ask, situation, tool_uses, ids)
    return Turn(
        _order_steps(
            ask,
            [step for tool_use in tool_uses for step in tool_use.steps],
            (*thought, output_step),
        ),
        thought_tokens=cost,
        files=files,
        tool_use_tokens=sum(
            _count_step_tokens(step) for tool_use in tool_uses for step in tool_use.steps
        ),
        grounding=tuple(
            {"type": tool_use.grounding_type, "count": tool_use.call_count}
            for tool_use in tool_uses
            if tool_use.grounding_type is not None
        ),
    )


def _order_steps(
    ask: Ask, tool_steps: list[Json], answer_steps: tuple[Json, ...]
) -> tuple[Json, ...]:
    only_searched = bool(tool_steps) and all(
        step["type"].startswith("google_search_") for step in tool_steps
    )
    if not (
        only_searched and ask.era.does("search comes last") and "gemini-2.5" in (ask.model or "")
    ):
        return (*tool_steps, *answer_steps)
    unsigned_steps = ({key: step[key] for key in step if key != "signature"} for step in tool_steps)
    return (*answer_steps, *unsigned_steps)


def _make_call_turn(
    ask: Ask,
    situation: Situation,
    calls: list[Json],
    declared_functions: Iterable[Json],
    ids: IdSource,
) -> Turn:
    names = list(dict.fromkeys(call["name"] for call in calls))
    functions = [function for function in declared_functions if function["name"] in names]
    search_steps, by_client = load_deferred(ask, situation, functions, ids)
    intent = f"The next step is to call {replace_surrogates(', '.join(names))}."
    thought, cost = make_thought(ask, ids, situation.question, intent, only_results=False)
    if by_client:
        return Turn((*thought, *search_steps), Status.REQUIRES_ACTION, thought_tokens=cost)
    return Turn((*search_steps, *thought, *calls), thought_tokens=cost)


def _functions_to_call(ask: Ask, text: str, has_tool_jobs: bool) -> list[Json]:
    choice, functions = tool_choice_mode(ask), callable_functions(ask)
    if choice == "none" or (
        has_tool_jobs and choice != "any" and not asks_for_function(functions, text)
    ):
        return []
    return functions


def _count_step_tokens(step: Json) -> int:
    contents = (step.get("arguments"), step.get("result"))
    return sum(estimate_tokens(str(value)) for value in contents if value)
