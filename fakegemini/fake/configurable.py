"""Let the options of a fake be read and set as its attributes, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadScript, UnknownAttribute
from .attribute_names import describe_unknown, describe_unsettable
from .option_types import OptionAttributes, PlayOptions
from .options import OPTIONS
from .settings import Settings
from .state.state import State


class Configurable(OptionAttributes):
    """The part of `Fake` that is told what to be."""

    __slots__ = ()

    _settings: Settings
    _state: State

    def _apply_settings(self) -> None:
        """Tell the parts of the state that hold an option themselves."""
        self._state.continuations.limit = self._settings.decode_limit
        self._state.complaints.allow_always(self._settings.allow)

    if not TYPE_CHECKING:  # a type checker has to go by the attributes that there are

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except AttributeError:
                raise UnknownAttribute(describe_unsettable(type(self), name)) from None

        def __getattr__(self, name: str) -> Any:
            raise UnknownAttribute(describe_unknown(type(self), name))

    def _get_option(self, name: str) -> Any:
        value = self._settings.get(name)
        return value.name if name == "era" else value

    def _set_option(self, name: str, value: Any) -> None:
        """Set an option from now on; raises `BadScript` for one that cannot be, or not any more."""
        cassettes = self._state.cassettes
        if cassettes is None or not (OPTIONS[name].plays or name == "seed"):
            self._settings.set(name, value)
            self._apply_settings()
            return
        if cassettes.has_begun and name != "missing":
            raise BadScript(
                f"{name} is set too late: a cassette has answered a request already. Fix: set it "
                "before the first request, or in @pytest.mark.fakegemini(…)"
            )
        self._settings.set(name, value)
        if name == "missing":
            cassettes.options["missing"] = value
        else:
            own_options: Any = {name: self._settings.get(name)} if OPTIONS[name].plays else {}
            self._state.cassettes = cassettes.opened_anew(
                seed=self._settings.seed, options={**cassettes.options, **own_options}
            )

    def _miss_everything(self, text: str) -> None:
        """Answer every request from now on with a miss of this text."""
        from .replay.cassettes import MissingCassettes

        self._state.cassettes = MissingCassettes(
            text, seed=self._settings.seed, options=self._settings.play_options()
        )

    def _open_cassettes(self, paths: Iterable[Path], options: PlayOptions) -> None:
        from .replay.cassettes import PlayedCassettes

        self._state.cassettes = PlayedCassettes(paths, seed=self._settings.seed, options=options)
