"""Cells opened up, gradients followed back, three networks in lockstep, and the race."""

from itertools import pairwise

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import Busy, DeviceUnavailable, EmptyText, ModelUnavailable, TooFewWords
from core.models.registry import EMBEDDED
from core.vectors import elmo
from core.vectors.cells import lstm
from lessons.recurrent import figures, gradient, lesson, race, small
from lessons.recurrent.lesson import BertRequest, Request, follow, handful, to_json
from lessons.text import LANGUAGES, presets, quiz, sections
from lessons.theme import LIGHT
from tests.small_vectors import random_elmo

torch = pytest.importorskip("torch")
TEXT = "The man sat in the bank of the river."
N = 9


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """A loaded machine must not end a training early here."""
    monkeypatch.setattr(small, "SECONDS", 60.0)
    monkeypatch.setattr(small, "PATIENCE", 240.0)


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def untrained():
    return small.run(None, small.Request(TEXT))


@pytest.fixture
def stand_in(monkeypatch):
    model = random_elmo()
    monkeypatch.setattr(elmo, "load", lambda: model)
    return model


def jacobian(function, x):
    """torch's own d out / d x_k, float[n, D, E], for out = function(x)."""
    found = torch.autograd.functional.jacobian(function, torch.tensor(x))  # (D, n, E)
    return found.numpy().transpose(1, 0, 2)


def net_of(kind, weights, **options):
    net = kind(weights.weight_ih.shape[1], weights.weight_hh.shape[0] // options.pop("gates"),
               **options)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    state = {f"{n}_l0": torch.tensor(getattr(weights, n)) for n in names
             if getattr(weights, n) is not None}
    net.load_state_dict(state)
    return net


# Gradients


def test_the_gradient_through_an_rnn_is_torchs(untrained):
    net = net_of(torch.nn.RNN, untrained.rnn, gates=1)
    theirs = jacobian(lambda x: net(x)[0][-1], untrained.x[0])
    assert np.abs(gradient.rnn_jacobians(untrained.x[0], untrained.rnn) - theirs).max() < 1e-6


def test_the_gradient_through_an_lstm_is_torchs(untrained):
    net = net_of(torch.nn.LSTM, untrained.lstm, gates=4)
    theirs = jacobian(lambda x: net(x)[0][-1], untrained.x[1])
    ours = gradient.lstm_jacobians(lstm(untrained.x[1], untrained.lstm), untrained.lstm)
    assert np.abs(ours - theirs).max() < 1e-6


def test_the_gradient_through_a_projected_lstm_is_torchs():
    torch.manual_seed(0)
    net = torch.nn.LSTM(5, 7, proj_size=3)
    x = torch.randn(6, 5).numpy()
    weights = lesson.Weights.of({k: w.detach().numpy() for k, w in net.state_dict().items()})
    theirs = jacobian(lambda x: net(x)[0][-1], x)
    assert np.abs(gradient.lstm_jacobians(lstm(x, weights), weights) - theirs).max() < 1e-6


@pytest.mark.parametrize("at", [0, 3, 8])
def test_the_gradient_through_self_attention_is_torchs(untrained, at):
    x, w = untrained.x[2], untrained.attention

    def attention(x):
        q, k, v = (x @ torch.tensor(part).T for part in (w.query, w.key, w.value))
        return torch.softmax(q[at] @ k.T / small.WIDTH**0.5, -1) @ v

    ours = gradient.attention_jacobians(w.query @ x[at], x @ w.key.T, x @ w.value.T, at, w)
    assert np.abs(ours - jacobian(attention, x)).max() < 1e-6
    short = gradient.attention_norms(w.query @ x[at], x @ w.key.T, x @ w.value.T, at, w)
    assert short == pytest.approx(gradient.norms(ours), rel=1e-4)


def test_in_an_untrained_rnn_the_gradient_vanishes_and_in_attention_it_does_not(untrained):
    opened = lesson.opened_rnn(untrained)
    assert opened.reach[-1] == 1.0 and opened.reach[0] < 1e-2
    assert lesson.attention_reach(untrained)[0] > 10 * opened.reach[0]


def test_the_reach_of_a_bert_layer_has_one_number_for_each_piece_of_the_text(engine):
    pieces = len(engine.tokenize(EMBEDDED, TEXT))
    reach = lesson.bert_reach(engine, BertRequest(TEXT, layer=1))
    assert reach.shape == (pieces - 2,)
    assert reach[-1] == 1.0 and (reach > 0).all()


def test_the_reach_of_a_bert_layer_is_what_a_changed_word_does_to_its_heads(engine):
    """A finite difference of the layer's own formula: z(x + eps) - z(x) over eps."""
    trace = engine.trace(lesson.TraceRequest(TEXT, None, EMBEDDED, frozenset({"qkv"}), (0,)))
    inside, last = trace.layer(0), len(trace.encoded) - 2
    q, k, v = (np.asarray(p)[0, 0].astype(float) for p in (inside.q, inside.k, inside.v))
    stem = "bert.encoder.layer.0.attention.self"
    wq, wk, wv = (
        engine.parameter(EMBEDDED, f"{stem}.{p}.weight")[: q.shape[1]].astype(float)
        for p in ("query", "key", "value")
    )
    ours = gradient.attention_jacobians(q[last], k, v, last, small.Attention(wq, wk, wv))

    def z(j, step):
        moved = [m.copy() for m in (q, k, v)]
        for part, weight in zip(moved, (wq, wk, wv), strict=True):
            part[j] += weight @ step
        scores = moved[1] @ moved[0][last] / np.sqrt(q.shape[1])
        p = np.exp(scores - scores.max())
        return p / p.sum() @ moved[2]

    step = np.zeros(wq.shape[1])
    step[5] = 1e-6
    for j in (1, last):
        slope = (z(j, step) - z(j, -step)) / 2e-6
        assert np.abs(slope - ours[j][:, 5]).max() < 1e-6


# The cells


def test_the_small_nets_in_numpy_are_torchs(untrained):
    for opened in (lesson.opened_rnn(untrained), lesson.opened_lstm(untrained)):
        assert opened.proof.holds
        assert all(band.shape == (N + 1, small.WIDTH) for band in opened.bands.values())
        assert len(opened.units) == lesson.HANDFUL


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("layer", [1, 2])
def test_elmos_gates_are_those_behind_its_states(stand_in, direction, layer):
    opened = lesson.run(None, Request(TEXT, direction, layer))
    assert opened.proof.holds and opened.proof.checks[0].name == "h"
    words = opened.words
    given = stand_in.cells(words, direction, layer)
    assert np.abs(opened.bands["c"] - given.cell).max() < 1e-6
    assert opened.reach[-1 if direction == "forward" else 0] == pytest.approx(1.0)
    # before the first word that is read stands the state after the start mark, which is not 0
    order = range(len(words)) if direction == "forward" else range(len(words) - 1, -1, -1)
    steps = list(order)
    for earlier, later in pairwise(steps):
        assert np.abs(opened.before[later] - given.cell[earlier]).max() < 1e-5
    assert np.abs(opened.before[steps[0]]).max() > 1e-4


def test_one_unit_at_one_word_adds_up(untrained):
    opened = lesson.opened_lstm(untrained)
    story = follow(opened, 3, opened.units[0])
    v = story.values
    assert story.word == opened.words[3] == "in"
    assert v["f"] * story.before + v["i"] * v["g"] == pytest.approx(v["c"], abs=1e-6)
    assert v["o"] * np.tanh(v["c"]) == pytest.approx(v["h"], abs=1e-6)
    rnn = follow(lesson.opened_rnn(untrained), 3, 0).values
    assert np.tanh(rnn["Wx"] + rnn["Uh"]) == pytest.approx(rnn["h"], abs=1e-6)


def test_the_handful_is_of_the_units_that_vary_most():
    states = np.zeros((4, 20))
    states[:, [3, 11]] = np.arange(4)[:, None]
    assert {3, 11} <= set(handful(states))
    assert len(handful(states)) == lesson.HANDFUL
    assert handful(np.zeros((4, 2))) == (0, 1)


def test_the_json_has_every_band_of_the_chosen_units(untrained):
    found = to_json(lesson.opened_lstm(untrained))
    assert len(found["words"]) == N + 1
    assert np.shape(found["f"]) == (N + 1, lesson.HANDFUL)


# Training


def test_over_a_short_way_the_lstm_learns_and_over_a_long_one_only_attention_does():
    near, far = (small.run(None, small.Request(TEXT, length, 150)) for length in (5, 24))
    assert near.learned[1].right > 0.9 and near.learned[2].right > 0.9
    assert far.learned[2].right > 0.9
    assert far.learned[0].right < 2 * far.chance and far.learned[1].right < 2 * far.chance


def test_training_reports_its_way_and_all_networks_make_the_same_steps():
    told: list[float] = []
    found = small.run(None, small.Request(TEXT, 4, 30), told.append)
    assert [one.steps for one in found.learned] == [30, 30, 30]
    assert told == sorted(told) and told[0] >= 0 and told[-1] <= 1
    assert found.trained and not small.run(None, small.Request(TEXT)).trained


def test_the_same_request_trains_the_same_networks():
    first, again = (small.run(None, small.Request(TEXT, 4, 10)) for _ in range(2))
    assert first.learned == again.learned
    assert np.array_equal(first.lstm.weight_hh, again.lstm.weight_hh)


def test_a_slow_machine_stops_early_and_together(monkeypatch):
    monkeypatch.setattr(small, "SECONDS", 0.0)
    found = small.run(None, small.Request(TEXT, 4, 200))
    assert {one.steps for one in found.learned} == {1}


@pytest.mark.parametrize("text", ["", "  ", "word", "word word word", "。。"])
def test_a_text_without_two_different_words_is_refused(text):
    with pytest.raises(TooFewWords):
        small.run(None, small.Request(text))


def test_a_long_text_is_read_up_to_a_limit_and_says_so():
    found = small.run(None, small.Request("one two three " * 100))
    assert len(found.words) == small.MOST_WORDS
    assert found.dropped == 300 - small.MOST_WORDS


def test_a_server_that_trains_already_says_that_it_is_busy(monkeypatch):
    monkeypatch.setattr(small, "WAIT", 0.01)
    with small._ONE_AT_A_TIME, pytest.raises(Busy):
        small.run(None, small.Request(TEXT))
    small.run(None, small.Request(TEXT))


def test_elmo_that_is_not_here_is_an_error_with_a_name(monkeypatch, tmp_path):
    monkeypatch.setattr(elmo, "FOLDER", tmp_path)
    with pytest.raises(ModelUnavailable):
        lesson.run(None, Request(TEXT))


# The race


def test_the_race_has_a_median_for_each_length(engine, monkeypatch):
    monkeypatch.setattr(race, "LENGTHS", (8, 16))
    told: list[float] = []
    found = race.run(engine, race.Request(TEXT), told.append)
    assert found.lengths == (8, 16) and told == [0.5, 1.0]
    assert len(found.lstm) == len(found.attention) == 2
    assert min(found.lstm + found.attention) > 0 and min(found.rounds) >= 1
    assert found.width == engine.info(EMBEDDED).hidden
    assert found.ratios[0] == pytest.approx(found.lstm[0] / found.attention[0])


def test_a_race_out_of_time_still_measures_every_length_once(engine, monkeypatch):
    monkeypatch.setattr(race, "LENGTHS", (8, 16, 32))
    monkeypatch.setattr(race, "SECONDS", 0.0)
    assert race.run(engine, race.Request(TEXT)).rounds == (1, 1, 1)


def test_a_race_without_words_or_on_no_device_is_refused(engine):
    with pytest.raises(EmptyText):
        race.run(engine, race.Request(" "))
    with pytest.raises(DeviceUnavailable):
        race.run(engine, race.Request(TEXT, "abacus"))


@pytest.mark.parametrize("n", [1, 2, 17, 512])
def test_n_steps_wait_in_a_recurrent_layer_and_one_in_attention(n):
    """Table 1 of Vaswani et al. 2017: n d^2, n, n against n^2 d, 1, 1."""
    recurrent, attention = race.counted(n, 384)
    assert (recurrent.products, recurrent.waits, recurrent.path) == (n * 384**2, n, n)
    assert (attention.products, attention.waits, attention.path) == (n * n * 384, 1, 1)


# Texts and figures


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_presets_questions_and_the_same_sections(language):
    assert sum(language in p.languages for p in presets("recurrent")) >= 6
    assert len(quiz("recurrent")) >= 3
    assert list(sections("recurrent", language)) == list(sections("recurrent", "en"))


def test_every_preset_can_be_read():
    for preset in presets("recurrent"):
        words, dropped = small.words_of(preset.text)
        assert len(words) >= 6 and dropped == 0


def test_figures_show_the_numbers_they_are_given(untrained):
    found = figures.reach([("rnn", "x", np.array([0.0, 0.5, 1.0]))], "axis", LIGHT)
    assert list(found.data[0].y)[:2] == [1.0, 0.5] and np.isnan(found.data[0].y[2])
    timed = race.Race("cpu", 4, 1, (8, 16), (1.0, 2.0), (0.5, 4.0), (7, 7))
    lines = figures.race(timed, ("a", "b"), ("x", "y"), LIGHT).data
    assert [list(line.y) for line in lines] == [[1.0, 2.0], [0.5, 4.0]]
    words = ["<b>", *"cdefgh"]
    assert figures.ways(words, LIGHT).layout.xaxis.ticktext[0] == "&lt;b&gt;"
    learned = small.Learned((3.0, 1.0), 0.5)
    net = small.Small(**{**vars(untrained), "learned": (learned,) * 3})
    curves = figures.learning(net, dict.fromkeys(small.NETS, "n"), ("x", "c"), LIGHT)
    assert list(curves.data[0].y) == [2.0]  # the mean of the two steps
