"""Equal is equal and unequal is unequal, at every door: each pair of the table, and its rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fakegemini import Fake, Handler
from fakegemini.cli import main
from fakegemini.recordings.exchange import Exchange
from tests.http.door import Door
from tests.replay.conftest import board, plug
from tests.replay.pairs import PAIRS, Pair
from tests.scenarios import dump

__all__ = ["board", "plug"]

LIVE = "https://generativelanguage.googleapis.com/v1/interactions"
ANSWER = b'{"id": "", "status": "completed", "steps": []}'


def write_tape(path: Path, *bodies: Any) -> Path:
    """A cassette that was asked these bodies."""
    exchanges = [
        Exchange(number, "POST", LIVE, {}, json.dumps(body).encode(), 200, {}, ANSWER)
        for number, body in enumerate(bodies, start=1)
    ]
    path.write_text(dump(exchanges), encoding="utf-8")
    return path


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_play(pair: Pair, tmp_path: Path, plug: Callable[[Handler], Door]) -> None:
    """What means the same is answered; what does not is a miss that shows a difference."""
    recorded, asked = pair.bodies
    fake = Fake(allow=["unrecorded", "refused"])
    fake.play(write_tape(tmp_path / "tape.yaml", recorded), tolerate=pair.tolerate)

    reply = plug(fake.handle).ask("POST", "/v1/interactions", asked)

    assert (reply.status == 200) is pair.equal, reply.body.decode()
    if not pair.equal:
        text = reply.json["error"]["message"]
        difference = text.partition("Difference:\n")[2].partition("\n\nFix:")[0]
        places = [line.strip() for line in difference.splitlines()]
        shown = [
            line.partition(":")[2] for line in places if line.startswith(("recorded", "asked"))
        ]
        assert shown
        assert all(one != other for one, other in zip(shown[::2], shown[1::2], strict=True))
        assert any(line.startswith(f"rule:     {pair.rule}: ") for line in places), difference


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_why(pair: Pair, tmp_path: Path) -> None:
    """The command decides as the replay does, and names the rule."""
    recorded, asked = pair.bodies
    tape = write_tape(tmp_path / "tape.yaml", recorded)
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    options = [option for name in pair.tolerate for option in ("--tolerate", name)]

    outcome = CliRunner().invoke(
        main,
        ["why", str(tape), "--request", str(tmp_path / "asked.json"), "--format", "json", *options],
    )

    (explanation,) = json.loads(outcome.output)
    assert outcome.exit_code == (0 if pair.equal else 1)
    assert (explanation["plays"] == {"file": str(tape), "exchange": 1}) is pair.equal
    rules = {(one["rule"], one["settles"]) for one in explanation["candidates"][0]["rules"]}
    if pair.rule:
        assert (pair.rule, pair.equal) in rules
    else:
        assert not rules


def test_the_fixture(pytester: pytest.Pytester) -> None:
    """The same under pytest, where a miss fails the test."""
    for number, pair in enumerate(PAIRS):
        write_tape(pytester.path / f"{number}.yaml", pair.bodies[0])
    rows = [(str(n), pair.bodies[1], pair.equal, pair.tolerate) for n, pair in enumerate(PAIRS)]
    (pytester.path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    pytester.makepyfile(
        """
        import json
        import urllib.error
        import urllib.request
        from pathlib import Path

        import pytest

        ROWS = json.loads(Path("rows.json").read_text("utf-8"))

        @pytest.mark.parametrize(("name", "body", "equal", "tolerate"), ROWS)
        def test_pair(fakegemini, name, body, equal, tolerate):
            fakegemini.play(f"{name}.yaml", tolerate=tolerate)
            asked = urllib.request.Request(
                f"{fakegemini.url}/v1/interactions",
                json.dumps(body).encode(),
                {"content-type": "application/json"},
            )
            if not equal:
                fakegemini.allow("unrecorded")
                with pytest.raises(urllib.error.HTTPError, match="400"):
                    urllib.request.urlopen(asked)
                return
            assert urllib.request.urlopen(asked).status == 200
        """
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=len(PAIRS))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_bridge(pair: Pair, tmp_path: Path) -> None:
    """The same with vcrpy, whose error shows the difference and the rule."""
    vcr = pytest.importorskip("vcr")
    import urllib.request

    import fakegemini.vcr

    recorded, asked = pair.bodies
    tape = write_tape(tmp_path / "tape.yaml", recorded)
    recorder = fakegemini.vcr.configure(vcr.VCR(record_mode="none"), tolerate=pair.tolerate)
    request = urllib.request.Request(
        LIVE, json.dumps(asked).encode(), {"content-type": "application/json"}
    )
    with recorder.use_cassette(str(tape)):
        if pair.equal:
            assert urllib.request.urlopen(request).status == 200
            return
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException) as missed:
            urllib.request.urlopen(request)
    assert f"rule:     {pair.rule}: " in str(missed.value)
