"""One fine-tuning: examples in a fixed order, a checkpoint now and then, the adapter at the end."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from core.tasks.adapter import Adapter
from core.tasks.registry import Task
from core.training.pretrain import autocast_dtype
from core.training.tasks.examples import Example, collate, order
from core.training.tasks.model import Tuned, load_encoder
from core.training.tasks.schedule import CLIP, WARMUP_SHARE, WEIGHT_DECAY, adamw, rate_share


@dataclass(frozen=True)
class Settings:
    """How a head is trained. rate : peak for adapter and head; alpha : LoRA's, scale alpha / rank

    length : pieces of the longest sequence; batch : sequences a step; dropout : of hidden states
    """

    epochs: float
    batch: int = 32
    rate: float = 1e-3
    rank: int = 16
    alpha: int = 32
    length: int = 128
    dropout: float = 0.0
    seed: int = 1


@dataclass
class Progress:
    """Where a run stands; stored with every checkpoint. losses : mean of each 50 steps."""

    steps: int = 0
    pieces: int = 0
    sum: float = 0.0
    losses: list[float] = field(default_factory=list)


class Run:
    """A training run in one folder.

    fingerprint : of the base weights; a checkpoint of another base or recipe is refused
    """

    def __init__(
        self, task: Task, settings: Settings, base: Path, work: Path, *,
        fingerprint: str, start: Adapter | None = None, device: str = "cpu",
    ) -> None:
        self.settings, self.work = settings, work
        self.checkpoint = work / "checkpoint.pt"
        self.key = {"base": fingerprint, **asdict(settings)}
        torch.manual_seed(settings.seed)
        encoder = load_encoder(base, settings.dropout)
        self.model = Tuned(encoder, task, rank=settings.rank, alpha=settings.alpha)
        if start is not None:
            self.model.start_from(start)
        self.model.to(device).train()
        self.dtype = autocast_dtype(torch.device(device))
        self.optimizer = adamw(self.model.free().values())
        self.progress = Progress()
        if self.checkpoint.exists():
            self._resume()

    def _resume(self) -> None:
        stored = torch.load(self.checkpoint, weights_only=True)
        if stored["key"] != self.key:
            raise ValueError(
                f"{self.checkpoint} belongs to another base model or recipe: "
                "remove it to train anew"
            )
        self.model.load_state_dict(stored["free"], strict=False)
        self.optimizer.load_state_dict(stored["optimizer"])
        self.progress = Progress(**stored["progress"])

    def save(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        state = {
            "free": {name: w.detach() for name, w in self.model.free().items()},
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
            "key": self.key,
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def train(
        self, material: Sequence[Example], *, save_every: float = 180.0, stop_at: int | None = None
    ) -> None:
        """Go on to the end, or to step `stop_at`."""
        lengths = [len(example) for example in material]
        an_epoch = -(-len(material) // self.settings.batch)
        total = round(an_epoch * self.settings.epochs)
        end = total if stop_at is None else min(total, stop_at)
        self.work.mkdir(parents=True, exist_ok=True)
        log = open(self.work / "log.jsonl", "a", buffering=1)
        bar = tqdm(total=total, initial=self.progress.steps, unit=" steps", mininterval=5)
        saved, epoch, groups = time.monotonic(), -1, []
        while self.progress.steps < end:
            now, step = divmod(self.progress.steps, an_epoch)
            if now != epoch:
                epoch = now
                groups = order(lengths, epoch, size=self.settings.batch, seed=self.settings.seed)
            loss = self._step([material[i] for i in groups[step]], self.progress.steps / total)
            self._note(loss, log, bar)
            if time.monotonic() - saved > save_every:
                self.save()
                saved = time.monotonic()
        self.save()

    def _step(self, group: Sequence[Example], done: float) -> float:
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = self.settings.rate * rate_share(done)
        torch.manual_seed(self.settings.seed * 1_000_003 + self.progress.steps)  # dropout's draw
        loss = self.model.loss(collate(group), self.dtype)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.free().values(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.progress.pieces += sum(map(len, group))
        return float(loss.detach())

    def _note(self, loss: float, log: Any, bar: Any) -> None:
        progress = self.progress
        progress.steps += 1
        progress.sum += loss
        bar.update()
        if progress.steps % 50 == 0:
            progress.losses.append(round(progress.sum / 50, 4))
            progress.sum = 0.0
            bar.set_postfix(loss=f"{progress.losses[-1]:.3f}", refresh=False)
            log.write(json.dumps({"step": progress.steps, "loss": progress.losses[-1]}) + "\n")

    def record(self) -> dict[str, Any]:
        """What task.json says of the training."""
        return {
            **asdict(self.settings), "steps": self.progress.steps, "pieces": self.progress.pieces,
            "warmup_share": WARMUP_SHARE, "weight_decay": WEIGHT_DECAY,
            "loss": np.round(self.progress.losses[-1:], 3).tolist(),
        }
