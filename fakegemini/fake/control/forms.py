"""Check that a JSON value has one of our forms, and word the first place where it has not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...errors import FormMistake
from ...wire.json_paths import JsonPath as Path
from ...wording import nearest_name, spell_json

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError


def check_form(form: str, value: Any, path: Path = ()) -> None:
    """Raise `FormMistake` for the first mistake in a value that should have this form."""
    # Loaded when the first form comes: the validator is a compiled library.
    from ...protocol.schemas import declared_members, validator

    checker = validator(f"control/{form}", closed=True)
    try:
        mistakes = [] if checker.is_valid(value) else list(checker.iter_errors(value))
    except (ValueError, RecursionError):  # a lone surrogate, a value of YAML's, nested too deep
        raise FormMistake(path, "holds something that JSON cannot say") from None
    if not mistakes:
        return
    first = min(mistakes, key=lambda mistake: _position_in_text(mistake, value))
    known_names = declared_members(first.absolute_keyword_location or "")
    raise _describe_mistake(first, value, path, known_names)


def did_you_mean(name: Any, choices: Iterable[str]) -> str:
    """End a sentence with the nearest right spelling, or with all of them."""
    names = list(choices)
    nearest = nearest_name(name, names)
    return f'; did you mean "{nearest}"?' if nearest else f"; known are {', '.join(names)}"


_UNKNOWN = "additionalProperties"


def _position_in_text(mistake: ValidationError, value: Any) -> tuple[list[int], bool]:
    # In the order of the text; at one place a misspelt name before the one that is then missing.
    position = []
    for part in mistake.instance_path:
        position.append(part if isinstance(part, int) else list(value).index(part))
        value = value[part]
    return position, mistake.kind.name != _UNKNOWN


def _describe_mistake(
    mistake: ValidationError, value: Any, path: Path, known_names: tuple[str, ...]
) -> FormMistake:
    for part in mistake.instance_path:
        value = value[part]
    path, kind = (*path, *mistake.instance_path), mistake.kind
    match kind.name:
        case "additionalProperties":
            name = next(member for member in value if member in kind.value)
            return FormMistake((*path, name), f"is unknown{did_you_mean(name, known_names)}")
        case "falseSchema":
            return FormMistake(path, "does not belong here")
        case "required" if "dependentRequired" in mistake.schema_path:
            return FormMistake(path, f'needs a "{kind.value}" beside what it has')
        case "required":
            return FormMistake((*path, kind.value), "is missing")
        case "enum":
            return FormMistake(
                path, f"must not be {_show_value(value)}{did_you_mean(value, kind.value)}"
            )
        case "const":
            return FormMistake(path, f"must be {_show_value(kind.value)}, not {_show_value(value)}")
        case "type":
            type_words = " or ".join(_TYPE_WORDS[name] for name in kind.value)
            return FormMistake(path, f"must be {type_words}, not {_show_value(value)}")
        case "minimum":
            return FormMistake(path, f"must be at least {kind.value}, not {_show_value(value)}")
        case "maximum":
            return FormMistake(path, f"must be at most {kind.value}, not {_show_value(value)}")
        case "pattern":
            return FormMistake(path, "must be printable ASCII text, as headers are")
    return FormMistake(path, "must not be empty")  # minItems, minLength, minProperties


_TYPE_WORDS = {
    "string": "a text",
    "object": "an object",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true",
    "null": "null",
}
"""What people call the types. A boolean is called true: no form but one takes false."""


def _show_value(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return spell_json(value)
