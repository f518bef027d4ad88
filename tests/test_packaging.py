"""What is published works without the source tree: the wheel, built from the sdist, on its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.roots import with_all_roots

ROOT = Path(__file__).resolve().parents[1]

USES_THE_FIXTURE = """
import json
import urllib.request

from fakegemini import say


def test_greets(fakegemini):
    fakegemini.replies(say("Bonjour"))
    body = json.dumps({"model": "gemini-3.5-flash", "input": "Hi"}).encode()
    headers = {"content-type": "application/json"}

    request = urllib.request.Request(f"{fakegemini.url}/v1beta/interactions", body, headers)
    with urllib.request.urlopen(request) as reply:
        interaction = json.load(reply)

    assert interaction["steps"][-1]["content"][0]["text"] == "Bonjour"
"""

IMPORT_EVERYTHING = """
import importlib
import pkgutil

import fakegemini

print(fakegemini.__file__)
for module in pkgutil.walk_packages(fakegemini.__path__, "fakegemini.", onerror=lambda name: None):
    if module.name != "fakegemini.__main__":
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            print(f"{module.name}: {error}")
"""

NEEDS_AN_EXTRA = [
    "fakegemini.strategies: fakegemini.strategies needs hypothesis:"
    ' pip install "fakegemini[hypothesis]"'
]
"""What cannot be imported with the dependencies alone, and says so."""


def run(*command: object, cwd: Path) -> str:
    """What a command prints; it must succeed, and sees nothing of the source tree."""
    environment = with_all_roots(os.environ)
    environment.pop("PYTHONPATH", None)
    words = [str(word) for word in command]
    result = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, f"{' '.join(words)}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist, and of the wheel that was built from it alone."""
    folder = tmp_path_factory.mktemp("dist")
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    run(*command, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def alone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, its dependencies and pytest."""
    folder = tmp_path_factory.mktemp("alone")
    run(sys.executable, "-m", "venv", "--without-pip", "venv", cwd=folder)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    [wheel] = built.glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--quiet", wheel, "pytest", cwd=folder)
    return programs


def source_files(folder: str, pattern: str) -> set[str]:
    """The files below a folder of the repository, as their paths in it; nothing compiled."""
    paths = [path for path in (ROOT / folder).rglob(pattern) if path.suffix != ".pyc"]
    return {path.relative_to(ROOT / folder).as_posix() for path in paths}


def test_the_wheel_holds_the_package_and_the_schemas(built: Path) -> None:
    """Every module and every schema, the mark for type checkers, the license; nothing else."""
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
        [entry_points] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        declared = ConfigParser()
        declared.read_string(archive.read(entry_points).decode())
        licenses = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]

    schemas = {f"fakegemini/_schemas/{name}" for name in source_files("schemas", "*.*")}
    package = {f"fakegemini/{name}" for name in source_files("fakegemini", "*.*")}
    assert "fakegemini/py.typed" in package
    assert files == schemas | package
    assert dict(declared["pytest11"]) == {"fakegemini": "fakegemini.pytest_plugin"}
    assert dict(declared["console_scripts"]) == {"fakegemini": "fakegemini.cli:main"}
    assert len(licenses) == 1


def test_the_sdist_can_be_tested(built: Path) -> None:
    """It has what the tests need: themselves, the schemas, the cassettes, the configuration."""
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}

    wanted = {f"{folder}/{name}" for folder in FOLDERS for name in source_files(folder, "*.py")}
    wanted |= {f"schemas/{name}" for name in source_files("schemas", "*.json")}
    wanted |= {f"cassettes/{name}" for name in source_files("cassettes", "*.yaml")}
    wanted |= {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "tests/js/package.json"}
    assert wanted - files == set()
    assert [name for name in files if "node_modules" in name] == []


FOLDERS = ("fakegemini", "tests", "benchmarks")
"""The folders with Python files."""


def test_every_module_can_be_imported(alone: Path, tmp_path: Path) -> None:
    """From the wheel, with its dependencies alone; what needs an extra says which."""
    home, *failures = run(alone / "python", "-c", IMPORT_EVERYTHING, cwd=tmp_path).splitlines()

    assert Path(home).is_relative_to(alone.parent.resolve())
    assert failures == NEEDS_AN_EXTRA


def test_the_fixture_is_there(alone: Path, tmp_path: Path) -> None:
    """Installing the wheel is all that a test needs."""
    (tmp_path / "test_greeting.py").write_text(USES_THE_FIXTURE, "utf-8")

    shown = run(alone / "python", "-m", "pytest", "-q", cwd=tmp_path)

    assert "1 passed" in shown


COMMANDS: dict[str, Callable[[Path], tuple[object, ...]]] = {
    "demo": lambda cassette: ("demo",),
    "check": lambda cassette: ("check", cassette),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_works(name: str, alone: Path, tmp_path: Path) -> None:
    """`fakegemini demo`, and `fakegemini check`, which needs the schemas."""
    source = ROOT / "cassettes" / "interactions" / "chain.yaml"
    cassette = tmp_path / source.name
    cassette.write_bytes(source.read_bytes())

    shown = run(alone / "fakegemini", *COMMANDS[name](cassette), cwd=tmp_path)

    assert {"demo": "Next: fakegemini serve", "check": "0 violations, 0 drift"}[name] in shown
