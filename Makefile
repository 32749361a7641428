# What one does with this project. Python 3.11 and Make are enough: the first command makes the environment in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN    := .venv/bin
NOTE   ?= templates/assessment/examples/complete.note.json
DEMO   := build/demo

.DEFAULT_GOAL := help
.PHONY: help demo test lint fix accept screens wheel interop bench nightly clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: .venv/ready  ## one note becomes findings, a narrative and a FHIR bundle (NOTE=FILE for another note)
	@mkdir -p $(DEMO)
	@printf '\n--- findings: ci-notes check %s\n\n' '$(NOTE)'
	@$(BIN)/ci-notes check --fail-on never '$(NOTE)'
	@printf '\n--- narrative: ci-notes render %s\n\n' '$(NOTE)'
	@$(BIN)/ci-notes render '$(NOTE)'
	@printf '\n--- bundle: ci-notes fhir %s\n\n' '$(NOTE)'
	@$(BIN)/ci-notes fhir '$(NOTE)' --force --output $(DEMO)/bundle.json
	@head -n 20 $(DEMO)/bundle.json
	@printf '  ... and so on; it holds\n\n'
	@grep -o '"resourceType": "[A-Za-z]*"' $(DEMO)/bundle.json | cut -d '"' -f 4 | sort | uniq -c

test: .venv/ready  ## the tests, without those that build and install packages
	$(BIN)/pytest -n auto -m 'not packaging and not interop'

lint: .venv/ready  ## style, types, layers, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

fix: .venv/ready  ## mend what can be mended by itself: style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

accept: .venv/ready  ## take the present output as what the examples should give; read the diff before you commit
	$(BIN)/python docs/pages.py
	$(BIN)/python docs/profiles.py
	$(BIN)/pytest -n auto -m 'not packaging and not interop' --accept

screens: .venv/ready  ## take the pictures of the README from the running program
	$(BIN)/python docs/screens.py

wheel: .venv/ready  ## build the wheel and the source distribution into dist/
	$(BIN)/python -m build

interop: .venv/ready  ## validators, servers and forms of others over our FHIR, and the table of what they say
	$(BIN)/pytest -m interop
	$(BIN)/python docs/interop.py

bench: .venv/ready  ## how long things take, beside what they are built on
	$(BIN)/python -m benchmarks

nightly: .venv/ready  ## all that takes long: every test, with many more generated notes, and the benchmarks
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -n auto -m 'not interop'
	$(MAKE) interop
	$(MAKE) bench

clean:  ## remove what was made here, the environment included
	rm -rf .venv build dist .*_cache .hypothesis
