"""Read the values of options: what people write in Python, and in texts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import BadRule, BadScript
from ..wording import did_you_mean, nearest_name, shorten
from .options import OPTIONS


def check_names(options: Iterable[str], known_names: Iterable[str], function: str) -> None:
    """Raise `TypeError` for an unknown name, as Python does for an unknown argument."""
    for name in options:
        if name not in known_names:
            hint = did_you_mean(name, known_names)
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")


def read_option(name: str, value: Any) -> Any:
    """Return what a fake keeps of a value in Python; raises `BadScript` for one that cannot be."""
    _check_length(name, value)
    try:
        return _read(name, value)
    except (BadScript, BadRule) as error:
        raise BadScript(shorten(str(error), _LONGEST_REASON)) from None
    except (TypeError, ValueError, OverflowError, AttributeError):
        shown = shorten(repr(value), _LONGEST_SHOWN)
        raise BadScript(f"{name} takes {_FORM_WORDS[OPTIONS[name].form]}, not {shown}") from None


def _read(name: str, value: Any) -> Any:
    option = OPTIONS[name]
    if option.choices and value not in option.choices:
        known = ", ".join(map(repr, option.choices))
        raise BadScript(f"{name} is {known}, not {value!r}{did_you_mean(value, option.choices)}")
    if option.form == "switch" and not isinstance(value, bool) and not option.read:
        raise BadScript(f"{name} is True or False, not {value!r}")
    return option.read(value) if option.read else value


_LONGEST_VALUE = 10_000
"""How many characters a text of an option may have."""

_LONGEST_SHOWN, _LONGEST_REASON = 200, 1500
_FORM_WORDS = {
    "text": "a text",
    "number": "a number",
    "switch": "True or False",
    "list": "a text, or a list of them",
}
"""What a value of each form is, for whoever gave something else."""


def _check_length(name: str, value: Any) -> None:
    """Raise `BadScript` for a text that is no option any more, and would be one for minutes."""
    for text in value if isinstance(value, list | tuple) else [value]:
        if isinstance(text, str) and len(text) > _LONGEST_VALUE:
            raise BadScript(
                f"{name} is a text of {len(text):,} characters; at most {_LONGEST_VALUE:,} are read"
            )


_SWITCH_WORDS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def parse_option(name: str, text: str) -> Any:
    """Return the value in Python that a text stands for; raises `BadScript` where none does."""
    form = OPTIONS[name].form
    _check_length(name, text)
    if form == "list":
        try:
            return tuple(shlex.split(text.replace(",", " ")))
        except ValueError as error:
            reason = str(error)[:1].lower() + str(error)[1:]
            raise BadScript(f"{name} is a list of words: {reason} in {text!r}") from None
    if form == "switch":
        if text.lower() not in _SWITCH_WORDS:
            raise BadScript(f"{name} is true or false, not {shorten(text, _LONGEST_SHOWN)!r}")
        return _SWITCH_WORDS[text.lower()]
    if form == "number":
        if not text.isdecimal():
            raise BadScript(f"{name} is a number, not {text!r}")
        if len(text) > _MOST_DIGITS:
            raise BadScript(f"{name} is a number of {len(text)} digits; {_MOST_DIGITS} at most")
        return int(text)
    return text


_MOST_DIGITS = 18


def variable_of(name: str) -> str:
    """Return the name of the variable of the environment that sets an option."""
    return f"{_PREFIX}{name.upper()}"


_PREFIX = "FAKEGEMINI_"
_NEARLY = 0.75
"""How alike two names are of which one is taken for a slip of the other."""


def _check_spelling(variable: str) -> None:
    """Raise `BadScript` for what looks like a slip of one of our variables."""
    name = variable.removeprefix(_PREFIX).lower()
    if name == variable.lower() or name in OPTIONS:
        return
    slip = nearest_name(name, OPTIONS, cutoff=_NEARLY)
    if slip:
        raise BadScript(
            f"{variable} is no variable of fakegemini, did you mean {variable_of(slip)}?"
        )


def options_from(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that the variables of an environment set; an empty one sets nothing.

    Raises `BadScript` that names the variable.
    """
    options: dict[str, Any] = {}
    for variable in environment:
        _check_spelling(variable)
    for name in OPTIONS:
        text = environment.get(variable_of(name), "").strip()
        if not text:
            continue
        try:
            options[name] = parse_option(name, text)
            read_option(name, options[name])
        except BadScript as error:
            raise BadScript(f"{variable_of(name)}: {error}") from None
    return options
