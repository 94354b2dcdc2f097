# Each target sets up all that it needs: a .venv beside this file, made again when pyproject.toml changes.
#   make demo       push a sample catalogue into a local platform and read it back (DEMO=my.xlsx for your own table)
#   make test       everything that must hold before a change is done
#   make soak       the longer runs           make bench   how fast it is here (ROWS=20000 for less)
#   make docs       the pages, in docs/_build make sandbox the local platform, until Ctrl-C
#   make lowest     the tests with the lowest versions that pyproject.toml allows

VENV := .venv
BIN := $(VENV)/bin
DEMO ?=
ROWS ?= 50000

.DEFAULT_GOAL := help
.PHONY: help demo test soak bench docs sandbox lowest
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/.ready-dev: pyproject.toml .ci/setup
	@echo "setting up $(VENV) for development (once)"
	@PYTHON="$(PYTHON)" .ci/setup dev
	@touch $@ $(VENV)/.ready

$(VENV)/.ready: pyproject.toml .ci/setup
	@echo "setting up $(VENV) (once)"
	@PYTHON="$(PYTHON)" .ci/setup cli,sandbox,excel
	@touch $@

demo: $(VENV)/.ready
	@$(BIN)/occtoo-frames demo $(if $(DEMO),"$(DEMO)")

sandbox: $(VENV)/.ready
	@$(BIN)/occtoo-frames sandbox

test: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	$(BIN)/pytest -n 2

soak: $(VENV)/.ready-dev
	$(BIN)/pytest -n 2 -m soak --hypothesis-profile=soak

bench: $(VENV)/.ready-dev
	@$(BIN)/python benchmarks/all.py --rows $(ROWS) --json ratios.json
	@echo "the same figures: ratios.json"

lowest: $(VENV)/.ready-dev
	.ci/lowest

docs: $(VENV)/.ready-dev
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html
