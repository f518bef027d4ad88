"""What nobody has observed is listed, and the list comes from where it is decided."""

from __future__ import annotations

from click.testing import CliRunner

from fakegemini.cli import main
from fakegemini.protocol.eras import CHANGES
from fakegemini.protocol.refusals import all_refusals
from fakegemini.protocol.refusals.unverified import CHOICES


def test_serve_explains_what_nobody_has_observed() -> None:
    """Every refusal of the kind, every other choice, and what each era is known to have done."""
    result = CliRunner().invoke(main, ["serve", "--explain"])

    lines = result.output.splitlines()
    refused = [
        f"  {row.name}: {row.when} {row.source}" for row in all_refusals() if row.evidence == "X"
    ]
    choices = [f"  {choice.question}: {choice.behaviour}" for choice in CHOICES]
    changes = [f"  {', '.join(sorted(x.eras))}: {x.sentence} ({x.evidence})" for x in CHANGES]
    assert result.exit_code == 0
    assert [line for line in lines if line.startswith("  ")] == refused + choices + changes
    assert len(refused) > 10
    assert len(choices) > 10
