"""One root certificate instead of all of them, for as long as the tests run.

Nobody here speaks TLS, but each client of each HTTP library reads the file of root certificates
when it is made: 20 ms, some thousand times.
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

VARIABLE, ORIGINAL = "SSL_CERT_FILE", "TESTS_ORIGINAL_SSL_CERT_FILE"
END = "-----END CERTIFICATE-----\n"


def use_one_root(config: pytest.Config) -> None:
    """Point OpenSSL, and the workers and programs that the tests start, at a file with one."""
    if ORIGINAL in os.environ:
        return  # a worker of pytest-xdist
    folder = Path(tempfile.mkdtemp(prefix="roots-"))
    config.add_cleanup(partial(shutil.rmtree, folder))
    file = folder / "one-root.pem"
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition(END)
    file.write_text(first + end, "utf-8")
    os.environ[ORIGINAL] = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = str(file)
    config.add_cleanup(_restore)


def _restore() -> None:
    os.environ[VARIABLE] = os.environ.pop(ORIGINAL)
    if not os.environ[VARIABLE]:
        del os.environ[VARIABLE]


def with_all_roots(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that does reach the network."""
    restored = {**environment}
    original = restored.pop(ORIGINAL, None)
    if original:
        restored[VARIABLE] = original
    elif original is not None:
        del restored[VARIABLE]
    return restored
