"""Every mistake in a script file is one line, with the place and the nearest right spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakegemini import BadScript, Fake
from fakegemini.fake.control.script_file import ScriptFile

MISTAKES: dict[str, tuple[str, bytes, str]] = {
    "member": (
        "s.yaml",
        b"replies:\n  - say: a\n  - sya: b\n",
        ':3: replies[1].sya is unknown; did you mean "say"?',
    ),
    "top": ("s.yml", b"reples: []\n", ':1: reples is unknown; did you mean "replies"?'),
    "empty": ("s.yaml", b"", ":1: the script must be an object, not null"),
    "fault": (
        "s.yaml",
        b"faults:\n- cut_after_event: 3\n",
        ':2: faults[0].cut_after_event is unknown; did you mean "cut_after_events"?',
    ),
    "value": (
        "s.json",
        b'{"replies": [\n {"say": "x",\n  "times": 0}]}',
        ":3: replies[0].times must be at least 1, not 0",
    ),
    "tabs": (
        "s.json",
        b'{\n\t"replies": [{}]}',
        ':2: replies[0] answers nothing; give it steps, e.g. {"say": "Hello"}',
    ),
    "missing": ("s.yaml", b"rules:\n- when: {}\n", ":2: rules[0].replies is missing"),
    "pattern": (
        "s.yaml",
        b'rules:\n- replies: [{say: x}]\n  when:\n    input: {pattern: "*"}\n',
        ":4: rules[0].when.input.pattern is no regular expression: nothing to repeat at position 0",
    ),
    "syntax of YAML": (
        "s.yaml",
        b"replies: [\n",
        ":2: expected the node content, but found '<stream end>'",
    ),
    "tag": (
        "s.yaml",
        b"replies:\n- say: !!python/name:os.system x\n",
        ":2: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/name:os.system'",
    ),
    "twice": ("s.yaml", b"rules: []\nrules: []\n", ':2: "rules" stands twice in one object'),
    "key": ("s.yaml", b"1: []\n", ":1: a member's name is a text; put it in quotes"),
    "nan": (
        "s.yaml",
        b"replies: [{call: {name: f, arguments: {x: .nan}}}]",
        ": holds something that JSON cannot say",
    ),
    "syntax of JSON": (
        "s.json",
        b'{"replies": [\n{"say": "x",}]}',
        ":2: is not JSON: Expecting property name enclosed in double quotes",
    ),
    "twice in JSON": (
        "s.json",
        b'{"rules": [], "rules": []}',
        ': "rules" stands twice in one object',
    ),
    "bytes": ("s.json", b"\xff", ": is not UTF-8: invalid start byte"),
    "syntax of Python": (
        "s.py",
        b"x = 1\ndef script(fake:\n",
        ":2: SyntaxError: '(' was never closed",
    ),
    "raises": ("s.py", b"def script(fake):\n    1/0\n", ":2: ZeroDivisionError: division by zero"),
    "raises when loaded": ("s.py", b"\n{}['x']\n", ":2: KeyError: 'x'"),
    "name of the function": (
        "s.py",
        b"def scirpt(fake): ...\n",
        ': defines no function script(fake); did you mean "scirpt"?',
    ),
    "no function": ("s.py", b"", ": defines no function script(fake)"),
    "impossible reply": (
        "s.py",
        b"def script(fake):\n    fake.replies()\n",
        ':2: a reply needs a step, e.g. replies(say("Hello"))',
    ),
    "kind": ("s.toml", b"", ": a script is one of .yaml, .yml, .json, .py"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(tmp_path: Path, name: str) -> None:
    """The file, the line and the place where there is one, and the nearest right spelling."""
    called, content, sentence = MISTAKES[name]
    file = tmp_path / called
    file.write_bytes(content)

    with pytest.raises(BadScript) as caught:
        ScriptFile(file, Fake())

    assert str(caught.value) == f"{file}{sentence}"
