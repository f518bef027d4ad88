"""What comes out of a template is what is worked out anew: bytes, state, log, refusals.

A fake whose clock is a function of the test's has no templates; it is asked the same beside one
that has them.
"""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, Reply, Request, call, faults, running_for, say, step, think
from fakegemini.doors.access_log import log_requests
from fakegemini.fake.answer_templates.filled_interaction import FilledInteraction
from fakegemini.fake.answer_templates.split_body import split_body
from fakegemini.fake.answer_templates.template_cache import KnownKind
from fakegemini.protocol.clock import START
from fakegemini.protocol.ids import InteractionId
from fakegemini.protocol.interaction import Interaction
from fakegemini.protocol.known_models import Model

from .. import every_medium, every_tool

MODEL = "gemini-3.5-flash"
TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        *("null", "NaN", "Infinity", '"', "\\", "\\u0041", "{}", '"input": "x"', "%s %(id)s"),
        *("", " ", "\0", "\x1f", "\x7f", "\ud800", "\ud83d\ude00", "<b>&</b>", "e\u0301" * 200),
        *("Grüße 🌊 " * 50, "a" * 299, "a" * 300, "a" * 301, "x" * 5000, MODEL, "\u2028\u202e"),
    ]
)

BODIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "stream": {"stream": True},
    "unstored": {"store": False},
    "unstored stream": {"store": False, "stream": True},
    "instructed": {"system_instruction": 'Be "brief": 100 % <b>\n'},
    "a long instruction": {"system_instruction": "Be brief. " * 2000},
    "a longer instruction": {"system_instruction": "Be brief. " * 7000, "stream": True},
    "tier": {"service_tier": "flex", "stream": True},
    "summaries": {"generation_config": {"thinking_summaries": "auto", "temperature": 0.5}},
    "no thought": {"generation_config": {"thinking_level": "minimal"}, "stream": True},
    "high": {"generation_config": {"thinking_level": "high", "stop_sequences": ["x"]}},
    "limited": {"generation_config": {"max_output_tokens": 20}},
    "older model": {"model": "gemini-2.5-flash-lite"},
    "picture": {"model": "gemini-3-pro-image"},
    "speech": {"model": "gemini-2.5-flash-preview-tts", "stream": True},
    "unknown model": {"model": "gemini-of-tomorrow"},
    "agent as model": {"model": "deep-research-preview-04-2026"},
    "agent": {"agent": "antigravity-preview-09-2026"},
    "both": {"model": MODEL, "agent": "antigravity-preview-09-2026"},
    "background": {"background": True},
    "background stream": {"background": True, "stream": True},
    "foreground": {"background": False},
    "background, unstored": {"background": True, "store": False},
    "JSON": {"response_format": {"type": "text", "mime_type": "application/json"}},
    "MIME type": {"response_mime_type": "application/json"},
    "odd member": {"odd": 1},
    "odd value": {"service_tier": "gold"},
    "nulls": {"system_instruction": None, "stream": None, "generation_config": None},
    "null inside": {"generation_config": {"seed": None, "temperature": 1}},
    "empty parent": {"previous_interaction_id": ""},
    "no parent": {"previous_interaction_id": "v1_bogus"},
    "a null for a parent": {"previous_interaction_id": None},
    "a parent in a text": {"system_instruction": '"previous_interaction_id": "v1_x"'},
    "token": {"continuation_token": "x"},
    "environment": {"environment": "remote"},
    "webhook": {"webhook_config": {"uris": ["https://hooks.example/x"]}},
    "labels": {"labels": {"input": "x"}},
    "choice": {"generation_config": {"tool_choice": "any"}},
    "functions": {
        "tools": [{"type": "function", "name": "tide", "parameters": {"type": "object"}}]
    },
    "text of the input elsewhere": {"system_instruction": "fakegemini probe 5f0c7a"},
    "the probe's own time": {"system_instruction": "2096-10-02T07:05:01Z and 1000000000000"},
}

ASKS: dict[str, dict[str, Any]] = {
    f"{name}, asked for": {key: value for key, value in body.items() if key != "input"}
    for name, body in (every_tool.ASKS | every_medium.ASKS).items()
}


def text_block(text: str) -> dict[str, str]:
    """A block of text."""
    return {"type": "text", "text": text}


FORMS: dict[str, Callable[[str], Any]] = {
    "a text": lambda text: text,
    "a block": text_block,
    "a list of one block": lambda text: [text_block(text)],
    "the text first": lambda text: [{"text": text, "type": "text"}],
    "a step": lambda text: {"type": "user_input", "content": [text_block(text)]},
    "a list of one step": lambda text: [{"type": "user_input", "content": [text_block(text)]}],
}
"""The inputs that say a text and nothing else."""

OTHER_FORMS: dict[str, Callable[[str], Any]] = {
    "a block without a type": lambda text: [{"text": text}],
    "a text in a list": lambda text: [text],
    "a bare step": lambda text: [{"type": "user_input", "content": text}],
    "two blocks": lambda text: [text_block(text), text_block("More.")],
    "two steps": lambda text: [
        {"type": "user_input", "content": [text_block("Before.")]},
        {"type": "model_output", "content": [text_block(text)]},
        {"type": "user_input", "content": "And?"},
    ],
    "a block with more": lambda text: [text_block(text) | {"odd": 1}],
    "a picture": lambda text: [
        text_block(text),
        {"type": "image", "mime_type": "image/png", "data": "iVBORw0KGgo="},
    ],
    "a thought": lambda text: [
        {"type": "thought", "summary": [text_block(text)]},
        {"type": "user_input", "content": "And?"},
    ],
    "a result": lambda text: [
        {"type": "function_result", "call_id": "x", "name": "tide", "result": [text_block(text)]}
    ],
}
"""Others, in which a text is, too."""


def spell(
    members: dict[str, Any],
    text: str,
    *,
    ascii_only: bool,
    indent: int | None,
    form: Callable[[str], Any] = FORMS["a text"],
) -> bytes:
    """Write a body; the input is its last member but one."""
    target = {} if "agent" in members or "model" in members else {"model": MODEL}
    body = target | members | {"input": form(text), "store": members.get("store")}
    if body["store"] is None:
        del body["store"]
    text = json.dumps(body, ensure_ascii=ascii_only, indent=indent)
    return text.encode("utf-8", "surrogatepass")


def pair(**options: Any) -> tuple[Fake, Fake]:
    """Return a fake that has templates, and one that has none."""
    return Fake(**options), Fake(clock=lambda: START, **options)


def ask(fake: Fake, body: bytes, path: str = "/v1beta/interactions", **headers: str) -> Reply:
    """Send a create."""
    pairs = (("content-type", "application/json"), ("host", "127.0.0.1:1"), *headers.items())
    return fake.handle(Request("POST", path, (), pairs, body))


def read(reply: Reply) -> tuple[Any, ...]:
    """Read all of a reply, each beat of it."""
    return reply.status, reply.headers, tuple(reply.beats)


def read_outcome(fake: Fake, body: bytes) -> tuple[Any, ...]:
    """Read what a create gets, or what it raises."""
    try:
        return read(ask(fake, body))
    except Exception as error:
        return type(error), str(error)


def filled(fake: Fake) -> list[FilledInteraction]:
    """The interactions that can be recalled from their bytes."""
    made = [entry.interaction for entry in fake.requests]
    return [each for each in made if isinstance(each, FilledInteraction)]


def holding(fake: Fake) -> list[bool]:
    """Of each of these, whether it holds what was asked and answered."""
    return [_holds(each, "ask") or _holds(each, "turn") for each in filled(fake)]


def look_back(fake: Fake) -> list[Any]:
    """Everything that can be asked about what a fake did, the ways in which it comes up again."""
    facts: list[Any] = []
    for entry in [*fake.requests]:
        interaction = entry.interaction
        facts.append((entry.status, entry.source, entry.refusal, entry.id, entry.is_spoiled))
        facts.append((entry.resent, entry.operation, entry.at))
        if interaction:
            facts.append((interaction.ask, interaction.turn, interaction.usage, interaction.steps))
            facts.append(interaction.resource(timeline=True, include_input=True))
        if not entry.id or fake.requests.creates is None:
            continue
        path = f"/v1beta/interactions/{entry.id}"
        for query in ((), (("include_input", "true"),), (("stream", "true"),)):
            facts.append(read(fake.handle(Request("GET", path, query))))
        child = {"model": MODEL, "input": "And now?", "previous_interaction_id": entry.id}
        facts.append(read_outcome(fake, json.dumps(child).encode()))
        if interaction:
            history = [*interaction.ask.input_steps, *interaction.steps]
            again = [*history, {"type": "user_input", "content": "Go on."}]
            body = {"model": MODEL, "input": again, "store": False}
            facts.append(read_outcome(fake, json.dumps(body).encode()))
    facts.append(fake.complaints.list_pending({}))
    return facts


def hold_beside(members: dict[str, Any], texts: list[str], **style: Any) -> None:
    """Ask a fake with templates and one without, and hold all that comes of it side by side."""
    fake, plain = pair()
    for text in [*texts, texts[0]]:
        body = spell(members, text, **style)

        assert read(ask(fake, body)) == read(ask(plain, body))

    assert not filled(plain)
    assert look_back(fake) == look_back(plain)


@pytest.mark.parametrize("members", [*BODIES.values(), *ASKS.values()], ids=[*BODIES, *ASKS])
def test_every_kind_of_create(members: dict[str, Any]) -> None:
    """Whatever is asked: what is refused, made, kept and remembered is the same."""
    hold_beside(members, ["Hi", "", "<é>", "Hi", "null " * 90], ascii_only=False, indent=None)


@settings(deadline=None)
@given(
    members=st.sampled_from([*BODIES.values()]),
    texts=st.lists(TEXTS, min_size=4, max_size=5),
    ascii_only=st.booleans(),
    indent=st.none() | st.just(1),
    form=st.sampled_from([*FORMS.values(), *OTHER_FORMS.values()]),
)
def test_every_text(
    members: dict[str, Any],
    texts: list[str],
    ascii_only: bool,
    indent: int | None,
    form: Callable[[str], Any],
) -> None:
    """The same of any texts, written in any way."""
    hold_beside(members, texts, ascii_only=ascii_only, indent=indent, form=form)


@pytest.mark.parametrize(
    "form", [*FORMS.values(), *OTHER_FORMS.values()], ids=[*FORMS, *OTHER_FORMS]
)
@pytest.mark.parametrize("name", ["plain", "unstored stream", "background", "functions", "agent"])
def test_every_form_of_input(form: Callable[[str], Any], name: str) -> None:
    """The same, whatever the text stands in."""
    texts = ["Hi", "", " ", "Hi", "null " * 90, '"text": "x"', "\n", "fakegemini probe 5f0c7a"]
    hold_beside(BODIES[name], texts, ascii_only=True, indent=None, form=form)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("name", ["plain", "stream", "unstored", "unstored stream", "instructed"])
def test_answer_templates_are_used(name: str, form: Callable[[str], Any]) -> None:
    """From the third create of a kind on, its answer comes out of a template."""
    fake, _ = pair()
    for number in range(6):
        body = spell(BODIES[name], f"Question {number}", ascii_only=True, indent=None, form=form)
        ask(fake, body)

    assert holding(fake) == [True, False, False, False, False]


def answer(ask: Any) -> Any:
    """Answer with what depends on the request."""
    return [think("Hm."), say(f"You said {ask.text!r}.")]


def lend_a_step(ask: Any) -> Any:
    """Answer with a step that the next request changes."""
    LENT["content"] = [{"text": ask.text, "type": "text"}]
    return LENT


LENT: dict[str, Any] = {"type": "model_output"}

SCRIPTS: dict[str, Callable[[Fake], object]] = {
    "a reply": lambda fake: fake.replies("As always."),
    "a default": lambda fake: fake.default(say("As always."), think("Last.")),
    "replies in order": lambda fake: fake.when().replies("1").replies("2").replies("3"),
    "by its text": lambda fake: fake.when(input="Hi").replies("Hello").replies("Hello again"),
    "a function": lambda fake: fake.answers(answer),
    "a function that lends a step": lambda fake: fake.answers(lend_a_step),
    "a call": lambda fake: fake.default(call("tide", harbour="Dover")),
    "calls of code": lambda fake: fake.default(
        step("code_execution_call", arguments={"code": "1"}), step("code_execution_result"), "Done."
    ),
    "a status": lambda fake: fake.default("Cut", status="incomplete", usage={"total_tokens": 1}),
    "errors": lambda fake: fake.default("x", errors=[{"code": "x", "message": "y"}]),
    "an id": lambda fake: fake.default("x", id=str(InteractionId("A" * 22, "B" * 22))),
    "hops": lambda fake: fake.default(say("One."), say("Two."), hops=2),
    "a fault": lambda fake: fake.default("x", fault=faults.drop("step.stop")),
    "a fault that refuses": lambda fake: fake.default("x", fault=faults.refuse(429)),
    "a course": lambda fake: fake.default("x", background=running_for(5)),
    "nothing": lambda fake: fake.when(input="never asked").replies("x"),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize(
    "name", ["plain", "stream", "unstored", "functions", "background", "agent"]
)
def test_scripted_answers(script: Callable[[Fake], object], name: str) -> None:
    """What a script says to a kind of create that nothing refuses."""
    fake, plain = pair()
    script(fake)
    script(plain)
    for text in ["Hi", "Hello", "Hi", "<é>", "Hi", "Bye"]:
        body = spell(BODIES[name], text, ascii_only=True, indent=None)

        assert read_outcome(fake, body) == read_outcome(plain, body)

    assert look_back(fake) == look_back(plain)
    assert not filled(plain)


def test_scripted_answers_are_recalled() -> None:
    """What is kept of them is the request and the script; the rest is worked out when asked."""
    fake, _ = pair()
    fake.answers(answer)
    for number in range(8):
        stream = number % 2 == 1
        read(ask(fake, spell({"stream": stream}, str(number), ascii_only=True, indent=None)))

    assert holding(fake) == [True, True, *[False] * 5]
    first = filled(fake)[2]
    assert first.ask.text == "3"
    assert _holds(first, "ask")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("is_scripted", [False, True])
def test_lines_of_the_log(form: Callable[[str], Any], is_scripted: bool) -> None:
    """What a line says of an answer out of a template is what it says of any."""
    logs: list[list[Any]] = []
    for fake in pair():
        lines: list[str] = []
        logged = log_requests(fake.handle, lines.append, log_format="json", longest=0)
        if is_scripted:
            fake.default("As always.")
        for number in range(6):
            members = {"stream": number % 2 == 0}
            text = f"Question  {number}\n?"
            body = spell(members, text, ascii_only=True, indent=None, form=form)
            read(logged(Request("POST", "/v1beta/interactions", (), (), body)))
        logs.append([json.loads(line) | {"milliseconds": 0} for line in lines])

    assert logs[0] == logs[1]


def _holds(interaction: FilledInteraction, name: str) -> bool:
    """Whether it has worked this out."""
    try:
        Interaction.__dict__[name].__get__(interaction)
    except AttributeError:
        return False
    return True


ODD_BODIES: dict[str, bytes] = {
    "two inputs": b'{"model": "gemini-3.5-flash", "input": "first", "input": "TEXT"}',
    "two inputs, the last is none": b'{"model": "gemini-3.5-flash", "input": "TEXT", "input": 1}',
    "two models": b'{"model": "x", "input": "TEXT", "model": "gemini-3.5-flash"}',
    "NaN": b'{"model": "gemini-3.5-flash", "input": "TEXT", "generation_config": {"seed": NaN}}',
    "input inside": b'{"model": "gemini-3.5-flash", "labels": {"input": "TEXT"}, "input": "x"}',
    "input in a text": b'{"model": "gemini-3.5-flash", "system_instruction": "\\"input\\": '
    b'\\"TEXT\\"", "input": "x"}',
    "cut off": b'{"model": "gemini-3.5-flash", "input": "TEXT"',
    "behind the end": b'{"model": "gemini-3.5-flash", "input": "TEXT"} x',
    "spaces": b' \n{"model" : "gemini-3.5-flash" ,\r"input"\t:\n"TEXT" }\n',
    "escapes": b'{"model": "gemini-3.5-flash", "input": "T\\u0045XT \\ud83c\\udf0a \\/ \\n"}',
    "lone surrogate": b'{"model": "gemini-3.5-flash", "input": "TEXT \\ud83c"}',
    "raw surrogate": b'{"model": "gemini-3.5-flash", "input": "TEXT \xed\xa0\xbc"}',
    "no UTF-8": b'{"model": "gemini-3.5-flash", "input": "TEXT \xff"}',
    "no UTF-8 behind": b'{"model": "gemini-3.5-flash", "input": "TEXT", "labels": {"\xff": "x"}}',
    "control character": b'{"model": "gemini-3.5-flash", "input": "TEXT \x01"}',
    "odd escape": b'{"model": "gemini-3.5-flash", "input": "TEXT \\x"}',
    "mark in front": '{"model": "gemini-3.5-flash", "input": "TEXT"}'.encode("utf-8-sig"),
    "UTF-16": '{"model": "gemini-3.5-flash", "input": "TEXT"}'.encode("utf-16"),
    "a list": b'["input", {"input": "TEXT"}]',
    "one block": b'{"model": "gemini-3.5-flash", "input": {"type": "text", "text": "TEXT"}}',
    "deep": b'{"model": "gemini-3.5-flash", "input": "TEXT", "labels": ' + b"[" * 3000,
}


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES)
def test_odd_bodies(body: bytes) -> None:
    """Whatever the bytes are, they mean what a parser finds in them."""
    fake, plain = pair()
    for number in range(6):
        text = body.replace(b"TEXT", b"TEXT %d" % number)

        assert read(ask(fake, text)) == read(ask(plain, text))

    assert look_back(fake) == look_back(plain)


CHANGES: dict[str, Callable[[Fake], object]] = {
    "seed": lambda fake: setattr(fake, "seed", "another"),
    "era": lambda fake: setattr(fake, "era", "2026-05"),
    "models": lambda fake: setattr(fake, "models", {MODEL: Model(MODEL, thinks=False)}),
    "models in place": lambda fake: fake._settings.models.update({MODEL: Model(MODEL, levels=())}),
    "no such model": lambda fake: fake._settings.models.pop(MODEL),
    "decode_limit": lambda fake: setattr(fake, "decode_limit", 5),
    "url": lambda fake: setattr(fake, "url", "http://127.0.0.1:2"),
    "script": lambda fake: fake.when(input="Question 7").replies("scripted"),
    "a default": lambda fake: fake.default("always"),
    "a fault": lambda fake: fake.faults(faults.refuse(500), times=1),
    "a fault of streams": lambda fake: fake.faults(faults.drop("step.delta")),
    "a guard": lambda fake: fake.watch(),
    "trust": lambda fake: fake.trust(),
    "reset": lambda fake: fake.reset(),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_fake_is_told_meanwhile(change: Callable[[Fake], object], stream: bool) -> None:
    """A template was made for the fake as it was."""
    fake, plain = pair()
    for number in range(10):
        if number == 6:
            change(fake)
            change(plain)
        body = spell({"stream": stream}, f"Question {number}", ascii_only=True, indent=None)

        assert read_outcome(fake, body) == read_outcome(plain, body)

    assert filled(fake) or change is CHANGES["reset"]
    assert fake.complaints.list_pending({}) == plain.complaints.list_pending({})


HEADS: dict[str, tuple[str, dict[str, str]]] = {
    "Vertex": ("/v1beta1/projects/p/locations/global/interactions", {}),
    "old SDK": ("/v1beta/interactions", {"user-agent": "google-genai-sdk/1.9.0 gl-python/3.11"}),
    "a web page": ("/v1beta/interactions", {"origin": "http://localhost:3000"}),
    "no session": ("/v1beta/interactions", {"x-fakegemini-session": "bogus"}),
    "another host": ("/v1beta/interactions", {"Host": "localhost"}),
    "double slash": ("//v1beta/interactions", {}),
}


@pytest.mark.parametrize(("path", "headers"), HEADS.values(), ids=HEADS)
def test_other_heads_with_the_same_body(path: str, headers: dict[str, str]) -> None:
    """The template of one way to ask is not that of another."""
    fake, plain = pair()
    for number in range(10):
        head = (path, headers) if number % 2 else ("/v1beta/interactions", {})
        body = spell({"labels": {"a": "b"}}, f"Q {number}", ascii_only=True, indent=None)
        bare = spell({}, f"Q {number}", ascii_only=True, indent=None)

        for each in (body, bare):
            assert read(ask(fake, each, head[0], **head[1])) == read(
                ask(plain, each, head[0], **head[1])
            )

    assert look_back(fake) == look_back(plain)


@pytest.mark.parametrize("ending", ["delete", "reset", "reset and asked again"])
def test_a_stream_that_ends_early(ending: str) -> None:
    """Whoever reads event by event sees that the interaction was deleted meanwhile."""
    body = spell({"stream": True}, "Question", ascii_only=True, indent=None)
    for count in range(20):
        endings = []
        for fake in pair():
            for _ in range(4):
                beats = iter(ask(fake, body).beats)
            beats_read = [beat for _, beat in zip(range(count), beats, strict=False)]
            if ending == "delete":
                path = f"/v1beta/interactions/{fake.requests[-1].id}"
                assert fake.handle(Request("DELETE", path)).status == 200
            else:
                fake.reset()
            if ending == "reset and asked again":
                for _ in range(4):
                    ask(fake, body)
            endings.append([*beats_read, *beats])

        assert endings[0] == endings[1]


def test_there_are_never_many() -> None:
    """Requests that are all of another kind fill no memory."""
    fake = Fake()
    for number in range(1000):
        ask(fake, spell({"system_instruction": str(number)}, "x", ascii_only=True, indent=None))

    assert len(fake._pipeline.creator.templates[0]._kinds) <= 256


def test_what_came_once_is_forgotten_first() -> None:
    """A kind that came often stays, whatever is asked besides; a child is no kind at all."""
    fake = Fake()
    for number in range(4):
        ask(fake, spell({}, f"Question {number}", ascii_only=True, indent=None))
    for number in range(600):
        members = {"system_instruction": str(number)}
        ask(fake, spell(members, "x", ascii_only=True, indent=None))
    (cache,) = fake._pipeline.creator.templates
    count = len(cache._kinds)
    parent = str(fake.requests[-1].id)
    for number in range(20):
        child = {"previous_interaction_id": parent, "labels": {"x": str(number)}}
        ask(fake, spell(child, "x", ascii_only=True, indent=None))

    often = split_body(spell({}, "Question 5", ascii_only=True, indent=None))
    assert often
    kinds = [kind for key, kind in cache._kinds.items() if key[:2] == (often.before, often.after)]
    assert [isinstance(kind, KnownKind) for kind in kinds] == [True]
    assert len(cache._kinds) == count


def test_they_never_weigh_much() -> None:
    """Neither do long ones."""
    fake = Fake()
    for number in range(300):
        members = {"system_instruction": f"{number} " * 15_000}
        ask(fake, spell(members, "x", ascii_only=True, indent=None))
        kinds = fake._pipeline.creator.templates[:1]

        assert (
            sum(len(before) + len(after) for each in kinds for before, after, *_ in each._kinds)
            < 2**22
        )


LONG = {"system_instruction": "Be brief. " * 1000}


@pytest.mark.parametrize("stream", [False, True])
def test_nobody_waits_for_a_long_body_that_has_a_template(stream: bool) -> None:
    """So it needs no thread; one with a long text does, and one that is worked out."""
    fake = Fake()

    def takes_long(text: str = "Hi", headers: Any = (), **members: Any) -> bool:
        form = LONG | {"stream": stream} | members
        body = spell(form, text, ascii_only=True, indent=None)
        request = Request("POST", "/v1beta/interactions", (), headers, body)
        is_long = fake.takes_long(request)
        read(fake.handle(request))
        return is_long

    assert [takes_long(str(number)) for number in range(5)] == [True, True, True, False, False]
    assert takes_long("x" * 5000)
    assert takes_long(system_instruction="Be brief! " * 1000)
    assert takes_long(headers=(("x-fakegemini-session", "bogus"),))
    fake.seed = "another"
    assert [takes_long(str(number)) for number in range(3)] == [True, True, False]
    fake._settings.models.update({MODEL: Model(MODEL, levels=())})
    assert takes_long()
    fake.default("As always.")
    assert takes_long()


def test_a_filled_interaction_can_be_copied_and_pickled() -> None:
    """A copy is an ordinary interaction that is equal to it."""
    fake = Fake()
    for number in range(4):
        ask(fake, spell({}, f"Question {number}", ascii_only=True, indent=None))
    (*_, first) = filled(fake)

    for copied in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert type(copied) is not FilledInteraction
        assert copied == first
        assert first == copied


def test_a_body_is_cut_around_its_text() -> None:
    """Escapes belong to the text, and an empty one is for those who refuse it."""
    assert split_body(b'{"input": "a\\"b\\\\", "x": "y"}') == (
        *(b'{"input": "', 'a"b\\'),
        b'", "x": "y"}',
    )
    assert split_body(b'{"input": ""}') is None
    assert split_body(b'{"input": ["x"]}') is None
    assert split_body(b'{"input": [{"text" : "x", "type": "text"}]}') == (
        *(b'{"input": [{"text" : "', "x"),
        b'", "type": "text"}]}',
    )
    assert split_body(b'{"input": [{"text": "x"}, {"text": "y"}]}') is None
