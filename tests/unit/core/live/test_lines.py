"""A learner's lines: what is read, what is refused with which sentence, how they are parted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InsideBertError
from core.live import errors
from core.live.lines import MAX_CLASSES, MAX_LINE, MAX_LINES, parse, parted

FOUR = "spam\tBuy pills\nham\tSee you soon\nspam\tWin cash\nham\tGood night"


def test_a_label_stands_before_a_tab_or_a_comma():
    with_tabs = parse(FOUR, "sentence")
    with_commas = parse(FOUR.replace("\t", ", "), "sentence")
    chinese = parse("好，很好吃\n差，难吃\n好，好看\n差，难看", "sentence")
    assert with_tabs.labels == ("spam", "ham") and with_tabs.counts == (2, 2)
    assert with_commas.items == with_tabs.items
    assert chinese.labels == ("好", "差") and chinese.items[0].text == "很好吃"


def test_after_a_tab_commas_belong_to_the_text():
    lines = parse(FOUR + "\nham\tYes, at six, please", "sentence")
    assert lines.items[-1].text == "Yes, at six, please"


def test_blank_lines_are_skipped_and_repeated_ones_read_once():
    lines = parse("\n" + FOUR + "\n\n  \n" + FOUR, "sentence")
    assert len(lines.items) == 4 and lines.repeated == 4


def test_tags_stand_one_for_each_word():
    lines = parse("DET NOUN VERB\tThe cat sleeps\n" * 1 + "PRON VERB\tWe run\n"
                  "NOUN VERB\tBirds sing\nPRON VERB\tThey laugh", "tags")
    first = lines.items[0]
    assert [first.text[a:b] for a, b in first.words] == ["The", "cat", "sleeps"]
    assert [lines.labels[t] for t in first.tags] == ["DET", "NOUN", "VERB"]
    assert lines.unit == "words"


def test_chinese_without_spaces_has_a_tag_for_each_character():
    rows = ("B-PER I-PER O O\t李白写诗", "O O O\t下雨了", "O O\t很好", "O B-LOC I-LOC\t去北京")
    lines = parse("\n".join(rows), "tags")
    assert [lines.items[0].text[a:b] for a, b in lines.items[0].words] == list("李白写诗")
    assert lines.unit == "characters"


def test_a_name_in_brackets_becomes_bio_tags():
    lines = parse("[Ada Lovelace|PER] saw [Rome|LOC].\nIt rained.\n[Tom|PER] ran.\nWe ate.", "tags")
    first = lines.items[0]
    assert first.text == "Ada Lovelace saw Rome."
    assert [lines.labels[t] for t in first.tags] == ["B-PER", "I-PER", "O", "B-LOC", "O"]
    assert {lines.labels[t] for t in lines.items[1].tags} == {"O"}


def test_chinese_names_in_brackets_are_tagged_by_character():
    lines = parse("[李白|PER]在[长安|LOC]\n下雨了\n[杜甫|PER]来了\n很好", "tags")
    assert [lines.labels[t] for t in lines.items[0].tags] == [
        "B-PER", "I-PER", "O", "B-LOC", "I-LOC"]
    assert lines.unit == "characters"


@pytest.mark.parametrize(
    "text, kind, error, facts",
    [
        ("", "sentence", errors.NoLines, {}),
        (" \n\t\n", "tags", errors.NoLines, {}),
        ("spam\tone\nham\ttwo", "sentence", errors.RareClass, {"label": "spam", "count": 1}),
        ("a\tone\na\ttwo\nb\tthree\nb\tfour\nno label here", "sentence", errors.Unlabelled,
         {"line": 5}),
        ("one\ntwo\nthree\nfour", "sentence", errors.Unlabelled, {"line": 1}),
        ("a\t\na\tx", "sentence", errors.Unlabelled, {"line": 1}),
        ("x" * 41 + "\ttext\na\tb", "sentence", errors.Unlabelled, {"line": 1}),
        ("a\tone\na\ttwo\na\tthree", "sentence", errors.OneClass, {"label": "a"}),
        ("a\tone\na\ttwo\nb\tthree", "sentence", errors.RareClass, {"label": "b", "count": 1}),
        ("\n".join(f"c{n}\ttext {n}" for n in range(MAX_CLASSES + 1)), "sentence",
         errors.TooManyClasses, {"count": MAX_CLASSES + 1}),
        ("\n".join("a\ttext" for _ in range(MAX_LINES + 1)), "sentence", errors.TooManyLines,
         {"count": "1,001"}),
        ("\n".join("a\ttext" for _ in range(100_000)), "sentence", errors.TooManyLines,
         {"count": "100,000"}),
        ("a\tshort\na\t" + "x" * MAX_LINE, "sentence", errors.LineTooLong, {"line": 2}),
        ("DET NOUN\tThe cat sleeps\nDET NOUN\tA dog", "tags", errors.TagsAndWords,
         {"line": 1, "tags": 2, "words": 3}),
        ("no tags at all\nnor here", "tags", errors.Unlabelled, {"line": 1}),
        ("[Ada|PER] ran\n[Tom ran", "tags", errors.BadMark, {"line": 2}),
        ("[Ada|PER] ran\nWe ate", "tags", errors.TooFewLines, {"count": 2}),
        ("O O\tWe ate\nO O\tThey ran\nO\tRain\nO\tSnow", "tags", errors.OneClass, {"label": "O"}),
    ],
)
def test_what_cannot_be_learned_from_is_refused_with_its_place(text, kind, error, facts):
    with pytest.raises(error) as raised:
        parse(text, kind)
    assert {key: raised.value.facts[key] for key in facts} == facts
    assert str(raised.value).endswith((".", "?")) and "\n" not in str(raised.value)


@given(st.text(max_size=300), st.sampled_from(["sentence", "tags"]))
def test_any_text_is_read_or_refused_with_a_sentence(text, kind):
    try:
        lines = parse(text, kind)
    except InsideBertError:
        return
    assert all(0 <= a < b <= len(i.text) for i in lines.items for a, b in i.words)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_every_class_stands_on_both_sides_and_no_line_on_two(share):
    rows = [f"a\ttext {n}" for n in range(9)] + [f"b\tother {n}" for n in range(2)]
    lines = parse("\n".join(rows), "sentence")
    train, held = parted(lines, share, seed=3)
    assert sorted(train + held) == list(range(11))
    for part in (train, held):
        assert {lines.items[i].label for i in part} == {0, 1}
    assert parted(lines, share, seed=3) == (train, held)
    assert parted(lines, share, seed=4) != (train, held)
