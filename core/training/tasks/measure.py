"""Held-out figures, measured through the path that the app uses: adapter, trace, head."""

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm
from transformers import BertForPreTraining

from core.contract import ModelInfo, SpanWindow
from core.engine.answers import groups_by_length
from core.engine.tasks import SPAN_PIECES
from core.tasks.adapter import Adapter
from core.tasks.answer import head_logits
from core.tasks.registry import Task
from core.tasks.spans import best_spans
from core.tasks.tags import stretches
from core.tasks.view import adapted
from core.tasks.windows import Window, windows
from core.tasks.words import first_pieces
from core.trace.forward import BatchItem, trace_batch
from core.training.tasks.items import Item
from core.wordpiece.encoder import encode

BATCH_PIECES, MOST = 4096, 64


@dataclass(frozen=True)
class Judge:
    """A task over a model, ready to be asked many times. folder : of the model's tokenizer"""

    task: Task
    adapter: Adapter
    model: BertForPreTraining
    info: ModelInfo
    folder: Path

    @classmethod
    def of(
        cls, task: Task, adapter: Adapter, model: BertForPreTraining, info: ModelInfo, folder: Path
    ) -> "Judge":
        return cls(task, adapter, adapted(model, adapter), info, folder)

    def logits(self, read: Sequence[Window]) -> list[np.ndarray]:
        """float64[n, K] for every sequence; only [CLS] where the head reads nothing else."""
        encoded = [window.encoded for window in read]
        lengths = sorted(range(len(read)), key=lambda i: len(encoded[i]))
        found: dict[int, np.ndarray] = {}
        keep, last = frozenset({"after_ffn"}), (self.info.layers - 1,)
        bar = tqdm(total=len(read), desc=f"measure {self.task.name}", mininterval=5)
        for some in groups_by_length(lengths, encoded, BATCH_PIECES, MOST):
            items = [BatchItem(encoded[i], encoded[i].ids) for i in some]
            for i, trace in zip(
                some, trace_batch(self.model, self.info, items, keep=keep, layers=last), strict=True
            ):
                states = trace.layers[0].after_ffn
                assert states is not None
                rows = states[0, :1] if self.task.shape in ("sentence", "pair") else states[0]
                found[i] = head_logits(rows, self.adapter)
            bar.update(len(some))
        return [found[i] for i in range(len(read))]


def figures(judge: Judge, items: Sequence[Item]) -> dict[str, float]:
    """What is reported of a task on a held-out set: by the task's shape."""
    by_shape = {"sentence": _classes, "pair": _classes, "tags": _tags, "span": _spans}
    found = by_shape[judge.task.shape](judge, items)
    return {name: round(float(value), 4) for name, value in found.items()}


def class_logits(judge: Judge, items: Sequence[Item]) -> np.ndarray:
    """float64[items, K] of a head that reads [CLS]."""
    limit = judge.info.max_positions
    read = [Window(encode(judge.folder, i.text, i.text_b, limit), 0) for i in items]
    return np.array([rows[0] for rows in judge.logits(read)])


def _classes(judge: Judge, items: Sequence[Item]) -> dict[str, float]:
    said = class_logits(judge, items).argmax(axis=1)
    true = np.array([item.label for item in items])
    return class_figures(said, true, judge.task.labels) | {"n": len(items)}


def class_figures(
    said: np.ndarray, true: np.ndarray, labels: Sequence[str]
) -> dict[str, float]:
    """Accuracy, each class's F1 and the mean recall over the classes that occur."""
    found = {"accuracy": float((said == true).mean())}
    recalls = []
    for index, label in enumerate(labels):
        hit = int(((said == index) & (true == index)).sum())
        both = int((said == index).sum() + (true == index).sum())
        found[f"f1_{label}"] = 2 * hit / both if both else 0.0
        if count := int((true == index).sum()):
            recalls.append(hit / count)
    return found | {"macro_recall": float(np.mean(recalls))}


def _tags(judge: Judge, items: Sequence[Item]) -> dict[str, float]:
    labels, limit = judge.task.labels, judge.info.max_positions
    read = [Window(encode(judge.folder, item.text, None, limit), 0) for item in items]
    said, true = [], []
    for item, window, rows in zip(items, read, judge.logits(read), strict=True):
        pieces = first_pieces(window.encoded, item.words)
        said.append([labels[int(rows[p].argmax())] if p is not None else "" for p in pieces])
        true.append([labels[tag] for tag in item.tags])
    pairs = [p for s, t in zip(said, true, strict=True) for p in zip(s, t, strict=True)]
    found = {"accuracy": sum(s == t for s, t in pairs) / len(pairs), "words": len(pairs)}
    return found | (entity_figures(said, true) if "O" in labels else {})


def entity_figures(
    said: Sequence[Sequence[str]], true: Sequence[Sequence[str]]
) -> dict[str, float]:
    """Precision, recall and F1 of whole names, edges and kind both right (conlleval)."""
    hits = claimed = present = 0
    for one, other in zip(said, true, strict=True):
        found, wanted = set(stretches(one)), set(stretches(other))
        hits += len(found & wanted)
        claimed += len(found)
        present += len(wanted)
    precision, recall = hits / max(claimed, 1), hits / max(present, 1)
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "names": present}


def _spans(judge: Judge, items: Sequence[Item]) -> dict[str, float]:
    limit = min(SPAN_PIECES, judge.info.max_positions)
    cut = [windows(judge.folder, i.text, i.text_b or "", limit) for i in items]
    logits = iter(judge.logits([w for own in cut for w in own]))
    exact, overlap, right, answered = [], [], 0, []
    for item, own in zip(items, cut, strict=True):
        assert item.text_b is not None
        spans, nothing = best_spans(list(_curves(own, logits)), item.text_b)
        answerable = bool(spans) and spans[0].score > nothing
        right += answerable == bool(item.answers)
        answered.append(answerable)
        if item.answers:  # the best span, whether or not the head believes in an answer
            gold = [item.text_b[slice(*span)] for span in item.answers]
            text = spans[0].text if spans else ""
            exact.append(max(normal(text) == normal(g) for g in gold))
            overlap.append(max(word_f1(text, g) for g in gold))
    return {
        "exact_match": float(np.mean(exact)), "f1": float(np.mean(overlap)),
        "answerable_accuracy": right / len(items), "said_answerable": float(np.mean(answered)),
        "n": len(items), "with_answer": len(exact),
    }


def _curves(own: Sequence[Window], logits: Iterator[np.ndarray]) -> Iterator[SpanWindow]:
    for window in own:
        start, end = next(logits).T
        yield SpanWindow(window.encoded, window.offset, start, end)


def normal(text: str) -> str:
    """Lower case, no punctuation, no articles, single spaces (SQuAD's own scorer)."""
    plain = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", plain).split())


def word_f1(said: str, true: str) -> float:
    """F1 of the words that answer and gold share, as SQuAD counts it."""
    one, other = normal(said).split(), normal(true).split()
    common = sum((Counter(one) & Counter(other)).values())
    if not one or not other or not common:
        return float(one == other)
    return 2 * common / (len(one) + len(other))
