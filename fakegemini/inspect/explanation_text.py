"""Write what `why` says of requests as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from ..fake.replay.explain_create import Candidate
from ..fake.replay.miss import describe_decisions
from ..fake.replay.nearest_create import describe_place, describe_turn
from .request_explanations import Explanation

_MOST_OTHERS = 3
_FIX = "\n\nFix:"

_VERDICTS = {
    "plays": "is played",
    "later": "means the same and waits for its turn",
    "used up": "means the same and was played already",
    "another branch": "is asked the same in another conversation",
    "differs": "differs",
}


def render_explanation(explanation: Explanation) -> str:
    """Write what becomes of one request."""
    return "\n".join(_lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    recorded, candidates = explanation.played, explanation.candidates
    if not candidates:
        yield explanation.request_line
        if explanation.miss:
            yield explanation.miss
        else:
            place = f"exchange {recorded.number} is played" if recorded else "it is answered"
            yield f"  {place}: {explanation.note}"
        return
    outcome = "is played" if recorded else "a miss: no recording answers it"
    place = f"exchange {recorded.number} of {explanation.file} " if recorded else ""
    yield f"{explanation.request_line}: {place}{outcome}"
    shown = candidates[: _MOST_OTHERS + 1]
    for candidate in shown:
        yield from _candidate_lines(candidate)
    if len(candidates) > len(shown):
        yield f"and {len(candidates) - len(shown)} that are farther"
    if _FIX in explanation.miss:
        yield from ("", f"{_FIX.strip()}{explanation.miss.partition(_FIX)[2]}")


def _candidate_lines(candidate: Candidate) -> Iterator[str]:
    interaction = candidate.interaction
    verdict = _VERDICTS[candidate.verdict]
    yield ""
    yield f"{describe_place(interaction)}, {describe_turn(interaction)}, {verdict}"
    for head, settles in (("apart:", False), ("no difference:", True)):
        decisions = [one for one in candidate.decisions if one.settles is settles]
        if decisions:
            yield f"  {head}"
            yield from (f"    {line}" for line in describe_decisions(decisions))
    if not candidate.decisions:
        yield "  it is the same as recorded, but for the order of members"
