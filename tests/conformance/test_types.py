"""Every step and delta type, the same however it comes: scripted, whole, streamed, stored, got."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google import genai
from google.genai import interactions

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.protocol.events import to_steps
from fakegemini.protocol.schemas import validator
from fakegemini.recordings.server_names import names_in, swap_names
from fakegemini.wire.http import Json
from tests.conformance.strict import bare, tags
from tests.every_type import STEPS, STRANGE, streamed, type_of, types
from tests.record.upstream import recorder

MODEL = "gemini-2.5-flash-lite"  # it does not think: a turn is what the script says, no more
STEP_CLASSES = (tags(bare(interactions.Step)[1]) or ("", {}))[1]
DELTA_CLASSES = (tags(bare(interactions.StepDeltaData)[1]) or ("", {}))[1]


def plain(value: Any) -> Json:
    """What the SDK read, as the JSON it came from."""
    read: Json = value.raw if type(value).__name__.startswith("Unknown") else value.to_dict()
    return read


def shown(event: Any) -> Json:
    """An event as it came: the SDK shows a `result` of None where its class wants one."""
    read = plain(event)
    if "delta" in read:
        read["delta"] = {key: value for key, value in read["delta"].items() if value is not None}
    return read


def folded(events: Iterable[Any]) -> list[Json]:
    """The steps that a stream makes, put together by our own rules: no SDK has any."""
    return to_steps(shown(event) for event in events if event.event_type.startswith("step."))


def views(client: Any, given: Any) -> dict[str, list[Json]]:
    """The steps of one scripted turn each way a client can see them."""
    summaries = {"thinking_summaries": "auto"}
    ask = {"model": MODEL, "input": given, "generation_config": summaries}
    turn = client.interactions.create(**ask)
    events = list(client.interactions.create(stream=True, **ask))
    seen = {"unary": turn.steps, "got": client.interactions.get(turn.id).steps[1:]}
    told = events[0].interaction.id
    seen["streamed, got"] = client.interactions.get(told).steps[1:]
    again = list(client.interactions.get(told, stream=True))
    whole = {name: [plain(step) for step in steps or ()] for name, steps in seen.items()}
    return whole | {"streamed": folded(events), "streamed again": folded(again)}


SCRIPTED = [name for name in STEPS if type_of(name) != "user_input"]


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_step_is_the_same_every_way(name: str, fakegemini: Fake) -> None:
    """As scripted in every view, of the SDK's own class, by the closed schema."""
    whole, tag = STEPS[name], type_of(name)
    fakegemini.replies(whole, times=2)

    seen = views(genai.Client(), "x")

    assert seen == {
        view: [streamed(whole) if view in ("streamed", "streamed again") else whole]
        for view in seen
    }
    assert validator(f"interactions/step/{tag}", closed=True).is_valid(whole)
    assert type(STEP_CLASSES[tag].model_validate(whole)) is STEP_CLASSES[tag]


CASES = {name: STEPS[name] for name in SCRIPTED} | {
    f"strange {name}": step for name, step in STRANGE.items()
}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A cassette of every step in every view, recorded through the proxy, and what was seen."""
    tape, fake = tmp_path_factory.mktemp("walk") / "tape.yaml", Fake(seed="recorded")
    for name, whole in CASES.items():
        fake.when(input=f"step {name}").replies(whole)
    with serve(fake.handle) as upstream, recorder(tape, upstream) as (url, made):
        client = genai.Client(api_key="fake-key", http_options={"base_url": url})
        seen = {name: views(client, f"step {name}") for name in CASES}
        saved = made.save()
    assert list(saved.violations) == []
    return tape, seen


def unnamed(steps: Any) -> Any:
    """The steps without the names that a server makes up."""
    return swap_names(steps, lambda key, name: key)


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_step_is_the_same_every_way(
    name: str, walked: tuple[Path, dict[str, Any]], fakegemini: Fake
) -> None:
    """Replayed to the SDK it is what was recorded, under other names where it has any."""
    tape, recorded = walked
    fakegemini.play(tape, chunks=19)

    seen = views(genai.Client(), f"step {name}")

    assert unnamed(seen) == unnamed(recorded[name])
    assert set(names_in(recorded[name])).isdisjoint(names_in(seen))
    assert seen["unary"] == seen["got"]
    assert seen["streamed"] == seen["streamed again"]


def test_the_users_step_is_the_same_every_way(fakegemini: Fake) -> None:
    """What a user says is stored as it was said; no stream shows it."""
    whole = STEPS["user_input"]
    client: Any = genai.Client()
    turn = client.interactions.create(model=MODEL, input=[whole])

    found = client.interactions.get(turn.id, include_input=True)
    events = list(client.interactions.get(turn.id, stream=True))

    assert [plain(found.steps[0]), *map(plain, found.input)] == [whole, whole]
    assert [step["type"] for step in folded(events)] == ["model_output"]


def test_every_type_has_its_case(fakegemini: Fake) -> None:
    """The cases use every step type and every delta type of the schemas and of the SDK."""
    client: Any = genai.Client()
    used = set()
    for whole in (STEPS[name] for name in SCRIPTED):
        fakegemini.replies(whole)
        for event in client.interactions.create(model=MODEL, input="x", stream=True):
            if event.event_type == "step.delta":
                tag = event.delta.type
                assert type(event.delta) is DELTA_CLASSES[tag]
                told = shown(event)["delta"]
                assert (
                    list(validator(f"interactions/delta/{tag}", closed=True).iter_errors(told))
                    == []
                )
                used.add(tag)

    assert {type_of(name) for name in STEPS} == types("step") == set(STEP_CLASSES)
    assert used == types("delta") == set(DELTA_CLASSES)


@pytest.mark.parametrize("name", STRANGE)
def test_what_nobody_knows_passes_unchanged(name: str, fakegemini: Fake) -> None:
    """A type of tomorrow is scripted, streamed, stored and got as it is, and no breach."""
    whole = STRANGE[name]
    fakegemini.replies(whole, times=2)

    seen = views(genai.Client(), "x")

    assert seen == {key: [whole] for key in seen}


def test_what_nobody_knows_can_be_sent_back(fakegemini: Fake) -> None:
    """A client that resends such steps without a parent is answered, and its history kept.

    Not so a block of a type nobody knows: the live server refuses its tag.
    """
    said = {"type": "user_input", "content": [{"text": "x", "type": "text"}]}
    strange = [step for step in STRANGE.values() if "content" not in step]
    history = [said, *strange, said]
    fakegemini.answers(lambda ask: f"{len(ask.conversation)} steps")

    client: Any = genai.Client()

    turn = client.interactions.create(model=MODEL, input=history)

    assert turn.output_text == f"{len(history)} steps"
