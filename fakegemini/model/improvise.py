"""Decide what the unscripted model does in a turn: call, search, work as an agent, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..protocol.status import Status
from ..protocol.tokens import estimate_tokens
from ..protocol.turn import Turn
from ..wire.http import Json
from .output import make_output
from .output_limit import limit_output
from .quoting import replace_surrogates
from .situation import read_situation
from .task import Task
from .thought import make_thought
from .tool_choice import callable_functions, tool_choice_mode
from .tools.registry import plan_tools, use_tools
from .tools.tool_search import load_deferred
from .tools.tool_use import ToolUse


def improvise(ask: Ask, ids: IdSource) -> Turn:
    """Return an unscripted turn: the same one for the same request and the same seed of ids.

    A turn that brings function results is answered, whatever `tool_choice` says: a model that
    must always call would never let a client's loop end. Otherwise functions come first, where
    there are any and the prompt is not rather for another tool; then the first action of computer
    use; then the agent that is asked; then the server's own tools and an output that cites what
    they found.
    """
    limit = ask.config.get("max_output_tokens")
    task = Task(ask, read_situation(ask), ids)
    turn = _choose_turn(task)
    if task.shortcomings:
        turn = replace(turn, shortcomings=tuple(task.shortcomings))
    return limit_output(turn, limit if isinstance(limit, int) else None)


def _choose_turn(task: Task) -> Turn:
    if task.situation.results:
        thought, cost = make_thought(task, "", only_results=True)
        output_step, files = make_output(task, ())
        return Turn((*thought, output_step), thought_tokens=cost, files=files)
    tool_plan = plan_tools(task)
    functions = _functions_to_call(task, bool(tool_plan))
    if functions:
        from .function_calls import make_calls

        return _make_call_turn(task, make_calls(task, functions), functions)
    if task.ask.tools and tool_choice_mode(task.ask) != "none":
        from .tools.computer_use import first_screen_action

        screen_action = first_screen_action(task)
        if screen_action:
            return _make_call_turn(task, [screen_action], ())
    if task.ask.agent:
        from .agents.registry import find_turn_maker

        make_agent_turn = find_turn_maker(task)
        if make_agent_turn:
            return make_agent_turn(task)
    return _make_answer_turn(task, use_tools(task, tool_plan))


def _functions_to_call(task: Task, has_other_tools: bool) -> list[Json]:
    """Return the functions to choose from; none where the prompt is rather for another tool."""
    mode, functions = tool_choice_mode(task.ask), callable_functions(task.ask)
    if mode == "none" or not functions:
        return []
    if has_other_tools and mode != "any":
        from .function_calls import asks_for_function

        return functions if asks_for_function(functions, task.situation.question) else []
    return functions


def _make_call_turn(task: Task, calls: list[Json], declared_functions: Sequence[Json]) -> Turn:
    names = list(dict.fromkeys(call["name"] for call in calls))
    functions = [function for function in declared_functions if function["name"] in names]
    search_steps, by_client = load_deferred(task, functions)
    intent = f"The next step is to call {replace_surrogates(', '.join(names))}."
    thought, cost = make_thought(task, intent, only_results=False)
    if by_client:  # the calls come once the client has said what its search found
        return Turn((*thought, *search_steps), Status.REQUIRES_ACTION, thought_tokens=cost)
    return Turn((*search_steps, *thought, *calls), thought_tokens=cost)


def _make_answer_turn(task: Task, tool_uses: Sequence[ToolUse]) -> Turn:
    intent = f"Answering in turn {task.situation.turn}."
    thought, cost = make_thought(task, intent, only_results=False)
    output_step, files = make_output(task, tool_uses)
    tool_steps = [step for tool_use in tool_uses for step in tool_use.steps]
    return Turn(
        _order_steps(task.ask, tool_steps, (*thought, output_step)),
        thought_tokens=cost,
        files=files,
        tool_use_tokens=sum(map(_count_step_tokens, tool_steps)),
        grounding=tuple(
            {"type": tool_use.grounding_type, "count": tool_use.call_count}
            for tool_use in tool_uses
            if tool_use.grounding_type is not None
        ),
    )


def _order_steps(
    ask: Ask, tool_steps: list[Json], answer_steps: tuple[Json, ...]
) -> tuple[Json, ...]:
    """Return the steps of a turn: first those of the tools, then the answer, as recorded.

    In an era in which "search comes last" (`protocol.eras` has the dates), the steps of Google
    Search alone follow the answer of a gemini-2.5 model, without signatures.
    """
    only_searched = bool(tool_steps) and all(
        step["type"].startswith("google_search_") for step in tool_steps
    )
    if not (
        only_searched and ask.era.does("search comes last") and "gemini-2.5" in (ask.model or "")
    ):
        return (*tool_steps, *answer_steps)
    unsigned_steps = ({key: step[key] for key in step if key != "signature"} for step in tool_steps)
    return (*answer_steps, *unsigned_steps)


def _count_step_tokens(step: Json) -> int:
    if str(step["type"]).startswith("google_search_"):
        return 0  # recorded: a search costs no tokens of tool use, code execution does
    contents = (step.get("arguments"), step.get("result"))
    return sum(estimate_tokens(str(value)) for value in contents if value)
