"""CoNLL-U: multi-word tokens, empty nodes, spaces, and arcs."""

import lzma

import pytest

from core.heads.conllu import parse, sentences


def row(identity, form, head="_", relation="_", misc="_"):
    return "\t".join((identity, form, "_", "_", "_", "_", head, relation, "_", misc))


DO_NOT = [
    "# sent_id = 1",
    "# text = I don't, dear.",
    row("1", "I", "3", "nsubj"),
    row("2-3", "don't", misc="SpaceAfter=No"),
    row("2", "do", "0", "root"),
    row("3", "n't", "2", "advmod"),
    row("3.1", "go", "_", "_"),
    row("4", ",", "2", "punct"),
    row("5", "dear", "2", "vocative", "SpaceAfter=No"),
    row("6", ".", "2", "punct"),
    "",
]


def only(lines):
    (sentence,) = parse(line + "\n" for line in lines)
    return sentence


def test_a_multi_word_token_is_written_once_and_its_words_share_its_letters():
    sentence = only(DO_NOT)
    assert sentence.text == "I don't, dear."
    written = [sentence.text[slice(*word.span)] for word in sentence.words]
    assert written == [word.form for word in sentence.words] == [
        "I", "do", "n't", ",", "dear", "."
    ]


def test_empty_nodes_are_no_words_and_move_no_arc():
    sentence = only(DO_NOT)
    assert [word.head for word in sentence.words] == [2, None, 1, 1, 1, 1]
    assert [word.relation for word in sentence.words][:3] == ["nsubj", "root", "advmod"]


def test_words_that_do_not_spell_their_token_have_the_whole_of_it():
    sentence = only([
        row("1-2", "aux"), row("1", "à", "3", "case"), row("2", "les", "3", "det"),
        row("3", "amis", "0", "root"), "",
    ])
    assert sentence.text == "aux amis"
    assert [word.span for word in sentence.words] == [(0, 3), (0, 3), (4, 8)]


def test_a_last_sentence_without_a_blank_line_counts():
    lines = [row("1", "Go", "0", "root"), "", row("1", "Stop", "0", "root")]
    assert [s.text for s in parse(lines)] == ["Go", "Stop"]


@pytest.mark.parametrize("name", ["a.conllu", "a.conllu.xz"])
def test_files_are_read_packed_or_not(tmp_path, name):
    text = "\n".join(DO_NOT) + "\n"
    path = tmp_path / name
    if name.endswith(".xz"):
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    assert [s.text for s in sentences(path)] == ["I don't, dear."]
