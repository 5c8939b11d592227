# Scratch MLP. `make serve` and `make test` set everything up; nothing else is needed beforehand but Python 3.11+, venv and make.
.DEFAULT_GOAL := help
SHELL := bash

PYTHON ?= python3
PIP    ?= bundled
HOST   ?= 127.0.0.1
PORT   ?= 8000
SEED   ?= 1
N      ?= 200
RUN    := .venv/bin/python

# One BLAS thread: faster at these sizes, and the same figures from run to run.
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1
export MKL_NUM_THREADS = 1
# The notice about MkDocs 2 is answered by the pins in pyproject.toml.
export NO_MKDOCS_2_WARNING = 1
# Dates in the sitemap and the feed come from the commit, so that two builds are identical; in a copy without git, from
# the newest post.
ifndef SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null)
endif
ifeq ($(SOURCE_DATE_EPOCH),)
SOURCE_DATE_EPOCH := $(shell date -u -d "$$(sed -n 's/^date: *//p' docs/series/*.md | sort | tail -n 1)" +%s 2>/dev/null || echo 1767225600)
endif
export SOURCE_DATE_EPOCH
# A personal set-up of Python, Jupyter or Matplotlib changes nothing here, and a home that cannot be written is no trouble.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONOPTIMIZE PYTHONWARNINGS PYTHONSAFEPATH MPLBACKEND MATPLOTLIBRC
# Python 3.12 reads the project's path by the locale, which may not know its letters.
export LC_ALL = C.UTF-8
export PYTHONUTF8 = 1
export IPYTHONDIR = $(CURDIR)/.cache/home/ipython
export JUPYTER_CONFIG_DIR = $(CURDIR)/.cache/home/jupyter
export JUPYTER_DATA_DIR = $(CURDIR)/.cache/home/jupyter
export JUPYTER_RUNTIME_DIR = $(CURDIR)/.cache/home/jupyter/runtime
export MPLCONFIGDIR = $(CURDIR)/.cache/home/matplotlib

.PHONY: help serve test build digest outputs pages record replay replay-all measures figures browser screenshot bench mutants \
  coverage format check lowest lock clean environment browser-environment lowest-environment uv-environment

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# Make or mend an environment: its folder, and the locks that it holds.
define set-up
@command -v "$(PYTHON)" >/dev/null || { echo "no '$(PYTHON)' here; name a Python 3.11 or later, as in: make PYTHON=python3.12" >&2; exit 1; }
@"$(PYTHON)" requirements/environment.py $(1) --pip "$(PIP)" $(if $(filter file,$(origin PYTHON)),,--asked)
endef

environment:
	$(call set-up,.venv dev)

browser-environment:
	$(call set-up,.venv dev browser)

lowest-environment:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 13) and "NumPy 2.0 was not made for this Python; as in: make lowest PYTHON=python3.11" or 0)'
	$(call set-up,.venv-lowest dev lowest)

uv-environment:
	$(call set-up,.venv-uv uv)

serve: environment  ## serve the site with live reload, on 127.0.0.1:8000 or as in: make serve PORT=8001
	@$(RUN) -m sitetools.port "$(HOST)" "$(PORT)"
	$(RUN) -m mkdocs serve --dev-addr "$(HOST):$(PORT)"

test: environment  ## every test that needs no browser, the strict build and the built pages included
	$(RUN) -m pytest --ignore=tests/browser -n auto --dist loadfile

build: environment  ## write the site to site/
	$(RUN) -m mkdocs build --strict

digest:  ## a digest of every file in site/, to compare two builds by
	@cd site && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum

outputs: environment  ## re-record what the snippets print and the values the prose uses, and show the diff
	$(RUN) -m sitetools.record
	@git --no-pager diff --stat -p -- snippets/out

pages: environment  ## write anew what the machinery makes of the small house of the tests, and show the diff
	$(RUN) -m tests.site.small_house
	@git --no-pager diff --stat -p -- tests/site/pages

record: environment  ## measure one experiment anew, as in: make record EXP=width
	$(RUN) -m experiments record $(EXP)

replay: environment  ## one seed again of every experiment that takes less than 10 s for it, beside what is recorded
	$(RUN) -m experiments replay

replay-all: environment  ## one seed again of every experiment
	$(RUN) -m experiments replay --all

measures: environment  ## the length of the posts' sentences, and when the first figure, formula and number come
	@$(RUN) -m tests.site.measures

figures: environment  ## draw every figure again and say where it lies
	$(RUN) -m sitetools.figures

browser: browser-environment  ## the tests in Chromium, light and dark, phone and desktop
	$(RUN) -m pytest tests/browser

screenshot: browser-environment  ## take the picture of the front door that the README shows
	SCREENSHOT=docs/assets/screenshot.png $(RUN) -m pytest -q tests/browser -k front_door_for_the_readme

bench: environment  ## training speed beside the peers, in 3 minutes; FULL=1: with two threads, memory and more rounds
	$(RUN) -m benchmarks $(if $(FULL),--full)

coverage: environment  ## the package's own tests must reach every line and branch of it
	$(RUN) -m pytest -q tests/test_*.py -n auto --dist loadfile --cov=scratchmlp --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered

mutants: environment  ## put small errors into copies of the project: which do the checks notice? As in: make mutants SEED=2 N=200
	$(RUN) -m mutants --seed $(SEED) --n $(N)

format: environment  ## format the code
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix-only --quiet .

check: environment  ## check format, lint and types
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy

lowest: lowest-environment  ## the package and the snippets on the lowest versions that the package promises (Python 3.11, 3.12)
	.venv-lowest/bin/python -m pytest tests/snippets tests/test_*.py -k "not scikit_learn"  # as a peer, it is the newest

lock: uv-environment  ## compile the locks from pyproject.toml; UPGRADE=1: with the newest version of everything
	.venv-uv/bin/python requirements/locks.py $(if $(UPGRADE),--upgrade)

clean:  ## remove everything that was built or installed
	rm -rf .venv .venv-lowest .venv-uv .cache site .pytest_cache .ruff_cache .mypy_cache
