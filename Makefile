# The commands of this project; .ci/run calls the same. PYTHON=... takes another one.
PYTHON ?= python
EXTRAS ?= test,lint,docs
BIN = $(dir $(shell $(PYTHON) -c "import sys; print(sys.executable)"))
SCHEMA = $(PYTHON) -m check_jsonschema --quiet --builtin-schema vendor
SOURCES = sklearn_orn tests examples benchmarks docs .ci

.PHONY: help install install-lowest check lint types imports docstrings dead-code \
	spelling workflows test test-lowest array-api ecosystem long coverage docs \
	build page tag benchmarks mutants clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 16

install:  ## this tree with all it needs (EXTRAS=...), into the environment of PYTHON
	$(PYTHON) -m pip install -e ".[$(EXTRAS)]" -c .ci/tools.txt

install-lowest:  ## this tree with the lowest dependencies, for the tests
	$(PYTHON) -m pip install -e ".[test]" -c .ci/floors.txt

check: lint types imports docstrings dead-code spelling workflows  ## all that reads only

lint:  ## ruff; flake8 for complexity
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m flake8 $(SOURCES)

types:  ## mypy, strict
	$(PYTHON) -m mypy

imports:  ## the direction of imports
	$(BIN)lint-imports

docstrings:  ## numpydoc's checks on every public name
	$(PYTHON) .ci/docstrings.py

dead-code:  ## what nothing uses; pyproject.toml lists what only users use
	$(PYTHON) -m vulture

spelling:  ## codespell
	$(PYTHON) -m codespell_lib $(SOURCES) *.md .github

workflows:  ## files that services read, by the schemas in check-jsonschema; offline
	$(SCHEMA).github-workflows .github/workflows/*.yml
	$(SCHEMA).dependabot .github/dependabot.yml
	$(SCHEMA).github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA).github-issue-forms $(filter-out %/config.yml, \
		$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(SCHEMA).readthedocs .readthedocs.yaml
	$(SCHEMA).citation-file-format CITATION.cff

test:  ## tests and doctests, warnings are errors
	$(PYTHON) -m pytest

test-lowest:  ## what depends on other packages' versions, for the lowest of them
	$(PYTHON) -m pytest tests --ignore=tests/study --ignore=tests/plotting \
		--ignore=tests/testing --ignore=tests/test_docs.py \
		--ignore=tests/ecosystem/test_third_parties.py \
		--ignore-glob='*/deploy/test_page_*' --ignore-glob='*/test_measuring_page*'

array-api:  ## scikit-learn's checks that feed arrays of other libraries
	SCIPY_ARRAY_API=1 $(PYTHON) -m pytest -q -n 0 -k array_api \
		tests/test_estimator_checks.py

ecosystem:  ## our steps in packages of others; make install EXTRAS=test,ecosystem
	$(PYTHON) -m pytest -n 0 tests/ecosystem

long:  ## the tests too long for every commit
	$(PYTHON) -m pytest -m long -n 0

coverage:  ## tests with branch coverage; kernels once more without their compiler
	$(PYTHON) -m coverage erase
	NUMBA_DISABLE_JIT=1 $(PYTHON) -m pytest -q -n 0 -m kernels tests --cov --cov-report=
	$(PYTHON) -m pytest --cov --cov-append --cov-report=
	$(PYTHON) -m coverage report --fail-under=97

docs:  ## the pages, warnings are errors
	$(PYTHON) -m sphinx -q -N -W --keep-going -b html docs docs/_build/html

build:  ## wheel and sdist, checked; the demo from the wheel in an empty environment
	rm -rf dist
	$(PYTHON) -m build --quiet
	$(PYTHON) -m check_wheel_contents dist
	PYTHON=$(PYTHON) .ci/try-wheel dist/*.whl

page:  ## the bundles of the page that measures, from its modules; needs node and npm
	node sklearn_orn/deploy/page/build.mjs

tag:  ## is GITHUB_REF_NAME the tag of this version?
	test "$$GITHUB_REF_NAME" = \
		"v$$($(PYTHON) -c 'import sklearn_orn; print(sklearn_orn.__version__)')"

benchmarks:  ## times against other programs and against the last stored run
	$(PYTHON) -m benchmarks.run

mutants:  ## small errors in the core that no test sees; FILES=metrics/_delong, SAMPLE=20
	$(PYTHON) -m benchmarks.mutants $(FILES) $(if $(SAMPLE),--sample $(SAMPLE))

clean:  ## all that is made
	rm -rf build dist docs/_build docs/gallery docs/reference docs/generated
	rm -rf .coverage .hypothesis .mutants .*_cache
