"""Good recordings with one fault each: the checker finds it, and finds it where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from fakegemini import call, say, step, think
from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.findings import Finding
from fakegemini.recordings.read import read_exchanges
from tests.beside import RECORDINGS
from tests.scenarios import SCENARIOS, TIDE, Client

from .mutants import KINDS, Mutant, Recording, mutants

LEAST = 0.99
LEAST_OF_A_KIND = 0.95


def unstored(client: Client) -> None:
    """A turn that nobody keeps, whole and as a stream."""
    client.create(input="Why are there tides?", store=False)
    client.create(input="Why are there tides?", store=False, stream=True)


def streamed_search(client: Client) -> None:
    """Search steps, a thought and an answer as a stream."""
    client.fake.replies(
        step("google_search_call", arguments={"queries": ["tides"]}, search_type="web_search"),
        step("google_search_result", result=[{"search_suggestions": "x"}], is_error=False),
        think("Reading."),
        say("High water is at noon."),
    )
    config = {"thinking_summaries": "auto"}
    tools = [{"type": "google_search"}]
    client.create(input="When?", tools=tools, generation_config=config, stream=True)


def calls_and_more(client: Client) -> None:
    """Two calls, their results, another turn, and a poll of each."""
    client.fake.replies(think(), call("read_tide", harbour="A"), call("read_tide", harbour="B"))
    client.fake.replies(say("Rising, falling."))
    turn = client.create(input="The tides?", tools=[TIDE])
    results = [
        {"type": "function_result", "name": "read_tide", "call_id": made["id"], "result": "x"}
        for made in turn["steps"]
        if made["type"] == "function_call"
    ]
    last = client.create(input=results, previous_interaction_id=turn["id"], tools=[TIDE])
    client.get(turn["id"])
    client.get(last["id"], include_input="true", stream="false")


OWN: tuple[Callable[[Client], None], ...] = (*SCENARIOS, unstored, streamed_search, calls_and_more)


def own() -> list[Recording]:
    """What the fake answers in small programs."""
    made = []
    for scenario in OWN:
        client = Client()
        scenario(client)
        made.append(client.exchanges)
    return made


def recorded() -> list[Recording]:
    """The recordings of the current schema."""
    files = [*sorted(RECORDINGS.glob("*/*.yaml")), RECORDINGS / "error-bodies.jsonl"]
    return [read_exchanges(file) for file in files if not file.name.startswith("legacy-")]


def matches(finding: Finding, mutant: Mutant) -> bool:
    """Whether a finding stands at the mutated place, or inside it."""
    if finding.exchange != mutant.number:
        return False
    head, *others = mutant.path.split("|")
    stem = head.rpartition("[")[0] if others and others[0].startswith("[") else "response."
    return any(
        finding.path == place or finding.path.startswith((f"{place}.", f"{place}["))
        for place in (head, *(stem + other for other in others))
    )


def outcome(recordings: list[Recording]) -> tuple[Counter[str], list[Mutant]]:
    """How many mutants of each kind there are, and those that passed."""
    kinds: Counter[str] = Counter()
    missed = []
    for recording in recordings:
        for mutant in mutants(recording):
            kinds[mutant.kind] += 1
            findings = check_exchanges(mutant.recording)
            if not any(matches(finding, mutant) for finding in findings):
                missed.append(mutant)
    return kinds, missed


def caught(kinds: Counter[str], missed: list[Mutant]) -> bool:
    """Whether enough mutants are found, of all together and of each kind."""
    lost = Counter(mutant.kind for mutant in missed)
    each = all(lost[kind] <= (1 - LEAST_OF_A_KIND) * count for kind, count in kinds.items())
    return each and lost.total() <= (1 - LEAST) * kinds.total()


def told(kinds: Counter[str], missed: list[Mutant]) -> Iterator[str]:
    """The misses as lines."""
    lost = Counter(mutant.kind for mutant in missed)
    yield f"missed {len(missed)} of {kinds.total()}"
    for kind, count in lost.most_common():
        shown = sorted({mutant.path for mutant in missed if mutant.kind == kind})
        yield f"{kind}: {count} of {kinds[kind]}, e.g. {', '.join(shown[:8])}"


def test_the_material_is_good() -> None:
    """What the fake answers has no finding."""
    for recording in own():
        assert check_exchanges(recording) == []


def test_mutants_of_our_own_recordings_are_caught() -> None:
    """At least 99 % of the faults in what the fake answered are found at their place."""
    kinds, missed = outcome(own())

    assert set(kinds) == set(KINDS)
    assert caught(kinds, missed), "\n".join(told(kinds, missed))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_mutants_of_real_recordings_are_caught() -> None:
    """At least 99 % of the faults in what the live server answered are found at their place."""
    kinds, missed = outcome(recorded())

    assert len(kinds) >= 20
    assert caught(kinds, missed), "\n".join(told(kinds, missed))
