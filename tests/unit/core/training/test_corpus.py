"""A text file becomes articles, sentences and one flat array; 1 % is held out by a rule."""

import hashlib
import lzma

import numpy as np
import pytest

from core.training.corpus import articles, is_held_out, load_corpus, sentences, tokenize_corpus
from core.wordpiece.encoder import tokenizer as tokenizer_of


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabulary")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", ".", "!"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    return tokenizer_of(folder)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("A b. C d!\nA c.\n\n\nB.\n\nC d. A.\n", encoding="utf-8")
    return path


def test_articles_are_separated_by_blank_lines(text):
    assert list(articles(text)) == ["A b. C d!\nA c.", "B.", "C d. A."]


def test_a_compressed_file_reads_the_same(text, tmp_path):
    packed = tmp_path / "some.txt.xz"
    packed.write_bytes(lzma.compress(text.read_bytes()))
    assert list(articles(packed)) == list(articles(text))


def test_sentences_end_at_punctuation_before_a_capital_and_at_paragraph_ends():
    article = 'He came. "Why?" she asked. It cost 3.5 dollars, i.e. nothing.\nNext line. 5 men'
    assert sentences(article) == [
        "He came.", '"Why?" she asked.', "It cost 3.5 dollars, i.e. nothing.",
        "Next line.", "5 men",
    ]


def test_the_hold_out_rule_is_the_documented_one():
    texts = [f"article {n}" for n in range(2000)]
    by_hand = [
        int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) % 100 == 0 for t in texts
    ]
    assert [is_held_out(t) for t in texts] == by_hand
    assert 5 < sum(by_hand) < 40  # 20 expected


def test_the_flat_arrays_give_the_documents_back(text, tokenizer):
    corpus = tokenize_corpus(text, tokenizer, held_out=False)
    words = [[[tokenizer.id_to_token(int(i)) for i in s] for s in corpus.document(d)]
             for d in range(len(corpus))]
    assert words == [
        [["a", "b", "."], ["c", "d", "!"], ["a", "c", "."]],
        [["b", "."]],
        [["c", "d", "."], ["a", "."]],
    ]


def test_a_long_sentence_is_cut(tmp_path, tokenizer):
    path = tmp_path / "long.txt"
    path.write_text("a " * 50, encoding="utf-8")
    corpus = tokenize_corpus(path, tokenizer, held_out=False, max_sentence=7)
    assert [len(s) for s in corpus.document(0)] == [7]


def test_the_two_sides_share_no_article(tmp_path, tokenizer):
    path = tmp_path / "both.txt"
    path.write_text("\n\n".join("a " * n for n in range(1, 300)), encoding="utf-8")
    sides = [tokenize_corpus(path, tokenizer, held_out=side) for side in (False, True)]
    assert len(sides[0]) + len(sides[1]) == 299
    lengths = [{len(side.document(d)[0]) for d in range(len(side))} for side in sides]
    assert not lengths[0] & lengths[1]


def test_a_corpus_is_read_again_from_its_cache(text, tmp_path, tokenizer):
    cache = tmp_path / "cache" / "corpus.npz"
    first = load_corpus(text, tokenizer, cache, held_out=False)
    text.unlink()
    again = load_corpus(text, tokenizer, cache, held_out=False)
    assert all(np.array_equal(getattr(first, k), getattr(again, k)) for k in vars(first))
