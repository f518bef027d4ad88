"""What the README says of the control routes is so."""

from __future__ import annotations

import re
from pathlib import Path

from fakegemini import Fake
from fakegemini.fake.control.script_file import ScriptFile
from fakegemini.protocol import schemas

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
(SECTION,) = re.findall(
    r"^## Scripts and faults from other languages\n(.*?)^## ", README, re.DOTALL | re.MULTILINE
)


def test_the_file_on_the_page_is_a_script(tmp_path: Path) -> None:
    """It loads as it stands."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
    file, fake = tmp_path / "script.yaml", Fake()
    file.write_text(block, "utf-8")

    ScriptFile(file, fake)

    assert (len(fake.control.script.rules), len(fake.control.faults_in_force.entries)) == (2, 1)


def test_every_route_is_on_the_page() -> None:
    """The table lists what answers, and nothing else but the reading of the clock."""
    listed = {tuple(row) for row in re.findall(r"`([A-Z]+) (/\w+)`", SECTION)}

    assert {f"{method} {path}" for method, path in listed} == set(Fake().control.routes)


def test_every_member_is_on_the_page() -> None:
    """Each name of each form."""
    for form in ("reply", "rule", "fault"):
        for name in schemas.document(f"control/{form}", closed=True)["properties"]:
            assert f"`{name}`" in SECTION, name
