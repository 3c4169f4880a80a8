"""The card of the word vectors says what the records beside the weights say, and no more."""

import json
import re

import numpy as np
import pytest

from core.training.cooccurrence import cooccurrence
from core.training.glove import Cells, Run, Settings
from core.training.static_export import corpus_facts, export
from core.training.vector_cards import TEMPLATE, card
from core.training.word2vec import Run as Word2VecRun
from core.training.word2vec import Settings as Word2VecSettings
from core.training.word_corpus import WordCorpus
from core.vectors.words import Vocabulary


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The three static models, trained on 200 short random sentences."""
    folder = tmp_path_factory.mktemp("vectors")
    draw = np.random.default_rng(0)
    ids = draw.integers(0, 10, size=1600).astype(np.uint16)
    corpus = WordCorpus(ids, np.arange(0, 1601, 8), 1700)
    vocabulary = Vocabulary([f"w{i}" for i in range(10)], np.bincount(ids))
    for method in ("cbow", "skipgram"):
        settings = Word2VecSettings(method, 1, dimensions=4, sample=1.0, parts=2, threads=1)
        run = Word2VecRun(settings, vocabulary, corpus, corpus, folder / "work")
        run.to_the_end()
        facts = corpus_facts(corpus, corpus) | run.facts()
        export(folder, method, vocabulary, run.model.wv.vectors, facts)
    cells = Cells.of(cooccurrence(ids, corpus.sentence_of(), 10), 100, 0.75)
    glove = Run(Settings(2, dimensions=4), cells, folder / "work")
    glove.to_the_end()
    facts = corpus_facts(corpus, corpus) | glove.facts()
    export(folder, "glove", vocabulary, glove.vectors, facts)
    return folder


def test_the_card_of_the_static_models_is_complete(folder):
    text = card(folder, TEMPLATE.read_text(encoding="utf-8"))
    assert "{{" not in text and "<!--" not in text
    record = json.loads((folder / "glove.json").read_text(encoding="utf-8"))
    assert f"| mean loss of a cell, last pass | {record['loss']['train'][-1]} |" in text
    assert "CBOW: one thread, so the same command gives the same vectors." in text
    assert "Of 1,700 words read, 1,600 are on the list" in text


def test_a_model_without_a_record_has_no_section(folder):
    titles = re.findall("^## (.*)", card(folder, TEMPLATE.read_text(encoding="utf-8")), re.M)
    assert titles == [
        "The words", "word2vec: cbow.npy and skipgram.npy", "GloVe: glove.npy"
    ]


def test_every_file_is_listed_with_its_size(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(1_500_000))
    (tmp_path / "b.json").write_text('{"n": 1234567, "rows": [1, 2.5]}', encoding="utf-8")
    text = card(tmp_path, "{{files}}\n<!-- b -->\n{{b.n}} {{b.rows.-1}}")
    assert text == "| a.bin | 1.50 |\n| b.json | 0.00 |\n| together | 1.5 |\n1,234,567 2.5"


def test_a_figure_that_no_record_has_is_told(tmp_path):
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KeyError, match=r"b\.n"):
        card(tmp_path, "<!-- b -->\n{{b.n}}")
