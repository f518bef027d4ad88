"""`fakegemini serve --missing upstream`: one thing is faked, the others go to the live API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakegemini import Fake, say
from fakegemini.doors.loopback import serve
from fakegemini.recordings.read import read_any_contents
from tests.http.door import Door
from tests.test_ci_files import run, serving


@pytest.fixture
def live() -> Iterator[tuple[Fake, str]]:
    """A fake as if it were the live API, whose ids are others."""
    fake = Fake(seed="live")
    fake.default(say("From the live API."))
    with serve(fake.handle) as url:
        yield fake, url


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A script that answers one thing."""
    path = tmp_path / "script.yaml"
    path.write_text("rules: [{when: {input: tide}, replies: [{say: At six.}]}]\n")
    return str(path)


def test_what_no_script_answers_goes_on(
    live: tuple[Fake, str], script: str, tmp_path: Path
) -> None:
    """With the caller's key; chains stay where they began, and all is told in the log."""
    fake, upstream = live
    words = ("--missing", "upstream", "--upstream", upstream, "--script", script)
    with serving(tmp_path / "ready", *words) as (_, url):
        door = Door(url)
        scripted = door.create("tide")
        other = door.create("weather")
        with door.live("weather, streamed") as stream:
            streamed = stream.rest()
        on = door.create("and then?", previous_interaction_id=other.json["id"])
        body = {"model": "gemini-3.5-flash", "input": "key?"}
        door.ask("POST", "/v1/interactions", body, {"x-goog-api-key": "fake-caller"})
        statuses = [door.get(one.json["id"]).status for one in (scripted, other)]
        gone = door.delete(scripted.json["id"]).status
        names = [entry["path"] for entry in door.ask("GET", "/__fakegemini__/requests").json]

    assert (scripted.text, other.text, on.text) == ("At six.", *["From the live API."] * 2)
    assert streamed.done
    assert (statuses, gone) == ([200, 200], 200)
    assert fake.requests[-2].header("x-goog-api-key") == "fake-caller"
    assert [entry.operation for entry in fake.requests] == [*["create"] * 4, "get"]
    assert len(names) == 3
    log = (tmp_path / "log").read_text("utf-8")
    assert log.count("POST /v1/interactions → 200 from upstream") == 4


def test_what_went_on_is_recorded(live: tuple[Fake, str], script: str, tmp_path: Path) -> None:
    """What the script answered is not."""
    cassette = tmp_path / "tape.yaml"
    words = ("--missing", "upstream", "--upstream", live[1], "--script", script)
    with serving(tmp_path / "ready", *words, "--record", str(cassette)) as (_, url):
        Door(url).create("tide")
        Door(url).create("weather")

    (exchange,) = read_any_contents(cassette).exchanges
    assert json.loads(exchange.request_body)["input"] == "weather"
    assert "1 recorded, 1 in" in (tmp_path / "log").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--upstream", "http://127.0.0.1:9"), "--upstream goes with --missing upstream"),
        (("--record", "tape.yaml"), "--record goes with --missing upstream"),
        (("--missing", "upstream", "--upstream", "nowhere"), "is no address"),
        (("--missing", "upstream", "--cassettes", "tape.yaml"), "fakegemini record --mode"),
    ],
)
def test_what_does_not_fit_is_one_sentence(words: tuple[str, ...], text: str) -> None:
    """Before anything listens."""
    done = run("serve", "--port", "0", *words)

    assert done.returncode == 1
    assert text in done.stderr
    assert done.stderr.count("\n") == 1
