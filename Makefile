# Scratch MLP. `make serve` and `make test` set everything up; nothing else is needed beforehand but Python 3.11+, venv and make.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# One BLAS thread: faster at these sizes, and the same figures from run to run.
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1
export MKL_NUM_THREADS = 1
# The notice about MkDocs 2 is answered by the pins in pyproject.toml.
export NO_MKDOCS_2_WARNING = 1
# Dates in the sitemap and the feed come from the commit, so that two builds are identical.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1767225600)

.PHONY: help serve test build outputs record figures browser screenshot bench coverage format check lowest clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/browser.stamp: requirements/browser.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/browser.txt
	@touch $@

serve: $(VENV)/dev.stamp  ## serve the site with live reload, on 127.0.0.1:8000
	$(BIN)/mkdocs serve

test: $(VENV)/dev.stamp  ## every test that needs no browser, the strict build and the built pages included
	$(BIN)/python -m pytest --ignore=tests/browser

build: $(VENV)/dev.stamp  ## write the site to site/
	$(BIN)/mkdocs build --strict

outputs: $(VENV)/dev.stamp  ## re-record what the snippets print and the values the prose uses, and show the diff
	$(BIN)/python -m sitetools.record
	@git --no-pager diff --stat -p -- snippets/out

record: $(VENV)/dev.stamp  ## measure one experiment anew, as in: make record EXP=width
	$(BIN)/python -m experiments record $(EXP)

figures: $(VENV)/dev.stamp  ## draw every figure again and say where it lies
	$(BIN)/python -m sitetools.figures

browser: $(VENV)/browser.stamp  ## the tests in Chromium, light and dark, phone and desktop
	$(BIN)/python -m pytest tests/browser

screenshot: $(VENV)/browser.stamp  ## take the picture of the front door that the README shows
	SCREENSHOT=docs/assets/screenshot.png $(BIN)/python -m pytest -q tests/browser -k front_door_for_the_readme

bench: $(VENV)/dev.stamp  ## training speed beside the peers, with one and two threads (PyTorch where it is installed)
	$(BIN)/python -m benchmarks

coverage: $(VENV)/dev.stamp  ## the package's own tests must reach every line and branch of it
	$(BIN)/python -m pytest -q tests/test_*.py --cov=scratchmlp --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered

format: $(VENV)/dev.stamp  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

check: $(VENV)/dev.stamp  ## check format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

lowest: $(VENV)/dev.stamp  ## the package and the snippets on the lowest NumPy that the package promises (changes .venv)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "numpy==2.0.*"
	$(BIN)/python -m pytest tests/snippets tests/test_*.py

clean:  ## remove everything that was built or installed
	rm -rf $(VENV) .cache site .pytest_cache .ruff_cache .mypy_cache
