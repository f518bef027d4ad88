"""Generators of types read the document: what they make narrows on the tag."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from fakegemini.fake.openapi.openapi_document import build_document
from fakegemini.protocol import schemas
from tests.openapi.spoilt import SPOILT

JS = Path(__file__).parent.parent / "js"
BINARIES = JS / "node_modules" / ".bin"
needs_npm = pytest.mark.skipif(
    shutil.which("node") is None or not (BINARIES / "openapi-typescript").exists(),
    reason="tests/js/node_modules is not installed: npm --prefix tests/js install",
)


def run(command: Sequence[object], text: str = "", cwd: Path = JS) -> str:
    """Run a program, if not told otherwise in the folder of the JavaScript tests."""
    done = subprocess.run(
        [str(word) for word in command],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def document_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document, written by the command."""
    file = tmp_path_factory.mktemp("document") / "api.json"
    run([sys.executable, "-m", "fakegemini", "openapi", "--out", file])
    assert json.loads(file.read_text("utf-8")) == build_document()
    return file


@needs_npm
def test_types_for_typescript_narrow(document_file: Path, tmp_path: Path) -> None:
    """openapi-typescript and json-schema-to-typescript: `tsc --strict` takes code that narrows."""
    for source in (JS / "types").glob("*.ts"):
        shutil.copy(source, tmp_path)
    run([BINARIES / "openapi-typescript", document_file, "-o", tmp_path / "api.ts"])
    run(["node", "components.mjs", document_file, tmp_path / "components.ts"])

    sources = [tmp_path / "reads.ts", tmp_path / "narrows.ts"]
    run([BINARIES / "tsc", "--strict", "--noEmit", "--target", "es2022", *sources], cwd=tmp_path)


def test_models_of_pydantic_go_by_the_tag(document_file: Path, tmp_path: Path) -> None:
    """datamodel-code-generator: each example of a step and an event becomes its own class."""
    target = tmp_path / "generated_models.py"
    options = ["--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"]
    options += ["--formatters", "builtin"]
    files = ["--input", document_file, "--output", target]
    run([sys.executable, "-m", "datamodel_code_generator", *files, *options])
    models = load(target)

    for folder, union in (("step", "Step"), ("event", "Event")):
        for name in schemas.schema_names(f"interactions/{folder}/"):
            for example in schemas.examples(name):
                value = getattr(models, union).model_validate(example).root
                assert type(value).__name__ == title_of(name)
                assert value.model_dump(exclude_unset=True, by_alias=True, mode="json") == example


def load(file: Path) -> ModuleType:
    """Import a file."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def title_of(name: str) -> str:
    """The name of a schema's component, by its title."""
    words = schemas.load_schema(name)["title"].split()
    return "".join(word[0].upper() + word[1:] for word in words)


@needs_npm
def test_ajv_reads_the_schemas_with_its_defaults() -> None:
    """Every file compiles in its strict mode; it takes the examples, and nothing spoilt."""
    good = [
        (name, example) for name in schemas.schema_names() for example in schemas.examples(name)
    ]
    documents = [*good, *SPOILT]
    verdicts = json.loads(
        run(["node", "ajv.mjs", schemas.folder()], json.dumps([list(row) for row in documents]))
    )
    wrong = [
        row
        for row, verdict in zip(documents, verdicts, strict=True)
        if verdict is not (row in good)
    ]
    assert wrong == []
