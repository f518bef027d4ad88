"""The JSON Schema of a fault as the registry of faults says it: `schemas/control/fault.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fakegemini.faults.registry import FaultRow, fault_rows
from fakegemini.protocol.paths import OPERATIONS
from tests.docs.pages import ROOT

NAME = "schemas/control/fault.json"
PATH = ROOT / NAME

_WIDTH = 100


def fault_schema() -> dict[str, Any]:
    """What a fault may say, the innermost name first."""
    rows = fault_rows()[::-1]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://schemas.fakegemini.invalid/control/fault.json",
        "title": "Scripted fault",
        "description": "A bad day; several names together are one fault that does all of it. "
        "Written by `python -m tests.docs.printed` from the rows in fakegemini/faults/.",
        "$comment": "evidence D as of 2026-11: docs/control.md",
        "type": "object",
        "properties": {
            **{name: form for row in rows for name, form in _members_of(row)},
            "times": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000000,
                "description": "How many requests it meets; all if not given.",
            },
            "on": {
                "type": "string",
                "enum": [*OPERATIONS],
                "description": "The operation it meets; all if not given.",
            },
        },
        "dependentRequired": {name: [row.json_name] for row in rows for name in row.companions},
        "examples": [
            {"status": 429, "times": 1, "retry_after_ms": 5},
            {"cut_after_events": 3, "times": 1},
            {"preset": "rate_limited", "on": "create"},
            {"chunks": 7, "slow": 0.01, "malformed": True},
            {"error_event": {"code": "gateway_timeout", "message": "Too late.", "after": 4}},
        ],
    }


def _members_of(row: FaultRow) -> Iterator[tuple[str, dict[str, Any]]]:
    yield row.json_name, {**row.form, "description": row.sentence}
    yield from row.companions.items()


def fault_schema_text() -> str:
    """The file: whatever fits into a line is one."""
    return _written(fault_schema()) + "\n"


def _written(value: Any, indent: int = 0, before: int = 0) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or indent + before + len(line) < _WIDTH:
        return line
    inner = " " * (indent + 2)
    if isinstance(value, list):
        parts = [_written(part, indent + 2) for part in value]
        return "[\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + "]"
    heads = {key: f"{json.dumps(key)}: " for key in value}
    members = [
        heads[key] + _written(part, indent + 2, len(heads[key])) for key, part in value.items()
    ]
    return "{\n" + ",\n".join(inner + member for member in members) + "\n" + " " * indent + "}"
