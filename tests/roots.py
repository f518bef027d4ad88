"""One root certificate instead of all of them, for as long as the tests run.

Nobody here speaks TLS, but each client of each HTTP library reads the file of root certificates
when it is made (20 ms, some thousand times), and so does each Node that is told of a file of more.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import certifi
import pytest

OPENSSL, NODE = "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"
ORIGINAL = "TESTS_ORIGINAL_ROOTS"
"""Holds, as JSON, what the two were set to."""

END = "-----END CERTIFICATE-----\n"


def use_one_root(config: pytest.Config) -> None:
    """Set both for the tests, and for the workers and programs that they start."""
    if ORIGINAL in os.environ:
        return  # a worker of pytest-xdist
    folder = Path(tempfile.mkdtemp(prefix="roots-"))
    config.add_cleanup(partial(shutil.rmtree, folder))
    file = folder / "one-root.pem"
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition(END)
    file.write_text(first + end, "utf-8")
    set_before = {name: os.environ[name] for name in (OPENSSL, NODE) if name in os.environ}
    os.environ.pop(NODE, None)
    os.environ |= {OPENSSL: str(file), ORIGINAL: json.dumps(set_before)}
    config.add_cleanup(_restore)


def _restore() -> None:
    original = with_all_roots(os.environ)
    for name in (OPENSSL, ORIGINAL):
        os.environ.pop(name)
    os.environ |= original


def with_all_roots(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that does reach the network."""
    set_before: dict[str, str] = json.loads(environment[ORIGINAL])
    kept = {name: value for name, value in environment.items() if name not in (OPENSSL, ORIGINAL)}
    return kept | set_before
