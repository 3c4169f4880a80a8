"""The sense sentences keep their promises, and the pairs made of them are balanced."""

from collections import Counter

import pytest

from core.vectors import senses
from core.vectors.words import split

SCATTERED = {
    "bank", "bat", "apple", "cell", "spring", "light", "mouse", "crane", "bark", "pitch",
}
ENGLISH, CHINESE = senses.senses("en"), senses.senses("zh")


def test_there_are_sixty_words_with_two_senses_of_three_sentences():
    assert len(ENGLISH) >= 60
    assert len({w.word for w in ENGLISH}) == len(ENGLISH)
    for word in ENGLISH:
        assert len(word.senses) == 2
        assert all(len(s.sentences) >= 3 for s in word.senses)


def test_ten_words_have_twenty_sentences():
    assert {w.word for w in ENGLISH if all(len(s.sentences) >= 10 for s in w.senses)} == SCATTERED


@pytest.mark.parametrize("word", ENGLISH, ids=lambda w: w.word)
def test_an_english_word_stands_once_in_each_of_its_sentences(word):
    for sense in word.senses:
        for sentence in sense.sentences:
            assert split(sentence).count(word.word) == 1, sentence


@pytest.mark.parametrize("word", CHINESE, ids=lambda w: w.word)
def test_a_chinese_word_stands_once_in_each_of_its_sentences(word):
    assert all(s.count(word.word) == 1 for sense in word.senses for s in sense.sentences)


@pytest.mark.parametrize("word", ENGLISH, ids=lambda w: w.word)
def test_no_neighbour_gives_a_sense_away(word):
    """Words of more than four letters stand in at most a fifth of a sense's sentences, or one."""
    for sense in word.senses:
        beside = Counter(
            w for sentence in sense.sentences for w in set(split(sentence))
            if len(w) > 4 and w != word.word
        )
        allowed = max(1, len(sense.sentences) // 5)
        often = {w for w, n in beside.items() if n > allowed}
        assert not often, sense.name["en"]


def test_every_sense_has_a_name_in_both_languages_and_no_sentence_comes_twice():
    words = ENGLISH + CHINESE
    assert all(s.name["en"] and s.name["zh"] for w in words for s in w.senses)
    sentences = [t for w in words for s in w.senses for t in s.sentences]
    assert len(set(sentences)) == len(sentences)


def test_pairs_are_many_and_balanced_for_every_word():
    pairs = senses.pairs(7)
    assert len(pairs) >= 300 and len({p.word for p in pairs}) >= 60
    kinds = Counter((p.word, p.same) for p in pairs)
    assert all(kinds[w.word, True] == kinds[w.word, False] for w in ENGLISH)


def test_a_pair_is_same_exactly_when_one_sense_holds_both_sentences():
    home = {t: (w.word, i) for w in ENGLISH for i, s in enumerate(w.senses) for t in s.sentences}
    for pair in senses.pairs(1):
        assert pair.text != pair.text_b
        assert home[pair.text][0] == home[pair.text_b][0] == pair.word
        assert pair.same == (home[pair.text] == home[pair.text_b])


def test_a_seed_fixes_the_pairs():
    assert senses.pairs(3) == senses.pairs(3) != senses.pairs(4)


def test_no_pair_comes_twice():
    pairs = senses.pairs(5)
    assert len({frozenset((p.text, p.text_b)) for p in pairs}) == len(pairs)


def test_the_halves_share_no_word_and_lose_no_pair():
    pairs = senses.pairs(0)
    one, other = senses.halves(pairs)
    assert not {p.word for p in one} & {p.word for p in other}
    assert set(one) | set(other) == set(pairs)
    assert abs(len(one) - len(other)) <= 2 * senses.PAIRS_A_KIND


def test_a_word_is_found_in_either_language_and_any_case():
    assert senses.find(" Bank ").word == "bank"
    assert senses.find("苹果").word == "苹果"
    assert senses.find("zebra") is None
