"""Read the YAML of recordings: no key twice in one mapping, and lines for the error texts.

PyYAML takes the last of two equal keys, so an answer could silently vanish from a cassette that
somebody merged by hand. Plain values are those of JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import Unreadable
from .yaml_values import read_as_json

_MOST_NODES = 5_000_000
"""How many values a YAML text stands for at most; an alias counts as all that it repeats."""

_LONGEST_NUMBER = 3_000
"""How many characters a number has at most: Python prints no longer one, and numbers to the base
of 60 (1:59:59) take PyYAML minutes."""


def load_strict_yaml(text: str, path: Path) -> Any:
    """Parse YAML text; raises `Unreadable` with file and line, for a key that comes twice too."""
    import yaml

    return _load(text, path, lambda text: yaml.load(text, Loader=_strict_loader()))


def load_documents(text: str, path: Path) -> list[Any]:
    """Parse each document of YAML text; raises `Unreadable` with file and line."""
    return list(_load(text, path, lambda text: list(_documents_of(text))))


def _documents_of(text: str) -> Iterator[Any]:
    loader = _strict_loader()(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            refuse_bomb(node)
            yield loader.construct_document(node)
    finally:
        loader.dispose()


def line_of_error(error: Any, text: str) -> int:
    """Return the line of a text, from 1, at which PyYAML found a mistake.

    Where something is missing at an end without a line break, libyaml names a line that is not
    there.
    """
    mark = error.problem_mark or error.context_mark
    return min(mark.line, text.count("\n")) + 1 if mark else 1


def _load(text: str, path: Path, load: Callable[[str], Any]) -> Any:
    import yaml

    try:
        return load(text)
    except yaml.MarkedYAMLError as error:
        line = line_of_error(error, text)
        if isinstance(error, yaml.composer.ComposerError) and _SECOND in str(error.problem):
            raise Unreadable(f"{path}:{line}: {_SECOND_DOCUMENT}") from None
        raise Unreadable(f"{path}:{line}: not a YAML that can be read: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reason = f"the character {chr(error.character)!r} may not stand in YAML unless escaped"
        raise Unreadable(f"{path}:{line}: not a YAML that can be read: {reason}") from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise Unreadable(f"{path}:1: not a YAML that can be read: {reason}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(f"{path}:1: not a YAML that can be read: {error}") from None


_SECOND = "another document"
_SECOND_DOCUMENT = (
    "a second document of YAML begins here, and a recording is one: make a file of each, or put "
    "its exchanges into the list of the first"
)


def compose_yaml(text: str) -> Any:
    """Parse YAML text into nodes, which know where they stand; None for an empty text.

    Raises `yaml.YAMLError` for what is no YAML.
    """
    import yaml

    return yaml.compose(text, Loader=_fast_loader())


def compose_documents(text: str) -> list[Any]:
    """Parse each document of YAML text into nodes; raises `yaml.YAMLError` for what is no YAML."""
    import yaml

    return list(yaml.compose_all(text, Loader=_fast_loader()))


def line_of_entry(text: str, list_name: str, number: int) -> int:
    """Find the line, from 1, of an entry, from 1, of a list at the top of YAML text; 0 if none."""
    for key, value in compose_yaml(text).value:
        if key.value == list_name:
            return int(value.value[number - 1].start_mark.line) + 1
    return 0


def _fast_loader() -> Any:
    """Return the safe loader, the one in C where PyYAML was built with it."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_PLAIN_PYTHON_TAGS = {
    "bool": "construct_yaml_bool",
    "bytes": "construct_yaml_binary",
    "float": "construct_yaml_float",
    "int": "construct_yaml_int",
    "list": "construct_yaml_seq",
    "long": "construct_yaml_int",
    "str": "construct_yaml_str",
    "tuple": "construct_yaml_seq",
    "unicode": "construct_yaml_str",
}
"""The tags of Python that old versions of vcrpy wrote: they make plain values, and run nothing."""

_PLAIN_RUBY_TAGS = {
    "!binary": "construct_yaml_binary",
    "!str": "construct_yaml_str",
    "!ruby/symbol": "construct_yaml_str",
    "!ruby/sym": "construct_yaml_str",
}
"""The tags of Ruby that make plain values; VCR for Ruby writes bodies as `!binary`."""


@cache
def _strict_loader() -> Any:
    """Build the safe loader that refuses a key that comes twice in one mapping."""
    import yaml

    base = _fast_loader()

    def construct_mapping(loader: Any, node: Any, deep: bool = False) -> Any:
        counts = Counter(str(key.value) for key, _ in node.value)
        if len(counts) != len(node.value):
            twin = next(key for key, _ in reversed(node.value) if counts[str(key.value)] > 1)
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twin.value!r} comes twice", twin.start_mark
            )
        return base.construct_mapping(loader, node, deep=deep)

    def construct_scalar(loader: Any, node: Any) -> Any:
        refuse_long_number(node)
        return base.construct_scalar(loader, node)

    def get_single_data(loader: Any) -> Any:
        node = loader.get_single_node()
        if node is None:
            return None
        refuse_bomb(node)
        return loader.construct_document(node)

    members = {
        "construct_mapping": construct_mapping,
        "get_single_data": get_single_data,
        "construct_scalar": construct_scalar,
    }
    loader: Any = type("StrictLoader", (base,), members)
    read_as_json(loader, merges=True, any_case=True)
    for kind, construct in _PLAIN_PYTHON_TAGS.items():
        tag = f"tag:yaml.org,2002:python/{kind}"
        loader.add_constructor(tag, getattr(base, construct))
    for tag, construct in _PLAIN_RUBY_TAGS.items():
        loader.add_constructor(tag, getattr(base, construct))
    return loader


def refuse_long_number(node: Any) -> None:
    """Raise a `yaml.YAMLError` for a number that is longer than anybody means."""
    import yaml

    if node.tag in _NUMBER_TAGS and len(node.value) > _LONGEST_NUMBER:
        problem = f"a number of {len(node.value)} characters is too long"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


_NUMBER_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("int", "float", "python/int", "python/long", "python/float")
)


def refuse_bomb(node: Any) -> None:
    """Raise a `yaml.YAMLError` for a node whose aliases stand for more than anybody means."""
    import yaml

    if _count_nodes(node, {}) > _MOST_NODES:
        raise yaml.constructor.ConstructorError(
            None, None, "its aliases stand for too many values", node.start_mark
        )


def _count_nodes(node: Any, counts: dict[int, int]) -> int:
    """Count the values that a node stands for; of one that repeats itself, more than the limit."""
    if isinstance(node.value, str):
        return 1
    if id(node) not in counts:
        counts[id(node)] = _MOST_NODES + 1  # until it is counted: an alias inside of itself
        parts = [
            part
            for entry in node.value
            for part in (entry if isinstance(entry, tuple) else (entry,))
        ]
        counts[id(node)] = min(
            1 + sum(_count_nodes(part, counts) for part in parts), _MOST_NODES + 1
        )
    return counts[id(node)]
