"""Slips that a type checker finds: each line is an error, and says so.

mypy runs strictly, so a comment that is not needed is an error as well.
"""

from __future__ import annotations

from fakegemini import Fake, faults, running


def slips(fake: Fake) -> None:
    """Words that there are not, in each place that takes one."""
    Fake(era="2026-6")  # type: ignore[arg-type]
    Fake(missing="scirpt")  # type: ignore[arg-type]
    Fake(allow=["left_over"])  # type: ignore[list-item]
    Fake(sede=7)  # type: ignore[call-arg]
    running(chunks="event")  # type: ignore[arg-type]
    fake.era = "2026-6"  # type: ignore[assignment]
    fake.missing = "scirpt"  # type: ignore[assignment]
    fake.any_model = "yes"  # type: ignore[assignment]
    fake.decode_limit = "100"  # type: ignore[assignment]
    fake.sede = 7  # type: ignore[attr-defined]
    fake.allow("left_over")  # type: ignore[arg-type]
    fake.play("tape.yaml", missing="scirpt")  # type: ignore[arg-type]
    fake.play("tape.yaml", tolerates="dates")  # type: ignore[call-arg]
    fake.faults("overloded")  # type: ignore[arg-type]
    fake.faults("overloaded", on="creat")  # type: ignore[arg-type]
    fake.faults.refuze(503)  # type: ignore[attr-defined]
    faults.named("overloded")  # type: ignore[arg-type]
    fake.assert_resilient(print, only=["cut_steam"])  # type: ignore[list-item]
    fake.reply("Hello")  # type: ignore[attr-defined]
    fake.replies("Hello", stats="failed")  # type: ignore[call-arg]
    fake.when(inptu="Hi")  # type: ignore[call-arg]
    fake.requests = []  # type: ignore[misc, assignment]
