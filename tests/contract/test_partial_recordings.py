"""Recordings of which somebody deleted something: what is left is no fault of the server."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.findings import Kind
from fakegemini.recordings.exchange import Exchange
from fakegemini.recordings.read import read_exchanges

CASSETTES = Path(__file__).parents[2] / "cassettes" / "interactions"


def violations(exchanges: list[Exchange]) -> list[str]:
    """What is held against the server."""
    findings = check_exchanges(exchanges)
    return [str(finding) for finding in findings if finding.kind is Kind.VIOLATION]


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_any_exchange_may_be_deleted(path: Path) -> None:
    """Each alone, and all before it: hooks, `--drop-unplayed` and people do that."""
    exchanges = read_exchanges(path)
    for place in range(len(exchanges)):
        assert violations([*exchanges[:place], *exchanges[place + 1 :]]) == []
        assert violations([*exchanges[place:]]) == []
        assert violations([*exchanges[:place]]) == []


def test_a_chain_whose_middle_is_gone_is_drift() -> None:
    """Its root says that the parent was of this conversation; another root is a violation."""
    exchanges = read_exchanges(CASSETTES / "chain.yaml")
    first, second, third = exchanges
    asked = json.loads(third.request_body)
    asked["previous_interaction_id"] = second.response_json["id"]
    third = replace(third, request_body=json.dumps(asked).encode())
    findings = check_exchanges([first, third])
    assert [finding.kind for finding in findings] == [Kind.DRIFT]
    assert "of a conversation that is recorded in part" in str(findings[0])
