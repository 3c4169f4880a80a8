"""BERT fine-tuned end to end on the days themselves: from the tweets to up or down.

    python -m core.training.stocks.end_to_end --data ../shared/data/stocknet

    P(up) = sigmoid(w . mean_i C_i + b)

with C_i the vector of [CLS] of tweet i of the day. StockNet's split: learned before 2015-08-01,
the epoch chosen on the days up to 2015-10-01, judged once on the days up to 2016-01-01. LoRA,
biases and LayerNorms learn, from where the tweet head's adapter left them. Run the same command
again to go on after a stop. Writes assets/stocks/end_to_end.json and the card again.

Source: Devlin et al. 2019, section 4.1; Hu et al. 2021, section 4; Xu and Cohen 2018 for the split.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from core.models import files
from core.models.registry import EMBEDDED
from core.stocks import splits
from core.stocks.align import align
from core.stocks.features import Features, features
from core.stocks.statistics import counts_by_day, measures
from core.stocks.stocknet import StockNet
from core.stocks.table import CARD, END_TO_END, FOLDER, TABLE, read
from core.tasks import adapter as adapters
from core.tasks.registry import find
from core.training.pretrain import autocast_dtype
from core.training.stocks.card import card
from core.training.stocks.search import scored_once
from core.training.tasks.model import Tuned, load_encoder
from core.training.tasks.schedule import CLIP, adamw, rate_share
from core.wordpiece.encoder import encode

START = "tweets"
MOST, LENGTH = 6, 48  # a day's latest different tweets, and their first pieces
EPOCHS, BATCH, RATE, RANK, ALPHA, DROPOUT, SEED = 1, 16, 3e-4, 16, 32, 0.1, 1


@dataclass(frozen=True)
class Days:
    """found : the rows with tweets; tweets : of each row the pieces of its tweets, int64 arrays"""

    found: Features
    tweets: tuple[tuple[np.ndarray, ...], ...]


def days_of(data: Path, table: Path, tokenizer: Path) -> Days:
    """StockNet's rows with their tweets as word pieces."""
    source = StockNet(data)
    days = read(table)
    prices = source.prices(source.tickers())
    tweets = source.tweets(source.tickers())
    listed: dict[tuple[str, Any], list[str]] = {}
    for place, text in zip(align(tweets, prices).tolist(), tweets.text, strict=True):
        if place < len(prices) and text.strip():
            key = (prices.ticker[place], prices.date[place].astype(int))
            listed.setdefault(key, []).append(text)
    found = features(days, 1, ("sentiment",), "stocknet")
    keys = [(str(days.ticker[r]), days.date[r].astype(int)) for r in found.rows]
    pieces: dict[str, np.ndarray] = {}

    def read_text(text: str) -> np.ndarray:
        if text not in pieces:
            pieces[text] = np.array(encode(tokenizer, text, None, LENGTH).ids)
        return pieces[text]

    return Days(found, tuple(
        tuple(read_text(text) for text in list(dict.fromkeys(listed.get(key, [])))[-MOST:])
        for key in tqdm(keys, desc="word pieces", unit=" days", mininterval=5)
    ))


class DayReader(nn.Module):
    """The formula above, over the embedded encoder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.tuned = Tuned(load_encoder(folder, DROPOUT), find(START), rank=RANK, alpha=ALPHA)
        self.tuned.start_from(adapters.read(find(START).folder))
        self.tuned.head.requires_grad_(False)
        self.out = nn.Linear(self.tuned.head.in_features, 1)
        nn.init.zeros_(self.out.bias)
        nn.init.normal_(self.out.weight, std=0.02)

    def forward(self, days: Sequence[Sequence[np.ndarray]]) -> Tensor:
        """Logits (B,) of B days, each with at least one tweet."""
        device = self.out.weight.device
        flat = [ids for day in days for ids in day]  # t tweets
        n = max(map(len, flat))
        ids = torch.zeros((len(flat), n), dtype=torch.long)
        for row, own in enumerate(flat):
            ids[row, : len(own)] = torch.from_numpy(own)
        ids = ids.to(device)
        dtype = autocast_dtype(device)
        with torch.autocast(device.type, dtype, enabled=dtype is not None):
            states = self.tuned.states(ids, torch.zeros_like(ids), ids != 0)  # (t, n, H)
        own = states[:, 0].float()  # (t, H)
        counts = torch.tensor([len(day) for day in days], device=device)
        which = torch.repeat_interleave(torch.arange(len(days), device=device), counts)
        mean = torch.zeros((len(days), own.shape[1]), device=device).index_add(0, which, own)
        logits: Tensor = self.out(mean / counts[:, None])[:, 0]
        return logits

    def free(self) -> dict[str, nn.Parameter]:
        return {name: w for name, w in self.named_parameters() if w.requires_grad}


class EndToEnd:
    """One run in one folder, resumed from its checkpoint."""

    def __init__(self, days: Days, folder: Path, work: Path, device: str = "cpu") -> None:
        torch.manual_seed(SEED)
        self.days, self.checkpoint = days, work / "checkpoint.pt"
        self.model = DayReader(folder).to(device)
        self.optimizer = adamw(self.model.free().values())
        self.step, self.epochs = 0, []
        if self.checkpoint.exists():
            stored = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(stored["free"], strict=False)
            self.optimizer.load_state_dict(stored["optimizer"])
            self.step, self.epochs = stored["step"], stored["epochs"]

    def save(self) -> None:
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        torch.save({
            "free": self.model.free(), "optimizer": self.optimizer.state_dict(),
            "step": self.step, "epochs": self.epochs,
        }, partial)
        partial.replace(self.checkpoint)

    def train(self, train: np.ndarray, valid: np.ndarray, test: np.ndarray, *,
              save_every: int = 100) -> None:
        """`EPOCHS` passes over `train`; after each, what is said of `valid` and `test` is kept."""
        an_epoch = -(-len(train) // BATCH)
        total = EPOCHS * an_epoch
        y = torch.tensor(self.days.found.y, dtype=torch.float32)
        bar = tqdm(total=total, initial=self.step, unit=" steps", mininterval=5)
        while self.step < total:
            epoch, place = divmod(self.step, an_epoch)
            order = np.random.default_rng((SEED, epoch)).permutation(train)
            rows = order[place * BATCH : (place + 1) * BATCH]
            self._learn(rows, y[rows], self.step / total)
            self.step += 1
            bar.update()
            if self.step % an_epoch == 0:
                self.epochs.append({
                    "valid": self.logits(valid).tolist(), "test": self.logits(test).tolist(),
                })
            if self.step % save_every == 0 or self.step % an_epoch == 0:
                self.save()

    def _learn(self, rows: np.ndarray, y: Tensor, done: float) -> None:
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = RATE * rate_share(done)
        torch.manual_seed(SEED * 1_000_003 + self.step)  # dropout's draw
        logits = self.model([self.days.tweets[row] for row in rows])
        loss = F.binary_cross_entropy_with_logits(logits, y.to(logits.device))
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.free().values(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    @torch.inference_mode()
    def logits(self, rows: np.ndarray) -> np.ndarray:
        """float32 (rows,)."""
        self.model.eval()
        return np.concatenate([
            self.model([self.days.tweets[row] for row in rows[start : start + 4 * BATCH]])
            .cpu().numpy() for start in range(0, len(rows), 4 * BATCH)
        ])


def result(days: Days, cut: splits.Cut, epochs: list[dict[str, Any]]) -> dict[str, Any]:
    """The epoch with the highest MCC on the validation part, and its one look at the test part."""
    found, ((_, valid),) = days.found, cut.inner
    mcc = [
        float(measures(counts_by_day(
            found.y[valid], (np.array(one["valid"]) > 0).astype(np.int8), found.day[valid]
        ).sum(axis=0))[2])
        for one in epochs
    ]
    best = int(np.argmax(mcc))
    said = (np.array(epochs[best]["test"]) > 0).astype(np.int8)
    return {
        "validation_mcc": mcc, "epoch": best + 1, "epochs": EPOCHS, "rate": RATE, "rank": RANK,
        "tweets_a_day": MOST, "pieces": LENGTH, "train_n": len(cut.train),
        "validation_n": len(valid), "seed": SEED,
        "test": scored_once(found, cut.test, said, cut.train) | {"up_said": float(said.mean())},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="StockNet's folder")
    parser.add_argument("--work", type=Path, default=Path("build/stocks/end_to_end"))
    parser.add_argument("--target", type=Path, default=FOLDER)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    args = parser.parse_args()
    folder = files.folder_of(EMBEDDED)
    days = days_of(args.data, args.target / TABLE, folder)
    (cut,) = splits.stocknet(days.found)
    ((train, valid),) = cut.inner
    run = EndToEnd(days, folder, args.work, args.device)
    run.train(train, valid, cut.test)
    made = result(days, cut, run.epochs)
    (args.target / END_TO_END).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    (args.target / CARD).write_text(card(args.target), encoding="utf-8")
    print(json.dumps(made))


if __name__ == "__main__":
    main()
