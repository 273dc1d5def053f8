# Infoscope. `make run` starts the dashboard, `make test` proves it, `make help` lists the rest.
PORT ?= 8501
VENV = .venv
PYTHON = $(VENV)/bin/python
PLOTLY = $(VENV)/lib/python3.*/site-packages/plotly/package_data/plotly.min.js
MKDOCS = NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict
PYTEST = $(PYTHON) -m pytest --numprocesses auto --maxprocesses 8

.PHONY: help run test lint format samples bench screenshots docs clean environment tools static

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: environment static ## install what is needed and start the dashboard (PORT=8501)
	@sh scripts/warm.sh $(VENV)
	@exec $(PYTHON) -m streamlit run app.py --server.port $(PORT)

test: tools static lint ## install what the tests need, check the style, run all tests
	@sh scripts/warm.sh $(VENV)
	@browser="$$($(PYTHON) -m scripts.browser)" && INFOSCOPE_BROWSER="$$browser" $(PYTEST)

lint: tools ## check style, types, the import contracts, safety, pins and the documentation
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m mypy
	@$(VENV)/bin/lint-imports --no-logo
	@$(PYTHON) -m bandit --quiet --recursive --configfile pyproject.toml core views app.py
	@$(PYTHON) -m scripts.pins
	@$(VENV)/bin/hadolint Dockerfile
	@folder="$$(mktemp -d)"; said="$$($(MKDOCS) --site-dir "$$folder" 2>&1)"; failed=$$?; rm -rf "$$folder"; \
		[ $$failed = 0 ] || { echo "$$said"; exit 1; } # --quiet would hide warnings from --strict too

format: tools ## format the code and fix what can be fixed by itself
	@$(PYTHON) -m ruff check --quiet --fix .; $(PYTHON) -m ruff format .

samples: ## generate the sample data anew (Pythia 8, FastJet; takes long)
	@sh scripts/environment.sh $(VENV)-generate sample_data/generate/requirements.txt
	@$(VENV)-generate/bin/python -m sample_data.generate

bench: tools ## measure the claims of speed and write benchmarks/RESULTS.md
	@$(PYTHON) -m benchmarks

screenshots: tools static ## draw the pictures of README.md and the user guide
	@browser="$$($(PYTHON) -m scripts.browser)" && INFOSCOPE_BROWSER="$$browser" $(PYTHON) -m scripts.screenshots

docs: tools ## build the documentation as a site that opens from disk, site/index.html
	@$(MKDOCS)

clean: ## remove environments and caches; data and runs stay
	@rm -rf $(VENV) $(VENV)-generate static/plotly.min.js .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rm -rf .import_linter_cache site
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment: ## install what the dashboard needs
	@sh scripts/environment.sh $(VENV) requirements.txt

tools:
	@sh scripts/environment.sh $(VENV) requirements.txt requirements-dev.txt

# Streamlit serves what lies in static/; live figures are drawn by plotly's own script.
static: ## copy plotly's script to where Streamlit serves it
	@cmp -s $(PLOTLY) static/plotly.min.js || { mkdir -p static && cp $(PLOTLY) static/; }
