"""Read YAML scripts as YAML 1.2 means them, with a line for every mistake.

PyYAML reads 1.1, where `on: create` has the member True, `no` is no text, 12:30 is 750 and 0123 is
83. Here only true and false are booleans, numbers are decimal and begin with no idle zero, and
dates, times of day, `0123`, `0x1f` and `1_000` are texts, as they would have to be in JSON.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import BadScript
from ...recordings.strict_yaml import compose_yaml, line_of_error, refuse_bomb, refuse_long_number
from ...recordings.yaml_values import read_as_json


def load_yaml(path: Path, text: str) -> Any:
    """Read the value that the text stands for; raises `BadScript` in one line."""
    import yaml

    class Loader(yaml.SafeLoader):
        """With the values of JSON, and each member once."""

        def construct_document(self, node: Any) -> Any:
            refuse_bomb(node)
            return super().construct_document(node)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            names = set()
            for key, _ in node.value:
                if key.tag != _TEXT:
                    raise _mistake(key, "a member's name is a text; put it in quotes")
                if key.value in names:
                    raise _mistake(key, f'"{key.value}" stands twice in one object')
                names.add(key.value)
            return super().construct_mapping(node, deep=True)

        def construct_scalar(self, node: Any) -> Any:
            refuse_long_number(node)
            return super().construct_scalar(node)

    def _mistake(node: Any, problem: str) -> Exception:
        mistake: Exception = yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return mistake

    read_as_json(Loader)
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        line = line_of_error(error, text)
        raise BadScript(f"{path}:{line}: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise BadScript(f"{path}: is not YAML: {' '.join(str(error).split())}") from None


_TEXT = "tag:yaml.org,2002:str"


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Find the line of a YAML or JSON text in which the value at a path, or its parent, begins."""
    import yaml

    try:
        node = compose_yaml(text)
    except yaml.YAMLError:  # JSON with tabs is no YAML
        return 1
    line = 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == part), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
