"""One live training, as a worker does it: examples, steps, curves, and what is left at the end.

Left in the job's folder: adapter.safetensors (what changed and the head, `core.tasks.adapter`),
arrays.safetensors (vectors before and after, held-out scores), facts.json. The final figures are
those of the stored file, read back: what is shown is what can be downloaded.
"""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from transformers import BertForPreTraining, BertModel

from core.live.learner import Learner, read
from core.live.plan import Plan
from core.live.tuning import ARRAYS
from core.models.files import checksum, folder_of
from core.tasks.adapter import packed, unpacked
from core.tasks.registry import FACTS, WEIGHTS, Task
from core.tasks.view import adapted
from core.tasks.words import first_pieces
from core.training.tasks.examples import IGNORED, Example, collate, of_item, order
from core.training.tasks.items import Item
from core.training.tasks.losses import cross_entropy
from core.training.tasks.schedule import CLIP, adamw, rate_share
from core.wordpiece.encoder import encode

LENGTH = 128  # pieces of the longest line
LOOKED = 32  # lines a pass that only looks
MAX_POINTS = 600  # vectors kept for the picture


Place = tuple[int, int, int]  # line, word (-1 for the whole line), piece


class Talk(Protocol):
    """What a job says and hears while it works."""

    def tick(self, done: int, total: int, note: dict[str, Any] | None = None) -> bool:
        """Tell how far it is; True when it should end now with what it has. May raise."""
        ...

    def model(self, name: str) -> BertForPreTraining: ...


def work(spec: dict[str, Any], folder: Path, talk: Talk) -> None:
    """Train as `spec` says (see `core.live.tuning`) and leave the result in `folder`."""
    began = time.monotonic()
    plan = Plan(**spec["plan"])
    task = Task("live", spec["kind"], tuple(spec["labels"]))
    items = [_item(row) for row in spec["items"]]
    tokens = folder_of(spec["model"])
    lines = [next(of_item(item, task, tokens, LENGTH)) for item in items]
    places = places_of(items, task, tokens)
    model = talk.model(spec["model"])
    torch.manual_seed(plan.seed)
    run = Training(model.bert, task, plan, lines, spec["train"], spec["held_out"])
    stopped = run.go(talk)
    save_file(packed(run.learner.adapter()), folder / WEIGHTS)
    arrays = run.arrays(adapted(model, unpacked(load_file(folder / WEIGHTS))).bert, places)
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / ARRAYS)
    facts = {
        **{k: spec[k] for k in ("model", "kind", "labels", "unit", "plan")},
        "base": checksum(spec["model"]), "curve": run.curve, "losses": run.losses,
        "steps": run.steps, "stopped": stopped, "trained": sum(w.numel() for w in run.free),
        "seconds": round(time.monotonic() - began, 2),
    }
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def _item(row: Sequence[Any]) -> Item:
    """[text, class], or [text, spans, tags]."""
    if len(row) == 2:
        return Item(row[0], label=row[1])
    return Item(row[0], words=tuple((a, b) for a, b in row[1]), tags=tuple(row[2]))


class Training:
    """The steps of one training. train, held : numbers of the lines on either side

    curve : a point an epoch, the first before any step: epoch, step, and for "train" and
    "held_out" [mean cross-entropy in nats, accuracy]; losses : of each step's lines
    """

    def __init__(
        self, base: BertModel, task: Task, plan: Plan, lines: Sequence[Example],
        train: Sequence[int], held: Sequence[int],
    ) -> None:
        self.task, self.plan, self.lines = task, plan, lines
        self.train, self.held = list(train), list(held)
        self.learner = Learner(base, task, plan)
        self.free = self.learner.free()
        self.optimizer = adamw(self.free)
        every = range(len(lines))
        self.before = self._vectors(base.eval(), every)
        self.curve: list[dict[str, Any]] = []
        self.losses: list[float] = []
        self.steps = 0

    def go(self, talk: Talk) -> bool:
        """Train to the end; True when it was told to stop before."""
        size = self.plan.batch
        lengths = [len(self.lines[i]) for i in self.train]
        total = -(-len(self.train) // size) * self.plan.epochs
        if talk.tick(0, total, self._point(0)):
            return True
        for epoch in range(self.plan.epochs):
            for group in order(lengths, epoch, size=size, seed=self.plan.seed):
                loss = self._step([self.train[i] for i in group], self.steps / total)
                self.losses.append(round(loss, 5))
                self.steps += 1
                if talk.tick(self.steps, total, {"step": self.steps, "loss": self.losses[-1]}):
                    talk.tick(self.steps, total, self._point(epoch + 1))
                    return self.steps < total
            if talk.tick(self.steps, total, self._point(epoch + 1)) and self.steps < total:
                return True
        return False

    def _step(self, group: Sequence[int], done: float) -> float:
        self.learner.train()
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = self.plan.rate * rate_share(done)
        scores, target = self._scores(group)
        loss = cross_entropy(self.task.shape, scores, target)
        loss.backward()
        clip_grad_norm_(self.free, CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _scores(self, group: Sequence[int]) -> tuple[Tensor, Tensor]:
        """The head's scores for some lines, (B, K) or (B, n, K), and what they should be."""
        batch = collate([self.lines[i] for i in group])
        weight = self.learner.head.weight
        if self.plan.mode == "head":  # the encoder never changes: its vectors are known
            vectors = [self.before[i] for i in group]
            found = torch.nn.utils.rnn.pad_sequence(vectors, batch_first=True) \
                if self.task.shape == "tags" else torch.stack(vectors)
        else:
            found = self.learner.read(batch)
        return self.learner.head(found), torch.as_tensor(batch.target, device=weight.device)

    def _point(self, epoch: int) -> dict[str, Any]:
        """Loss and accuracy on both sides as the model stands."""
        point = {
            "epoch": epoch, "step": self.steps,
            "train": self._measured(self.train), "held_out": self._measured(self.held),
        }
        self.curve.append(point)
        return point

    @torch.no_grad()
    def _measured(self, numbers: Sequence[int]) -> list[float]:
        self.learner.eval()
        wrong, right, count = 0.0, 0, 0
        for some in _by_length(numbers, self.lines):
            scores, target = self._scores(some)
            flat, aims = scores.flatten(0, -2), target.flatten()  # (M, K), (M,)
            here = aims != IGNORED
            flat, aims = flat[here], aims[here]
            wrong += float(torch.nn.functional.cross_entropy(flat, aims, reduction="sum"))
            right += int((flat.argmax(-1) == aims).sum())
            count += len(aims)
        return [round(wrong / max(1, count), 5), round(right / max(1, count), 5)]

    @torch.no_grad()
    def _vectors(self, encoder: BertModel, numbers: Sequence[int]) -> dict[int, Tensor]:
        """What the head reads of each line: (H,), or (n, H) for tags."""
        tags, found = self.task.shape == "tags", {}
        for some in _by_length(numbers, self.lines):
            batch = collate([self.lines[i] for i in some])
            for i, vector in zip(some, read(encoder, batch, tags, self.plan.pooling), strict=True):
                found[i] = vector[: len(self.lines[i])].clone() if tags else vector.clone()
        return found

    def arrays(
        self, encoder: BertModel, places: Sequence[Sequence[Place]]
    ) -> dict[str, np.ndarray]:
        """Vectors and held-out scores, the encoder being the stored one.

        before, after : float32[P, H]; point_line, point_word : int32[P]
        scores : float32[M, K] of the held-out classes or words; held_line, held_word : int32[M]
        """
        same = self.plan.mode == "head"
        after = self.before if same else self._vectors(encoder.eval(), range(len(self.lines)))
        every = [place for own in places for place in own]
        if len(every) > MAX_POINTS:
            chosen = np.random.default_rng(self.plan.seed).permutation(len(every))[:MAX_POINTS]
            every = [every[i] for i in np.sort(chosen)]
        held = [place for i in self.held for place in places[i]]
        head = self.learner.head
        rows = np.stack([self._vector(after, place) for place in held])
        weight = head.weight.detach().cpu().double().numpy()
        scores = rows.astype(np.float64) @ weight.T + head.bias.detach().cpu().double().numpy()
        return {
            "before": np.stack([self._vector(self.before, place) for place in every]),
            "after": np.stack([self._vector(after, place) for place in every]),
            "point_line": np.array([p[0] for p in every], np.int32),
            "point_word": np.array([p[1] for p in every], np.int32),
            "scores": scores.astype(np.float32),
            "held_line": np.array([p[0] for p in held], np.int32),
            "held_word": np.array([p[1] for p in held], np.int32),
        }

    def _vector(self, vectors: dict[int, Tensor], place: Place) -> np.ndarray:
        line, word, piece = place
        found = vectors[line] if word < 0 else vectors[line][piece]
        return found.cpu().float().numpy()


def places_of(items: Sequence[Item], task: Task, folder: Path) -> list[list[Place]]:
    """For each line the places that are judged: the whole line, or each word by its piece."""
    if task.shape != "tags":
        return [[(i, -1, 0)] for i in range(len(items))]
    found: list[list[Place]] = []
    for i, item in enumerate(items):
        pieces = first_pieces(encode(folder, item.text, None, LENGTH), item.words)
        own: dict[int, int] = {}  # the first word of a piece, as the targets have it
        for word, piece in enumerate(pieces):
            if piece is not None:
                own.setdefault(piece, word)
        found.append([(i, word, piece) for piece, word in own.items()])
    return found


def _by_length(numbers: Sequence[int], lines: Sequence[Example]) -> Iterator[list[int]]:
    """Lines of like length together."""
    ranked = sorted(numbers, key=lambda i: len(lines[i]))
    for start in range(0, len(ranked), LOOKED):
        yield ranked[start : start + LOOKED]

