"""One root certificate instead of all of them, for as long as the tests run.

Nobody here speaks TLS, but each client of each HTTP library reads the file of root certificates
when it is made: 17 ms, some thousand times. Whoever names a file of their own keeps it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import certifi
import pytest

VARIABLE = "SSL_CERT_FILE"
NAME = "one-root.pem"
END = "-----END CERTIFICATE-----\n"


def use_one_root(config: pytest.Config) -> None:
    """Point OpenSSL, and the workers and programs that the tests start, at a file with one."""
    if VARIABLE in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="roots-"))
    config.add_cleanup(lambda: shutil.rmtree(folder))
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition(END)
    (folder / NAME).write_text(first + end, "utf-8")
    os.environ[VARIABLE] = str(folder / NAME)
    config.add_cleanup(partial(os.environ.__delitem__, VARIABLE))


def with_all_roots(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that does reach the network."""
    return {
        name: value
        for name, value in environment.items()
        if name != VARIABLE or Path(value).name != NAME
    }
