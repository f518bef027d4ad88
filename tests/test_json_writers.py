"""JSON is written in one place, which cannot fail on a value that JSON can hold."""

from __future__ import annotations

import ast
from pathlib import Path

import fakegemini

PACKAGE = Path(fakegemini.__file__).parent

WRITERS = {
    "wording.py": "the place: lone surrogates and 1e400 stay what they are",
    "cli/demo_programs.py": "what a program would send",
    "cli/shell.py": "variables of the environment",
    "cli/view.py": "makes plain values of data classes, which the place then writes",
    "contract/drift/stubs.py": "names and types of the SDK",
    "contract/rules/json_fit.py": "a key for what was compiled, which nobody reads",
    "doors/client_variables.py": "our own settings of a proxy",
    "doors/live_transcript.py": "asks whether a value is nested too deep, and drops the text",
    "fake/answer_templates/split_body.py": "one text inside of JSON, in ASCII",
    "fake/control/script_file.py": "asks whether a script is JSON at all",
    "inspect/pairing.py": "a key for comparing, which nobody reads",
    "protocol/split_turn.py": "measures a length",
    "protocol/tokens.py": "measures a length",
    "protocol/usage.py": "measures a length",
    "record/put_back.py": "one text inside of JSON, in ASCII",
    "record/spool.py": "the name of a mode",
    "recordings/body_forms.py": "the ways in which programs write JSON, to tell them again",
    "recordings/meaning.py": "a key for comparing, which nobody reads",
    "recordings/scrub/file_parts.py": "chunks in base64",
    "recordings/scrub/file_texts.py": "one text inside of JSON, in ASCII",
    "recordings/vcr_entries.py": "what a client of vcrpy sends",
}
"""The files that may use `json` for writing, and why; everywhere else it is `spell_json`."""


def writes_json(file: Path) -> bool:
    """Whether a file calls or hands on `json.dumps`, `json.dump` or an encoder."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in ("dumps", "dump", "JSONEncoder")
        and isinstance(node.value, ast.Name)
        and node.value.id == "json"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    )


def test_json_is_written_in_one_place() -> None:
    """A new writer fails on what nobody tried: `json.dumps` writes `Infinity`, and half a pair."""
    writers = {
        file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if writes_json(file)
    }

    assert writers == set(WRITERS)
