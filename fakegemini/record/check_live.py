"""Ask the live API again what a cassette asks, and say what differs; nothing is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from ..errors import AskingEnded, ConversationDiverged, NotRerecorded
from ..protocol.paths import LIVE_API_URL
from ..protocol.status import is_running
from ..recordings.answers import read_answer
from ..recordings.conversations import RecordedInteraction, request_content
from ..recordings.exchange import Exchange, RecordedExchange
from ..recordings.scrub.policy import ScrubRules
from ..recordings.scrub.request_scrubber import RequestScrubber
from ..wire.http import RETRIED, Json
from ..wording import brief_json, count_of
from .answer_shape import ShapeDifference, compare_shapes
from .ask_again import ask_again
from .live_asker import LiveAsker, ask_in_turn, find_key, open_asker
from .put_back import Secrets, placeholders_sent
from .rerecord import choose_interactions
from .upstream import check_upstream, import_httpx
from .upstream_login import split_login
from .writer import Say

Verdict: TypeAlias = Literal["same", "differs", "skipped", "unknown"]

_RETRIED_REASON = "the recording holds its retry, which is asked"
_ENDED_REASON = "its run had ended already today, or has no id"

_ENDS_ALL = frozenset({401, 403, 429})
"""The statuses behind which nothing else is asked: the key or the quota is no good."""


@dataclass(slots=True)
class ExchangeCheck:
    """What became of one exchange of a cassette.

    verdict: `same`, `differs`, `skipped` where it has nothing to say today, or `unknown`
    reason: why it was not asked; empty where it was
    differences: how today's answer differs; empty where it does not
    """

    exchange: Exchange
    verdict: Verdict | None = None
    reason: str = ""
    differences: list[ShapeDifference] = field(default_factory=list)

    @property
    def is_refused_today(self) -> bool:
        """Tell whether its answer is an error today and was none."""
        return any(difference.place == "status" for difference in self.differences)

    def leave(self, verdict: Verdict, reason: str) -> None:
        """Note why it was not asked, where nothing is known of it yet."""
        if self.verdict is None:
            self.verdict, self.reason = verdict, reason

    def to_json(self) -> Json:
        """Return it as JSON."""
        return {
            "exchange": self.exchange.number,
            "request": describe_request(self.exchange),
            "verdict": self.verdict,
            **({"reason": self.reason} if self.reason else {}),
            "differences": [difference.to_json() for difference in self.differences],
        }


@dataclass(slots=True)
class LiveCheck:
    """What a check of a cassette against the live API saw, exchange by exchange."""

    file: str
    upstream: str
    exchanges: list[ExchangeCheck]

    @property
    def exit_status(self) -> int:
        """0: all is as recorded, 1: something differs, 2: something could not be asked."""
        verdicts = {one.verdict for one in self.exchanges}
        return 1 if "differs" in verdicts else 2 if "unknown" in verdicts else 0

    def to_json(self) -> Json:
        """Return it as JSON."""
        return {
            "file": self.file,
            "upstream": self.upstream,
            "exchanges": [one.to_json() for one in self.exchanges],
        }


class _NoKeeper:
    """Keeps nothing of what goes through a recorder."""

    def begin_exchange(self) -> int:
        """Return 0: no exchange is numbered, since none is kept."""
        return 0

    def add_soon(self, recorded: RecordedExchange, /) -> Future[None]:
        """Drop an exchange."""
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def leave_out(self, number: int, reason: str, /) -> None:
        """Note nothing."""


def check_live(
    path: Path,
    *,
    only: Sequence[int] = (),
    upstream: str = LIVE_API_URL,
    rules: ScrubRules | None = None,
    poll: float = 1.0,
    say: Say = print,
) -> LiveCheck:
    """Ask `upstream` again what the cassette `path` asks, and compare the shapes of the answers.

    Nothing is written. The other arguments are those of `rerecord_cassette`. Raises
    `NotRerecorded` where it cannot begin.
    """
    import_httpx()
    check_upstream(upstream)
    key = find_key()
    interactions = choose_interactions(path, only)
    secrets = Secrets(interactions, os.environ)
    rules = secrets.add_to(rules or ScrubRules())
    rules = replace(rules, patterns=(*rules.patterns, re.compile(re.escape(key))))
    public_upstream, _ = split_login(upstream)
    check = LiveCheck(
        str(path), public_upstream, [*map(ExchangeCheck, _exchanges_of(interactions))]
    )
    with open_asker(_NoKeeper(), upstream, secrets, key, say) as asker:
        _LiveComparison(check, asker, RequestScrubber(rules), poll).run(interactions)
    return check


class _LiveComparison:
    """Asks the conversations of a cassette, one after the other, and notes what differs."""

    def __init__(
        self, check: LiveCheck, asker: LiveAsker, scrubber: RequestScrubber, poll: float
    ) -> None:
        self._checks = {one.exchange.number: one for one in check.exchanges}
        self._asker = asker
        self._scrubber = scrubber
        self._poll = poll

    def run(self, interactions: Sequence[RecordedInteraction]) -> None:
        """Ask all of them; what one conversation meets ends no other one."""
        for conversation in _conversations_in(interactions):
            checks = [self._checks[exchange.number] for exchange in _exchanges_of(conversation)]
            try:
                ask_in_turn(ask_again(conversation), self._ask, self._poll)
            except (ConversationDiverged, NotRerecorded) as error:
                refused = [one.exchange.number for one in checks if one.is_refused_today]
                reason = f"the API refuses exchange {refused[0]} today" if refused else str(error)
                for check in checks:
                    check.leave("unknown", reason)
            except AskingEnded as error:
                for check in self._checks.values():
                    check.leave("unknown", str(error))
                return
            for check in checks:
                is_retried = check.exchange.status in RETRIED
                check.leave("skipped", _RETRIED_REASON if is_retried else _ENDED_REASON)

    def _ask(self, exchange: Exchange) -> Exchange:
        """Ask one request, and compare its answer with the recorded one."""
        check = self._checks[exchange.number]
        answer = self._asker.ask(exchange)
        status, recorded = answer.status or 0, check.exchange
        if status != recorded.status and status in (*RETRIED, *_ENDS_ALL):
            text = f"the API answered {status} to exchange {exchange.number}"
            raise AskingEnded(text) if status in _ENDS_ALL else NotRerecorded(text)
        check.differences = compare_shapes(recorded, self._scrubber.scrub(answer))
        if _differs_in_pace(recorded, answer):
            check.differences = []
        check.verdict = "differs" if check.differences else "same"
        return answer


def _differs_in_pace(recorded: Exchange, answer: Exchange) -> bool:
    """Tell whether a run goes on in one of two answers and is over in the other."""
    if recorded.operation not in ("create", "get") or recorded.status != answer.status:
        return False
    body = request_content(recorded) if recorded.operation == "create" else None
    if isinstance(body, dict) and not body.get("background"):
        return False  # what is asked in the foreground is over when it is answered
    runs = [is_running(read_answer(RecordedExchange(one)).status) for one in (recorded, answer)]
    return runs[0] != runs[1]


def plan_requests(path: Path, only: Sequence[int] = ()) -> list[str]:
    """Describe what would be asked, a line each; raises `NotRerecorded`."""
    lines: list[str] = []
    for interaction in choose_interactions(path, only):
        for exchange in _exchanges_of([interaction]):
            if exchange.operation == "create" and exchange.status in RETRIED:
                continue
            names = dict.fromkeys(placeholders_sent(exchange))
            variables = ", ".join(name.replace("-", "_") for name in names)
            needs = f", needs {variables}" if variables else ""
            lines.append(f"exchange {exchange.number}: {describe_request(exchange)}{needs}")
    return lines


def describe_request(exchange: Exchange) -> str:
    """Name a request by its method and path, and what a create asks."""
    line = f"{exchange.method} {'/'.join(('', *exchange.path_parts))}"
    body = request_content(exchange) if exchange.operation == "create" else None
    if not isinstance(body, dict):
        return line
    shown = {
        key: body[key] for key in ("model", "agent", "stream", "background", "input") if key in body
    }
    return f"{line} {brief_json(shown)}"


def render_check(check: LiveCheck) -> str:
    """Write what a check saw, in plain lines."""
    lines = [f"{check.file} against {check.upstream}"]
    for one in check.exchanges:
        verdict = _VERDICTS[one.verdict or "unknown"] + (f": {one.reason}" if one.reason else "")
        lines.append(f"exchange {one.exchange.number}: {verdict}")
        lines += [f"  {' '.join(str(difference).splitlines())}" for difference in one.differences]
    counts = (
        f"{sum(one.verdict == each for one in check.exchanges)} {text}"
        for each, text in _VERDICTS.items()
    )
    total = count_of(len(check.exchanges), "exchange")
    return "\n".join([*lines, f"{total}: {', '.join(counts)}; nothing was written"])


_VERDICTS: dict[Verdict, str] = {
    "same": "as recorded",
    "differs": "different",
    "skipped": "skipped",
    "unknown": "not asked",
}


def _exchanges_of(interactions: Iterable[RecordedInteraction]) -> list[Exchange]:
    """Return the creates and what was asked later, in the order of the recording."""
    recorded = [one for each in interactions for one in (each.create, *each.follow_ups) if one]
    return sorted((one.exchange for one in recorded), key=lambda exchange: exchange.number)


def _conversations_in(
    interactions: Sequence[RecordedInteraction],
) -> list[list[RecordedInteraction]]:
    """Group interactions by the one that their conversation began with, in their order."""
    groups: dict[int, list[RecordedInteraction]] = {}
    for interaction in interactions:
        groups.setdefault(id(interaction.conversation_start), []).append(interaction)
    return [*groups.values()]
