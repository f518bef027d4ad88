"""vcrpy and pytest-recording with two lines of ours, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
import vcr as vcrpy
from vcr.errors import CannotOverwriteExistingCassetteException

from fakegemini import Fake, Handler, Reply, Request, call, say
from fakegemini.contract.checker import check_paths
from fakegemini.errors import FakeGeminiError, RecordingWarning, Unreadable
from fakegemini.vcr import configure
from tests.http.door import MODEL, Door

KEY = "AIza" + "f" * 35


@pytest.fixture
def tape(tmp_path: Path) -> Callable[..., Any]:
    """A cassette of vcrpy in a mode; `options` are those of `configure`."""

    def use(mode: str, **options: Any) -> Any:
        return configure(vcrpy.VCR(), **options).use_cassette(
            str(tmp_path / "tape.yaml"), record_mode=mode
        )

    return use


def ask(url: str, **body: Any) -> httpx.Response:
    """A create with a key."""
    headers = {"x-goog-api-key": KEY}
    return httpx.post(f"{url}/v1/interactions", json={"model": MODEL} | body, headers=headers)


def conversation(url: str, *words: Any) -> list[str]:
    """Turns one after the other; gives the texts."""
    parent, texts = None, []
    for word in words:
        more: dict[str, Any] = {"previous_interaction_id": parent} if parent else {}
        turn = ask(url, input=word, **more).json()
        parent = turn["id"]
        texts.append(turn["steps"][-1]["content"][0]["text"])
    return texts


@pytest.fixture
def live(plug: Callable[[Handler], Door]) -> Door:
    """The server that is recorded."""
    return plug(Fake().handle)


def test_a_request_is_found_by_what_it_means(live: Door, tape: Callable[..., Any]) -> None:
    """In another form the same; what means something else is not on the tape."""
    with tape("once"):
        recorded = conversation(live.url, "I am Ada.", "Who am I?")
    with tape("none") as cassette:
        block = [{"type": "text", "text": "I am Ada."}]
        replayed = conversation(live.url, block, "Who am I?")
        with pytest.raises(CannotOverwriteExistingCassetteException) as missed:
            ask(live.url, input="Who are you?")

    assert replayed == recorded
    assert cassette.play_count == 2
    assert "input[0].content[0].text" in str(missed.value)


def test_what_may_differ(live: Door, tape: Callable[..., Any]) -> None:
    """The tolerance of a replay."""
    with tape("once"):
        ask(live.url, input="Today is 2026-11-23.")
    with tape("none", tolerate="dates"):
        assert ask(live.url, input="Today is 2027-01-02.").status_code == 200


def test_the_file_is_ours(live: Door, tape: Callable[..., Any], tmp_path: Path) -> None:
    """No key, readable bodies, long values beside it, and `check` finds nothing."""
    picture = "A" * 1200
    with tape("once"):
        ask(live.url, input=[{"type": "image", "data": picture, "mime_type": "image/png"}])
    with tape("none"):
        answer = ask(live.url, input=[{"type": "image", "data": picture, "mime_type": "image/png"}])

    text = (tmp_path / "tape.yaml").read_text(encoding="utf-8")
    assert answer.status_code == 200
    assert KEY not in text
    assert picture not in text
    assert [path.read_text() for path in (tmp_path / "aside").iterdir()] == [picture]
    assert '\n        "model": "gemini-3.5-flash",\n' in text
    assert check_paths([tmp_path / "tape.yaml"]).findings == []


def test_streams_and_functions(live: Door, plug: Callable[..., Door], tape: Any) -> None:
    """What vcrpy records in one piece is still every event; call ids come back as recorded."""
    fake = Fake()
    fake.replies(call("now"))
    fake.replies(say("Noon."))
    door = plug(fake.handle)

    def loop() -> list[str]:
        turn = ask(door.url, input="Time?", tools=[{"type": "function", "name": "now"}]).json()
        (step,) = (step for step in turn["steps"] if step["type"] == "function_call")
        result = {"type": "function_result", "name": "now", "call_id": step["id"], "result": "12"}
        final = ask(door.url, input=[result], previous_interaction_id=turn["id"], stream=True).text
        return [step["id"], final]

    with tape("once"):
        recorded = loop()
    with tape("none"):
        assert loop() == recorded
    assert "Noon." in recorded[1]


def test_a_cassette_that_has_one_key_twice_is_refused(
    live: Door, tape: Callable[..., Any], tmp_path: Path
) -> None:
    """PyYAML alone would take the last, and another answer without a word."""
    with tape("once"):
        ask(live.url, input="Hi")
    file = tmp_path / "tape.yaml"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    line = next(number for number, text in enumerate(lines) if "method: POST" in text)
    file.write_text("".join([*lines[: line + 1], *lines[line:]]), "utf-8")

    with (
        pytest.raises(Unreadable, match=rf"tape\.yaml:{line + 2}: .*'method' comes twice"),
        tape("none"),
    ):
        ask(live.url, input="Hi")


def test_a_doubt_costs_a_value(live: Door, tape: Callable[..., Any], tmp_path: Path) -> None:
    """What looks like a secret is taken out, and replayed; the user may keep it."""
    odd = {"labels": {"partner_auth": "q8Zr2LxT0vWm4KpYc7Nd"}}

    for mode in ("once", "none"):
        with tape(mode):
            ask(live.url, input="Hi", **odd)
    assert "q8Zr2LxT0vWm4KpYc7Nd" not in (tmp_path / "tape.yaml").read_text("utf-8")
    (tmp_path / "tape.yaml").unlink()
    with tape("once", allow_secrets=["q8Zr2LxT0vWm4KpYc7Nd"]):
        ask(live.url, input="Hi", **odd)
    assert "q8Zr2LxT0vWm4KpYc7Nd" in (tmp_path / "tape.yaml").read_text("utf-8")


def test_what_cannot_be_taken_out_of_its_text_costs_that_text(
    live: Door, tape: Callable[..., Any], tmp_path: Path
) -> None:
    """Not the recording: what a pattern finds again beside each placeholder goes as a whole."""
    options = {"scrub_patterns": [r"\w+ \w+"]}
    for mode in ("once", "none"):
        with tape(mode, **options):
            assert ask(live.url, input="one two three four five").status_code == 200
    assert "three" not in (tmp_path / "tape.yaml").read_text("utf-8")


def test_an_exchange_that_cannot_be_cleaned_costs_itself(
    live: Door, tape: Callable[..., Any], tmp_path: Path
) -> None:
    """A warning names it with the reason; the others are saved, and nothing of it is."""

    def record() -> None:
        with tape("once", scrub_patterns=[r"(?:x|x)+$"]):
            for word in ("first", f"second {'x' * 60}y", "third"):
                ask(live.url, input=word)

    with pytest.warns(RecordingWarning, match=r"tape\.yaml: exchange 2 is not kept: .*took more"):
        record()

    text = (tmp_path / "tape.yaml").read_text("utf-8")
    assert [word in text for word in ("first", "second", "third")] == [True, False, True]


def test_what_is_packed_in_another_api_is_scrubbed_too(
    plug: Callable[..., Door], tape: Callable[..., Any], tmp_path: Path
) -> None:
    """And packed again, so that it is replayed; what cannot be unpacked is told and kept."""
    body = gzip.compress(f'{{"key": "{KEY}"}}'.encode(), mtime=0)

    def answer(request: Request) -> Reply:
        coding = "gzip" if request.path == "/packed" else "snappy"
        raw = body if coding == "gzip" else b"\xff\x00\xff"
        headers = (("content-type", "application/json"), ("content-encoding", coding))
        return Reply(200, headers, (raw,))

    door = plug(answer)

    def record() -> None:
        with tape("once"):
            assert httpx.get(f"{door.url}/packed").json() == {"key": KEY}
            httpx.get(f"{door.url}/odd")

    with pytest.warns(RecordingWarning, match="2 is kept as it came: .* packed as snappy"):
        record()
    with tape("none"):
        assert httpx.get(f"{door.url}/packed").json() == {"key": "SCRUBBED-1"}


FUNCTIONS = """
def plain(): ask()
def made(): yield ask()
async def waited(): ask()
"""


@pytest.mark.parametrize("broken", ["persister", "serializer"])
@pytest.mark.parametrize("form", ["block", "plain", "made", "waited", "test case"])
def test_what_cannot_be_saved_leaves_nothing_patched(
    broken: str, form: str, live: Door, tmp_path: Path
) -> None:
    """The error comes, and what follows goes to the server, not into the cassette."""
    before = http.client.HTTPConnection.request, httpcore.ConnectionPool.handle_request
    if broken == "persister":
        path = tmp_path / "file" / "tape.yaml"  # a folder that cannot be made
        (tmp_path / "file").touch()
    else:
        path = tmp_path / "tape.yaml"  # its folder of attachments cannot be made
        (tmp_path / "aside").touch()
    picture = {"type": "image", "data": "A" * 1200, "mime_type": "image/png"}
    use = configure(vcrpy.VCR()).use_cassette
    functions: dict[str, Any] = {"ask": lambda: ask(live.url, input=[picture])}
    exec(FUNCTIONS, functions)

    def record() -> None:
        if form == "block":
            with use(str(path), record_mode="all"):
                functions["ask"]()
        elif form == "test case":
            with contextlib.ExitStack() as stack:
                stack.enter_context(use(str(path), record_mode="all"))
                functions["ask"]()
        else:
            result = use(str(path), record_mode="all")(functions[form])()
            if form == "made":
                list(result)
            elif form == "waited":
                asyncio.run(result)

    with pytest.raises((OSError, FakeGeminiError)):
        record()

    assert (http.client.HTTPConnection.request, httpcore.ConnectionPool.handle_request) == before
    assert not path.exists()
    assert ask(live.url, input="Hi").status_code == 200


def test_pytest_recording(live: Door, pytester: pytest.Pytester) -> None:
    """Two lines in a conftest, and marked tests find their requests by meaning."""
    pytest.importorskip("pytest_recording")
    pytester.makeconftest("from fakegemini.vcr import pytest_recording_configure\n")
    source = f"""
import httpx, pytest

@pytest.mark.vcr
def test_it():
    body = {{"model": "{MODEL}", "input": INPUT}}
    headers = {{"x-goog-api-key": "{KEY}"}}
    answer = httpx.post("{live.url}/v1/interactions", json=body, headers=headers)
    assert answer.status_code == 200
"""
    pytester.makepyfile(source.replace("INPUT", '"Hi"'))
    record = pytester.runpytest_subprocess("--record-mode=once", "-p", "no:cacheprovider")
    pytester.makepyfile(source.replace("INPUT", '[{"type": "text", "text": "Hi"}]'))
    replay = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    record.assert_outcomes(passed=1)
    replay.assert_outcomes(passed=1)
    (file,) = pytester.path.glob("cassettes/*/*.yaml")
    assert KEY not in file.read_text(encoding="utf-8")
