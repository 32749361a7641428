# What one does with this project. Python 3.11 and Make are enough: the first command makes the environment in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN    := .venv/bin
NOTE   ?= templates/assessment/examples/complete.note.json
DEMO   := build/demo

.DEFAULT_GOAL := help
.PHONY: help demo test browser postgresql kills fuzz spark lint fix accept screens wheel interop bench nightly clean

# What needs programs beyond Python, or minutes: each has a command of its own, and `.ci/run` has them all.
QUICK  := not packaging and not interop and not browser and not postgresql and not kills and not fuzz and not spark

# What of the browser's tests is run over PostgreSQL too: what writes most. `make nightly` takes all.
OVER_POSTGRESQL ?= tests/browser/test_away.py tests/browser/test_together.py tests/browser/test_exchange.py

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.venv/ready: pyproject.toml  # what is used is compiled when it is used, not all at once: a minute less
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
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

test: .venv/ready  ## the tests that need nothing but Python; `.ci/run` has all
	$(BIN)/pytest -n auto -m '$(QUICK)'

browser: .venv/ready  ## the web form in Chromium, as a person uses it (Debian: chromium)
	$(BIN)/pytest -n auto --dist loadfile -m browser tests/browser

postgresql: .venv/ready  ## the record and the web form over a PostgreSQL of their own (Debian: postgresql)
	$(BIN)/pytest -n auto --dist loadfile -m 'postgresql and not kills' tests/record tests/web
	CI_NOTES_DB=postgresql $(BIN)/pytest -m browser $(OVER_POSTGRESQL)

kills: .venv/ready  ## kill -9 of the server while it writes, over both databases (CI_NOTES_KILLS times, else 20)
	$(BIN)/pytest -m kills tests/kills tests/record

fuzz: .venv/ready  ## inputs that nobody meant, for a minute (CI_NOTES_FUZZ_SECONDS); what fails is kept in build/fuzz
	$(BIN)/pytest -m fuzz tests/fuzz

spark: .venv/ready  ## the checks as a Spark job, on a Spark of its own with two worker processes (a JDK of 17 or later)
	$(BIN)/pytest -m spark tests/spark

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
	$(BIN)/pytest -n auto -m '$(QUICK)' --accept

screens: .venv/ready  ## take the pictures of the README from the running program (Debian: chromium)
	$(BIN)/python docs/screens.py

wheel: .venv/ready  ## build the wheel and the source distribution into dist/
	$(BIN)/python -m build

interop: .venv/ready  ## validators, servers and forms of others over our FHIR, and the table of what they say
	$(BIN)/pytest -m interop tests/interop
	$(BIN)/python docs/interop.py

bench: .venv/ready  ## how long things take, beside what they are built on
	$(BIN)/python -m benchmarks

nightly: export HYPOTHESIS_PROFILE := nightly
nightly: .venv/ready  ## all that takes long: every test, with many more generated notes, requests and kills, and the benchmarks
	$(BIN)/pytest -n auto -m '$(QUICK) or packaging'
	$(MAKE) browser
	$(MAKE) postgresql OVER_POSTGRESQL=tests/browser
	CI_NOTES_KILLS=200 $(MAKE) kills
	CI_NOTES_FUZZ_SECONDS=3600 $(MAKE) fuzz
	$(MAKE) spark
	$(MAKE) interop
	$(MAKE) bench

clean:  ## remove what was made here, the environment included
	rm -rf .venv build dist .*_cache .hypothesis
