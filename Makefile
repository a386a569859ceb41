# Every target sets up what it needs; the second time is quick and needs no network.
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
SETUP := $(VENV)/.ready

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(SETUP): requirements.txt requirements-dev.txt package-lock.json pyproject.toml tools/setup
	@bash tools/setup

setup: $(SETUP) assets ## install everything that demo and test need

assets: $(SETUP) ## build what the browser gets: the help page's script, fonts, translations
	@$(PY) tools/assets.py

run: setup ## serve the vaults below ./vaults
	@$(PY) -m panah run vaults

demo: setup ## start Panah on invented data and print where to look and how to sign in
	@$(PY) -m panah demo

test: setup ## everything CI runs: format, lint, types, contracts, tests
	@bash tools/check

fix: setup ## mend format and lint where a machine can
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

fuzz: setup ## give every reader of strangers' bytes many broken cases; ROUNDS=100
	@bash tools/fuzz $(or $(ROUNDS),100)

bench: setup ## measure the rows of docs/performance.md and write the table
	@$(PY) -m bench

docs: setup ## write the generated reference again
	@$(PY) tools/reference.py

vectors: setup ## make the text vectors of spec/ again
	@$(PY) tools/vectors.py

sbom: setup ## write the bill of every part with its hashes (CycloneDX) into dist/
	@$(PY) tools/sbom.py

wheel: setup ## build the wheel into dist/, the same bytes on every machine, and print its hash
	@$(PY) tools/wheel.py

lock: $(SETUP) ## resolve the dependencies anew, with hashes
	@$(VENV)/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 pyproject.toml -o requirements.txt
	@$(VENV)/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.txt

.PHONY: help setup assets run demo test fix fuzz bench docs vectors sbom wheel lock
