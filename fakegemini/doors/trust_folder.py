"""Write what makes clients trust the authority of one run, into a folder that ends with it."""

from __future__ import annotations

import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..errors import NotStarted
from .authority import Authority, make_trust_store

STORE_PASSWORD = "changeit"
"""The password of the trust store, which is Java's own default and hides nothing."""

_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@contextmanager
def trust_folder(authority: Authority, environment: Mapping[str, str]) -> Iterator[Path]:
    """Give a folder with those files while the block runs; then nothing of it is left.

    Raises `NotStarted` where no folder for temporary files can be written to.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="fakegemini-run-"))
    except OSError as error:
        raise NotStarted(
            f"no temporary folder can be written to ({error.strerror}). Fix: name one in TMPDIR"
        ) from None
    try:
        bundle = _system_certificates(environment) + authority.certificate
        contents = {
            "authority.pem": authority.certificate,
            "bundle.pem": bundle,
            "java.p12": make_trust_store(bundle, STORE_PASSWORD),
            "php/fakegemini.ini": _php_settings(folder / "bundle.pem"),
            "wgetrc": _wget_settings(folder / "bundle.pem", environment),
        }
        for name, content in contents.items():
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _system_certificates(environment: Mapping[str, str]) -> bytes:
    """Return what clients trust without us: the user's own bundle, or that of the system."""
    paths = ssl.get_default_verify_paths()
    candidates = [environment.get(name) for name in _BUNDLE_VARIABLES]
    for name in (*candidates, paths.cafile, paths.openssl_cafile):
        if name and os.path.isfile(name):
            return Path(name).read_bytes().rstrip(b"\n") + b"\n"
    folder = paths.capath or paths.openssl_capath
    if os.path.isdir(folder):
        pems = [file.read_bytes() for file in sorted(Path(folder).glob("*.pem")) if file.is_file()]
        return b"".join(pem.rstrip(b"\n") + b"\n" for pem in pems)
    return b""


def _php_settings(bundle: Path) -> bytes:
    return f'curl.cainfo="{bundle}"\nopenssl.cafile="{bundle}"\n'.encode()


def _wget_settings(bundle: Path, environment: Mapping[str, str]) -> bytes:
    """Return the user's own settings of wget with one more."""
    own = Path(environment.get("WGETRC") or Path.home() / ".wgetrc")
    settings = own.read_bytes().rstrip(b"\n") + b"\n" if own.is_file() else b""
    return settings + f"ca_certificate = {bundle}\n".encode()
