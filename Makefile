# Everything starts here: `make run` to race, `make test` to check. Flags go through ARGS,
# for instance:  make run ARGS="--preset fast"
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
SOURCES := racecraft tests docs/generate.py docs/made docs/screenshots.py docs/film.py $(wildcard benchmarks)
ARGS ?=

# The first Python on the PATH that is new enough; a pyenv shim that starts nothing is passed over.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help run test test-all fix lint check bench learn load class race-load docs screenshots film clean setup setup-dev

help:  ## show this list
	@echo "racecraft: make <target>, with flags for the program in ARGS=\"...\""
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-11s\033[0m %s\n", $$1, $$2}' Makefile

run: setup  ## set up what is missing, then train a car and watch it race
	@$(BIN)/racecraft quickstart $(ARGS)

test: setup-dev  ## set up what is missing, then run the tests (half an hour)
	@# Compile the kernels once, before several test processes do it side by side.
	@home=$$(mktemp -d) && RACECRAFT_HOME=$$home $(BIN)/racecraft train --name warm-up \
		--track pebble-oval --network LIGHT --num-epochs 3 --max-steps-per-iteration 128 \
		--num-cars 8 --evaluation-trials 1 --steps 512 > /dev/null; rm -rf $$home
	@$(BIN)/pytest -n 2 $(ARGS)

test-all: setup-dev  ## the same and the slow tests too
	@$(BIN)/pytest -n 2 -m "" $(ARGS)

fix: setup-dev  ## format, repair what can be repaired, write generated pages anew
	@$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/python docs/generate.py

lint: setup-dev  ## style, types, import directions, freshness of generated pages
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python docs/generate.py --check

check: lint test  ## lint and test: what the build server calls

bench: setup-dev  ## measure speeds on this machine
	@$(BIN)/python -m benchmarks.speed $(ARGS)

learn: setup-dev  ## five seeds: time to five clean laps
	@$(BIN)/python -m benchmarks.learn $(ARGS)

screenshots: setup-dev  ## pictures of every page of the console, into build/screenshots
	@$(BIN)/python docs/screenshots.py $(ARGS)

load: setup-dev  ## a hundred clients and thirty viewers while two cars learn
	@$(BIN)/python -m benchmarks.load $(ARGS)

class: setup-dev  ## thirty people submit their first training at once (up to 25 minutes)
	@$(BIN)/python -m benchmarks.class_of_thirty $(ARGS)

race-load: setup-dev  ## fifty racers enter a hundred models at once while two hundred people watch
	@$(BIN)/python -m benchmarks.race_load $(ARGS)

film: setup-dev  ## the moving picture of the README, from a recorded lap
	@$(BIN)/python docs/film.py $(ARGS)

docs: setup-dev  ## build the documentation into site/
	@$(BIN)/python docs/generate.py
	@$(BIN)/zensical build --clean

clean:  ## remove the environment and everything that was built; trained models stay
	rm -rf $(VENV) build dist site *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(VENV)/.installed-run
setup-dev: $(VENV)/.installed-dev

# A failed first step leaves half an environment behind, so it is removed.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "racecraft needs Python 3.11 or newer and found none on the PATH." \
		"Install one (https://www.python.org/downloads/), or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make an environment in $(VENV)." \
		"On Debian and Ubuntu install the package python3-venv, then run make again." >&2; exit 1; }

$(VENV)/.installed-run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what racecraft needs into $(VENV) (once; some minutes, about 2 GB of disk)."
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what racecraft and its tests need into $(VENV) (once; some minutes)."
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.installed-run
