# Everything is driven from here; each target says what it does. ARGS passes arguments on: make test ARGS="-k like"
PY := .venv/bin/python
ARGS ?=
HOUSE := config accounts posts social feed notifications search moderation media messaging demo core tests scripts

.DEFAULT_GOAL := help
.PHONY: help run test test-all races check bench fmt clean demo venv dev

help:
	@echo "make run     serve Kith at http://127.0.0.1:8000 (PORT and DATA_DIR change port and data folder)"
	@echo "make test    every test, on SQLite and on PostgreSQL"
	@echo "make test-all  the same, and the visibility matrix in full on both"
	@echo "make races   races in full, 32 at the same moment, 200 rounds (make test runs a few rounds)"
	@echo "make check   formatting, types, templates, import contracts, migrations, deployment settings"
	@echo "make bench   speeds beside their floors"
	@echo "make fmt     put code in order"
	@echo "make demo    make the demo community"
	@echo "make clean   remove what the tools left behind (not the data)"

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
