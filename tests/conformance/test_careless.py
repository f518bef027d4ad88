"""Six kinds of careless clients fail against the fake, with google-genai; careful ones pass.

Four resend a history that is not what it was, and are refused as live; two lose or double text,
which no server can refuse, and `assert_resilient` tells.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google import genai
from google.genai._gaos.lib.compat_errors import APIConnectionError, BadRequestError

from fakegemini import Fake, Refused
from fakegemini.resilience import NotResilient
from tests.conformance.test_signatures import CARELESS, talk, tides

__all__ = ["tides"]

MODEL = "gemini-3.5-flash"
PROMPT = "Tell me at some length about the tides in the harbour of Bergen."


@pytest.mark.parametrize("kind", ["dropped", "edited", "swapped", "reordered"])
def test_a_history_that_is_not_what_it_was(kind: str, tides: Fake) -> None:
    """A signature dropped or edited, the arguments of two calls swapped, the turns reordered."""
    edit, message, why = CARELESS[kind]

    refusals = []
    try:  # `pytest.raises` would say that the test expects it
        talk(edit)
    except BadRequestError as error:
        refusals.append(str(error))
    assert [re.search(message, text) is not None for text in refusals] == [True]

    tides.allow("leftover")
    with pytest.raises(Refused) as told:
        tides.check()
    assert why in str(told.value)


def test_a_history_that_is_what_it_was(tides: Fake) -> None:
    """The careful one passes."""
    assert talk(list) == "Low."


def resumed(*, carefully: bool) -> str:
    """The text of a background stream that is opened again where it broke off."""
    client: Any = genai.Client()
    said, last, name = "", "", ""
    ask = {"model": MODEL, "input": PROMPT, "background": True, "stream": True}
    events = client.interactions.create(**ask)
    for _ in range(3):
        try:
            for event in events:
                last = event.event_id or last
                if event.event_type == "interaction.created":
                    name = event.interaction.id
                elif event.event_type == "step.delta" and event.delta.type == "text":
                    said += event.delta.text
                elif event.event_type == "interaction.completed":
                    return said
        except APIConnectionError:
            pass
        query = {"last_event_id": last} if carefully else {}
        events = client.interactions.get(name, stream=True, **query)
    raise RuntimeError("the stream never came to its end")


def continued(*, carefully: bool) -> str:
    """The text of a turn, of which the SDK asks for the rest unless it is told not to."""
    client: Any = genai.Client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        turn = client.interactions.create(
            model=MODEL, input=PROMPT, automatic_continuation=carefully
        )
    return str(turn.output_text)


TEXTS: dict[str, tuple[Any, Any]] = {
    "a resumed stream appended twice": (resumed, "duplicated_text"),
    "continuation ignored": (continued, "continuation"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_text_that_is_not_what_was_said(kind: str, fakegemini: Fake) -> None:
    """Nothing is refused, and the verdict is bad."""
    client, day = TEXTS[kind]

    with pytest.raises(NotResilient) as told:
        fakegemini.assert_resilient(lambda: client(carefully=False), only=[day])

    assert told.value.verdicts.bad == (day,)


@pytest.mark.parametrize("kind", TEXTS)
def test_text_that_is_what_was_said(kind: str, fakegemini: Fake) -> None:
    """The careful one passes."""
    client, day = TEXTS[kind]

    assert fakegemini.assert_resilient(lambda: client(carefully=True), only=[day]).of("good") == (
        day,
    )
