"""Answer for Antigravity, which works in a sandbox, step by step, within a budget of tokens.

That its steps are those of code execution follows from the tools that it has by default
(documented); nobody captured a turn. Nothing is executed: what the code prints is worked out.
"""

from __future__ import annotations

from dataclasses import replace

from ...protocol.builders import say
from ...protocol.turn import Turn
from ...protocol.usage import count_usage
from ..citations import Statement, cite_statements
from ..output_limit import limit_output
from ..prose import write_prose
from ..task import Task
from ..thought import AGENT_THOUGHT_TOKENS
from ..tools.code_execution import run_code, use_code_execution


def antigravity_turn(task: Task) -> Turn:
    """Return the turn of a managed agent with a sandbox: it writes a file, runs code, reports."""
    name = f"turn-{task.situation.turn}.txt"
    code = f"from pathlib import Path\nprint(Path({name!r}).write_text({task.subject!r}))"
    write_steps = run_code(task, code, f"{len(task.subject)}\n")
    code_use = use_code_execution(task, ())
    statements = [Statement(f"The sandbox has a file {name}."), *code_use.statements]
    report = cite_statements(write_prose(task, "Nothing was executed."), statements)
    steps = (*write_steps, *code_use.steps, say(report))
    return _limit_total_tokens(task, Turn(steps, thought_tokens=AGENT_THOUGHT_TOKENS))


def _limit_total_tokens(task: Task, turn: Turn) -> Turn:
    """Return the turn within `max_total_tokens`, which counts the input as well (documented)."""
    max_tokens = task.agent_config.get("max_total_tokens")
    if not isinstance(max_tokens, int):
        return turn
    input_tokens = count_usage(task.ask, replace(turn, steps=(), thought_tokens=0))[
        "total_input_tokens"
    ]
    return limit_output(turn, max(0, max_tokens - input_tokens))
