"""Attention over a day's tweets, learned: which of them to listen to.

    a_i = softmax_i(u . tanh(A t_i)),  z = sum_i a_i t_i,  P(up) = sigmoid(w . [z, x] + b)

with t_i the mean vector and the three probabilities of tweet i, x the price features of the day.

Source: Bahdanau et al. 2015, section 3.1; Hu et al. 2018 (HAN) for news of one day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.stocks import splits
from core.stocks.align import align
from core.stocks.features import Features, features
from core.stocks.readings import Readings
from core.stocks.source import Prices, Tweets
from core.stocks.table import DayTable

MOST = 24  # tweets of a day that are listened to, the latest
INNER, EPOCHS, BATCH, RATE, DROPOUT, DECAY = 32, 12, 128, 1e-3, 0.4, 1e-2


@dataclass(frozen=True)
class Bags:
    """found : the rows with their price features; texts : int64 (m, MOST), readings, -1 for none
    tweet : float32 (u, H + 3), vector and probabilities of each reading
    """

    found: Features
    texts: np.ndarray
    tweet: np.ndarray

    @classmethod
    def of(
        cls, table: DayTable, prices: Prices, tweets: Tweets, readings: Readings,
        whose: np.ndarray,
    ) -> Self:
        """table : a row for each row of the prices"""
        found = features(table, 1, ("prices",), "stocknet")
        row = align(tweets, prices)
        listed: dict[int, list[int]] = {}
        for place, text in zip(row.tolist(), whose.tolist(), strict=True):
            listed.setdefault(place, []).append(text)
        texts = np.full((len(found), MOST), -1)
        for i, place in enumerate(found.rows.tolist()):
            latest = listed.get(place, [])[-MOST:]
            texts[i, : len(latest)] = latest
        return cls(found, texts, np.concatenate([readings.vectors, readings.probabilities], axis=1))


class Attention(nn.Module):
    """The formula above. width : of a tweet; prices : features of the day"""

    def __init__(self, width: int, prices: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.key, self.query = nn.Linear(width, INNER), nn.Linear(INNER, 1, bias=False)
        self.value = nn.Linear(width, INNER)
        self.out = nn.Linear(INNER + prices, 1)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, tweets: Tensor, there: Tensor, prices: Tensor) -> Tensor:
        """tweets (B, n, width), there bool (B, n), prices (B, p) -> logits (B,)"""
        t = self.drop(self.norm(tweets))
        score = self.query(torch.tanh(self.key(t)))[..., 0]  # (B, n)
        weight = torch.softmax(score.masked_fill(~there, -1e9), dim=1)  # (B, n)
        z = (weight[..., None] * self.value(t)).sum(dim=1)  # (B, inner)
        return self.out(torch.cat([self.drop(torch.tanh(z)), prices], dim=1))[:, 0]


def attend(
    bags: Bags, *, seeds: int, judged: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    """The mean of some seeds' probabilities; of each the epoch that validates best is kept."""
    found = bags.found
    (cut,) = splits.stocknet(found)
    ((train, valid),) = cut.inner
    center, spread = found.x[train].mean(axis=0), found.x[train].std(axis=0)
    prices = torch.tensor(np.clip((found.x - center) / spread, -5, 5), dtype=torch.float32)
    y = torch.tensor(found.y, dtype=torch.float32)
    tweet = torch.tensor(bags.tweet)
    texts = torch.tensor(bags.texts)

    def logits(model: Attention, rows: np.ndarray) -> Tensor:
        own = texts[rows]
        return model(tweet[own.clamp(min=0)], own >= 0, prices[rows])

    total, validated = torch.zeros(len(cut.test)), []
    for seed in range(seeds):
        torch.manual_seed(seed)
        model = Attention(tweet.shape[1], prices.shape[1])
        optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
        best, kept = -1.0, torch.zeros(len(cut.test))
        for epoch in range(EPOCHS):
            order = np.random.default_rng((seed, epoch)).permutation(train)
            model.train()
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                loss = F.binary_cross_entropy_with_logits(logits(model, rows), y[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.inference_mode():
                right = ((logits(model, valid) > 0) == (y[valid] > 0)).float().mean().item()
                if right > best:
                    best, kept = right, torch.sigmoid(logits(model, cut.test))
        validated.append(best)
        total += kept
    said = (total.numpy() / seeds > 0.5).astype(np.int8)
    return {
        "seeds": seeds, "epochs": EPOCHS, "validation_accuracy": validated,
        "test": judged(found, cut.test, said, cut.train),
    }
