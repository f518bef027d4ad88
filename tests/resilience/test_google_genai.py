"""What plain code around google-genai gets: the usage of its own documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fakegemini import Fake
from fakegemini.errors import VerdictTable
from fakegemini.resilience import NotResilient

from .careful import MODEL, PROMPT, TOOL

genai = pytest.importorskip("google.genai")


def unary(fake: Fake) -> Any:
    """One question, one answer."""
    client = genai.Client()
    return client.interactions.create(model=MODEL, input=PROMPT).output_text


async def unary_async(fake: Fake) -> Any:
    """The same with the asynchronous client."""
    client = genai.Client()
    try:
        turn = await client.aio.interactions.create(model=MODEL, input=PROMPT)
        return turn.output_text
    finally:
        await client.aio.aclose()


def streamed(fake: Fake) -> str:
    """The text of a stream."""
    client, text = genai.Client(), ""
    for event in client.interactions.create(model=MODEL, input=PROMPT, stream=True):
        if event.event_type == "step.delta" and event.delta.type == "text":
            text += event.delta.text
    return text


def streamed_to_its_end(fake: Fake) -> str:
    """The text of a stream that came to its end."""
    client, text = genai.Client(), ""
    for event in client.interactions.create(model=MODEL, input=PROMPT, stream=True):
        if event.event_type == "step.delta" and event.delta.type == "text":
            text += event.delta.text
        elif event.event_type == "interaction.completed":
            return text
    raise RuntimeError("the stream was not complete")


def polled(fake: Fake) -> Any:
    """A background run, polled until it is done, as the documentation shows it."""
    client = genai.Client()
    run = client.interactions.create(model=MODEL, input=PROMPT, background=True)
    while run.status == "in_progress":
        fake.clock.advance(5)  # instead of time.sleep(5)
        run = client.interactions.get(run.id)
    return run.output_text


def called(fake: Fake) -> Any:
    """A function loop with the parent's id."""
    client = genai.Client()
    turn = client.interactions.create(model=MODEL, input=PROMPT, tools=[TOOL])
    while turn.status == "requires_action":
        results = [
            {"type": "function_result", "name": step.name, "call_id": step.id, "result": "rising"}
            for step in turn.steps
            if step.type == "function_call"
        ]
        turn = client.interactions.create(
            model=MODEL, input=results, tools=[TOOL], previous_interaction_id=turn.id
        )
    return turn.output_text


def stateless(fake: Fake) -> Any:
    """A function loop that sends its history back, dumped by the SDK."""
    client = genai.Client()
    history: list[Any] = [{"type": "user_input", "content": [{"type": "text", "text": PROMPT}]}]
    for _ in range(4):
        turn = client.interactions.create(model=MODEL, input=history, tools=[TOOL], store=False)
        history += [step.model_dump() for step in turn.steps]
        calls = [step for step in turn.steps if step.type == "function_call"]
        if not calls:
            return turn.output_text
        for call in calls:
            result = {"type": "function_result", "name": call.name, "call_id": call.id}
            history.append({**result, "result": "rising"})
    return None


USAGES: list[tuple[Callable[[Fake], Any], set[str]]] = [
    (unary, set()),
    (unary_async, set()),
    # A stream that ends early is no error for the SDK, and an error event is an event.
    (streamed, {"no_terminal", "error_event"}),
    # The SDK goes on behind the first interaction.completed; who stops there has half a turn.
    (streamed_to_its_end, {"continuation"}),
    # One refused poll ends the documentation's loop.
    (polled, {"poll_fails_once"}),
    (called, set()),
    (stateless, set()),
]


ENDLESS = ("polling_for_ever", "never_cancelled")
"""Nothing in the documentation's loop ever gives up, which takes it many polls to show."""


def verdicts_of(fake: Fake, run: Callable[[], Any], *skip: Any) -> VerdictTable:
    """The verdicts, whether they are raised or not."""
    try:
        return fake.assert_resilient(run, skip=skip)
    except NotResilient as error:
        return error.verdicts


@pytest.mark.parametrize(("usage", "bad"), USAGES)
def test_a_plain_usage(usage: Callable[[Fake], Any], bad: set[str], fakegemini: Fake) -> None:
    """What the SDK does by itself is good; what it leaves to its user is told."""
    # The SDK waits as it is told; once is enough to see that.
    skip = () if usage is unary else ("retry_after_ignored",)
    verdicts = verdicts_of(fakegemini, lambda: usage(fakegemini), *ENDLESS, *skip)

    assert set(verdicts.bad) == bad, str(verdicts)
