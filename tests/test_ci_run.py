"""`.ci/run` where something is missing or fails: what is named, and where it ends.

It is run with programs that say how they were called, in a tree of three files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TREE = (".ci/run", "README.md", "pyproject.toml")
TOOLS = "bash cat chmod cp dirname git grep gzip mkdir mktemp rm sed sleep tail tar touch xargs"

pytestmark = pytest.mark.skipif(
    not (ROOT / ".ci" / "run").is_file() or sys.platform == "win32" or not shutil.which("git"),
    reason="needs .ci, which the sdist has not, a POSIX system, and git",
)

MAIN, *OTHERS = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))

PYTHON = """#!/usr/bin/env bash
if [ "$1" = -c ]; then
  case "$2" in *version_info*) echo MAIN ;; esac
  exit 0
fi
mkdir -p "$3/bin"
for name in pip python pytest pre-commit fakegemini; do
  cat >"$3/bin/$name" <<END
#!/usr/bin/env bash
echo "$3: $name \\$*"
[ "$name" != "\\${FAILS:-}" ]
END
  chmod +x "$3/bin/$name"
done
""".replace("MAIN", MAIN)
MAKE = """#!/usr/bin/env bash
echo "make $*"
[ "$FAILS" != "make $2" ] || exit 1
case "$*" in *wheel*)
  mkdir -p dist sdist/fakegemini
  tar --create --gzip --file dist/fakegemini.tar.gz sdist
  touch dist/fakegemini.whl
  ;;
esac
"""
SAYS = '#!/usr/bin/env bash\necho "${0##*/} $*"\n'
PROGRAMS = {
    **dict.fromkeys("npm curl jq wget ruby chromium php java".split(), SAYS),
    **dict.fromkeys(("python3", *(f"python{version}" for version in OTHERS)), PYTHON),
    "make": MAKE,
    "apt-get": SAYS + "exit 1\n",
}


def run(folder: Path, *missing: str, fails: str = "") -> tuple[int, str]:
    """Run it without some programs, and with one that fails; give its status and its output."""
    tree, path = folder / "tree", folder / "path"
    for name in TREE:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    path.mkdir()
    for name, text in PROGRAMS.items():
        if name not in missing:
            (path / name).write_text(text)
            (path / name).chmod(0o755)
    for name in (*TOOLS.split(), "env"):
        (path / name).symlink_to(shutil.which(name) or name)
    subprocess.run(["git", "init", "--quiet", str(tree)], check=True)
    done = subprocess.run(
        ["bash", str(tree / ".ci" / "run")],
        env={"HOME": str(folder), "PATH": str(path), "FAILS": fails, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert sorted(entry.name for entry in folder.iterdir()) == ["path", "tree"]  # all is taken away
    return done.returncode, done.stdout


def lanes(output: str) -> list[str]:
    """Read the names of the lanes, without their times."""
    return [line.split(maxsplit=2)[2] for line in output.splitlines() if line.startswith("== ")]


def test_every_lane(tmp_path: Path) -> None:
    """On a machine that has all of it."""
    status, output = run(tmp_path)

    assert status == 0, output
    assert lanes(output) == [
        "the README's first command",
        "lint and types",
        "the README's test command",
        "coverage, with its floors",
        "with google-genai 3.4.0",
        "with google-genai 2.34.0",
        *(f"the wheel with Python {version}" for version in OTHERS),
        "done",
    ]
    assert "UNTESTED: Python" not in output


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (f"python{OTHERS[0]}", f"Python {OTHERS[0]}, which the classifiers name"),
        ("php", "what needs php-cli php-curl"),
        ("chromium", "what needs chromium"),
        ("ruby", "what needs ruby"),
        ("wget", "what needs wget"),
        ("java", "what needs java: it is not installed"),
    ],
)
def test_what_is_missing_is_named(missing: str, message: str, tmp_path: Path) -> None:
    """And all else is tested, though nothing can be installed."""
    status, output = run(tmp_path, missing)

    assert status == 0, output
    assert f"UNTESTED: {message}" in output
    assert lanes(output)[-1] == "done"


@pytest.mark.parametrize(
    ("fails", "last"),
    [
        ("fakegemini", "the README's first command"),
        ("pre-commit", "lint and types"),
        ("pytest", "the README's test command"),
        ("make coverage", "coverage, with its floors"),
        ("make wheel", "preparing wheel failed"),
    ],
)
def test_what_fails_is_the_end(fails: str, last: str, tmp_path: Path) -> None:
    """Whether it runs in the lane or beside it; what it printed is shown."""
    status, output = run(tmp_path, fails=fails)

    assert status != 0
    assert lanes(output)[-1] == last
    assert fails.split()[-1] in output.rpartition("== ")[2]


def test_every_test_that_a_lane_names_is_there() -> None:
    """A file that was renamed would end the whole lane, with no test run."""
    if not shutil.which("make"):
        pytest.skip("needs make")
    asked = ["make", "--dry-run", "coverage"]
    commands = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    lanes = (ROOT / ".ci" / "run").read_text("utf-8").replace("\\\n", " ")
    braced = re.sub(
        r"(\S*)\{([\w,]+)\}(\S*)",
        lambda match: " ".join(f"{match[1]}{name}{match[3]}" for name in match[2].split(",")),
        lanes,
    )
    paths = set(re.findall(r"\btests/[\w./]+", commands + braced))
    assert len(paths) > 30
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
