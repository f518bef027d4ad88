"""What the live server did at another time, a row of the table each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from fakegemini import BadScript, Fake, call, say, think
from fakegemini.protocol.eras import CHANGES, ERAS, era_on
from tests.http.door import Door

TOOLS = [{"type": "function", "name": "f"}]
ALL = [*ERAS]


def signed_calls(door: Door, fake: Fake) -> bool:
    """Whether a call repeats the signature of its thought."""
    fake.replies(call("f"))
    thought, made = door.create(tools=TOOLS).json["steps"]
    return bool(made.get("signature") == thought["signature"])


def shown_input(door: Door, fake: Fake) -> bool:
    """Whether a get shows what the client said."""
    made = door.create().json
    got = door.get(made["id"], include_input="true").json
    assert ("input" in got) is (got["steps"][0]["type"] == "user_input")
    return "input" in got


def counted_history(door: Door, fake: Fake) -> bool:
    """Whether a chained turn costs the turns before it as well."""
    first = door.create("A long question about the tides of every sea there is.").json
    second = door.create("And?", previous_interaction_id=first["id"]).json
    return bool(second["usage"]["total_input_tokens"] > first["usage"]["total_input_tokens"])


def raw_prompts(door: Door, fake: Fake) -> bool:
    """Whether usage has the undeclared count, for a 3.x model and for no other."""
    older = door.create(model="gemini-2.5-flash").json["usage"]
    assert "raw_prompt_token" not in older
    return "raw_prompt_token" in door.create().json["usage"]


def usage_of_events(door: Door, fake: Fake) -> bool:
    """Whether events carry metadata: the first, and the last step's end."""
    events = door.create(stream=True).events
    carrying = [event["event_type"] for event in events if "metadata" in event]
    assert carrying in ([], ["interaction.created", "step.stop"])
    return bool(carrying)


def interleaved(door: Door, fake: Fake) -> bool:
    """Whether an empty signature follows each summary."""
    fake.replies(think("One."), say("Yes."))
    deltas = [event["delta"] for event in door.create(stream=True).events if "delta" in event]
    assert deltas[0]["type"] == "thought_summary"
    return bool(deltas[1] == {"signature": "", "type": "thought_signature"})


def late_search(door: Door, fake: Fake) -> bool:
    """Whether a 2.5 model's search steps come last and unsigned; never those of a 3.x model."""
    tools = [{"type": "google_search"}]
    newer = door.create("Who won?", tools=tools).json["steps"]
    assert newer[0]["type"] == "google_search_call"
    steps = door.create("Who won?", tools=tools, model="gemini-2.5-flash").json["steps"]
    assert ("signature" in steps[0]) or steps[0]["type"] == "thought"
    return bool(steps[-1]["type"] == "google_search_result" and "signature" not in steps[-1])


def bare_streams(door: Door, fake: Fake) -> bool:
    """Whether a stream of nothing stored has no id, in any event."""
    events = door.create(stream=True, store=False).events
    named = ["id" in event.get("interaction", event) for event in events if "interaction" in event]
    assert len(set(named)) == 1
    assert ("interaction_id" in events[1]) is named[0]
    return not named[0]


ROWS: dict[str, Callable[[Door, Fake], bool]] = {
    "calls are signed": signed_calls,
    "input is shown": shown_input,
    "history is counted": counted_history,
    "prompts are counted raw": raw_prompts,
    "events have usage": usage_of_events,
    "summaries are interleaved": interleaved,
    "search comes last": late_search,
    "unstored streams are bare": bare_streams,
}


@pytest.fixture(params=ALL)
def era(request: pytest.FixtureRequest, fake: Fake) -> str:
    """The fake is of that time."""
    fake.era = request.param
    return fake.era


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: str(row.name))
def test_a_row(row: Any, era: str, door: Door, fake: Fake) -> None:
    """Each change holds in its eras and in no other, and no answer breaks the contract."""
    seen = ROWS[row.name](door, fake)
    if not fake.requests or any(asked.interaction is None for asked in fake.requests.creates):
        fake.allow("refused")
    assert seen is (era in row.eras)


def test_legacy_clients_are_refused_in_all(era: str, door: Door) -> None:
    """No era speaks the schema before steps."""
    answer = door.ask(
        "POST",
        "/v1/interactions",
        {"model": "gemini-2.5-flash", "input": "Hi"},
        {"x-goog-api-client": "google-genai-sdk/1.75.0 gl-python/3.11"},
    )

    assert answer.status == 400
    assert "no longer supported" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-12-11", "2026-05"),
        ("2026-05-31T23:59:59Z", "2026-05"),
        ("2026-06-11", "2026-06"),
        ("2026-07-07", "2026-08"),
        ("2026-09-30", "2026-08"),
        ("2026-10-01", "2026-10"),
        ("2027-01-01", "2026-10"),
    ],
)
def test_the_era_of_a_day(day: str, name: str) -> None:
    """The newest that had begun."""
    assert era_on(day).name == name


def test_an_era_that_is_none() -> None:
    """One sentence with those there are."""
    message = "era is one of '2026-05', '2026-06', '2026-08', '2026-10', not '2026-8'"
    with pytest.raises(BadScript, match=re.escape(message + ", did you mean '2026-08'?")):
        Fake(era="2026-8")  # type: ignore[arg-type]
    with pytest.raises(BadScript, match="era is one of"):
        Fake().era = "yesterday"  # type: ignore[assignment]
