# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
POPULATION := $(VENV)/.population

.PHONY: demo test check oracles bench lock clean

$(STAMP): requirements.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
		uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --editable . ; \
	else \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable . ; \
	fi
	@$(BIN)/python -m compileall -q src/celltrial
	@touch $@

# the full-Bayes extra is large (jax): only the tests ask for it
$(POPULATION): requirements-population.lock $(STAMP)
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements-population.lock ; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
			--requirement requirements-population.lock ; \
	fi
	@touch $@

## the reference study, simulated whole: record, SRC packages, report, CDISC data
demo: $(STAMP)
	$(BIN)/celltrial demo --out demo

## every test; those of PostgreSQL are skipped where it is missing and cannot be installed
test: $(STAMP) $(POPULATION)
	@bash tools/postgres_for_tests.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

## format, lint, types, import contract, sizes
check: $(STAMP)
	$(BIN)/ruff format --check src tests tools checks benchmarks
	$(BIN)/ruff check src tests tools checks benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/check_sizes.py

## vectors from outside the project, where the folder ../shared/oracles is there
oracles: $(STAMP)
	$(BIN)/python -m pytest checks -n 2 -rs

bench: $(STAMP)
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python $$each; done

## write the lock files anew from pyproject.toml (needs uv)
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml --group dev --upgrade --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml --extra population --constraint requirements.lock --upgrade \
		--output-file requirements-population.lock

clean:
	rm -rf $(VENV) demo
