"""Documents, one a line, read as words in English and in Chinese."""

import pytest

from core.errors import EmptyText, TextTooLong
from core.limits import MAX_CHARACTERS
from core.vectors import documents
from core.vectors.documents import NoWords


def test_every_line_that_is_not_empty_is_a_document():
    found = documents.read("The dog barks.\n\n   \nA cat sleeps.\n")
    assert found.texts == ("The dog barks.", "A cat sleeps.")
    assert found.words == (("the", "dog", "barks"), ("a", "cat", "sleeps"))
    assert found.kept == (("dog", "barks"), ("cat", "sleeps"))


def test_function_words_stay_where_they_are_wanted():
    found = documents.read("The dog barks.", leave_out=False)
    assert found.kept == found.words == (("the", "dog", "barks"),)


def test_function_words_of_both_languages_are_known():
    assert {"the", "of", "is", "and", "的", "了"} <= documents.function_words()
    assert not {"dog", "bank", "猫", "银行"} & documents.function_words()


@pytest.mark.parametrize(("text", "error"), [
    ("", EmptyText), (" \n ", EmptyText), ("... !!\n?", NoWords),
    ("a" * (MAX_CHARACTERS + 1), TextTooLong),
])
def test_what_cannot_be_read_is_one_known_error(text, error):
    with pytest.raises(error):
        documents.read(text)


def test_lines_beyond_the_limit_are_counted_as_left_out():
    found = documents.read("word\n" * (documents.MOST_DOCUMENTS + 7))
    assert len(found.texts) == documents.MOST_DOCUMENTS and found.dropped == 7


def test_a_possessive_ending_is_no_word():
    assert documents.words_of("The bank's profit.", "spaces") == ("the", "bank", "profit")


@pytest.mark.parametrize(("cut", "words"), [
    ("bigrams", ("小狗", "追", "了", "老虎", "bert")),  # broken at 了
    ("characters", ("小", "狗", "追", "了", "老", "虎", "bert")),
    ("spaces", ("小狗", "追了老虎", "bert")),
])
def test_chinese_is_cut_in_the_way_that_is_asked_for(cut, words):
    assert documents.words_of("小狗 追了老虎 BERT", cut) == words


def test_pairs_of_characters_overlap():
    assert documents.words_of("卫星轨道", "bigrams") == ("卫星", "星轨", "轨道")


@pytest.mark.parametrize(("text", "cut"), [
    ("The dog barks.", ""), ("猫 追 狗。\n狗 追 猫。", "spaces"), ("猫追狗。\n狗追猫。", "bigrams"),
])
def test_the_automatic_cut_follows_the_spaces_that_were_typed(text, cut):
    assert documents.settled_cut(text, "auto") == cut


def test_sentences_end_at_marks_of_both_languages():
    assert documents.sentences_of("It rains. Stay in! 下雨了。别出门！") == (
        "It rains.", "Stay in!", "下雨了。", "别出门！",
    )
