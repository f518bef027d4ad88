"""One list of options for all who take them: those of a reply, and those of a replay."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from fakegemini import (
    BadScript,
    Fake,
    NotOnTape,
    Refused,
    Request,
    call,
    faults,
    running,
    running_for,
    say,
    step,
    think,
)
from fakegemini.cli.main import load_commands
from fakegemini.errors import UnknownAttribute
from fakegemini.fake.fake_faults import FakeFaults
from fakegemini.fake.option_types import FakeOptions, Missing, OptionAttributes, PlayOptions
from fakegemini.fake.options import OPTIONS
from fakegemini.fake.script.reply_options import REPLY_OPTIONS, ReplyOptions
from fakegemini.fake.script.rules import ASPECTS, RuleWords
from fakegemini.fake.script.script import When
from fakegemini.fake.state.complaints import ERRORS_BY_KIND, ComplaintKind
from fakegemini.faults.presets import PresetName
from fakegemini.protocol.eras import CURRENT_ERA, ERAS, EraName
from fakegemini.protocol.known_models import AGENTS, MODELS
from fakegemini.protocol.paths import OPERATIONS, Operation
from fakegemini.resilience import DAYS
from fakegemini.resilience.days import DayName
from tests.docs.pages import ROOT, page, rows
from tests.scenarios import Client, dump

STEPS = {"steps", "say", "think", "call"}
"""What a reply in JSON says its steps with."""

TEXT = "One, two, three, four."

REPLIES: dict[str, tuple[Any, Any]] = {
    "status": ("failed", "failed"),
    "usage": ({"total_tokens": 7}, {"total_tokens": 7}),
    "id": ("v1_ChdBTGxWYWJZcnFVRk14dEt4MnBvYUc1WRIXQUxsVmFiWXJxVUZNeHRLeDJwb2FHNVk",) * 2,
    "errors": ([{"code": "safety"}], [{"code": "safety"}]),
    "background": (running_for(3), {"polls": 3}),
    "fault": (faults.refuse(503), {"status": 503}),
    "hops": (2, 2),
}
"""Each option in Python and in JSON."""


OPTION_TYPES: dict[str, type] = {
    "Unpack[PlayOptions]": PlayOptions,
    "Unpack[FakeOptions]": FakeOptions,
    "Unpack[ReplyOptions]": ReplyOptions,
}
"""What stands for the types of `**options`."""


def get_names(typed: type) -> set[str]:
    """The names that a class gives types to, with those of the classes it is made of."""
    return {name for base in (typed, *getattr(typed, "__orig_bases__", ())) for name in _own(base)}


def _own(base: Any) -> Iterator[str]:
    yield from getattr(base, "__annotations__", ())


def keywords(function: Callable[..., Any]) -> set[str]:
    """The names that a function takes by name, those of its `**options` among them."""
    names: set[str] = set()
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            names |= get_names(OPTION_TYPES[parameter.annotation])
        elif parameter.kind is parameter.KEYWORD_ONLY:
            names.add(parameter.name)
    return names


def reply_form() -> set[str]:
    """The members of the JSON form of a reply, but for its steps."""
    schema = json.loads((ROOT / "schemas" / "control" / "reply.json").read_text("utf-8"))
    return set(schema["properties"]) - STEPS


def documented(name: str, heading: str) -> set[str]:
    """The names in the first column of the first table under a heading of a page."""
    table = rows(page(name).section(heading))
    return {text for row in table for text in re.findall(r"`(\w+)`", row[0])}


@pytest.mark.parametrize(
    ("names", "more"),
    [
        (keywords(Fake.replies), {"times", "optional"}),
        (keywords(When.replies), set()),
        (reply_form(), {"times", "optional"}),
        (documented("docs/scripting.md", "## Replies"), {"times", "optional"}),
    ],
    ids=["Fake.replies", "When.replies", "JSON", "docs"],
)
def test_all_who_script_a_reply_take_the_same(names: set[str], more: set[str]) -> None:
    """Only how often it is played, and has to be, is no option of the reply itself."""
    assert names == set(REPLY_OPTIONS) | more


@pytest.mark.parametrize("name", ReplyOptions.__annotations__)
def test_each_option_of_a_reply_means_the_same_in_json(name: str) -> None:
    """Whoever scripts it, the turn is the same."""
    in_python, in_json = REPLIES[name]
    fake, other, posted = Fake(), Fake(), Fake()
    fake.replies(say(TEXT), times=2, **{name: in_python})
    other.when().replies(say(TEXT), **{name: in_python})
    form = json.dumps({"say": TEXT, "times": 2, name: in_json}).encode()
    posted.handle(Request("POST", "/__fakegemini__/replies", body=form))

    answers = [_answers(one) for one in (fake, other, posted)]

    assert answers[0] == answers[1] == answers[2] != _answers(_with_plain_reply())


def _with_plain_reply() -> Fake:
    fake = Fake()
    fake.replies(say(TEXT), times=2)
    return fake


def _answers(fake: Fake) -> list[Any]:
    """A create in the background, or one that can be divided, and two polls."""
    answers = []
    for background in (True, False):
        body = {"model": "gemini-3.5-flash", "input": "Hi", "background": background}
        reply = fake.handle(Request("POST", "/v1/interactions", body=json.dumps(body).encode()))
        answer = json.loads(b"".join(reply.beats))  # type: ignore[arg-type]
        gets = [Request("GET", f"/v1/interactions/{answer.get('id', 'none')}")] * 2
        answers += [answer, *(b"".join(fake.handle(get).beats) for get in gets)]  # type: ignore[arg-type]
    return answers


@pytest.mark.parametrize("name", ["replies", "when", "play"])
def test_an_unknown_option_is_named(name: str) -> None:
    """As Python names an unknown argument, with the nearest one."""
    fake = Fake()
    calls: dict[str, tuple[Callable[..., Any], str]] = {
        "replies": (fake.replies, "statis"),
        "when": (fake.when().replies, "statis"),
        "play": (fake.play, "missin"),
    }
    function, option = calls[name]

    with pytest.raises(TypeError, match=f"unexpected keyword argument '{option}', did you mean"):
        function("tape.yaml", **{option: "x"})


def serve_options() -> dict[str, Any]:
    """The options of `fakegemini serve`."""
    return {option.name or "": option for option in load_commands()["serve"].params}


def marker_options() -> set[str]:
    """The options that the marker takes, but for its own."""
    from fakegemini.pytest_plugin import marker

    return set(marker._OPTIONS) - {"cassette", "record", "per_example"}


PLAYS = {name for name, option in OPTIONS.items() if option.plays}
ATTRIBUTES = {name for name, option in OPTIONS.items() if option.attribute}


@pytest.mark.parametrize(
    ("names", "all_names"),
    [
        (keywords(Fake.__init__) - {"clock", "timer", "store"}, set(OPTIONS)),
        (keywords(running), set(OPTIONS)),
        (keywords(Fake.play), PLAYS),
        (marker_options(), set(OPTIONS)),
        (
            set(serve_options()) & set(OPTIONS)
            | {name for name, option in OPTIONS.items() if not option.flag},
            set(OPTIONS),
        ),
        (documented("docs/replay.md", "## What is found, and how"), PLAYS),
        (get_names(FakeOptions), set(OPTIONS)),
        (get_names(OptionAttributes), ATTRIBUTES),
    ],
    ids=["Fake", "running", "play", "marker", "serve", "docs", "argument types", "attribute types"],
)
def test_all_who_tell_a_fake_what_to_be_take_the_same(names: set[str], all_names: set[str]) -> None:
    """But for `repeats`, which a server cannot do without, and what only a test can say."""
    assert names == all_names


def test_their_defaults_are_the_same() -> None:
    """In a fake, on the command line, and in what `pytest --markers` says."""
    fake = Fake()
    for name, option in OPTIONS.items():
        flag = serve_options().get(name)
        assert flag is None or not option.default or flag.default == option.default
        assert isinstance(flag, click.Option | None)
        if option.attribute and name not in ("models", "agents"):
            assert getattr(fake, name) == option.default
    assert (fake.models, fake.agents, fake.era) == (MODELS, AGENTS, CURRENT_ERA.name)


def test_the_marker_says_what_it_takes(pytester: pytest.Pytester) -> None:
    """With every default."""
    result = pytester.runpytest("--markers", "-p", "no:asyncio")

    defaults = ", ".join(f"{name}={option.default!r}" for name, option in OPTIONS.items())
    own = "cassette=None, record='none', per_example=False"
    result.stdout.fnmatch_lines([f"*fakegemini({own}, {defaults}): *"])


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """A cassette of one question."""
    client = Client()
    client.fake.replies(say("Hello."))
    client.create(input="Hi")
    path = tmp_path / "tape.yaml"
    path.write_text(dump(client.exchanges), "utf-8")
    return path


def test_the_defaults_play(tape: Path) -> None:
    """Each option at its default, as where it is not given."""
    fake = Fake()
    defaults: Any = {name: OPTIONS[name].default for name in PLAYS}

    fake.play(tape, **defaults)

    assert len(fake.unplayed) == 1


def create(fake: Fake, **body: Any) -> Any:
    """The answer to a create."""
    request = json.dumps({"model": "gemini-3.5-flash", "input": "Hi"} | body).encode()
    reply = fake.handle(Request("POST", "/v1/interactions", body=request))
    return json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))


def ask_again(fake: Fake) -> list[str]:
    """The types of the steps that a GET of a created interaction shows."""
    reply = fake.handle(Request("GET", f"/v1/interactions/{create(fake)['id']}"))
    answer = json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))
    return [one["type"] for one in answer["steps"]]


EFFECTS: dict[str, tuple[Any, Callable[[Fake], object]]] = {
    "seed": (7, lambda fake: create(fake)["id"]),
    "era": ("2026-08", lambda fake: ask_again(fake)),
    "models": (["gemini-next"], lambda fake: "id" in create(fake, model="gemini-next")),
    "agents": (
        ["tides=deep-research-preview-04-2026"],
        lambda fake: "id" in create(fake, model=None, agent="tides", background=True),
    ),
    "any_model": (True, lambda fake: "id" in create(fake, model="whatever")),
    "decode_limit": (3, lambda fake: create(fake)["status"]),
}
"""For each option a value, and what it changes."""


@pytest.mark.parametrize("name", EFFECTS)
def test_an_attribute_does_what_the_argument_does(name: str) -> None:
    """From when it is set; a reset does not undo it."""
    value, observe = EFFECTS[name]
    told: Any = {name: value}
    fake, plain = Fake(), Fake()

    setattr(fake, name, value)

    expected = observe(Fake(**told))
    assert observe(fake) == expected != observe(plain)
    fake.reset()
    assert observe(fake) == expected


def test_options_of_a_replay_can_be_set_before_and_after_it_begins(tape: Path) -> None:
    """Before `play`, after it, and not once a cassette has answered."""
    before, after = Fake(), Fake()
    before.tolerate, before.repeats = "input", True
    before.play(tape)
    after.play(tape)
    after.tolerate, after.repeats = "input", True
    argument = Fake(tolerate="input", repeats=True)
    argument.play(tape)

    for fake in (before, after, argument):
        assert create(fake, input="Else")["id"] != create(fake, input="Other")["id"]
        assert (fake.tolerate, fake.repeats, fake.missing) == ("input", True, "error")
        with pytest.raises(BadScript, match="tolerate is set too late: a cassette has answered"):
            fake.tolerate = ()
        fake.missing = "model"
        assert create(fake, input="Else", tools=[{"type": "google_search"}])["id"]
        fake.reset()
        fake.tolerate = ()


def test_what_is_given_to_play_goes_before(tape: Path) -> None:
    """As the nearer place."""
    fake = Fake(missing="model")
    fake.play(tape, missing="error")

    with pytest.raises(NotOnTape):
        create(fake, input="Else")


def test_allowed_complaints_stay_allowed() -> None:
    """Those of `allow=` for good, those of `allow()` until a reset."""
    fake = Fake(allow=["leftover"])
    fake.allow("refused")
    fake.replies("never")
    fake.check()
    fake.reset()
    fake.replies("never")
    create(fake, model="nobody")

    with pytest.raises(Refused):
        fake.check()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"era": "2026-8"}, "era is one of .*, not '2026-8', did you mean '2026-08'?"),
    ({"missing": "scirpt"}, "missing is 'error', 'script', 'model', not 'scirpt', did you mean"),
    ({"allow": ["left over"]}, "not 'left over', did you mean 'leftover'"),
    ({"decode_limit": 0}, "decode_limit= takes a number of tokens from 1, not 0"),
    ({"decode_limit": True}, "decode_limit= takes"),
    ({"any_model": "no"}, "any_model is True or False, not 'no'"),
    ({"chunks": "evnts"}, 'chunks is "recorded", "events" or a number of bytes'),
    ({"tolerate": "date"}, "did you mean 'dates'"),
    ({"models": ["x=gemini-3.5-flahs"]}, "'gemini-3.5-flahs', which is unknown, did you mean"),
    ({"models": {"x": "gemini"}}, r"models: 'x' is given as 'gemini'; it takes a Model"),
]


@pytest.mark.parametrize(("told", "text"), WRONG)
def test_a_wrong_value_is_one_sentence(told: dict[str, Any], text: str) -> None:
    """As an argument, and as an attribute, which is then as it was."""
    with pytest.raises(BadScript, match=text):
        Fake(**told)
    ((name, value),) = told.items()
    if OPTIONS[name].attribute:
        fake = Fake()
        before = getattr(fake, name)
        with pytest.raises(BadScript, match=text):
            setattr(fake, name, value)
        assert getattr(fake, name) == before


def test_an_argument_that_there_is_not() -> None:
    """Is named as Python does, with the nearest."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'sede', did you mean 'seed'"):
        Fake(sede=1)  # type: ignore[call-arg]


UNSETTABLE = {
    "sede": "a Fake has no attribute 'sede' to set, did you mean 'seed'?",
    "misssing": "did you mean 'missing'?",
    "xyzzy": "a Fake has no attribute 'xyzzy' to set; seed, era, models, ",
    "allow": "allow is called and not set: fakegemini.allow(…)",
    "faults": "faults is called and not set",
    "replies": "replies is called and not set",
    "requests": "requests of a Fake can be read and not set; seed, ",
}


@pytest.mark.parametrize("name", UNSETTABLE)
def test_an_attribute_that_cannot_be_set_is_an_error(name: str) -> None:
    """Not silence; and the nearest name, or what is to be done instead."""
    fake = Fake()

    with pytest.raises(UnknownAttribute) as caught:
        setattr(fake, name, "model")

    assert UNSETTABLE[name] in str(caught.value)
    assert isinstance(caught.value, AttributeError)


def test_an_attribute_that_there_is_not_is_named_when_it_is_read() -> None:
    """And a class of the test's own may have more."""
    with pytest.raises(AttributeError, match="no attribute 'reply', did you mean 'replies'"):
        Fake().reply  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(Fake(), "__fspath__")

    class Own(Fake):
        more = ""

    own = Own()
    own.more = "more"
    assert own.more == "more"


def test_the_words_of_a_script_are_on_the_fake() -> None:
    """No import is needed where a test has the fixture."""
    fake = Fake()
    assert (fake.say, fake.call, fake.think, fake.step) == (say, call, think, step)
    for name in faults.__all__:
        assert getattr(fake.faults, name) == getattr(faults, name)
    assert set(faults.__all__) <= set(dir(fake.faults))
    fake.faults(fake.faults.refuse(503), times=1, on="create")

    assert create(fake)["error"]["code"] == "service_unavailable"
    with pytest.raises(UnknownAttribute, match="there is no fault 'refuze', did you mean 'refuse'"):
        fake.faults.refuze(503)  # type: ignore[attr-defined]


def test_a_type_checker_knows_the_faults_of_a_fake() -> None:
    """Each has its line there."""
    tree = ast.parse(Path(inspect.getsourcefile(FakeFaults) or "").read_text("utf-8"))
    (checked,) = [node for node in ast.walk(tree) if isinstance(node, ast.If) and node.orelse]
    names = {ast.unparse(node.targets[0]) for node in checked.body if isinstance(node, ast.Assign)}

    assert names == set(faults.__all__) - {"Fault"}


WORDS: dict[str, tuple[Any, set[str]]] = {
    "era": (EraName, set(ERAS)),
    "missing": (Missing, set(OPTIONS["missing"].choices)),
    "allow": (ComplaintKind, set(ERRORS_BY_KIND)),
    "presets": (PresetName, set(faults.PRESETS)),
    "operations": (Operation, set(OPERATIONS)),
    "days": (DayName, {day.name for day in DAYS}),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_type_checker_knows_the_words(name: str) -> None:
    """The types have all there are, and no others."""
    words, known = WORDS[name]

    assert set(_spell(words)) == known


def test_a_type_checker_knows_the_words_of_when() -> None:
    """Each row has its line; a wrong one is an error with the nearest, also without a checker."""
    assert {*RuleWords.__annotations__} == {*ASPECTS}
    with pytest.raises(TypeError, match="keyword argument 'inptu', did you mean 'input'"):
        Fake().when(inptu="Hi")  # type: ignore[call-arg]


def _spell(words: Any) -> Iterator[str]:
    for word in get_args(words):
        yield from (word,) if isinstance(word, str) else _spell(word)
