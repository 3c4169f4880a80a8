"""Three small networks of equal width, trained in sight to hold on to one word.

The task: read some words drawn at random from the learner's own, and at the last one name the
first. It cannot be done without carrying the first word all the way; nothing else is asked.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import Busy, TooFewWords
from core.vectors.cells import Weights
from core.vectors.words import split

WIDTH = 32
MOST_WORDS = 64
SHORTEST, LONGEST = 3, 24
MOST_STEPS = 200
BATCH = 32
SECONDS = 2.0  # of one processor for the three together; then all stop at the same step
PATIENCE = 8.0  # seconds by the clock, for a server that has other things to do
CHUNK = 10  # steps between two reports of progress
RATE = 0.01
CLIP = 1.0
TESTED = 256  # fresh rows that nobody was trained on in the order they come
SEED = 7
NETS = ("rnn", "lstm", "attention")
Progress = Callable[[float], Any]
_ONE_AT_A_TIME = threading.Lock()
WAIT = 30.0


@dataclass(frozen=True)
class Request:
    """length : words to read; steps : updates, 0 leaves the networks as the seed made them."""

    text: str
    length: int = 12
    steps: int = 0


@dataclass(frozen=True)
class Attention:
    """One head of self-attention: query, key, value float32[D, E], no biases."""

    query: np.ndarray
    key: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class Learned:
    """How one network fared: the loss before each step, and the share right on fresh rows."""

    losses: tuple[float, ...]
    right: float

    @property
    def steps(self) -> int:
        return len(self.losses)


@dataclass(frozen=True)
class Small:
    """The networks after their last step. E = D = `WIDTH`.

    words : the learner's n words, which the opened cells read; dropped : those beyond them
    x : float32[n, E] vectors of these words that enter the RNN, the LSTM and attention, in this
        order; attention's with their positions added
    states : what torch makes of them, float32[n, D] each
    learned : in the same order; chance : how often the most frequent word would be right
    """

    words: tuple[str, ...]
    dropped: int
    x: tuple[np.ndarray, np.ndarray, np.ndarray]
    rnn: Weights
    lstm: Weights
    attention: Attention
    states: tuple[np.ndarray, np.ndarray, np.ndarray]
    learned: tuple[Learned, Learned, Learned]
    chance: float

    @property
    def trained(self) -> bool:
        return any(one.steps for one in self.learned)


def words_of(text: str, least: int = 2) -> tuple[tuple[str, ...], int]:
    """The words that are read, and how many more there are. Raises `TooFewWords`."""
    words = split(text)
    different = len(set(words[:MOST_WORDS]))
    if different < least:
        raise TooFewWords(different, least)
    return tuple(words[:MOST_WORDS]), max(0, len(words) - MOST_WORDS)


def run(engine: object, request: Request, progress: Progress = lambda _: None) -> Small:
    """Train the three networks. Raises `TooFewWords`, `Busy`.

    progress : is told the share of all steps that is done
    """
    words, dropped = words_of(request.text)
    length = max(SHORTEST, min(request.length, LONGEST))
    steps = max(0, min(request.steps, MOST_STEPS))
    if not _ONE_AT_A_TIME.acquire(timeout=WAIT):
        raise Busy
    try:
        return _trained(words, dropped, length, steps, progress)
    finally:
        _ONE_AT_A_TIME.release()


def positions(n: int) -> np.ndarray:
    """Sines and cosines that tell places apart, float32[n, WIDTH] (Vaswani et al. 2017, 3.5)."""
    place, pair = np.arange(n)[:, None], np.arange(WIDTH // 2)[None]
    angle = place / 10_000 ** (2 * pair / WIDTH)
    return np.stack([np.sin(angle), np.cos(angle)], -1).reshape(n, WIDTH).astype(np.float32)


def _trained(
    words: tuple[str, ...], dropped: int, length: int, steps: int, progress: Progress
) -> Small:
    import torch

    known = sorted(set(words))
    ids = np.array([known.index(w) for w in words])
    nets = {name: _net(name, len(known)) for name in NETS}
    losses = _fit(nets, ids, length, steps, progress)
    learned = [Learned(tuple(losses[n]), _tested(nets[n], n, ids, length)) for n in NETS]
    with torch.no_grad():
        seen = [_states(nets[name], name, torch.from_numpy(ids)[None]) for name in NETS]
    xs, states = ([both[at][0].numpy() for both in seen] for at in (0, 1))
    rnn, lstm, attention = (_arrays(nets[name]["cell"]) for name in NETS)
    parts = Attention(*(attention[f"{p}.weight"] for p in ("query", "key", "value")))
    chance = float(np.bincount(ids).max() / len(ids))
    return Small(words, dropped, (xs[0], xs[1], xs[2]), Weights.of(rnn), Weights.of(lstm), parts,
                 (states[0], states[1], states[2]), (learned[0], learned[1], learned[2]), chance)


def _net(name: str, vocabulary: int) -> Any:
    """Word vectors, one cell, a softmax; all weights drawn from the seed."""
    from torch import nn

    def three() -> Any:
        return nn.ModuleDict({p: nn.Linear(WIDTH, WIDTH, bias=False)
                              for p in ("query", "key", "value")})

    cells: dict[str, Callable[[], Any]] = {
        "rnn": lambda: nn.RNN(WIDTH, WIDTH, batch_first=True),
        "lstm": lambda: nn.LSTM(WIDTH, WIDTH, batch_first=True),
        "attention": three,
    }
    net = nn.ModuleDict({"words": nn.Embedding(vocabulary, WIDTH), "cell": cells[name](),
                         "out": nn.Linear(WIDTH, vocabulary)})
    _seeded(net)
    return net


def _seeded(net: Any) -> None:
    """Torch's usual ranges from our own generator; the forget gates start open, as is usual."""
    import torch

    rng = np.random.default_rng(SEED)
    reach = WIDTH**-0.5
    with torch.no_grad():
        for name, weight in net.named_parameters():
            drawn = (
                rng.standard_normal(weight.shape) if name.startswith("words")
                else rng.uniform(-reach, reach, weight.shape)
            )
            weight.copy_(torch.from_numpy(drawn))
            if name == "cell.bias_ih_l0" and len(weight) == 4 * WIDTH:
                weight[WIDTH : 2 * WIDTH] += 1.0


def _states(net: Any, name: str, ids: Any) -> tuple[Any, Any]:
    """Vectors of the words and states [B, n, D]. ids : [B, n]."""
    import torch
    from torch.nn import functional as F

    x = net["words"](ids)  # (B, n, E)
    if name != "attention":
        return x, net["cell"](x)[0]
    x = x + torch.from_numpy(positions(ids.shape[1]))
    query, key, value = (net["cell"][p](x) for p in ("query", "key", "value"))
    return x, F.scaled_dot_product_attention(query, key, value)


def _asked(net: Any, name: str, rows: np.ndarray) -> tuple[Any, Any]:
    """Logits [B, V] at the last place, and the first words [B]. rows : int[B, n]."""
    import torch

    drawn = torch.from_numpy(rows)
    return net["out"](_states(net, name, drawn)[1][:, -1]), drawn[:, 0]


def _fit(
    nets: dict[str, Any], ids: np.ndarray, length: int, steps: int, progress: Progress
) -> dict[str, list[float]]:
    """Adam on -ln p(first word); at each step all networks learn from the same rows."""
    import torch
    from torch.nn import functional as F

    rng = np.random.default_rng(SEED)
    optimizers = {n: torch.optim.Adam(net.parameters(), lr=RATE) for n, net in nets.items()}
    losses: dict[str, list[float]] = {name: [] for name in nets}
    busy, late = time.thread_time() + SECONDS, time.monotonic() + PATIENCE
    with torch.enable_grad():
        for step in range(steps):
            rows = rng.choice(ids, (BATCH, length))
            for name, net in nets.items():
                loss = F.cross_entropy(*_asked(net, name, rows))
                losses[name].append(loss.item())
                optimizers[name].zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
                optimizers[name].step()
            if step % CHUNK == 0:
                progress(step / steps)
                if time.thread_time() > busy or time.monotonic() > late:
                    break
    return losses


def _tested(net: Any, name: str, ids: np.ndarray, length: int) -> float:
    """Share of fresh rows whose first word is named."""
    import torch

    rows = np.random.default_rng(SEED + 1).choice(ids, (TESTED, length))
    with torch.no_grad():
        logits, first = _asked(net, name, rows)
        return float((logits.argmax(1) == first).float().mean())


def _arrays(module: Any) -> dict[str, np.ndarray]:
    return {name: w.detach().numpy().copy() for name, w in module.state_dict().items()}
