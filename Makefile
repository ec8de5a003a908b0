# `make help` lists the targets. ARGS is passed on: make test ARGS="-k like"
PY := .venv/bin/python
ARGS ?=
HOUSE := config accounts posts social feed notifications search moderation media messaging demo core tests scripts

.DEFAULT_GOAL := help
.PHONY: help run test test-all races check bench fmt clean demo venv dev

help:
	@echo "make run     serve Kith at http://127.0.0.1:8000 (set PORT and DATA_DIR to change the port and the data folder)"
	@echo "make test    run all tests on SQLite and PostgreSQL"
	@echo "make test-all  the same, with the full visibility matrix on both"
	@echo "make races   run the race tests in full: 32 threads, 200 rounds (make test runs a few rounds)"
	@echo "make check   check formatting, types, templates, import contracts, migrations, deployment settings"
	@echo "make bench   run the benchmarks"
	@echo "make fmt     format the code"
	@echo "make demo    create the demo community"
	@echo "make clean   remove caches of tools (not the data)"

venv:
	@scripts/venv run

dev:
	@scripts/venv dev

run: venv
	@exec $(PY) manage.py start

demo: venv
	@$(PY) manage.py demo $(ARGS)

test: dev
	@$(PY) scripts/test $(ARGS)

test-all: dev
	@KITH_MATRIX=full $(PY) scripts/test $(ARGS)

races: dev
	@RACE_ROUNDS=$${RACE_ROUNDS:-200} $(PY) scripts/test tests/races $(ARGS)

check: dev
	@$(PY) scripts/check $(ARGS)

bench: dev
	@$(PY) -m bench $(ARGS)

fmt: dev
	@.venv/bin/ruff check --quiet --fix --exit-zero .
	@.venv/bin/ruff format --quiet .

clean:
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache staticfiles
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
