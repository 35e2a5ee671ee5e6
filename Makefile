# nnbook: run `make` to see what there is to make.
# Works with GNU make on Linux, macOS and Windows (there with the sh that comes with Git).

ifeq ($(OS),Windows_NT)
PYTHON ?= python
VENV_PYTHON := .venv/Scripts/python.exe
else
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
endif

# Folder names may hold any letter, on any system.
export PYTHONUTF8 := 1

INSTALLED := .venv/installed
QUIETLY := --quiet --quiet --disable-pip-version-check
# A notebook runs from top to bottom in one kernel; other tests go to whoever has nothing to do.
# Those in a browser mostly wait for it: a third worker uses the time of two cores meanwhile.
PARALLEL := -n 2 --dist loadfile
SHARED := -n 3 --dist worksteal
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
IN_PLACE := import nnbook, os, sys; sys.exit(not os.path.samefile(nnbook.__file__, 'nnbook/__init__.py'))

.PHONY: help book test lint execute exercises bench requirements clean install

help:
	@echo "make book          open the book in JupyterLab (the first time: install it into .venv)"
	@echo "make test          run everything that must hold: style, types, tests, notebooks, browser"
	@echo "make lint          run the checks of style and types only"
	@echo "make execute       run all notebooks of the book afresh and store what they print"
	@echo "make exercises     make the student notebooks from the solution notebooks"
	@echo "make bench         run the benchmarks: how fast the engine, the live figures, check and the grader are"
	@echo "make requirements  choose newer versions of all packages for requirements.txt"
	@echo "make clean         delete .venv and what the tools leave behind"
	@echo
	@echo "PYTHON=python3.12 make book    uses another Python (3.11 or newer) for a new .venv"

book: install
	@$(VENV_PYTHON) -m nnbook book

# Several tests run at once: more threads in each of them would wait for one another.
test: export OMP_NUM_THREADS := 1
test: lint
	@echo "Unit tests, book rules and browser"
	@$(VENV_PYTHON) -m pytest $(SHARED) tests
	@echo "Chapters, labs, solutions, gallery: every stored output comes out again"
	@$(VENV_PYTHON) -m pytest $(PARALLEL) --nbval chapters exercises/solutions tests/gallery.ipynb
	@echo "Student notebooks: every cell runs"
	@$(VENV_PYTHON) -m pytest $(PARALLEL) --nbval-lax --ignore=exercises/solutions exercises

lint: install
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy

execute: install
	@$(VENV_PYTHON) -m nnbook execute chapters/*.ipynb exercises/solutions/*.ipynb \
	    tests/gallery.ipynb

exercises: install
	@$(VENV_PYTHON) -m nnbook.exercises.student exercises/solutions -o exercises

bench: install
	@mkdir -p .benchmarks
	@for name in engine live checks grading; do \
	    $(VENV_PYTHON) tests/benchmarks/$$name.py --json .benchmarks/$$name.json || exit 1; done

# The package itself, with the extra that tests need, is what is compiled; so it stays in the list.
requirements: install
	@$(VENV_PYTHON) -m pip install $(QUIETLY) uv
	@echo "# Made by 'make requirements' from pyproject.toml: what the tests run on." > requirements.new
	@echo "-e .[test]" | $(VENV_PYTHON) -m uv pip compile - --quiet --universal --upgrade \
	    --python-version 3.11 --no-header --no-annotate >> requirements.new
	@mv requirements.new requirements.txt

clean:
	@rm -rf .venv .benchmarks .mypy_cache .pytest_cache .ruff_cache .hypothesis

# A folder that was moved or copied still points to its old place: then tell it the new one.
install: $(INSTALLED)
	@$(VENV_PYTHON) -P -c "$(IN_PLACE)" 2>/dev/null || \
	    $(VENV_PYTHON) -m pip install $(QUIETLY) --no-deps --editable .

# The last step makes the stamp, so that an installation that was interrupted is completed.
$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c "$(RECENT)" 2>/dev/null || { echo "nnbook needs Python 3.11 or newer and '$(PYTHON)' is not: please install one from https://www.python.org/downloads/, or name one that you have, as in: PYTHON=python3.12 make book"; exit 1; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing the book's packages into .venv; the first time this takes a few minutes."
	@$(VENV_PYTHON) -m pip install $(QUIETLY) -r requirements.txt
	@touch $(INSTALLED)
