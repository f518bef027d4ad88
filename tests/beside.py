"""Say where the things lie that are beside the project; tests that need one skip without it."""

from __future__ import annotations

from pathlib import Path

BESIDE = Path(__file__).resolve().parents[2] / "shared"

RECORDINGS = BESIDE / "recordings"
"""Real traffic that others recorded from the live API, a folder a project."""

ERROR_BODIES = RECORDINGS / "error-bodies.jsonl"
"""Error bodies of the live server with their sources, a line each."""

QUICKSTART = BESIDE / "quickstart"
"""The API's quickstart as runnable files."""

BEHAVIOUR = BESIDE / "reference" / "behaviour.md"
"""How the live server behaves, each fact with its grade."""
