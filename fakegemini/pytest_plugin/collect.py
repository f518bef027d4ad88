"""Collect recordings as tests: a file is a collector, each of its exchanges a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..contract.checker import check_exchanges
from ..contract.findings import Finding, Kind
from ..errors import ContractBreach, Unreadable
from ..recordings.packed_file import plain_suffix
from ..recordings.read import SUFFIXES, read_exchanges
from ..wording import spell_unsafe


def is_checked(file: Path, roots: list[Path]) -> bool:
    """Tell whether `--fakegemini-check` names a file, or a folder above it."""
    return any(
        file == root or (root in file.parents and plain_suffix(file) in SUFFIXES) for root in roots
    )


class RecordingFile(pytest.File):
    """A recording; one that cannot be checked is a collection error, never a pass."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each exchange."""
        try:
            exchanges = read_exchanges(self.path)
        except Unreadable as error:
            raise self.CollectError(f"could not check {error}") from None
        findings = check_exchanges(exchanges, self.path.name)
        for exchange in exchanges:
            name = f"{exchange.number} {exchange.method or 'body'} {exchange.operation}".rstrip()
            name = spell_unsafe(name, keep="")
            exchange_item: ExchangeItem = ExchangeItem.from_parent(self, name=name)
            exchange_item.findings = [
                finding for finding in findings if finding.exchange == exchange.number
            ]
            yield exchange_item


class ExchangeItem(pytest.Item):
    """One exchange; it fails on violations, and on drift with `--fakegemini-check-strict`."""

    findings: list[Finding]

    def runtest(self) -> None:
        """Raise `ContractBreach` with a line for each finding that fails."""
        strict = self.config.getoption("--fakegemini-check-strict")
        failures = [
            finding for finding in self.findings if strict or finding.kind is Kind.VIOLATION
        ]
        if failures:
            raise ContractBreach("\n".join(map(str, failures)))
        for finding in self.findings:
            self.add_report_section("call", "drift", spell_unsafe(str(finding)))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """Return the findings as text, without a traceback into the checker."""
        if isinstance(excinfo.value, ContractBreach):
            return str(excinfo.value)
        return str(excinfo.getrepr())

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file, no line, and the name of the exchange."""
        return self.path, None, spell_unsafe(f"{self.path.name} exchange {self.name}", keep="")
