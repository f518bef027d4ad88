"""One list of options for all who take them: those of a reply, and those of a replay."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import click
import pytest

from fakegemini import Fake, Request, faults, running_for, say
from fakegemini.cli import main
from fakegemini.fake.replay.play_options import PLAY_OPTIONS, PlayOptions
from fakegemini.fake.script.reply_options import REPLY_OPTIONS, ReplyOptions
from fakegemini.fake.script.script import When
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


_LATE: dict[str, Any] = {"PlayOptions": PlayOptions}
"""What `fake.py` imports for its types alone."""


def keywords(function: Callable[..., Any]) -> set[str]:
    """The names that a function takes by name, those of its `**options` among them."""
    hints = get_type_hints(function, None, _LATE)
    names: set[str] = set()
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            (options,) = hints[parameter.name].__args__
            names |= set(options.__annotations__)
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
    """The options of `fakegemini serve` with their defaults."""
    return {option.name or "": option for option in main.commands["serve"].params}


def marker_options() -> set[str]:
    """The options that the marker takes, but for its own."""
    from fakegemini.pytest_plugin import marker

    return set(marker._OPTIONS) - {"cassette", "record"}


@pytest.mark.parametrize(
    "names",
    [
        keywords(Fake.play),
        marker_options(),
        set(serve_options()) & set(PLAY_OPTIONS)
        | {name for name, option in PLAY_OPTIONS.items() if not option.help},
        documented("docs/replay.md", "## What is found, and how"),
    ],
    ids=["Fake.play", "marker", "serve", "docs"],
)
def test_all_who_play_take_the_same(names: set[str]) -> None:
    """But for `repeats`, which a server cannot do without, and what only a test can say."""
    assert names == set(PLAY_OPTIONS) == set(PlayOptions.__annotations__)


def test_their_defaults_are_the_same() -> None:
    """In a fake, on the command line, and in what `pytest --markers` says."""
    for name, option in PLAY_OPTIONS.items():
        flag = serve_options().get(name)
        assert flag is None or not option.default or flag.default == option.default
        assert isinstance(flag, click.Option | None)


def test_the_marker_says_what_it_takes(pytester: pytest.Pytester) -> None:
    """With every default."""
    result = pytester.runpytest("--markers", "-p", "no:asyncio")

    defaults = ", ".join(f"{name}={option.default!r}" for name, option in PLAY_OPTIONS.items())
    result.stdout.fnmatch_lines([f"*fakegemini(cassette=None, record='none', {defaults}): *"])


def test_the_defaults_play(tmp_path: Path) -> None:
    """Each option at its default, as where it is not given."""
    client = Client()
    client.fake.replies(say("Hello."))
    client.create(input="Hi")
    (tmp_path / "tape.yaml").write_text(dump(client.exchanges), "utf-8")
    fake = Fake()
    defaults: Any = {name: option.default for name, option in PLAY_OPTIONS.items()}

    fake.play(tmp_path / "tape.yaml", **defaults)

    assert len(fake.unplayed) == 1
