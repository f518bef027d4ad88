"""Stateless loops of the real google-genai: the careful pass, the careless are told where."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google import genai
from google.genai._gaos.lib.compat_errors import BadRequestError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakegemini import Fake, Model, Refused, call, say, step, think
from fakegemini.protocol.ids import NO_THOUGHT_SIGNATURE, IdSource
from fakegemini.protocol.signatures import SENTINELS, Signatures
from fakegemini.wire.http import Json

from ..http.door import Door, invalid

MODEL = "gemini-3.5-flash"
OLD = "gemini-2.5-flash"
TIDE = {
    "type": "function",
    "name": "tide",
    "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
}
RECORDED = base64.b64encode(b"\x0a\x80\x01" + bytes(range(128))).decode()
"""Built as recorded ones are: a field, a length, bytes."""

CORRUPTED = "Corrupted thought signature."
CALL_FIRST = "function call turn comes immediately after a user turn"
MISSING = "Request contains an invalid argument."

Edit = Callable[[list[Json]], list[Json]]


def asked(text: str) -> Json:
    """A step of the user."""
    return {"type": "user_input", "content": [{"type": "text", "text": text}]}


def results(steps: list[Json]) -> list[Json]:
    """A result for each call."""
    return [
        {"type": "function_result", "name": one["name"], "call_id": one["id"], "result": "low"}
        for one in steps
        if one["type"] == "function_call"
    ]


def talk(edit: Edit, *, model: str = MODEL, store: bool = False, streamed: bool = False) -> str:
    """A loop that keeps its history itself and edits it before the last request."""
    client = genai.Client()
    create: Any = client.interactions.create
    history = [asked("The tides in Dover and Calais?")]
    for number in range(3):
        given = edit(copy.deepcopy(history)) if number == 2 else history
        if streamed:
            stream = create(model=model, input=given, tools=[TIDE], store=store, stream=True)
            steps = folded(stream)
        else:
            turn = create(model=model, input=given, tools=[TIDE], store=store)
            steps = [one.model_dump(exclude_none=True) for one in turn.steps]
        history += [*steps, *(results(steps) or [asked("And tomorrow?")])]
    return str(steps[-1]["content"][0]["text"])


def folded(stream: Any) -> list[Json]:
    """The steps that a client makes of a stream."""
    from fakegemini.protocol.events import to_steps

    events = [event.model_dump(exclude_none=True) for event in stream]
    return to_steps([event for event in events if event.get("event_type")])


@pytest.fixture
def tides(fakegemini: Fake) -> Fake:
    """Two calls in one turn, a call in the next, then words."""
    fakegemini.replies(think("Two places."), call("tide", at="Dover"), call("tide", at="Calais"))
    fakegemini.replies(call("tide", at="Deal"))
    fakegemini.replies(say("Low."))
    return fakegemini


def unsummarised(history: list[Json]) -> list[Json]:
    """Without the summaries: some clients do not keep them."""
    return [{k: v for k, v in one.items() if k != "summary"} for one in history]


def on_the_calls(history: list[Json]) -> list[Json]:
    """Signatures kept on the calls and not on the thoughts, as of generateContent."""
    out: list[Json] = []
    for one in history:
        if one["type"] == "thought":
            out.append({"type": "nothing", "signature": one["signature"]})
        elif out and out[-1]["type"] == "nothing":
            out[-1] = {**one, "signature": out[-1]["signature"]}
        else:
            out.append(one)
    return out


def shortened(history: list[Json]) -> list[Json]:
    """Without the first question: history is cut where it becomes too long."""
    return history[1:]


def bypassed(history: list[Json]) -> list[Json]:
    """With the documented bypass, as for history of another model."""
    return [
        {**one, "signature": "skip_thought_signature_validator"} if "signature" in one else one
        for one in history
    ]


CAREFUL: list[Edit] = [list, unsummarised, on_the_calls, bypassed]


@pytest.mark.parametrize("edit", CAREFUL)
@pytest.mark.parametrize("store", [False, True], ids=["unstored", "stored"])
@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_a_careful_client_passes(tides: Fake, edit: Edit, store: bool, streamed: bool) -> None:
    """What the model signed stands where it stood."""
    assert talk(edit, store=store, streamed=streamed) == "Low."


def without_thoughts(history: list[Json]) -> list[Json]:
    """Only what seems to matter is kept."""
    return [one for one in history if one["type"] != "thought"]


def unsigned(history: list[Json]) -> list[Json]:
    """A data class of the client's own has no such field."""
    return [{k: v for k, v in one.items() if k != "signature"} for one in history]


def emptied(history: list[Json]) -> list[Json]:
    """The field is there, its value is lost."""
    return [{**one, "signature": ""} if "signature" in one else one for one in history]


def signatures(change: Callable[[str], str]) -> Edit:
    """Each signature changed."""

    def edit(history: list[Json]) -> list[Json]:
        return [
            {**one, "signature": change(one["signature"])} if "signature" in one else one
            for one in history
        ]

    return edit


def calls(history: list[Json]) -> list[Json]:
    """Its calls."""
    return [one for one in history if one["type"] == "function_call"]


def swapped(history: list[Json]) -> list[Json]:
    """The arguments of the two parallel calls exchanged."""
    one, two = calls(history)[:2]
    one["arguments"], two["arguments"] = two["arguments"], one["arguments"]
    return history


def edited_arguments(history: list[Json]) -> list[Json]:
    """A call that says something else than the model did."""
    calls(history)[0]["arguments"] = {"at": "Hastings"}
    return history


def turns(history: list[Json]) -> tuple[list[Json], list[Json], list[Json]]:
    """The question, the first turn with its results, and the second with its own."""
    cut = [at for at, one in enumerate(history) if one["type"] == "thought"][1]
    return history[:1], history[1:cut], history[cut:]


def reordered(history: list[Json]) -> list[Json]:
    """The second turn before the first."""
    question, one, two = turns(history)
    return [*question, *two, *one]


def exchanged(history: list[Json]) -> list[Json]:
    """Each turn's thought at the head of the other."""
    question, one, two = turns(history)
    return [*question, two[0], *unsigned(one[1:]), one[0], *unsigned(two[1:])]


CARELESS: dict[str, tuple[Edit, str, str]] = {
    "dropped": (unsigned, MISSING, "nothing signs the call of 'tide'"),
    "emptied": (emptied, MISSING, "nothing signs the call of 'tide'"),
    "cut at the end": (signatures(lambda old: old[:-8]), CORRUPTED, "it was sent as"),
    "cut at the start": (signatures(lambda old: old[8:]), CORRUPTED, "it was sent as"),
    "edited": (signatures(lambda old: "AAAA" + old[4:]), CORRUPTED, "it was sent as"),
    "continued": (signatures(lambda old: f"{old}AAAA"), CORRUPTED, "it was sent as"),
    "made up": (signatures(lambda _: "signature"), CORRUPTED, "is no signature"),
    "base64": (signatures(lambda _: "c2lnbmF0dXJl"), CORRUPTED, "is no signature"),
    "swapped": (swapped, CORRUPTED, "did not call 'tide' like this"),
    "edited arguments": (edited_arguments, CORRUPTED, "did not call 'tide' like this"),
    "reordered": (reordered, CORRUPTED, "came before one that stands before it"),
    "exchanged": (exchanged, CORRUPTED, "did not call 'tide' like this"),
    "shortened": (shortened, CALL_FIRST, "no turn of the user stands before it"),
}


@contextmanager
def swallowed(message: str) -> Iterator[None]:
    """Swallow the refusal, as a program may; `pytest.raises` would say that it is expected."""
    texts = []
    try:
        yield
    except BadRequestError as error:
        texts.append(str(error))
    assert len(texts) == 1
    assert re.search(message, texts[0])


@pytest.mark.parametrize(("edit", "message", "why"), CARELESS.values(), ids=CARELESS.keys())
def test_a_careless_client_is_refused_and_told_where(
    tides: Fake, edit: Edit, message: str, why: str
) -> None:
    """In the server's words over the wire, and in ours at the end of the test."""
    with swallowed(message):
        talk(edit)

    tides.allow("leftover")
    with pytest.raises(Refused, match=r"input\[\d\] \((thought|function_call)\): ") as told:
        tides.check()
    assert why in str(told.value)


def test_a_thought_is_needed_where_nothing_else_is_signed(tides: Fake) -> None:
    """Recorded without store: the calls have no signature of their own."""
    with pytest.raises(BadRequestError, match=MISSING):
        talk(without_thoughts)

    tides.allow("leftover", "refused")


def test_a_signed_call_stands_for_its_thought(tides: Fake) -> None:
    """Recorded with store: it has the thought's signature."""
    assert talk(without_thoughts, store=True) == "Low."


@pytest.mark.parametrize("name", ["dropped", "edited", "swapped", "reordered"])
def test_an_older_model_does_not_look(tides: Fake, name: str) -> None:
    """Measured for 2.5."""
    assert talk(CARELESS[name][0], model=OLD) == "Low."


def test_a_model_of_the_users_own_need_not_look(tides: Fake) -> None:
    """The table of capabilities can be extended."""
    tides._settings.models["tide-1"] = Model("tide-1", signed=False)

    assert talk(unsigned, model="tide-1") == "Low."


def test_words_need_no_signature(fakegemini: Fake) -> None:
    """Recorded: a turn of text written by hand, without a thought, is taken."""
    client: Any = genai.Client()
    history = [asked("Hi"), step("model_output", content=[{"type": "text", "text": "Yes?"}])]

    turn = client.interactions.create(model=MODEL, input=[*history, asked("Tides?")])

    assert turn.status == "completed"


def test_a_thought_of_another_conversation_is_refused(fakegemini: Fake) -> None:
    """It stands behind a turn that it has nothing to do with."""
    client = genai.Client()
    create: Any = client.interactions.create
    one, two = (create(model=MODEL, input=text, store=False) for text in ("a", "b"))
    first, other = ([one.model_dump(exclude_none=True) for one in t.steps] for t in (one, two))

    create(model=MODEL, input=[asked("a"), *first, asked("More")], store=False)
    with swallowed(CORRUPTED):
        create(model=MODEL, input=[asked("a"), *first, asked("b"), *other, asked("More")])

    with pytest.raises(Refused, match="is of another conversation"):
        fakegemini.check()


def test_branches_of_a_conversation_may_be_joined(fakegemini: Fake) -> None:
    """Two questions asked side by side, and a third that looks at both answers."""
    client: Any = genai.Client()

    def ask(history: list[Json]) -> list[Json]:
        turn = client.interactions.create(model=MODEL, input=history, store=False)
        return [one.model_dump(exclude_none=True) for one in turn.steps]

    trunk = [asked("a")]
    trunk += ask(trunk)
    left, right = [asked("b")], [asked("c")]
    left += ask(trunk + left)
    right += ask(trunk + right)

    assert ask([*trunk, *right, *left, asked("Both?")])


def canned(signature: str) -> list[Json]:
    """A history from a file, with a call."""
    spoken = {"type": "function_call", "id": "k3v9q2zt", "name": "tide", "arguments": {}}
    steps = [asked("Tide?"), {"type": "thought", "signature": signature}, spoken]
    return [*steps, *results(steps)]


@pytest.mark.parametrize(
    "signature", [RECORDED, *sorted(SENTINELS), IdSource("elsewhere").signature()]
)
def test_a_history_from_elsewhere_passes(fakegemini: Fake, signature: str) -> None:
    """What the live server signed, what another fake did, and the bypasses."""
    client: Any = genai.Client()

    assert client.interactions.create(model=MODEL, input=canned(signature)).status == "completed"


@pytest.mark.parametrize("trusted", [("REDACTED",), ()], ids=["that one", "any"])
def test_a_test_may_trust_what_nobody_signed(fakegemini: Fake, trusted: tuple[str, ...]) -> None:
    """As a history needs whose signatures were replaced."""
    fakegemini.trust(*trusted)
    client: Any = genai.Client()

    assert client.interactions.create(model=MODEL, input=canned("REDACTED")).status == "completed"


def test_a_reset_forgets_whom_it_trusts(fakegemini: Fake) -> None:
    """A fake that was reset is as new."""
    fakegemini.trust()
    fakegemini.reset()
    client: Any = genai.Client()

    with pytest.raises(BadRequestError, match=CORRUPTED):
        client.interactions.create(model=MODEL, input=canned("REDACTED"))

    fakegemini.allow("refused")


def test_scripted_signatures_are_good(fakegemini: Fake) -> None:
    """Whatever they look like, the same one twice included."""
    signed = step("thought", signature="scripted")
    fakegemini.replies(signed, call("tide", at="Dover"))
    fakegemini.replies(signed, call("tide", at="Deal"))
    fakegemini.replies(say("Low."))

    assert talk(list) == "Low."


def test_an_altered_recorded_signature_is_known_by_its_likeness(fakegemini: Fake) -> None:
    """It is still base64 of a good shape."""
    fakegemini.replies(step("thought", signature=RECORDED), call("tide", at="Dover"))
    fakegemini.replies(call("tide", at="Deal"))

    with pytest.raises(BadRequestError, match=CORRUPTED):
        talk(signatures(lambda old: old.replace("Hh", "hH") if old == RECORDED else old))

    fakegemini.allow("refused", "leftover")


def test_a_refusal_of_a_stream_is_framed(fakegemini: Fake) -> None:
    """Recorded on 2026-08-21: HTTP 400, and one SSE frame as its body."""
    answer = Door(fakegemini.url, "v1beta").create(canned("!"), stream=True)

    assert answer.status == 400
    assert answer.events == [{**invalid(CORRUPTED), "event_type": "error"}]
    fakegemini.allow("refused")


def test_a_chain_is_not_looked_at(tides: Fake) -> None:
    """The server has the history itself; what is resent beside it is no replay."""
    client: Any = genai.Client()
    turn = client.interactions.create(model=MODEL, input="Tides?", tools=[TIDE])
    steps = unsigned([one.model_dump(exclude_none=True) for one in turn.steps])

    again = client.interactions.create(
        model=MODEL, input=[*steps, *results(steps)], previous_interaction_id=turn.id
    )

    assert again.status == "requires_action"
    tides.allow("leftover")


SENT: Json = {"type": "thought", "signature": IdSource("a turn").signature()}


@given(st.integers(0, len(SENT["signature"]) - 1), st.sampled_from("AZaz09+/=-_ é"))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_single_character_may_change(at: int, other: str) -> None:
    """Whichever it is; what is unchanged is good."""
    known = Signatures()
    known.remember((SENT,), ())
    old = str(SENT["signature"])
    new = old[:at] + other + old[at + 1 :]

    wrong = known.find_problem([{**SENT, "signature": new}])

    assert (wrong is None) == (new == old)


@given(st.one_of(st.text(max_size=80), st.binary(max_size=80).map(lambda raw: raw.hex())))
def test_any_text_is_judged(text: str) -> None:
    """No text is too odd to be looked at."""
    judged = Signatures().find_problem([{"type": "thought", "signature": text}])

    assert judged is None or judged.kind == "altered"


def test_that_of_no_thought_is_known() -> None:
    """The constant is not remembered as anybody's."""
    known = Signatures()
    constant = {"type": "thought", "signature": NO_THOUGHT_SIGNATURE}
    known.remember((constant,), ())

    assert known.find_problem([constant, {"type": "user_input"}, constant]) is None
