"""Catch what a program sends to the API's hosts, with the variables that tell it of the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from .authority import Authority
from .client_variables import Way, client_variables
from .intercept import Interception, intercepting
from .reach import Reach
from .trust_folder import trust_folder


@contextmanager
def catching(
    url: str, reach: Reach, say: Callable[[str], object]
) -> Iterator[tuple[Interception, Mapping[str, str | None]]]:
    """Lead to `url` what is caught while the block runs; give the variables for the program.

    Nothing of it is left then: no port, no file. Raises `NoTrustme`, or `NotStarted` where no
    temporary folder can be written to.
    """
    authority = Authority()
    with (
        trust_folder(authority, os.environ) as folder,
        intercepting(Interception(authority, reach, url, say)) as interception,
    ):
        yield interception, client_variables(Way(interception, folder, os.environ))
