"""The two readers of frozen vectors: softmax(W x + b), and a small BiLSTM before it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from tqdm import tqdm

from core.training.layer_probe.choices import Choice, Scale
from core.training.layer_probe.states import Words


@dataclass(frozen=True)
class Fit:
    """How a reader is fitted: Adam, the rate falling linearly to 0. units : of the BiLSTM, 0 none

    batch : sentences a step; least : steps, where few sentences would make fewer; drop : of the
    BiLSTM's input
    """

    epochs: int = 8
    rate: float = 2e-3
    batch: int = 32
    least: int = 400
    units: int = 0
    drop: float = 0.0


LINEAR = Fit()
BILSTM = Fit(epochs=5, rate=3e-3, units=64, drop=0.2)


class Reader(nn.Module):
    """From K vectors of a word to a logit a tag. shares : of the tags, where the linear one begins
    """

    def __init__(self, choice: Choice, hidden: int, shares: np.ndarray, fit: Fit) -> None:
        super().__init__()
        many = 1 if choice.how in ("sum", "weighted") else len(choice.layers)
        weighted = choice.how == "weighted"
        self.weights = nn.Parameter(torch.zeros(len(choice.layers))) if weighted else None
        size = many * hidden
        self.drop = nn.Dropout(fit.drop)
        self.lstm = nn.LSTM(size, fit.units, batch_first=True, bidirectional=True) \
            if fit.units else None
        self.head = nn.Linear(2 * fit.units or size, len(shares))
        nn.init.zeros_(self.head.bias)
        if not fit.units:
            nn.init.zeros_(self.head.weight)
            self.head.bias.data = torch.from_numpy(np.log(shares)).float()

    def forward(self, x: Tensor, lengths: list[int]) -> Tensor:
        """(n, K, H), the words of some sentences in a row -> (n, tags)."""
        if self.weights is not None:
            x = torch.einsum("k,nkh->nh", self.weights.softmax(0), x)
        x = self.drop(x.flatten(1))  # (n, K H)
        if self.lstm is not None:
            padded = pad_sequence(list(x.split(lengths)), batch_first=True)
            packed = pack_padded_sequence(padded, torch.tensor(lengths), True, False)
            out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
            x = torch.cat([row[:n] for row, n in zip(out, lengths, strict=True)])  # (n, 2 units)
        logits: Tensor = self.head(x)
        return logits


@dataclass(frozen=True)
class Fitted:
    """A reader with the scale of its input."""

    choice: Choice
    scale: Scale
    reader: Reader

    @torch.inference_mode()
    def said(self, words: Words) -> np.ndarray:
        """int64[m], the tag of every word; -1 for one without a piece."""
        self.reader.eval()
        found = np.full(len(words.tags), -1)
        starts = words.starts
        for first in range(0, len(words.ends), 256):
            some = slice(first, first + 256)
            which = np.arange(starts[some][0], words.ends[some][-1])
            lengths = (words.ends[some] - starts[some]).tolist()
            x = torch.from_numpy(self.scale.applied(self.choice.rows(words, which)))
            found[which] = self.reader(x, lengths).argmax(1).numpy()
        return np.where(words.seen, found, -1)

    def plain(self) -> tuple[np.ndarray, np.ndarray]:
        """A linear reader's W, b for vectors as they are: the scale folded in.

        W (x - mean) / spread + b = (W / spread) x + (b - (W / spread) mean)
        """
        assert self.reader.lstm is None and self.reader.weights is None
        spread, mean = self.scale.spread.ravel(), self.scale.mean.ravel()
        weight = self.reader.head.weight.detach().numpy() / spread  # (K, H)
        return weight, self.reader.head.bias.detach().numpy() - weight @ mean

    def mixed(self) -> list[float] | None:
        """The learned weight of each layer, where there are any."""
        if self.reader.weights is None:
            return None
        return [round(w, 4) for w in self.reader.weights.detach().softmax(0).tolist()]


def fitted(
    choice: Choice, words: Words, tags: int, fit: Fit, seed: int, *, label: str = "",
    target: np.ndarray | None = None,
) -> Fitted:
    """A reader trained on all words of a set. target : other tags than the set's, int64[m]"""
    torch.manual_seed(seed)
    scale = Scale.of(choice, words)
    meant = words.tags if target is None else target
    shares = (np.bincount(meant, minlength=tags) + 1) / (len(meant) + tags)
    reader = Reader(choice, words.states.shape[2], shares, fit).train()
    optimizer = torch.optim.Adam(reader.parameters(), lr=fit.rate)
    wanted = np.where(words.seen, meant, -100)
    starts, count = words.starts, len(words.ends)
    rng = np.random.default_rng(seed)
    an_epoch = -(-count // fit.batch)
    epochs = max(fit.epochs, -(-fit.least // an_epoch))
    steps = epochs * an_epoch
    bar = tqdm(total=steps, desc=label, unit=" steps", mininterval=5, leave=False)
    for _ in range(epochs):
        order = rng.permutation(count)
        for at in range(0, count, fit.batch):
            some = order[at : at + fit.batch]
            which = np.concatenate([np.arange(starts[s], words.ends[s]) for s in some])
            x = torch.from_numpy(scale.applied(choice.rows(words, which)))
            logits = reader(x, (words.ends[some] - starts[some]).tolist())
            loss = F.cross_entropy(logits, torch.from_numpy(wanted[which]))
            for group in optimizer.param_groups:
                group["lr"] = fit.rate * (1 - bar.n / steps)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            bar.update()
    bar.close()
    return Fitted(choice, scale, reader)
