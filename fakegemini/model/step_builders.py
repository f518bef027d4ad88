"""Build the steps and blocks that several parts of the unscripted model make.

The order of their members is that of recorded steps. An output step is built by
`protocol.builders.say`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol.ids import IdSource
from ..wire.http import Json


def text_block(text: str) -> Json:
    """Return a content block of plain text."""
    return {"text": text, "type": "text"}


def thought_step(signature: str, summaries: Sequence[str] = ()) -> Json:
    """Return a `thought` step; without texts to sum it up it has no member `summary`."""
    step: Json = {"signature": signature}
    if summaries:
        step["summary"] = [text_block(summary) for summary in summaries]
    return {**step, "type": "thought"}


def function_call_step(ids: IdSource, name: str, arguments: Json) -> Json:
    """Return a `function_call` step with a new id, for the client to carry out."""
    return {"id": ids.call_id(), "type": "function_call", "name": name, "arguments": arguments}


def call_and_result(
    ids: IdSource,
    name: str,
    call_members: Json | None = None,
    result_members: Json | None = None,
    *,
    signed: bool = True,
) -> tuple[Json, Json]:
    """Return the `<name>_call` and `<name>_result` steps of one use of a server's tool.

    A new id links them; each has its own signature if `signed`; the given members come last.
    """
    call_id = ids.call_id(f"{name}_call")
    steps = []
    for suffix, id_member, members in (
        ("_call", "id", call_members),
        ("_result", "call_id", result_members),
    ):
        step: Json = {id_member: call_id}
        if signed:
            step["signature"] = ids.signature()
        steps.append({**step, "type": name + suffix, **(members or {})})
    return steps[0], steps[1]
