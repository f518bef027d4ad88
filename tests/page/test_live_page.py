"""The live page in a real browser: it shows, filters, folds, scripts, and reports."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fakegemini import Fake
from fakegemini.doors import live_transcript as transcript_module
from fakegemini.doors.live_page import serve_page, write_report
from fakegemini.doors.live_transcript import Transcript
from fakegemini.doors.loopback import serve
from tests.http.door import MODEL, Door
from tests.inner_runs import ADDOPTS, LEAN

JS = Path(__file__).parent.parent / "js"
CHROMIUM = shutil.which("chromium")
HTML = '<img src="x" onerror="document.title = 1"></script><script>alert(1)</script>'


def browse(folder: Path, scenario: str, url: str, *files: Path | str) -> Any:
    """What a scenario of `page.mjs` saw; the page raised nothing and asked nobody else."""
    done = subprocess.run(
        ["node", str(JS / "page.mjs"), str(CHROMIUM), str(folder / "profile"), scenario, url]
        + [str(file) for file in files],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["problems"] == []
    return outcome["result"]


def fill(door: Door) -> None:
    """A conversation with a branch, a stream, a refusal, bad days, and text that is no HTML."""
    first = door.create("When is high tide in Sines?").json["id"]
    second = door.create("And tomorrow?", previous_interaction_id=first).json["id"]
    door.create("In Porto instead?", previous_interaction_id=first)
    door.create("And next week?", previous_interaction_id=second)
    door.get(first)
    door.create("Tell me a story of the sea", stream=True)
    door.create(HTML)
    door.create("Hi", temperture=1)
    door.ask("POST", "/__fakegemini__/faults", {"status": 503, "times": 1})
    door.create("On a bad day")
    door.ask("POST", "/__fakegemini__/faults", {"cut_after_events": 3, "times": 1})
    with door.live("Cut me") as live, pytest.raises(http.client.IncompleteRead):
        live.rest()


@contextmanager
def paged() -> Iterator[tuple[str, Transcript, Fake]]:
    """A fake with its page: the address, and what was seen."""
    fake, transcript = Fake(), Transcript()
    with serve(serve_page(transcript, fake, transcript.watch(fake))) as url:
        yield url, transcript, fake


@pytest.fixture
def page() -> Iterator[tuple[str, Transcript, Fake]]:
    """A page that shows something of each kind."""
    with paged() as (url, transcript, fake):
        fill(Door(url))
        yield url, transcript, fake


def seen(url: str) -> list[Any]:
    """The exchanges as the page gets them."""
    exchanges: list[Any] = Door(url).ask("GET", "/__fakegemini__/exchanges").json
    return exchanges


def test_what_was_asked_and_answered_is_kept(page: tuple[str, Transcript, Fake]) -> None:
    """With the stream and its times, what made it up, what broke off, and what is wrong."""
    url, _, _ = page
    exchanges = seen(url)

    assert [one["n"] for one in exchanges] == list(range(1, 11))
    assert exchanges[0]["source"] == "unscripted model"
    assert exchanges[4]["operation"] == "get"
    assert exchanges[4]["id"] == exchanges[0]["reply"]["id"]
    types = [event for _, event, _ in exchanges[5]["stream"]]
    assert (types[0], types[-1]) == ("interaction.created", "done")
    assert exchanges[7]["status"] == 400
    assert exchanges[7]["refusal"]["message"] == "Unknown parameter 'temperture'."
    assert len(exchanges[7]["complaints"]) == 1
    assert [one["spoiled"] for one in exchanges[-2:]] == [True, True]
    assert exchanges[-1]["ending"] == "cut"
    assert len(exchanges[-1]["stream"]) == 3


KEYS = ("x-goog-api-key", "x-shop-token")


def test_no_key_is_in_it(page: tuple[str, Transcript, Fake]) -> None:
    """Neither of a header nor of the query."""
    url, _, _ = page
    Door(url).ask("GET", "/v1/models", None, dict.fromkeys(KEYS, "fake-secret"), key="fake-secret")

    assert "fake-secret" not in json.dumps(seen(url))
    headers = seen(url)[-1]["headers"]
    assert [headers[name] for name in KEYS] == ["***", "***"]


def test_a_session_is_named_with_its_complaints(page: tuple[str, Transcript, Fake]) -> None:
    """What a session is asked belongs to it, below the paths of the API."""
    url, _, _ = page
    session = Door(url).ask("POST", "/__fakegemini__/sessions", {}).json

    Door(session["url"]).create("Hi", temperture=1)

    assert seen(url)[-1]["session"] == session["token"]
    assert seen(url)[-1]["path"] == "/v1/interactions"
    assert len(seen(url)[-1]["complaints"]) == 1


def test_a_reset_forgets_it(page: tuple[str, Transcript, Fake]) -> None:
    """The page is empty, as the fake is."""
    url, _, _ = page

    Door(url).ask("POST", "/__fakegemini__/reset", {})

    assert seen(url) == []


HTML_TYPE = {"Accept": "text/html,*/*"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", HTML_TYPE, 200),
        ("/", {"Accept": "application/json"}, 404),
        ("/", HTML_TYPE | {"Host": "evil.example.com"}, 403),
        ("/__fakegemini__/exchanges", {"Host": "evil.example.com"}, 403),
        ("/__fakegemini__/exchanges", {"Origin": "https://evil.example.com"}, 403),
        ("/__fakegemini__/watch", {"Origin": "https://evil.example.com"}, 403),
        ("/__fakegemini__/exchanges", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_it_is_for_browsers_of_this_machine(
    page: tuple[str, Transcript, Fake], path: str, headers: dict[str, str], status: int
) -> None:
    """No page of another origin reads it, none puts it into a frame."""
    url, _, _ = page

    answer = Door(url).ask("GET", path, None, headers)

    assert answer.status == status
    if path == "/" and status == 200:
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_report_is_the_same(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """As JSON, or as the page with its data inside, which nothing in it ends."""
    _, transcript, _ = page
    for name in ("report.json", "report.html"):
        write_report(tmp_path / name, transcript, "a test", ["left over"])

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    text = (tmp_path / "report.html").read_text("utf-8")

    assert report["exchanges"] == json.loads(json.dumps(transcript.since(0)))
    assert text.count("</script>") == 2
    assert "onerror" in text


def test_run_writes_a_report(tmp_path: Path) -> None:
    """Also where the command fails; a folder that is not there is told before it is run."""
    program = (
        'import os, urllib.request; body = b\'{"model": "gemini-3.5-flash", "input": "Hi"}\'\n'
        "url = os.environ['GOOGLE_GEMINI_BASE_URL'] + '/v1/interactions'\n"
        "urllib.request.urlopen(url, body); raise SystemExit(3)"
    )
    command = [sys.executable, "-m", "fakegemini", "run", "--report"]
    path = tmp_path / "report.json"

    done = subprocess.run([*command, str(path), "--", sys.executable, "-c", program])
    refused = subprocess.run(
        [*command, str(tmp_path / "no" / "report.html"), "--", "false"],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 3
    assert json.loads(path.read_text("utf-8"))["exchanges"][0]["body"]["input"] == "Hi"
    assert refused.stderr.startswith("Error: --report ")
    assert refused.returncode == 1


# In a browser

browser = pytest.mark.usefixtures("needs_chromium")


@pytest.fixture
def needs_chromium() -> None:
    """Skip where there is no browser, or nothing to drive it with."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    if not (JS / "node_modules" / "playwright-core").is_dir():
        pytest.skip("npm --prefix tests/js install was not run in this checkout")


@browser
def test_conversations_are_trees(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """What was said, asked and streamed; text that looks like HTML is text."""
    shown = browse(tmp_path, "shows", f"{page[0]}/")

    assert (shown["all"], shown["live"]) == (10, "live")
    assert shown["depths"] == [0, 1, 2, 1, 1, 0, 0, 0, 0, 0]
    assert "When is high tide in Sines?" in shown["first"]
    assert "made it up" in shown["first"]
    assert "interaction.created" in shown["stream"]
    assert "Stream: 14 events" in shown["stream"]


@browser
def test_it_is_filtered_and_searched(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """By what they are, and by words anywhere in them."""
    shown = browse(tmp_path, "filters", f"{page[0]}/")

    assert shown["counts"] == {
        **{"complaints": 1, "refused": 2, "streams": 2, "faults": 2, "unobserved": 7, "all": 10},
    }
    assert len(shown["searched"]) == 1
    assert "In Porto instead?" in shown["searched"][0]
    assert shown["count"] == "1 of 10"


@browser
def test_it_needs_no_mouse(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """Keys choose, fold and unfold; the address names what is chosen."""
    shown = browse(tmp_path, "keyboard", f"{page[0]}/")

    assert shown == {"chosen": "1", "before": 10, "folded": 6, "after": 10, "hash": "#1"}


@browser
def test_it_fits_a_phone(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """One column: the list, then what was chosen, and back."""
    shown = browse(tmp_path, "phone", f"{page[0]}/")

    assert shown == {"list": True, "hidden": True, "wide": False, "reading": True, "back": True}


@browser
def test_it_grows_while_requests_come(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """Without loading it again."""
    shown = browse(tmp_path, "grows", f"{page[0]}/")

    assert (shown["before"], shown["after"]) == (10, 11)
    assert "Asked by the page" in shown["last"]


@browser
def test_it_scripts(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """A reply, every fault it offers, the clock; and the reset empties it."""
    shown = browse(tmp_path, "scripts", f"{page[0]}/")

    assert shown["added"] == 'Done: replies {"added":1}'
    assert set(shown["notes"]) == {'Done: faults {"added":1}'}
    assert len(page[2].requests) == 0


@browser
def test_what_it_copies_runs(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """The line for a shell, and the test."""
    pytest.importorskip("google.genai")
    curl, test = browse(tmp_path, "copies", f"{page[0]}/")

    done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["status"] == "completed", done.stderr

    (tmp_path / "test_copied.py").write_text(test, "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_copied.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={key: text for key, text in os.environ.items() if not key.startswith("PYTEST")}
        | {ADDOPTS: LEAN},
    )
    assert run.returncode == 0, run.stdout


@browser
def test_a_report_is_a_page(page: tuple[str, Transcript, Fake], tmp_path: Path) -> None:
    """It opens from the disk, and offers nothing that needs a fake."""
    path = tmp_path / "report.html"
    write_report(path, page[1], "a test", [])

    shown = browse(tmp_path, "report", path.as_uri())

    assert (shown["all"], shown["scripting"]) == (10, False)
    assert shown["live"] == "report of a test"
    assert "When is high tide in Sines?" in shown["first"]


@browser
def test_a_thousand_interactions_are_shown(tmp_path: Path) -> None:
    """All of them; how long that takes is printed, and judged by nobody."""
    with paged() as (url, _, _):
        door = Door(url)
        for number in range(1000):
            door.ask("POST", "/v1/interactions", {"model": MODEL, "input": f"number {number}"})

        timing = browse(tmp_path, "many", f"{url}/")

    print(timing)
    assert timing["rows"] == 19


def test_large_bodies_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest ones, so that a server that runs for days keeps its size."""
    monkeypatch.setattr(transcript_module, "_MOST_BYTES", 10_000)
    with paged() as (url, _, _):
        for number in range(5):
            Door(url).create(f"{number} " + "x" * 3000)

        assert [one["n"] for one in seen(url)] == [4, 5]


def test_a_stream_without_an_end_keeps_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more than that is counted, and the client gets all of it."""
    monkeypatch.setattr(transcript_module, "_MOST_BYTES_OF_ONE", 3000)
    with paged() as (url, _, _):
        length = len(Door(url).create("x" * 5000, stream=True).body)

        (exchange,) = seen(url)
        assert exchange["dropped"] > 0
        assert exchange["ending"] == "whole"
        assert exchange["dropped"] < length
