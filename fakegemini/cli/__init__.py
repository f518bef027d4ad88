"""The commands of `fakegemini`."""

from .main import main

__all__ = ["main"]
