"""Say what is wrong with the name of an attribute of a fake that a test reads or sets."""

from __future__ import annotations

from ..wording import did_you_mean
from .options import OPTIONS


def describe_unknown(owner: type, name: str) -> str:
    """Say that there is no such attribute to read, and which is the nearest."""
    names = [each for each in dir(owner) if not each.startswith("_")]
    return f"a {owner.__name__} has no attribute {name!r}{did_you_mean(name, names)}"


def describe_unsettable(owner: type, name: str) -> str:
    """Say why an attribute cannot be set, and what can be."""
    if callable(getattr(owner, name, None)) or name == "faults":
        return f"{name} is called and not set: fakegemini.{name}(…)"
    names = [each for each, option in OPTIONS.items() if option.attribute]
    if hasattr(owner, name):
        return f"{name} of a {owner.__name__} can be read and not set; {', '.join(names)} can be"
    hint = did_you_mean(name, names, otherwise=f"; {', '.join(names)} can be set")
    return f"a {owner.__name__} has no attribute {name!r} to set{hint}"
