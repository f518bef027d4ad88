"""Keep what went wrong in a test without its noticing, until the test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ...errors import (
    BadScript,
    ContractBreach,
    Contradiction,
    FakeGeminiError,
    HandlerEnded,
    LeftOver,
    NotOnTape,
    OutcomeInside,
    Refused,
    Unscripted,
)
from ...protocol.refusals.refusal import Refusal
from ...wording import did_you_mean
from ..script.contradictions import CONTRADICTIONS, ContradictionName

ComplaintKind: TypeAlias = (
    Literal["unscripted", "unrecorded", "refused", "breach", "leftover"] | ContradictionName
)

ERRORS_BY_KIND: dict[str, type[FakeGeminiError]] = {
    "unscripted": Unscripted,
    "unrecorded": NotOnTape,
    "refused": Refused,
    **dict.fromkeys(CONTRADICTIONS, Contradiction),
    "breach": ContractBreach,
    "leftover": LeftOver,
}
"""The kinds of complaint by the name that `allow` takes, the most telling first."""


def check_kinds(*kinds: str) -> tuple[str, ...]:
    """Return the kinds; raises `BadScript` for a name that is no kind."""
    for kind in kinds:
        if kind not in ERRORS_BY_KIND:
            hint = did_you_mean(kind, ERRORS_BY_KIND)
            raise BadScript(
                f"allow() takes {', '.join(map(repr, ERRORS_BY_KIND))}, not {kind!r}{hint}"
            )
    return kinds


@dataclass(eq=False, slots=True)
class Expectation:
    """Refusals that a test expects: with this text in their words, their code, or this status.

    None takes any. `refusals` are those that came.
    """

    match: str | None = None
    status: int | None = None
    refusals: list[Refusal] = field(default_factory=list)

    def takes(self, refusal: Refusal) -> bool:
        """Tell whether a refusal is one that the test expects."""
        words = (refusal.code, refusal.message, refusal.name)
        return (self.status is None or self.status == refusal.status) and (
            self.match is None or any(self.match in text for text in words)
        )

    def __str__(self) -> str:
        parts = [f"match={self.match!r}" if self.match is not None else ""]
        parts.append(f"status={self.status}" if self.status is not None else "")
        return f"expects_refusal({', '.join(filter(None, parts))})"


class Complaints:
    """Collects complaints by kind; the first of the most telling kind is raised at the end."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {name: [] for name in ERRORS_BY_KIND}
        self._always_allowed: frozenset[str] = frozenset()
        self._allowed: set[str] = set()
        self._outcomes: list[BaseException] = []
        self._expectations: list[Expectation] = []
        self.listener: Callable[[str], object] | None = None

    def note(self, kind: str, text: str) -> None:
        """Keep a complaint, and tell it to the listener, if there is one."""
        if self.listener and kind not in self._allowed:
            self.listener(text)
        self._texts[kind].append(text)

    def note_error(self, error: FakeGeminiError) -> None:
        """Keep what a request raised, under the kind it is of; of an outcome, the outcome.

        A function that was ended with its test is nobody's mistake.
        """
        if isinstance(error, HandlerEnded):
            return  # the test is over, so nobody is there who could be told
        if isinstance(error, OutcomeInside):
            self._outcomes.append(error.outcome)
            return
        kinds = (
            name for name, error_type in ERRORS_BY_KIND.items() if isinstance(error, error_type)
        )
        self.note(next(kinds, "unscripted"), str(error))

    def note_refusal(self, refusal: Refusal, text: str) -> None:
        """Keep that the live server refuses a request, unless the test expects that."""
        for expectation in reversed(self._expectations):
            if expectation.takes(refusal):
                expectation.refusals.append(refusal)
                return
        self.note("refused", text)

    @contextmanager
    def expect_refusal(self, expectation: Expectation) -> Iterator[Expectation]:
        """Take the refusals that fit while the block runs; no complaint is kept of them."""
        self._expectations.append(expectation)
        try:
            yield expectation
        finally:
            self._expectations.remove(expectation)

    def count_refused(self) -> int:
        """Count the complaints of refused requests, for `forgive_refused`."""
        return len(self._texts["refused"])

    def forgive_refused(self, count: int) -> None:
        """Drop the complaints of refused requests beyond the first `count`."""
        del self._texts["refused"][count:]

    def allow(self, *kinds: str) -> None:
        """Let these kinds pass; raises `BadScript` for a name that is no kind."""
        self._allowed.update(check_kinds(*kinds))

    def allow_always(self, kinds: Iterable[str]) -> None:
        """Let these kinds pass, and no others, also after `forget`."""
        self._always_allowed = frozenset(kinds)
        self._allowed = set(kinds)

    @property
    def allowed(self) -> frozenset[str]:
        """The kinds that pass."""
        return frozenset(self._allowed)

    def list_pending(self, extra_texts: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
        """List all that is not allowed, the extra texts included, as kind and text; keep them."""
        return [
            (kind, text)
            for kind in ERRORS_BY_KIND
            if kind not in self._allowed
            for text in (*self._texts[kind], *extra_texts.get(kind, ()))
        ]

    def forget(self) -> None:
        """Drop all complaints, and allow what is allowed always."""
        self._texts = {name: [] for name in ERRORS_BY_KIND}
        self._allowed = set(self._always_allowed)
        self._outcomes.clear()

    def raise_first(self) -> None:
        """Raise the first complaint that is not allowed, with the count of those like it.

        An outcome of the test, which a function of its own gave in a request, comes before all.
        """
        __tracebackhide__ = True  # pytest shows the text, not how it got here
        outcomes, self._outcomes = self._outcomes, []
        if outcomes:
            raise outcomes[0]
        texts, self._texts = self._texts, {name: [] for name in ERRORS_BY_KIND}
        for kind, error in ERRORS_BY_KIND.items():
            if texts[kind] and kind not in self._allowed:
                others_count = len(texts[kind]) - 1
                raise error(
                    texts[kind][0]
                    + (f"\n\n(and {others_count} more of its kind)" if others_count else "")
                )
