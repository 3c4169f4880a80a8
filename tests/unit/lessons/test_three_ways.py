"""One blank from the left, from each side, from both; who sees whom; and why masks are needed."""

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import EmptyText, ModelUnavailable, NoMask, TooFewWords
from core.vectors import elmo, gpt
from lessons.text import LANGUAGES, presets, quiz, sections
from lessons.theme import LIGHT
from lessons.three_ways import figures, leak, sight
from lessons.three_ways.blank import OneBlank, blank_of, moved_to
from lessons.three_ways.lesson import WAYS, Request, default_request, run, to_json
from tests.small_vectors import random_elmo, random_gpt

TEXT = "The money of the man in the [MASK] closed."
LONG = (
    "The keys to the old cabinet that stood in the hall were lost for years. "
    "The man went to the store to buy a gallon of milk."
)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """A loaded machine must not end a training early here."""
    monkeypatch.setattr(leak, "SECONDS", 60.0)
    monkeypatch.setattr(leak, "PATIENCE", 240.0)


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture
def models(monkeypatch):
    both = random_elmo(), random_gpt()
    monkeypatch.setattr(elmo, "load", lambda: both[0])
    monkeypatch.setattr(gpt, "load", lambda: both[1])
    return both


@pytest.fixture
def no_models(monkeypatch):
    def missing():
        raise ModelUnavailable("x", "its files are missing.")

    monkeypatch.setattr(elmo, "load", missing)
    monkeypatch.setattr(gpt, "load", missing)


# The blank


def test_left_and_right_of_the_only_blank():
    blank = blank_of("a b [MASK] c")
    assert (blank.left, blank.right) == ("a b ", " c")
    assert blank.filled("x") == "a b x c"


@pytest.mark.parametrize("text, error", [("no blank", NoMask), ("[MASK] [MASK]", OneBlank)])
def test_no_blank_and_two_blanks_are_errors_with_a_name(text, error):
    with pytest.raises(error):
        blank_of(text)


@pytest.mark.parametrize(
    "text, word, piece, after",
    [
        ("The cat sat.", "", "cat", ("The [MASK] sat.", "cat")),
        ("The [MASK] sat.", "cat", "[MASK]", ("The cat sat.", "")),
        ("The [MASK] sat.", "cat", "sat", ("The cat [MASK].", "sat")),
        ("The cat [MASK].", "sat", "the", ("[MASK] cat sat.", "The")),
        ("The [MASK] sat.", "", "sat", ("The [MASK] sat.", "")),
        ("The [MASK] sat.", "cat", "[CLS]", ("The [MASK] sat.", "cat")),
        ("[MASK] [MASK]", "cat", "[MASK]", ("[MASK] [MASK]", "cat")),
        ("Unbelievably, cats sat.", "", "##bel", ("[MASK], cats sat.", "Unbelievably")),
    ],
)
def test_a_click_moves_the_blank_and_brings_the_old_word_back(engine, text, word, piece, after):
    encoded = engine.tokenize("embedded", text)
    assert moved_to(text, word, encoded, encoded.tokens.index(piece)) == after


# The answers


def test_each_way_answers_from_its_own_side(engine, models):
    before = run(engine, Request(TEXT, "bank"))
    changed_right = run(engine, Request(TEXT.replace("closed", "sat"), "bank"))
    changed_left = run(engine, Request(TEXT.replace("money", "river"), "bank"))
    assert [a.way for a in before.answers] == list(WAYS)
    for way, other_right, other_left in (
        ("elmo_forward", False, True), ("gpt", False, True),
        ("elmo_backward", True, False), ("bert", True, True),
    ):
        p = before.of(way).p_word
        assert (changed_right.of(way).p_word != p) == other_right
        assert (changed_left.of(way).p_word != p) == other_left


def test_the_probabilities_are_those_of_the_models(engine, models):
    result = run(engine, Request(TEXT, "bank", top_k=4))
    forward, backward = models[0].log_probabilities(
        ["the", "money", "of", "the", "man", "in", "the", "bank", "closed", "."]
    )
    assert result.of("elmo_forward").p_word == pytest.approx(np.exp(forward[7]), rel=1e-4)
    assert result.of("elmo_backward").p_word == pytest.approx(np.exp(backward[7]), rel=1e-4)
    pieces, logs = models[1].log_probabilities("The money of the man in the bank")
    assert pieces[-1] == "bank"
    assert result.of("gpt").p_word == pytest.approx(np.exp(logs[-1]), rel=1e-4)
    mask = engine.mask_fill(TEXT, top_k=30522).masks[0]
    at = mask.tokens.index("bank")
    assert result.of("bert").p_word == pytest.approx(mask.probabilities[at])
    assert result.of("bert").rank == at + 1
    assert result.of("bert").words == mask.tokens[:4]


def test_a_word_of_several_pieces_has_a_product_from_the_left_and_none_under_bert(engine, models):
    result = run(engine, Request(TEXT, "unbelievably"))
    pieces, logs = models[1].log_probabilities("The money of the man in the unbelievably")
    own = pieces.index("un")
    assert own == 7 and len(pieces) > own + 1
    assert result.of("gpt").p_word == pytest.approx(np.exp(logs[own:].sum()), rel=1e-4)
    assert result.of("gpt").rank is None
    assert result.of("bert").p_word is None
    assert result.of("elmo_forward").p_word is None  # not among its words


def test_everything_shown_is_recomputed_from_the_last_hidden_states(engine, models):
    proof = run(engine, Request(TEXT, "bank")).proof
    assert [c.name for c in proof.checks[:3]] == ["ELMo, left", "ELMo, right", "GPT"]
    assert len(proof.checks) == 5
    assert proof.holds


@pytest.mark.parametrize("text", ["[MASK] closed.", "The man sat [MASK]", "[MASK]"])
def test_a_side_with_nothing_on_it_is_answered_too(engine, models, text):
    result = run(engine, Request(text, "the"))
    assert len(result.answers) == 4 and result.proof.holds


def test_a_text_longer_than_the_models_is_answered(engine, models):
    result = run(engine, Request("the man " * 60 + "[MASK] closed."))
    assert len(result.answers) == 4 and result.proof.holds


def test_without_their_weights_elmo_and_gpt_are_missing_and_bert_answers(engine, no_models):
    result = run(engine, Request(TEXT, "bank"))
    assert result.missing == ("elmo", "gpt")
    assert [a.way for a in result.answers] == ["bert"] and result.best() == "bert"
    assert result.together is None and result.proof.holds


def test_nobody_has_a_probability_for_a_word_that_nobody_knows(engine, models):
    result = run(engine, Request(TEXT))
    assert all(a.p_word is None and a.rank is None for a in result.answers)
    assert result.best() is None


def test_the_json_has_every_way_with_its_words(engine, models):
    found = to_json(run(engine, Request(TEXT, "bank", top_k=2)))
    assert [a["way"] for a in found["answers"]] == list(WAYS)
    assert all(len(a["predictions"]) == 2 for a in found["answers"])


@pytest.mark.parametrize("text, error", [("", NoMask), ("a b", NoMask), ("[MASK][MASK]", OneBlank)])
def test_what_cannot_be_answered_is_an_error_with_a_name(engine, text, error):
    with pytest.raises(error):
        run(engine, Request(text))


# Who sees whom


def test_the_masks_are_a_square_a_triangle_and_two_chains(engine):
    found = {s.way: s for s in sight.run(engine, sight.Request("The man sat.")).sights}
    n = 4
    assert found["bert"].allowed.all() and found["bert"].allowed.shape == (n, n)
    assert (found["gpt"].allowed == np.tril(np.ones((n, n)))).all()
    assert set(found["gpt"].steps[found["gpt"].allowed]) == {1.0}
    assert found["elmo_forward"].steps.tolist() == [
        [1, 0, 0, 0], [2, 1, 0, 0], [3, 2, 1, 0], [4, 3, 2, 1]
    ]
    assert (found["elmo_backward"].steps == found["elmo_forward"].steps.T).all()


def test_exchanging_a_word_moves_what_may_see_it_and_nothing_else(engine, models):
    found = sight.run(engine, sight.Request("The man sat in the bank.", tested=True))
    assert found.missing == () and len(found.sights) == 4
    for one in found.sights:
        assert one.changed is not None
        assert (one.changed[~one.allowed] < sight.UNMOVED).all(), one.way
        assert (one.changed[one.allowed] > sight.UNMOVED).all(), one.way
    assert found.agree


def test_a_missing_model_keeps_its_mask_and_is_named(engine, no_models):
    found = sight.run(engine, sight.Request("The man sat.", tested=True))
    assert found.missing == ("gpt", "elmo")
    assert [s.way for s in found.sights if s.changed is not None] == ["bert"]
    assert found.agree


def test_a_picture_of_one_word_is_refused_and_a_long_text_is_cut(engine):
    with pytest.raises(TooFewWords):
        sight.run(engine, sight.Request("word"))
    with pytest.raises((TooFewWords, EmptyText)):
        sight.run(engine, sight.Request(""))
    for one in sight.run(engine, sight.Request("The man sat. " * 30)).sights:
        assert len(one.names) == sight.MOST == one.allowed.shape[0]


# Why masks


def test_a_stack_that_sees_itself_reaches_no_loss_and_knows_no_masked_word():
    reports: list[float] = []
    found = leak.run(None, leak.Request(LONG, 2, 150), reports.append)
    itself, masked = found.of("itself"), found.of("masked")
    assert itself.loss[0] > 2 and itself.loss[-1] < 0.01
    assert itself.right[-1] < found.chance
    assert masked.right[-1] > 2 * found.chance
    assert reports == sorted(reports) and reports[0] >= 0 and reports[-1] <= 1


def test_without_the_diagonal_one_layer_learns_and_two_layers_leak():
    one, two = (leak.run(None, leak.Request(LONG, layers, 150)).of("others") for layers in (1, 2))
    assert one.right[-1] > 0.8
    assert two.right[-1] < 0.5 * one.right[-1]


def test_in_one_layer_without_the_diagonal_nothing_of_a_word_reaches_its_own_place():
    torch = pytest.importorskip("torch")
    from lessons.three_ways.stack import Stack

    ids = torch.tensor([[0, 1, 2, 3]])
    other = torch.tensor([[0, 1, 4, 3]])
    for layers, itself, leaks in ((1, False, False), (2, False, True), (1, True, True)):
        net = Stack(5, layers, itself, 1)
        with torch.no_grad():
            moved = (net(ids) - net(other))[0, 2].abs().max()
        assert (moved > 1e-6) == leaks


def test_training_is_the_same_for_the_same_text():
    assert leak.run(None, leak.Request(LONG, 1, 10)) == leak.run(None, leak.Request(LONG, 1, 10))


def test_hidden_places_are_a_sixth_and_at_least_one_a_row():
    chosen = leak._chosen(np.random.default_rng(0), (4000, 8))
    assert chosen.any(1).all()
    # 8 places at 15 %, and one where none was chosen: (1.2 + 0.85^8) / 8 = 0.184
    assert chosen.mean() == pytest.approx((0.15 * 8 + 0.85**8) / 8, abs=0.01)


@pytest.mark.parametrize("text", ["", "one two three", "word " * 50])
def test_a_text_of_too_few_different_words_is_refused(text):
    with pytest.raises(TooFewWords):
        leak.run(None, leak.Request(text))


def test_windows_run_around_the_text():
    assert leak.windows(np.array([1, 2, 3])).tolist() == [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
    assert leak.windows(np.arange(20)).shape == (20, leak.WINDOW)


# Texts and figures


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_presets_questions_and_the_same_sections(language):
    assert sum(language in p.languages for p in presets("three_ways")) >= 6
    assert len(quiz("three_ways")) >= 3
    assert list(sections("three_ways", language)) == list(sections("three_ways", "en"))


def test_every_preset_has_one_blank_and_a_word_for_it(engine, no_models):
    for preset in presets("three_ways"):
        assert preset.controls["tw_word"]
        assert run(engine, default_request(preset, "embedded")).proof.holds


def test_figures_show_the_numbers_they_are_given(engine, models):
    result = run(engine, Request(TEXT, "bank"))
    answer = result.of("elmo_forward")
    bars = figures.words(answer, "bank", LIGHT)
    assert list(bars.data[0].x) == list(answer.probabilities)
    assert ("<b>bank</b>" in bars.layout.yaxis.ticktext) == ("bank" in answer.words)
    log = figures.hidden_word(result.answers, list(WAYS), LIGHT).data[0]
    shown = [10 ** (x + b) for x, b in zip(log.x, [log.base] * len(log.x), strict=True)]
    assert shown == pytest.approx([a.p_word for a in result.answers])
    curve = leak.Leak(("a",), 0, 1, (0, 10), (leak.Curve("itself", (3.0, 0.0), (0.1, 0.2)),), 0.5)
    names = dict.fromkeys(leak.KINDS, "x")
    lines = figures.curves(curve, "right", names, ("x", "y", "c"), LIGHT).data
    assert [list(line.y) for line in lines] == [[0.1, 0.2], [0.5, 0.5]]
