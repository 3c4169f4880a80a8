"""Masked LM: words for each mask, clicks that hide words, and context taken away."""

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import EmptyText, MissingHead, NoMask, OutOfRange
from core.models.files import folder_of
from lessons.mlm import clicks, context, figures
from lessons.mlm.head import log_sum_exp, logits_of, vocabulary_logits
from lessons.mlm.lesson import Request, default_request, run, softmax_of, to_json
from lessons.text import LANGUAGES, presets, quiz, sections
from lessons.theme import LIGHT

TEXT = "The capital of [MASK] is [MASK]."


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def encoder_alone(tmp_path_factory):
    """A folder with an encoder and no heads."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "."]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    return str(folder)


def test_every_mask_gets_its_words_best_first(engine):
    masks = run(engine, Request(TEXT, top_k=5)).fill.masks
    assert [m.position for m in masks] == [4, 6]
    for mask in masks:
        assert len(mask.tokens) == 5
        assert list(mask.probabilities) == sorted(mask.probabilities, reverse=True)


def test_the_shown_numbers_are_recomputed_within_a_hundred_thousandth(engine):
    proof = run(engine, Request(TEXT)).proof
    assert [c.name for c in proof.checks] == ["logits at 4", "p at 4", "logits at 6", "p at 6"]
    assert proof.holds


def test_the_library_says_the_same(engine):
    """transformers' BertForMaskedLM: logits at the mask, softmax over the whole vocabulary."""
    import torch
    from transformers import BertForMaskedLM

    model = BertForMaskedLM.from_pretrained(
        folder_of("embedded"), dtype=torch.float32, attn_implementation="eager"
    ).eval()
    result = run(engine, Request(TEXT))
    with torch.inference_mode():
        logits = model(torch.tensor([result.fill.encoded.ids])).logits[0]
    for mask in result.fill.masks:
        best = logits[mask.position].topk(8)
        assert np.abs(best.values.numpy() - mask.logits).max() < 1e-4
        p = logits[mask.position].softmax(-1)[list(mask.ids)]
        assert np.abs(p.numpy() - mask.probabilities).max() < 1e-5


def test_the_head_by_hand_gives_one_logit_for_every_word(engine):
    hidden = np.random.default_rng(0).normal(size=engine.info("embedded").hidden)
    everything = vocabulary_logits(engine, "embedded", hidden)
    assert everything.shape == (engine.info("embedded").vocabulary,)
    some = np.array([5, 2000, 30000])
    assert np.abs(logits_of(engine, "embedded", hidden, some) - everything[some]).max() < 1e-4


def test_log_sum_exp_is_exact_where_exp_would_overflow():
    """log(e^1000 + e^1000) = 1000 + log 2."""
    assert log_sum_exp(np.array([1000.0, 1000.0])) == pytest.approx(1000 + np.log(2))


def test_the_softmax_steps_give_the_probabilities(engine):
    result = run(engine, Request(TEXT))
    steps = softmax_of(result, 1)
    assert steps.exponentials[0] == 1.0 and steps.total > 1.0
    shares = np.array(steps.exponentials) / steps.total
    assert np.abs(shares - result.fill.masks[1].probabilities).max() < 1e-5


@pytest.mark.parametrize(
    "text, top_k, error",
    [("", 5, EmptyText), (" \n", 5, EmptyText), ("No gap.", 5, NoMask), ("[mask]", 5, NoMask),
     ("a [MASK]", 0, OutOfRange), ("a [MASK]", 10**6, OutOfRange)],
)
def test_what_cannot_be_answered_is_an_error_with_a_name(engine, text, top_k, error):
    with pytest.raises(error):
        run(engine, Request(text, top_k=top_k))


def test_a_checkpoint_without_the_head_says_so(engine, encoder_alone):
    with pytest.raises(MissingHead, match="masked-LM"):
        run(engine, Request("the [MASK]", encoder_alone))
    with pytest.raises(MissingHead):
        context.curve(engine, context.CurveRequest("the [MASK]", model=encoder_alone))


def test_the_json_has_a_position_and_predictions_for_each_mask(engine):
    found = to_json(run(engine, Request(TEXT, top_k=2)))
    assert [m["position"] for m in found["masks"]] == [4, 6]
    assert all({"token", "p"} <= set(p) for m in found["masks"] for p in m["predictions"])


def test_every_preset_has_a_mask_and_holds_its_proof(engine):
    for preset in presets("mlm"):
        assert run(engine, default_request(preset, "embedded")).proof.holds


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_presets_questions_and_the_same_sections(language):
    assert sum(language in p.languages for p in presets("mlm")) >= 6
    assert len(quiz("mlm")) >= 4
    assert list(sections("mlm", language)) == list(sections("mlm", "en"))


# Clicks

SENTENCE = "Unbelievably, the cat sat  on the mat."


def clicked(engine, text, piece, original=SENTENCE):
    encoded = engine.tokenize("embedded", text)
    at = encoded.tokens.index(piece)
    if piece == "[MASK]":
        return clicks.unmasked_at(text, encoded, at, original)
    return clicks.masked_at(text, encoded, at)


def test_a_click_hides_the_word_with_all_its_pieces(engine):
    pieces = engine.tokenize("embedded", SENTENCE).tokens
    assert pieces[1:4] == ("un", "##bel", "##ie")  # the first word has several
    for piece in pieces[1:4]:
        assert clicked(engine, SENTENCE, piece) == "[MASK], the cat sat  on the mat."


def test_a_click_on_a_special_piece_changes_nothing(engine):
    assert clicked(engine, SENTENCE, "[CLS]") == SENTENCE


def test_a_second_click_brings_the_word_back_as_it_was_typed(engine):
    hidden = clicked(engine, clicked(engine, SENTENCE, "un"), "mat")
    assert hidden == "[MASK], the cat sat  on the [MASK]."
    assert clicked(engine, hidden, "[MASK]") == "Unbelievably, the cat sat  on the [MASK]."


def test_a_mask_whose_word_nobody_knows_stays(engine):
    assert clicked(engine, "A [MASK] sat.", "[MASK]", original="The cat sat.") == "A [MASK] sat."
    assert clicked(engine, "A [MASK] sat.", "[MASK]", original="A [MASK] sat.") == "A [MASK] sat."


@pytest.mark.parametrize(
    "text, original, words",
    [
        ("the [MASK] sat", "the cat sat", ("cat",)),
        ("[MASK] [MASK]", "two words", ("two", "words")),
        ("北京是[MASK]国。", "北京是中国。", ("中",)),
        ("[MASK]", "one", ("one",)),
        ("the [MASK] sat", "the big cat sat", None),
        ("the [MASK] sat", "a cat sat", None),
        ("the [MASK]", "the ", None),
        ("no mask", "no mask", None),
        ("a [MASK]", "a [MASK]", None),
        ("[MASK] x [MASK] x", "x", None),
    ],
)
def test_hidden_words_are_found_where_the_rest_is_the_same(text, original, words):
    assert clicks.hidden_words(text, original) == words


def test_five_hundred_masks_are_compared_at_once():
    text = " ".join(["[MASK]"] * 500)
    assert len(clicks.hidden_words(text, " ".join(["word"] * 500)) or ()) == 500
    assert clicks.hidden_words(text, " ".join(["word"] * 499)) is None


# Context

LONG = "one two three [MASK] four five"


def test_the_nearest_words_are_kept():
    assert context.shortened(LONG, 2, 1) == "two three [MASK] four"
    assert context.shortened(LONG, 0, 0) == "[MASK]"
    assert context.shortened(LONG, None, None) == LONG
    assert context.shortened(LONG, 99, -1) == "one two three [MASK]"


def test_the_shortened_text_is_filled_like_any_other(engine):
    result = context.run(engine, context.Request(LONG, left=1, right=0, top_k=3))
    mask = engine.mask_fill("three [MASK]", top_k=3).masks[0]
    assert (result.text, result.left, result.right) == ("three [MASK]", 1, 0)
    assert result.words == mask.tokens and result.probabilities == mask.probabilities


def test_the_curve_gives_the_probability_of_one_word_at_every_amount(engine):
    curve = context.curve(engine, context.CurveRequest(LONG, "cat"))
    assert curve.word == "cat" and curve.kept == (0, 1, 2, 3)
    cat = engine.tokenize("embedded", "cat").ids[1]
    for k, left, right, both in zip(
        curve.kept, curve.left, curve.right, curve.both, strict=True
    ):
        for p, keep in ((left, (k, 0)), (right, (0, k)), (both, (k, k))):
            text = context.shortened(LONG, *keep)
            mask = engine.mask_fill(text, top_k=30522).masks[0]
            assert p == pytest.approx(mask.probabilities[mask.ids.index(cat)], rel=1e-3)


def test_without_a_word_the_curve_follows_the_models_first(engine):
    first = engine.mask_fill(LONG, top_k=1).masks[0]
    curve = context.curve(engine, context.CurveRequest(LONG))
    assert curve.word == first.tokens[0]
    assert curve.both[-1] == pytest.approx(first.probabilities[0], rel=1e-3)


def test_a_word_of_several_pieces_cannot_be_followed_and_the_first_is(engine):
    curve = context.curve(engine, context.CurveRequest(LONG, "unbelievably"))
    assert curve.word == context.curve(engine, context.CurveRequest(LONG)).word


@pytest.mark.parametrize("most", [0, 1, 7, 8, 30, 500])
def test_the_curve_never_needs_more_than_24_passes(most):
    kept = context.amounts(most)
    assert kept[0] == 0 and kept[-1] == most and list(kept) == sorted(set(kept))
    assert 3 * len(kept) <= 24


def test_context_without_a_mask_is_refused(engine):
    for ask in (context.run, context.curve):
        request = {context.run: context.Request, context.curve: context.CurveRequest}[ask]
        with pytest.raises(NoMask):
            ask(engine, request("no mask here"))


def test_figures_show_the_numbers_they_are_given():
    bars = figures.words(["a", "<b>"], [0.75, 0.25], LIGHT)
    assert list(bars.data[0].x) == [0.75, 0.25]
    assert list(bars.layout.yaxis.ticktext) == ["a", "&lt;b&gt;"]
    curve = context.Curve("x", (0, 1), (0.1, 0.2), (0.1, 0.3), (0.1, 0.6))
    lines = figures.context_curve(curve, ["l", "r", "b", "axis"], LIGHT)
    assert [list(line.y) for line in lines.data] == [[0.1, 0.2], [0.1, 0.3], [0.1, 0.6]]
