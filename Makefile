# ARGS reaches the program: make simulate ARGS="--seed 7", make run ARGS="--workers 2".
python := .venv/bin/python

.PHONY: help run demo test simulate backup restore fmt words pictures bench bench-engine study clean

help: ## list these
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 21

run: ## start the service on http://localhost:8000
	@tools/venv run
	@$(python) main.py $(ARGS)

demo: ## show a day that passes, on a service that keeps nothing
	@tools/venv run
	@$(python) demo.py $(ARGS)

test: ## check format, lint, types and imports, then run all tests
	@tools/venv dev
	@tools/check

simulate: ## play a whole OPD day
	@tools/venv run
	@$(python) simulation.py $(ARGS)

backup: ## back up the database: make backup TO=folder
	@tools/venv run
	@$(python) -m tools.backup backup "$(TO)"

restore: ## restore a backup into an empty database: make restore FROM=folder
	@tools/venv run
	@$(python) -m tools.backup restore "$(FROM)"

fmt: ## format the code and mend what can be mended
	@tools/venv dev
	@$(python) -m ruff check --fix-only --quiet .
	@$(python) -m ruff format .

words: ## bring the other languages' files up to date; tells what lacks its words
	@tools/venv dev
	@$(python) -m tools.words

pictures: ## take the pictures of all pages for the README (docs/images)
	@tools/venv dev
	@$(python) -m pytest -q tests/browser/pictures.py

bench: ## measure the service on the real database
	@tools/venv dev
	@$(python) -m bench.run $(ARGS)

bench-engine: ## measure decisions alone
	@tools/venv dev
	@$(python) -m bench.engine $(ARGS)

study: ## study what orders of the line do to waits (docs/orders.md)
	@tools/venv dev
	@$(python) -m bench.study $(ARGS)

clean: ## remove all that was made here, .venv too
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
