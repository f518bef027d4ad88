# The tasks of a developer; `make` names them. They work in .venv, which `make venv` fills.

VENV ?= .venv
BIN := $(VENV)/bin

# Each room with its floor in percent, branches included, and the tests that are about them, but for
# those that only break recordings in ways that others break them in, that start many programs, or
# that are about what stands in front of the rooms.
FLOORS := wire=99 protocol=99 contract=97
BESIDE := $(addprefix tests/contract/test_,mutations.py agreement.py fault_kinds.py) \
  $(addprefix tests/edges/test_,signals.py functions_ended.py lost_outputs.py callers.py) \
  $(addprefix tests/http/test_,transport.py at_once.py answer_templates.py packed_turns.py)
MEASURED := $(filter-out $(BESIDE),$(wildcard $(addprefix tests/,contract/test_*.py edges/test_*.py http/test_*.py))) \
  $(addprefix tests/,control protocol script) \
  $(addprefix tests/record/test_,recorder.py scrub_anywhere.py any_http.py rewritten_addresses.py packed_texts.py what_comes.py) \
  tests/conformance/test_signatures.py tests/record/test_front.py tests/replay/test_addresses.py

.PHONY: help venv lint types test coverage wheel docs

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1: \2/p' Makefile

venv: ## make the environment: the package, what the tests need, the tools, the hooks
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable . --group dev
	npm --prefix tests/js install --no-package-lock --no-audit --no-fund
	test ! -e .git || $(BIN)/pre-commit install

lint: ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: ## check types, tests included
	$(BIN)/mypy

test: ## run all tests; ARGS="tests/http -x" for fewer
	$(BIN)/pytest --numprocesses auto $(ARGS)

coverage: ## measure the rooms that decide what is right, and demand the floor of each
	rm -f .coverage .coverage.*
	COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml COVERAGE_FILE=$(CURDIR)/.coverage \
	  $(BIN)/pytest --numprocesses auto $(MEASURED)
	$(BIN)/coverage combine --quiet
	@$(foreach floor,$(FLOORS),\
	$(BIN)/coverage report --include='fakegemini/$(word 1,$(subst =, ,$(floor)))/*' \
	  --fail-under=$(word 2,$(subst =, ,$(floor))) &&) true

wheel: ## build the sdist, and the wheel from it, into dist
	$(BIN)/python -m build --no-isolation

docs: ## run what the README and the pages show
	$(BIN)/pytest tests/docs
