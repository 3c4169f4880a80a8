"""The cells in NumPy say what torch's own cells say, gate by gate."""

import numpy as np
import pytest

from core.vectors.cells import Weights, lstm, lstm_cell, rnn, rnn_cell, sigmoid

torch = pytest.importorskip("torch")
E, D, N = 7, 5, 40
TOLERANCE = 1e-6


def arrays(module):
    return {name: value.detach().numpy() for name, value in module.state_dict().items()}


@pytest.fixture
def words():
    torch.manual_seed(1)
    return torch.randn(N, E)


def test_an_rnn_cell_equals_torchs(words):
    cell = torch.nn.RNNCell(E, D)
    w = Weights.of(arrays(cell), None)
    h = torch.randn(D)
    theirs = cell(words[0], h).detach().numpy()
    assert np.abs(rnn_cell(words[0].numpy(), h.numpy(), w) - theirs).max() < TOLERANCE


def test_an_lstm_cell_equals_torchs(words):
    cell = torch.nn.LSTMCell(E, D)
    w = Weights.of(arrays(cell), None)
    h, c = torch.randn(D), torch.randn(D)
    their_h, their_c = (t.detach().numpy() for t in cell(words[0], (h, c)))
    *_, our_c, our_h = lstm_cell(words[0].numpy(), h.numpy(), c.numpy(), w)
    assert np.abs(our_h - their_h).max() < TOLERANCE
    assert np.abs(our_c - their_c).max() < TOLERANCE


@pytest.mark.parametrize("kind, ours", [(torch.nn.RNN, rnn), (torch.nn.LSTM, lstm)])
def test_a_whole_sentence_equals_torchs(words, kind, ours):
    net = kind(E, D)
    theirs = net(words)[0].detach().numpy()
    assert np.abs(ours(words.numpy(), Weights.of(arrays(net))).h - theirs).max() < TOLERANCE


def test_an_lstm_whose_output_is_projected_equals_torchs(words):
    net = torch.nn.LSTM(E, D, proj_size=3)
    out, (_, last_c) = net(words)
    steps = lstm(words.numpy(), Weights.of(arrays(net)))
    assert steps.h.shape == (N, 3) and steps.c.shape == (N, D)
    assert np.abs(steps.h - out.detach().numpy()).max() < TOLERANCE
    assert np.abs(steps.c[-1] - last_c[0].detach().numpy()).max() < TOLERANCE


def test_the_second_layer_of_a_stack_is_read_by_its_number(words):
    net = torch.nn.LSTM(E, E, num_layers=2)
    first = lstm(words.numpy(), Weights.of(arrays(net), 0)).h
    second = lstm(first, Weights.of(arrays(net), 1)).h
    assert np.abs(second - net(words)[0].detach().numpy()).max() < TOLERANCE


def test_gates_lie_where_they_must_and_the_cell_state_is_their_sum(words):
    w = Weights.of(arrays(torch.nn.LSTM(E, D)))
    steps = lstm(words.numpy(), w)
    for gate in (steps.i, steps.f, steps.o):
        assert ((gate > 0) & (gate < 1)).all()
    assert (np.abs(steps.g) < 1).all()
    before = np.vstack([np.zeros(D), steps.c[:-1]])
    assert np.abs(steps.f * before + steps.i * steps.g - steps.c).max() < TOLERANCE


def test_the_sigmoid_is_right_and_never_overflows():
    with np.errstate(all="raise"):
        found = sigmoid(np.array([-1000.0, 0.0, np.log(3.0), 1000.0]))
    assert found == pytest.approx([0.0, 0.5, 0.75, 1.0])  # 1 / (1 + 1/3) = 3/4
