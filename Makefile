# make run: ingest corpus/ and serve the chat and the API on http://127.0.0.1:8000
# make test: lint, type-check, import contract, tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: run test pytest check format eval results lock clean

run: $(VENV)/.run
	$(BIN)/askwell ingest corpus
	$(BIN)/askwell serve --port $(PORT)

# The checks run beside the tests, for a core is idle now and then. Bytecode is kept even where the environment says not
# to: tests start about a hundred processes.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs 2 check pytest

# Two at a time: much of the time tests wait for servers and browsers that they started.
pytest: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: $(VENV)/.dev
	$(BIN)/askwell ingest corpus
	$(BIN)/askwell eval

# Measures what docs/results.md shows, and writes evals/results/ (the baseline of the gate in CI) and the page.
results: $(VENV)/.dev
	$(BIN)/python -m evals.publish

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# constraints.txt holds the exact versions that make and CI install; pyproject.toml holds the ranges.
lock: $(VENV)/.dev
	$(BIN)/python -m pip freeze --exclude-editable --exclude askwell | sed 's/+cpu$$//' > constraints.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) .askwell build *.egg-info
