"""Operating on BERT: the board's codes, before and after, the map of effects, the table."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core.contract import Surgery, TraceRequest
from core.engine import local_engine
from core.engine.stub import StubEngine
from core.errors import BadInput, NoMask, OutOfRange, WordNotOnePiece
from core.trace.recompute import softmax
from lessons.proof import check
from lessons.surgery import board, effects, figures, later, reading, table
from lessons.surgery.by_hand import ByHand
from lessons.surgery.lesson import Request, default_request, run, to_json
from lessons.text import LANGUAGES, presets, quiz, sections
from lessons.theme import DARK, LIGHT

TEXT = "The man went to the store to buy a gallon of [MASK]."
TEXT_B = "He paid and walked home."


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def operated(engine):
    return run(engine, Request(TEXT, TEXT_B, off="1.2,3.*"))


@pytest.fixture(scope="module")
def swept(engine):
    return effects.run(engine, effects.Request(TEXT, TEXT_B))


@pytest.fixture(scope="module")
def cut(engine):
    return table.run(engine, table.Request(TEXT, TEXT_B, layer=2, seed=5))


# The board


@pytest.mark.parametrize(("code", "off"), [
    ("", ()), ("0.3,4.1", ((0, 3), (4, 1))), ("2.*", tuple((2, h) for h in range(4))),
    ("1.0-2", ((1, 0), (1, 1), (1, 2))), (" 4.1 , 0.0 ", ((0, 0), (4, 1))),
    ("1.1,1.1", ((1, 1),)),
])
def test_a_code_names_heads(code, off):
    assert board.heads_of(code, 5, 4) == off


def test_every_set_of_heads_survives_its_code():
    rng = np.random.default_rng(0)
    for share in (0.1, 0.5, 0.9, 1.0):
        off = tuple(zip(*map(np.ndarray.tolist, np.nonzero(rng.random((24, 16)) < share)),
                        strict=True))
        assert board.heads_of(board.code_of(off, 16), 24, 16) == off
    everything = [(layer, head) for layer in range(24) for head in range(16)]
    assert len(board.code_of(everything, 16)) < 120  # "0.*,1.*,...": short enough for a link


@pytest.mark.parametrize("code", ["x", "1", "1.", "1.2.3", "1.*2", "-1.0", "1;2", "<b>", "1.2-"])
def test_a_code_that_names_no_head_is_refused(code):
    with pytest.raises(BadInput, match="names no head"):
        board.heads_of(code, 5, 4)


@pytest.mark.parametrize(("code", "says"), [("5.0", "layer is 5"), ("0.4", "head is 4"),
                                            ("0.0-9", "head is 9")])
def test_heads_that_the_model_has_not_are_named(code, says):
    with pytest.raises(OutOfRange, match=says):
        board.heads_of(code, 5, 4)


def test_a_click_switches_one_head_and_back():
    once = board.clicked((), 1, 2, 4, "one")
    assert once == ((1, 2),)
    assert board.clicked(once, 1, 2, 4, "one") == ()


def test_a_click_on_others_leaves_one_head_of_the_layer_and_takes_that_back():
    once = board.clicked(((0, 0), (1, 2)), 1, 2, 4, "others")
    assert once == ((0, 0), (1, 0), (1, 1), (1, 3))
    assert board.clicked(once, 1, 2, 4, "others") == ((0, 0),)


def test_a_click_on_a_layer_switches_all_of_it_off_and_then_on():
    once = board.clicked(((1, 2),), 1, 0, 4, "layer")
    assert once == tuple((1, h) for h in range(4))
    assert board.clicked(once, 1, 0, 4, "layer") == ()


# Before and after


def test_the_words_before_and_after_are_those_of_two_passes(engine, operated):
    off = Surgery(heads_off=operated.off)
    for surgery, shown in ((None, operated.words.before), (off, operated.words.after)):
        trace = engine.trace(TraceRequest(TEXT, TEXT_B, surgery=surgery, keep=frozenset({"mlm"})))
        shares = softmax(trace.mlm_logits[0, operated.words.place].astype(np.float64))
        assert np.abs(shares[list(operated.words.ids)] - shown).max() <= 1e-6
        assert max(shown) == pytest.approx(shares.max(), abs=1e-6)
    assert operated.next_before != operated.next_after


def test_the_operated_pass_is_recomputed_within_a_hundred_thousandth(operated):
    assert operated.proof.holds and len(operated.proof.checks) == 3


def test_nothing_off_changes_nothing(engine):
    result = run(engine, Request(TEXT, TEXT_B))
    assert result.words.before == result.words.after and result.next_before == result.next_after
    assert not result.moved.any()


def test_attention_moves_only_behind_the_first_operated_layer(operated):
    assert operated.off[0][0] == 1
    assert not operated.moved[:2].any()
    assert (operated.moved[2:] > 0).all() and operated.moved.max() < 1


def test_one_heads_attention_before_and_after_explains_how_far_it_moved(engine, operated):
    layer, head = later.most_moved(operated.moved)
    seen = later.run(engine, later.Request(TEXT, TEXT_B, "embedded", "1.2,3.*", 0, layer, head))
    assert np.allclose(seen.after.sum(axis=1), 1, atol=1e-5)
    moved = (np.abs(seen.after - seen.before).sum(axis=1) / 2).mean()
    assert moved == pytest.approx(operated.moved[layer, head], abs=1e-6)


def test_the_learners_word_is_followed_where_it_is_not_among_the_best(engine):
    words = run(engine, Request(TEXT, off="0.0", word="Milk")).words
    assert words.tokens[words.watched] == "milk"


@pytest.mark.parametrize("word", ["unbelievably long", "milkmaidenly"])
def test_a_word_that_is_not_one_piece_cannot_be_followed(engine, word):
    with pytest.raises(WordNotOnePiece):
        run(engine, Request(TEXT, word=word))


def test_the_second_blank_can_be_watched(engine):
    text = "The [MASK] sat on the [MASK]."
    assert run(engine, Request(text, blank=1)).words.place == 6
    with pytest.raises(OutOfRange, match="blank"):
        run(engine, Request(text, blank=2))


def test_a_sentence_without_a_blank_still_shows_its_attention(engine):
    result = run(engine, Request("The cat sat.", off="0.0"))
    assert result.words is None and result.next_after is None
    assert result.moved[1:].all() and result.proof.holds


def test_the_json_says_what_was_off_and_what_came_of_it(operated):
    said = to_json(operated)
    assert said["off"][0] == [1, 2] and len(said["off"]) == 13
    assert set(said["words"][0]) == {"token", "before", "after"}
    assert np.shape(said["moved"]) == (6, 12)


# By hand


@pytest.mark.parametrize("name", [
    "intact", "layer", "attention", "ffn", "positions", "segments", "scaling", "order", "both",
])
def test_every_operation_is_recomputed_in_numpy_layer_by_layer(engine, name):
    surgery = table.operations(engine.tokenize("embedded", TEXT, TEXT_B), 2, 5)[name]
    trace = engine.trace(TraceRequest(TEXT, TEXT_B, surgery=surgery, keep=reading.KEEP))
    hand = ByHand(engine, "embedded", surgery)
    x = trace.embeddings.normalized[0]
    assert check("e", "", hand.embeddings(trace.encoded), x).holds
    for layer in trace.layers:
        assert check("x", "", hand.layer(layer.index, x.astype(np.float64)),
                     layer.after_ffn[0]).holds
        x = layer.after_ffn[0]


# The map of effects


def test_the_map_is_one_operated_pass_a_head(engine, swept):
    assert swept.heads.shape == (6, 12) and swept.layers.shape == (6,)
    for layer, head in (swept.strongest, swept.extreme(-1), swept.extreme(1)):
        words = run(engine, Request(TEXT, TEXT_B, off=f"{layer}.{head}", word=swept.word)).words
        assert words.after[words.watched] == pytest.approx(swept.heads[layer, head], abs=1e-5)
    assert swept.heads[swept.extreme(-1)] == swept.heads.min()
    assert swept.heads[swept.extreme(1)] == swept.heads.max()
    assert swept.proof.holds


def test_the_idle_heads_are_those_below_the_threshold_and_are_switched_off_together(engine, swept):
    moved = np.abs(swept.heads - swept.intact)
    assert {at for at in np.ndindex(6, 12) if moved[at] < effects.HARDLY} == set(swept.idle)
    off = board.code_of(swept.idle, 12)
    words = run(engine, Request(TEXT, TEXT_B, off=off, word=swept.word)).words
    assert words.after[words.watched] == pytest.approx(swept.together, abs=1e-6)
    single = sum(swept.heads[at] - swept.intact for at in swept.idle)
    assert swept.added_up == pytest.approx(single, abs=1e-6)


def test_the_next_sentence_can_be_watched_of_a_pair_alone(engine):
    found = effects.run(engine, effects.Request(TEXT, TEXT_B, watch="nsp"))
    assert found.word == "" and found.proof.holds
    with pytest.raises(BadInput, match="second sentence"):
        effects.run(engine, effects.Request(TEXT, watch="nsp"))
    with pytest.raises(NoMask):
        effects.run(engine, effects.Request("No blank here."))


def test_a_long_text_is_not_swept_unasked(engine):
    assert effects.light(engine, effects.Request(TEXT))
    assert not effects.light(engine, effects.Request("word " * 300 + "[MASK]"))


# The table


def test_the_table_has_a_real_pass_a_row(engine, cut):
    assert [row.name for row in cut.rows] == list(
        table.operations(engine.tokenize("embedded", TEXT, TEXT_B), 2, 5)
    )
    assert cut.intact.words[0] == cut.word
    assert len({row.is_next for row in cut.rows}) >= len(cut.rows) - 1
    off = run(engine, Request(TEXT, TEXT_B))
    assert cut.intact.watched == pytest.approx(off.words.before[0], abs=1e-6)
    assert cut.worst.watched == min(row.watched for row in cut.rows[1:])
    same = [row.words[0] == cut.word for row in cut.rows[1:]]
    assert cut.survived == sum(same)


def test_without_positions_shuffled_words_give_the_same_probabilities(cut):
    assert cut.order_blind <= 1e-5
    assert cut.row("order").tokens == cut.row("both").tokens != cut.intact.tokens


def test_a_shuffle_keeps_specials_segments_and_the_pieces_of_a_word_together(engine):
    encoded = engine.tokenize("embedded", "Unbelievably, the [MASK] slept.", "It had eaten.")
    order = table.shuffled(encoded, 3)
    assert sorted(order) == list(range(len(encoded))) and order != tuple(range(len(encoded)))
    assert order == table.shuffled(encoded, 3) != table.shuffled(encoded, 4)
    tokens = [encoded.tokens[i] for i in order]
    for place, piece in enumerate(order):
        assert encoded.segments[place] == encoded.segments[piece]
        if encoded.word_index[place] is None:
            assert place == piece
        if tokens[place].startswith("##"):
            assert order[place - 1] == piece - 1


def test_one_word_cannot_be_shuffled(engine):
    encoded = engine.tokenize("embedded", "[MASK]")
    assert table.shuffled(encoded, 1) == (0, 1, 2)


def test_the_worst_operation_of_a_pair_without_a_blank_is_judged_by_the_next_sentence(engine):
    found = table.run(engine, table.Request("She went out.", "It rained."))
    assert found.word == "" and found.intact.words == ()
    assert found.worst.is_next == min(row.is_next for row in found.rows[1:])


# What is shown and read


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_pictures_are_valid_and_say_what_the_results_say(theme, operated, swept, cut):
    names = [row.name for row in cut.rows]
    drawn = (
        figures.before_after(operated.words, ("before", "after"), theme),
        figures.before_after(operated.words, (), theme),
        figures.without_layers(swept.layers.tolist(), swept.intact, ("layer", "all"), theme),
        figures.operations(cut, True, names, theme), figures.operations(cut, False, names, theme),
    )
    for figure in drawn:
        go.Figure(figure.to_plotly_json())  # plain dicts are not checked when they are drawn
    assert tuple(drawn[0].data[0].x) == operated.words.after
    assert drawn[2].data[0].y[0] == swept.layers[0]
    assert drawn[4].data[0].x[0] == cut.intact.is_next


@pytest.mark.parametrize("language", LANGUAGES)
def test_presets_are_enough_and_each_runs(language):
    stub = StubEngine()
    mine = [p for p in presets("surgery") if language in p.languages]
    assert len(mine) >= 6 and len(quiz("surgery")) >= 3
    for preset in mine:
        board.heads_of(preset.controls["off"], 6, 12)  # the embedded model has these heads
        asked = default_request(preset, "embedded")
        run(stub, Request(asked.text, asked.text_b, word=asked.word))
    assert list(sections("surgery", "en")) == list(sections("surgery", "zh"))
