"""Antigravity: works in a sandbox, step by step, within a budget of tokens.

That its steps are those of code execution follows from the tools that it has by default
(documented); nobody captured a turn. Nothing is executed: what the code prints is worked out.
"""

from __future__ import annotations

from dataclasses import replace

from ...protocol.turn import Turn
from ...protocol.usage import count
from ..citations import cited
from ..output_limit import within
from ..prose import talk
from ..tools.code_execution import code_execution
from ..tools.job import Finding, Job
from .task import Errand

_THOUGHT_TOKENS = 80


def work(errand: Errand) -> Turn:
    """The turn of a request to a managed agent with a sandbox."""
    job = Job(errand.ask, errand.scene, (), errand.mint)
    name = f"turn-{errand.scene.turn}.txt"
    code = f"from pathlib import Path\nprint(Path({name!r}).write_text({errand.subject!r}))"
    written = job.pair(
        "code_execution",
        {"arguments": {"language": "python", "code": code}},
        {"result": f"{len(errand.subject)}\n", "is_error": False},
    )
    counted = code_execution(job)
    findings = [Finding(f"The sandbox has a file {name}."), *counted.findings]
    report = cited(talk(errand.ask, errand.scene, "Nothing was executed."), findings)
    thought = {"signature": errand.mint.signature(), "type": "thought"}
    output = {"content": [report], "type": "model_output"}
    turn = Turn((thought, *written, *counted.steps, output), thought_tokens=_THOUGHT_TOKENS)
    return _within(errand, turn)


def _within(errand: Errand, turn: Turn) -> Turn:
    """`max_total_tokens` counts the input as well; what is beyond it is left for the next turn."""
    most = errand.config.get("max_total_tokens")
    if not isinstance(most, int):
        return turn
    taken = count(errand.ask, replace(turn, steps=(), thought_tokens=0))["total_input_tokens"]
    return within(turn, max(0, most - taken))
