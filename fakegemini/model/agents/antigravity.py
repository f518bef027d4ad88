"""Antigravity: works in a sandbox, step by step, within a budget of tokens.

That its steps are those of code execution follows from the tools that it has by default
(documented); nobody captured a turn. Nothing is executed: what the code prints is worked out.
"""

from __future__ import annotations

from dataclasses import replace

from ...protocol.turn import Turn
from ...protocol.usage import count_usage
from ..citations import cite_statements
from ..output_limit import limit_output
from ..prose import write_prose
from ..tools.code_execution import use_code_execution
from ..tools.job import Statement, ToolJob
from .task import Task

_THOUGHT_TOKENS = 80


def antigravity_turn(task: Task) -> Turn:
    """The turn of a request to a managed agent with a sandbox."""
    job = ToolJob(task.ask, task.situation, (), task.ids)
    name = f"turn-{task.situation.turn}.txt"
    code = f"from pathlib import Path\nprint(Path({name!r}).write_text({task.subject!r}))"
    write_steps = job.make_steps(
        "code_execution",
        {"arguments": {"language": "python", "code": code}},
        {"result": f"{len(task.subject)}\n", "is_error": False},
    )
    code_use = use_code_execution(job)
    statements = [Statement(f"The sandbox has a file {name}."), *code_use.statements]
    report = cite_statements(
        write_prose(task.ask, task.situation, "Nothing was executed."), statements
    )
    thought = {"signature": task.ids.signature(), "type": "thought"}
    output = {"content": [report], "type": "model_output"}
    turn = Turn((thought, *write_steps, *code_use.steps, output), thought_tokens=_THOUGHT_TOKENS)
    return _limit_total_tokens(task, turn)


def _limit_total_tokens(task: Task, turn: Turn) -> Turn:
    """`max_total_tokens` counts the input as well; what is beyond it is left for the next turn."""
    max_tokens = task.config.get("max_total_tokens")
    if not isinstance(max_tokens, int):
        return turn
    input_tokens = count_usage(task.ask, replace(turn, steps=(), thought_tokens=0))[
        "total_input_tokens"
    ]
    return limit_output(turn, max(0, max_tokens - input_tokens))
