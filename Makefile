# PYTHON=… is the interpreter that .venv is made from; ARGS=… goes to the program or to pytest.
PYTHON ?=
ARGS ?=
export PYTHON

# An environment whose installation was interrupted, or whose interpreter is gone, is made again.
AGAIN := $(shell test ! -e .venv/half-made && .venv/bin/python -c '' 2>/dev/null || echo again)

.NOTPARALLEL:
.PHONY: help train test lint clean again

help:
	@echo 'make train   train on the embedded digits          ARGS="--dataset=… --steps=…"'
	@echo 'make test    run the tests                         ARGS="-k penalty"'
	@echo 'make lint    check style and formatting'
	@echo 'make clean   remove .venv and everything built; runs and saved models stay'
	@echo 'Each makes .venv itself, from Python 3.11 to 3.13  PYTHON=python3.12'

train: .venv/runtime
	@exec .venv/bin/python main.py $(ARGS)

test: .venv/dev
	@exec .venv/bin/python -m pytest $(ARGS)

lint: .venv/dev
	@.venv/bin/python -m ruff check
	@.venv/bin/python -m ruff format --check

clean:
	@echo 'Removing .venv, build, dist and caches'
	@rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	@find . -path ./runs -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: what train needs, and on top of it what test and lint need.
.venv/runtime: setup.cfg pyproject.toml requirements.txt $(AGAIN)
	@sh .ci/install .
	@touch $@

.venv/dev: .venv/runtime
	@sh .ci/install '.[dev]'
	@touch $@
