# make run: the app.  make test: everything that must hold.  Both set up .venv the first time.

VENV := .venv
BIN := $(VENV)/bin
CANDIDATES := python3.11 python3 python /opt/homebrew/bin/python3.11 /usr/local/bin/python3.11
DATA ?= ../shared/data/text
TASKS ?= ../shared/data/tasks
STOCKNET ?= ../shared/data/stocknet
TOKENS ?= 20000000

.DEFAULT_GOAL := help
.PHONY: help run test lint types bench stored pretrain vectors tasks stocks vendor licences audit hostile chromium \
  clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 18

run: $(VENV)/.run ## the app, at http://localhost:8501
	$(BIN)/python -m streamlit run app.py

test: lint types chromium ## ruff, mypy and every test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile tests/unit tests/pages tests/security tests/faults --ignore tests/faults/browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/browser tests/faults/browser
	$(BIN)/python -m pytest -q tests/load

lint: $(VENV)/.test ## ruff
	$(BIN)/ruff check .

types: $(VENV)/.test ## mypy
	$(BIN)/mypy

bench: $(VENV)/.test chromium ## all benchmarks, one JSON line each
	$(BIN)/python -m bench.run_all

stored: $(VENV)/.run ## compute the presets' stored results again
	$(BIN)/python -m lessons.stored

pretrain: $(VENV)/.test ## train the embedded model on DATA for TOKENS word pieces
	$(BIN)/python -m core.training.pretrain --data $(DATA) --tokens $(TOKENS)

vectors: $(VENV)/.test ## train the word vectors, ELMo and the left-to-right model on DATA, and measure them
	$(BIN)/python -m core.training.word2vec --data $(DATA) --method skipgram
	$(BIN)/python -m core.training.word2vec --data $(DATA) --method cbow
	$(BIN)/python -m core.training.glove --data $(DATA)
	$(BIN)/python -m core.training.elmo --data $(DATA)
	$(BIN)/python -m core.training.gpt --data $(DATA)
	$(BIN)/python -m core.training.word_map
	$(BIN)/python -m core.training.measures
	$(BIN)/python -m core.training.vector_cards

tasks: $(VENV)/.test ## fine-tune the heads over the embedded model on the sets in TASKS, and measure its layers
	for task in sentiment pos spam ner nli tweets qa; do \
	  $(BIN)/python -m core.training.tasks $$task --data $(TASKS) || exit 1; \
	done
	OMP_NUM_THREADS=1 $(BIN)/python -m core.training.layer_probe --data $(TASKS)

stocks: $(VENV)/.test ## the Stocks lesson's table of days from STOCKNET, the search on its split, BERT end to end
	$(BIN)/python -m core.training.stocks --data $(STOCKNET)
	$(BIN)/python -m core.training.stocks.search --data $(STOCKNET)
	$(BIN)/python -m core.training.stocks.end_to_end --data $(STOCKNET)

vendor: ## the browser libraries of assets/vendor again, from npm (needs Node.js)
	cd assets/vendor && npm ci && node build.mjs

licences: $(VENV)/.test ## docs/licences.md again, from what is installed
	$(BIN)/python -m bench.licences

audit: $(VENV)/.run ## known weaknesses of the requirements, from PyPI's database (needs the network)
	$(BIN)/python -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet pip-audit
	$(VENV)/audit/bin/pip-audit --strict --path $$($(BIN)/python -c "import site; print(site.getsitepackages()[0])")

hostile: $(VENV)/.test chromium ## every breaking text through every page and view, in a browser (hours)
	$(BIN)/python -m bench.hostile

clean: ## remove .venv
	rm -rf $(VENV)

$(BIN)/python:
	@found=""; \
	for candidate in $(CANDIDATES); do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; \
	  then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Inside BERT needs Python 3.11: apt install python3.11 python3.11-venv,"; \
	  echo "or on macOS: brew install python@3.11"; exit 1; \
	fi; \
	echo "Python: $$found"; "$$found" -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet "$$(grep '^torch==' requirements.txt)"
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-test.txt requirements-train.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet -r requirements-test.txt
	@touch $@

# The browser tests use the system's Chromium or Chrome; where there is none, apt brings it.
chromium:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	  || command -v google-chrome >/dev/null || [ -d "/Applications/Google Chrome.app" ] \
	  || [ -d "/Applications/Chromium.app" ]; then :; \
	elif command -v apt-get >/dev/null 2>&1; then \
	  admin=""; [ "$$(id -u)" = 0 ] || admin="sudo"; \
	  $$admin apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$admin apt-get install -y -qq chromium >/dev/null; \
	else \
	  echo "The browser tests need Chromium: brew install --cask chromium, or Google Chrome."; \
	fi
