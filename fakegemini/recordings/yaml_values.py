"""What plain values of YAML stand for: those of JSON, as YAML 1.2 has them.

PyYAML reads 1.1, where 12:30 is 750, `no` is False, 0123 is 83, 1e3 a text and 2026-01-01 a date.
Whoever writes 1.1 puts such texts into quotes; whoever writes 1.2, as cassetter does, need not.
"""

from __future__ import annotations

import re
from typing import Any

_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_MERGE = "tag:yaml.org,2002:merge"
_NUMBER_STARTS = "+-0123456789"
_INTEGER_PATTERN = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT_PATTERN = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"  # JSON has none; who reads decides
)
_LOWER = re.compile(r"(?:true|false)$")
_ANY_CASE = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_NOT_JSON = frozenset(
    {_BOOL, _INT, _FLOAT, _MERGE, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"}
)


def read_as_json(loader: Any, *, merges: bool = False, any_case: bool = False) -> None:
    """Let a class of loaders read plain values as those of JSON.

    merges: whether `<<` puts the members of another mapping in
    any_case: whether `True` and `TRUE` are booleans, too
    """
    dropped = _NOT_JSON - {_MERGE} if merges else _NOT_JSON
    loader.yaml_implicit_resolvers = {
        first: [row for row in rows if row[0] not in dropped]
        for first, rows in loader.yaml_implicit_resolvers.items()
    }
    starts = ["t", "f", "T", "F"] if any_case else ["t", "f"]
    loader.add_implicit_resolver(_BOOL, _ANY_CASE if any_case else _LOWER, starts)
    loader.add_implicit_resolver(_INT, _INTEGER_PATTERN, [*_NUMBER_STARTS])
    loader.add_implicit_resolver(_FLOAT, _FLOAT_PATTERN, [*_NUMBER_STARTS, "."])
