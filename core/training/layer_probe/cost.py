"""Frozen vectors against fine-tuning on the same sentences: accuracy, and the time it took.

Seconds are those of this process's processor, one thread, from word pieces to the trained
reader or adapter: what other programs do meanwhile does not count.
"""

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.models import files
from core.models.loading import load
from core.tasks.registry import Task
from core.tasks.windows import Window
from core.tasks.words import first_pieces
from core.training.layer_probe.choices import published
from core.training.layer_probe.scores import counts, figure
from core.training.layer_probe.states import Words, frozen
from core.training.layer_probe.tagger import BILSTM, LINEAR, Fit, fitted
from core.training.pretrain import autocast_dtype
from core.training.tasks import recipes
from core.training.tasks.examples import examples
from core.training.tasks.items import Item
from core.training.tasks.measure import Judge
from core.training.tasks.run import Run
from core.wordpiece.encoder import encode

READERS: dict[str, Fit] = {"linear": LINEAR, "bilstm": BILSTM}
CHOICE = "concat_last4"


@dataclass(frozen=True)
class Trial:
    """One task with the sentences to learn from, the words to be judged on, and a work folder."""

    task: Task
    model: str
    train: list[Item]
    test_items: list[Item]
    test: Words
    work: Path

    @property
    def labels(self) -> tuple[str, ...]:
        return self.task.labels


def by_vectors(trial: Trial) -> list[dict[str, Any]]:
    """Vectors of the sentences once, then each reader: a row each."""
    dtype = autocast_dtype(torch.device("cpu"))
    began = time.process_time()
    words = frozen(trial.train, trial.model, name=f"{len(trial.train)} sentences", dtype=dtype)
    vectors = time.process_time() - began
    layers = len(words.states) - 1
    choice = next(c for c in published(layers) if c.name == CHOICE)
    rows = []
    for name, fit in READERS.items():
        began = time.process_time()
        reader = fitted(choice, words, len(trial.labels), fit, 0, label=name)
        seconds = vectors + time.process_time() - began
        said = counts(reader.said(trial.test), trial.test, trial.labels)
        rows.append(_row(trial, name, seconds, said) | {"vectors": round(vectors, 1)})
    return rows


def by_tuning(trial: Trial, steps: int) -> dict[str, Any]:
    """The task's own recipe from the pretrained weights, on the same sentences.

    steps : at least so many, as few sentences make few in the recipe's epochs
    """
    settings = recipes.find(trial.task.name).settings
    enough = steps * settings.batch / len(trial.train)
    settings = replace(settings, epochs=round(max(settings.epochs, enough), 2))
    folder = files.folder_of(trial.model)
    work = trial.work / f"{trial.task.name}-{len(trial.train)}"
    shutil.rmtree(work, ignore_errors=True)  # a run that was stopped has lost its seconds
    run = Run(trial.task, settings, folder, work, fingerprint=files.checksum(trial.model))
    taught = examples(trial.train, trial.task, folder, settings.length)
    began = time.process_time()
    run.train(taught, save_every=float("inf"))
    seconds = time.process_time() - began
    judge = Judge.of(trial.task, run.model.adapter(), load(trial.model, "cpu"),
                     files.info(trial.model), folder)
    said = counts(_said(judge, trial), trial.test, trial.labels)
    shutil.rmtree(work)
    return _row(trial, "tuned", seconds, said) | {"epochs": settings.epochs}


def _said(judge: Judge, trial: Trial) -> np.ndarray:
    """int64[m], the tag of every test word; -1 for one without a piece."""
    limit = judge.info.max_positions
    read = [Window(encode(judge.folder, i.text, None, limit), 0) for i in trial.test_items]
    found: list[int] = []
    for item, window, rows in zip(trial.test_items, read, judge.logits(read), strict=True):
        pieces = first_pieces(window.encoded, item.words)
        found += [int(rows[p].argmax()) if p is not None else -1 for p in pieces]
    return np.array(found)


def _row(trial: Trial, way: str, seconds: float, said: np.ndarray) -> dict[str, Any]:
    return {
        "way": way, "sentences": len(trial.train), "seconds": round(seconds, 1),
        **figure([said], trial.labels),
    }


def smaller(trial: Trial, sentences: int) -> Trial:
    """The same with the first so many sentences to learn from."""
    return replace(trial, train=trial.train[:sentences])
