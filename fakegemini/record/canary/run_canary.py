"""Run the probes of the canary against the live API and the fake, within a budget of requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import CanaryStopped, NotRerecorded, NoWholeAnswer
from ...fake.fake import Fake
from ...protocol.eras import CHANGES, CURRENT_ERA, ERAS
from ...protocol.paths import LIVE_API_URL
from ...recordings.scrub.policy import ScrubRules
from ...wire.http import Request
from ..live_asker import find_key, hide_secrets, open_client, read_answer_to
from ..modes import MODES
from ..session import report_saved
from ..upstream import check_upstream, import_httpx
from ..writer import Say, open_recording
from .asker import API_VERSION, Answer, Asker, Question, Send
from .probes import PROBES, Facts, Probe

_ERA_ROWS = {change.name: change for change in CHANGES}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the live server did beside what the fake does, for one fact of one probe."""

    probe: str
    fact: str
    live: Any
    fake: Any

    @property
    def agrees(self) -> bool:
        """Whether the live server and the fake do the same."""
        return bool(self.live == self.fake)


@dataclass(slots=True)
class CanaryResult:
    """What a run of the canary found. `not_measured` are probes with the reason."""

    comparisons: list[Comparison] = field(default_factory=list)
    not_measured: list[tuple[str, str]] = field(default_factory=list)
    request_count: int = 0

    @property
    def differences(self) -> list[Comparison]:
        """What the live server does in another way than the fake."""
        return [comparison for comparison in self.comparisons if not comparison.agrees]

    @property
    def eras(self) -> list[str]:
        """The eras that agree with all that was measured of their rows."""
        seen = {row.fact: row.live for row in self.comparisons if row.fact in _ERA_ROWS}
        return [
            name
            for name, era in ERAS.items()
            if seen and all(era.does(change) is holds for change, holds in seen.items())
        ]


def plan_probes(budget: int) -> Iterator[tuple[Probe, bool]]:
    """Yield every probe, and whether it is within the budget of requests."""
    for row in PROBES.values():
        fits = row.requests <= budget
        budget -= row.requests if fits else 0
        yield row, fits


def rehearse(row: Probe) -> tuple[Facts, list[Question]]:
    """Run a probe against the fake of today: its facts, and the requests that it made."""
    asker = Asker(send_to(Fake(seed="canary")))
    return row.run(asker), asker.questions


def run_canary(
    cassette: Path,
    *,
    budget: int,
    upstream: str = LIVE_API_URL,
    say: Say = print,
) -> CanaryResult:
    """Measure, and record all of it into a cassette, without secrets.

    The key is that of the environment. Raises `CanaryStopped` without one, and what a recording
    raises.
    """
    import_httpx()
    check_upstream(upstream)
    try:
        key = find_key()
    except NotRerecorded as error:
        raise CanaryStopped(str(error), is_final=True) from None
    result = CanaryResult()
    with open_recording(cassette, MODES["all"], rules=ScrubRules(), say=say) as writer:
        try:
            with open_client(writer, upstream, say) as client:
                _measure(result, _send_by(client, key), plan_probes(budget))
        except (KeyboardInterrupt, SystemExit):
            writer.abandon()  # a signal waits for no work
            raise
        report_saved(cassette, writer.save(), say)
    return result


def _measure(result: CanaryResult, send: Send, probes: Iterable[tuple[Probe, bool]]) -> None:
    stopped = ""
    for row, fits in probes:
        if stopped or not fits:
            needs = f"it needs {row.requests} more requests than the budget has left"
            result.not_measured.append((row.name, stopped or needs))
            continue
        asker = Asker(send)
        try:
            live = row.run(asker)
        except CanaryStopped as error:
            result.not_measured.append((row.name, str(error)))
            stopped = str(error) if error.is_final else ""
            continue
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            # A shape that no probe knows is news of its own; the cassette has it for `check`.
            reason = f"an answer has another shape than any known ({error!r}); see the cassette"
            result.not_measured.append((row.name, reason))
            continue
        finally:
            result.request_count += len(asker.questions)
        fake, _ = rehearse(row)
        result.comparisons += [
            Comparison(row.name, fact, live.get(fact), fake.get(fact))
            for fact in dict.fromkeys((*fake, *live))
        ]


def _send_by(client: Any, key: str) -> Send:
    def send(question: Question) -> Answer:
        try:
            response, body = read_answer_to(
                client,
                question.method,
                f"/{API_VERSION}/{question.path}",
                content=question.content or None,
                headers={"content-type": "application/json", "x-goog-api-key": key},
            )
        except (NoWholeAnswer, OSError, import_httpx().HTTPError) as error:
            raise CanaryStopped(f"no answer: {error}", is_final=True) from None
        content_type = response.headers.get("content-type", "")
        return Answer(response.status_code, body.decode("utf-8", "replace"), content_type)

    return send


def send_to(fake: Fake) -> Send:
    """Return what asks a fake in this process, without a recorder."""

    def send(question: Question) -> Answer:
        path, _, query = question.path.partition("?")
        pairs = tuple(
            (name, value)
            for name, _, value in (part.partition("=") for part in query.split("&") if part)
        )
        reply = fake.handle(
            Request(
                question.method,
                f"/{API_VERSION}/{path}",
                query=pairs,
                headers=(("content-type", "application/json"), ("x-goog-api-key", "canary")),
                body=question.content,
            )
        )
        text = b"".join(beat for beat in reply.beats if isinstance(beat, bytes)).decode()
        content_type = next((v for k, v in reply.headers if k.lower() == "content-type"), "")
        return Answer(reply.status, text, content_type)

    return send


def describe_result(result: CanaryResult) -> str:
    """Render what agrees, what differs and what could not be measured, in plain lines."""
    lines: list[str] = []
    for row in result.comparisons:
        if row.agrees:
            lines.append(f"agrees   {row.fact}: {_spell(row.live)}")
    for row in result.differences:
        change = _ERA_ROWS.get(row.fact)
        lines.append(f"differs  {row.fact}: {_spell(row.live)}")
        lines.append(f"         the fake: {_spell(row.fake)}")
        if change:
            lines.append(f"         a row of the eras: {change.sentence} ({change.evidence})")
    lines += [f"unknown  {name}: {reason}" for name, reason in result.not_measured]
    count = len(result.comparisons)
    lines.append(
        f"{count - len(result.differences)} of {count} facts agree, {len(result.differences)} "
        f"differ; {len(result.not_measured)} probes not measured; {result.request_count} requests"
    )
    if any(row.fact in _ERA_ROWS for row in result.comparisons):
        names = ", ".join(result.eras)
        lines.append(
            f"eras that fit: {names}" if names else "no era fits: the live server has moved"
        )
        if result.eras and CURRENT_ERA.name not in result.eras:
            lines.append(f"the fake follows {CURRENT_ERA.name}; try Fake(era={result.eras[-1]!r})")
    return hide_secrets("\n".join(lines))


def _spell(fact: Any) -> str:
    words = {True: "yes", False: "no", None: "nothing"}
    return words[fact] if fact is None or isinstance(fact, bool) else str(fact)[:300]
