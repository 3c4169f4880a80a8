"""Next sentence: the path of [CLS] to two logits, and training pairs from a learner's text."""

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import EmptyText, MissingHead
from core.models.files import folder_of
from lessons.nsp import builder
from lessons.nsp.lesson import Request, default_request, largest, run, to_json
from lessons.text import LANGUAGES, presets, quiz, sections

PAIR = Request("The man went to the store.", "He bought a gallon of milk.")


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def headless_model(tmp_path_factory):
    """A folder with an encoder alone: no MLM head, no NSP head."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "man", "he", ".", "a", "b", "c"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    return str(folder)


def test_the_shown_numbers_are_recomputed_within_a_hundred_thousandth(engine):
    proof = run(engine, PAIR).proof
    assert [c.name for c in proof.checks] == ["pooled", "logits", "P(IsNext)"]
    assert proof.holds and proof.difference < 1e-5


def test_a_logit_is_the_sum_of_its_terms_and_its_bias(engine):
    result = run(engine, PAIR)
    hidden = engine.info("embedded").hidden
    assert result.terms.shape == (2, hidden)
    assert np.abs(result.terms.sum(axis=1) + result.bias - result.logits).max() < 1e-5


def test_the_probability_is_the_engines_own_answer(engine):
    result = run(engine, PAIR)
    answer = engine.next_sentence(PAIR.text, PAIR.text_b)
    assert result.is_next == pytest.approx(answer.is_next, abs=1e-9)
    assert tuple(result.logits) == pytest.approx(answer.logits, abs=1e-9)
    z_0, z_1 = result.logits
    assert result.is_next == pytest.approx(np.exp(z_0) / (np.exp(z_0) + np.exp(z_1)))


def test_the_library_says_the_same(engine):
    """transformers' BertForPreTraining, called as its documentation does."""
    import torch
    from transformers import BertForPreTraining

    model = BertForPreTraining.from_pretrained(
        folder_of("embedded"), dtype=torch.float32, attn_implementation="eager"
    ).eval()
    result = run(engine, PAIR)
    with torch.inference_mode():
        out = model(
            input_ids=torch.tensor([result.encoded.ids]),
            token_type_ids=torch.tensor([result.encoded.segments]),
        )
    assert np.abs(out.seq_relationship_logits[0].numpy() - result.logits).max() < 1e-4


def test_the_second_sentence_carries_segment_one(engine):
    encoded = run(engine, PAIR).encoded
    middle = encoded.tokens.index("[SEP]")
    assert set(encoded.segments[: middle + 1]) == {0}
    assert set(encoded.segments[middle + 1 :]) == {1}


@pytest.mark.parametrize("text, text_b", [("", "b"), ("a", ""), ("a", " \n"), (" ", " ")])
def test_an_empty_side_is_an_empty_text(engine, text, text_b):
    with pytest.raises(EmptyText):
        run(engine, Request(text, text_b))


def test_a_checkpoint_without_the_head_says_so(engine, headless_model):
    with pytest.raises(MissingHead, match="next-sentence"):
        run(engine, Request("the man", "he", headless_model))
    with pytest.raises(MissingHead):
        builder.run(engine, builder.Request(builder.sample_text(), model=headless_model))


def test_the_json_has_is_next_and_the_two_logits(engine):
    found = to_json(run(engine, PAIR))
    assert 0 <= found["is_next"] <= 1
    assert len(found["logits"]) == 2 and all(isinstance(z, float) for z in found["logits"])


def test_largest_orders_by_size_and_not_by_sign():
    assert largest(np.array([0.1, -3.0, 2.0, 0.0]), 3).tolist() == [1, 2, 0]


def test_the_papers_two_pairs_are_presets_with_their_pieces(engine):
    found = {p.id: run(engine, default_request(p, "embedded")) for p in presets("nsp")}
    assert found["milk"].encoded.tokens == (
        "[CLS]", "the", "man", "went", "to", "[MASK]", "store", "[SEP]",
        "he", "bought", "a", "gallon", "[MASK]", "milk", "[SEP]",
    )
    assert found["penguins"].encoded.tokens == (
        "[CLS]", "the", "man", "[MASK]", "to", "the", "store", "[SEP]",
        "penguin", "[MASK]", "are", "flight", "##less", "birds", "[SEP]",
    )
    assert all(result.proof.holds for result in found.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_presets_questions_and_the_same_sections(language):
    assert sum(language in p.languages for p in presets("nsp")) >= 6
    assert len(quiz("nsp")) >= 4
    assert list(sections("nsp", language)) == list(sections("nsp", "en"))


# The pair builder

TWO = "One a. Two b. Three c.\n\nFour d. Five e."


def rows(engine, text=TWO, **choices):
    return builder.run(engine, builder.Request(text, **choices)).rows


def test_documents_are_split_at_blank_lines_and_sentences_at_full_stops():
    corpus = builder.corpus_of(TWO + "\n \n\n", folder_of("embedded"))
    assert [len(corpus.document(d)) for d in range(len(corpus))] == [3, 2]


def test_the_same_seed_builds_the_same_pairs(engine):
    assert rows(engine, seed=5) == rows(engine, seed=5)
    assert rows(engine, seed=5) != rows(engine, seed=6)


def test_as_many_pairs_are_built_as_asked_for(engine):
    assert [len(rows(engine, count=n)) for n in (1, 4, 24)] == [1, 4, 24]


def test_a_true_second_sentence_follows_and_a_false_one_is_of_another_document(engine):
    first, second = ("one a. two b. three c.", "four d. five e.")
    for row in rows(engine, count=24):
        own, other = (first, second) if row.a in first else (second, first)
        if row.is_true:
            assert f"{row.a} {row.b}" == own
        else:
            assert row.b in other and row.b not in own


def test_half_of_many_pairs_are_true():
    """400 fair draws: 0.5 within four standard deviations, 4 sqrt(0.25 / 400) = 0.1."""
    corpus = builder.corpus_of(TWO, folder_of("embedded"))
    labels = [pair.label for pair in builder.build(corpus, seed=1, count=400)]
    assert abs(np.mean(labels) - 0.5) < 0.1


def test_the_probability_of_a_pair_is_that_of_its_text(engine):
    for row in rows(engine, count=4):
        assert row.is_next == pytest.approx(engine.next_sentence(row.a, row.b).is_next, abs=1e-5)


def test_accuracy_counts_the_pairs_on_the_right_side_of_one_half():
    pairs = (
        builder.Row("a", "b", True, 0.9), builder.Row("a", "b", True, 0.4),
        builder.Row("a", "b", False, 0.1), builder.Row("a", "b", False, 0.2),
    )
    result = builder.Result(pairs, 2)
    assert (result.accuracy, result.true_share) == (0.75, 0.5)


@pytest.mark.parametrize(
    "text",
    ["One document. Of two sentences.", "One.\n\nTwo.", "\u200b\n\n\u200b", "a. B.\n\n\u200b"],
)
def test_too_little_text_is_refused_in_one_sentence(engine, text):
    with pytest.raises(builder.TooFewDocuments, match="two documents"):
        rows(engine, text)


def test_no_text_is_an_empty_text(engine):
    with pytest.raises(EmptyText):
        rows(engine, " \n\n ")


@pytest.mark.parametrize(
    "text",
    ["word " * 300 + ". More. Yes.\n\n" + "Other " * 300 + ". And.", "😀. B😀.\n\nمرحبا. C!",
     "<b>A</b>. B.\n\n<script>. C.", "[MASK]. [MASK].\n\n[CLS] x. [SEP] y."],
    ids=["long", "emoji", "markup", "special tokens"],
)
def test_any_text_gives_pairs_that_fit(engine, text):
    for row in rows(engine, text):
        assert 0 <= row.is_next <= 1
