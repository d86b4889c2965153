# `make demo` serves a demonstration, `make test` runs every test. `make` alone lists the rest.

PORT ?= 8080
HOST ?= 127.0.0.1
DATA ?= demo-data
PYTHON ?= python3
PYTEST_ARGS ?= -n auto --dist loadgroup

BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo reset-demo test test-code test-browser lint bench clean check-python

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: .venv/.base ## serve the demonstration (PORT=8080 HOST=127.0.0.1 DATA=demo-data)
	@$(BIN)/opencme demo --host $(HOST) --port $(PORT) --data $(DATA)

reset-demo: .venv/.base ## remove the demonstration's data
	@$(BIN)/opencme demo --reset --data $(DATA)

test: test-code test-browser ## run every test (PYTEST_ARGS="-n auto --dist loadgroup")

# Two runs, because a browser's event loop stays in its process and lets no other one start there.
test-code: .venv/.test ## run the tests without a browser
	@$(BIN)/pytest -m "not browser" $(PYTEST_ARGS)

test-browser: .venv/.test ## run the tests in a browser
	@$(BIN)/pytest -m browser $(PYTEST_ARGS)

lint: .venv/.test ## check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.test ## measure journeys on both databases (about 40 minutes; bench/README.md has the rest)
	@KEEP_SAFE=1 .ci/with-postgresql $(BIN)/python bench/run.py

clean: ## remove the environment, not the data
	rm -rf .venv

check-python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (on Debian: apt-get install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed; name it with make PYTHON=python3.11."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "The venv module of Python is missing: on Debian, apt-get install python3-venv."; exit 1; }

.venv/.base: pyproject.toml constraints.txt | check-python
	@echo "Making the environment in .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/.test: pyproject.toml constraints.txt | check-python
	@echo "Making the environment for tests in .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,bench]'
	@touch .venv/.base $@
