"""What nobody has observed is listed, and the list comes from where it is decided."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from click.testing import CliRunner

from fakegemini.cli import main
from fakegemini.protocol.eras import CHANGES
from fakegemini.protocol.refusals import limits, refusal
from fakegemini.protocol.refusals.refusal import CASES, Refusal
from fakegemini.protocol.refusals.unverified import CHOICES

PACKAGE = Path(inspect.getfile(refusal)).parents[2]


def makers() -> set[str]:
    """The functions that make refusals, as their names read in the list."""
    functions = (
        name
        for module in (refusal, limits)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if inspect.signature(function).return_annotation == "Refusal"
    )
    return {name.replace("_", " ") for name in functions} - {"invalid"}


def test_every_refusal_is_a_case() -> None:
    """With its evidence and a sentence that says when it happens, and none twice."""
    names = [case.name for case in CASES]

    assert sorted(names) == sorted(makers())
    assert all(case.evidence in "CLIDX" and case.when.endswith(".") for case in CASES)


def test_a_refusal_carries_the_evidence_of_its_case() -> None:
    """It is written in one place."""
    assert refusal.no_background("m").evidence == "C"
    assert limits.misplaced_signature("why") == Refusal(
        400, "invalid_request", "Corrupted thought signature.", "X", "why"
    )


def test_no_refusal_is_idle() -> None:
    """Each is said somewhere."""
    text = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))

    idle = [
        case.name
        for case in CASES
        if len(re.findall(rf"\b{case.name.replace(' ', '_')}\b", text)) < 2
    ]

    assert idle == []


def test_serve_explains_what_nobody_has_observed() -> None:
    """Every refusal of the kind, every other choice, and what each era is known to have done."""
    result = CliRunner().invoke(main, ["serve", "--explain"])

    lines = result.output.splitlines()
    cases = [f"  {case.name}: {case.when}" for case in CASES if case.evidence == "X"]
    choices = [f"  {choice.question}: {choice.behaviour}" for choice in CHOICES]
    changes = [f"  {', '.join(sorted(x.eras))}: {x.sentence} ({x.evidence})" for x in CHANGES]
    assert result.exit_code == 0
    assert [line for line in lines if line.startswith("  ")] == cases + choices + changes
    assert len(cases) > 10
    assert len(choices) > 10
