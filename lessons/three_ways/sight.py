"""Who may look at whom: the masks, the LSTM's way, and both tested on the models themselves.

Tested means: one word is exchanged for another, and every state is compared with what it was
before. Where a model may not look the state stays as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.contract import TraceRequest
from core.engine.answers import MASK
from core.engine.protocol import Engine
from core.errors import ModelUnavailable, TooFewWords
from core.models.files import folder_of
from core.models.registry import EMBEDDED
from core.vectors import elmo, gpt
from core.vectors.words import split
from core.wordpiece.encoder import tokenizer

MOST = 14  # words or pieces in a picture; as many passes test it
WAYS = ("bert", "gpt", "elmo_forward", "elmo_backward")
GAP = "…"  # stands for a blank where a model knows no [MASK]
UNMOVED = 1e-6  # of a state's length: what float32 leaves of nothing
OTHERS = ("table", "quickly")  # a word is exchanged for the first it is not


@dataclass(frozen=True)
class Request:
    """tested : exchange every word once in every model, and see which states notice."""

    text: str
    model: str = "embedded"
    tested: bool = False


@dataclass(frozen=True)
class Sight:
    """Who may look at whom in one model. n words or pieces.

    allowed : bool[n, n], True where the state at row i may use column j
    steps : float32[n, n], how many steps that takes in one layer, 0 where it may not
    changed : float32[n, n], how far state i of the last layer moved when j was exchanged, as a
        share of its own length; None when it was not tested
    """

    way: str
    names: tuple[str, ...]
    allowed: np.ndarray
    steps: np.ndarray
    changed: np.ndarray | None = None

    @property
    def agrees(self) -> bool:
        """Nothing moved where it may not, and everything moved where it may."""
        return self.changed is not None and bool(((self.changed > UNMOVED) == self.allowed).all())


@dataclass(frozen=True)
class Sights:
    """One picture for each way; a model that is `missing` could not be tested."""

    sights: tuple[Sight, ...]
    missing: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Every model that was tested sees what its mask or chain allows, and nothing else."""
        return all(one.agrees for one in self.sights if one.changed is not None)


def run(engine: Engine, request: Request) -> Sights:
    """The masks of BERT and of a left-to-right Transformer, and the two directions of an LSTM.

    Raises `TooFewWords` and the errors of `Engine.trace`.
    """
    words = words_of(request.text)
    names, both, causal = _transformers(engine, request)
    forward = np.tril(np.ones((len(words), len(words)), bool))
    plain = (
        Sight("bert", names, both, both.astype(np.float32)),
        Sight("gpt", names, causal, causal.astype(np.float32)),
        Sight("elmo_forward", words, forward, _chain(forward)),
        Sight("elmo_backward", words, forward.T, _chain(forward.T)),
    )
    if not request.tested:
        return Sights(plain, ())
    found, missing = [], []
    for sight in plain:
        try:
            found.append(_tested(engine, request.model, sight))
        except ModelUnavailable:
            found.append(sight)
            missing.append(sight.way.split("_")[0])
    return Sights(tuple(found), tuple(dict.fromkeys(missing)))


def words_of(text: str) -> tuple[str, ...]:
    """The words in the picture, a blank as `GAP`. Raises `TooFewWords`."""
    words = split(text.replace(MASK, f" {GAP} "))[:MOST]
    if len(words) < 2:
        raise TooFewWords(len(words), 2)
    return words


def _transformers(
    engine: Engine, request: Request
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Pieces without [CLS] and [SEP], and the masks that attention really adds."""
    masks = [
        engine.trace(TraceRequest(request.text, None, request.model, frozenset({"scores"}), (0,),
                                  mask))
        for mask in ("bidirectional", "causal")
    ]
    inner = slice(1, min(MOST, len(masks[0].encoded) - 2) + 1)
    both, causal = (np.array(trace.allowed[0, 0])[inner, inner] for trace in masks)
    return masks[0].encoded.tokens[inner], both, causal


def _chain(allowed: np.ndarray) -> np.ndarray:
    """Cells that a word passes on its way to a state: one for itself, one for each between."""
    at = np.arange(len(allowed))
    return np.where(allowed, np.abs(at[:, None] - at) + 1, 0).astype(np.float32)


def _tested(engine: Engine, model: str, sight: Sight) -> Sight:
    states = _reader(engine, model, sight.way)
    names = sight.names
    before = states(names)  # (n, D)
    changed = np.zeros(sight.allowed.shape, np.float32)
    for j, name in enumerate(names):
        other = next(o for o in OTHERS if o != name)
        after = states([*names[:j], other, *names[j + 1 :]])
        moved = np.linalg.norm(after - before, axis=1)  # (n,)
        changed[:, j] = moved / np.linalg.norm(before, axis=1)
    return Sight(sight.way, names, sight.allowed, sight.steps, changed)


def _reader(
    engine: Engine, model: str, way: str
) -> Callable[[Sequence[str]], np.ndarray]:
    """Words or pieces -> states of the last layer float[n, D]. Raises `ModelUnavailable`."""
    if way == "bert":
        return _bert_reader(engine, model)
    if way == "gpt":
        return _gpt_reader()
    both = elmo.load()
    half = both.module.shape.projection
    own = slice(half) if way == "elmo_forward" else slice(half, None)
    return lambda names: both.states(names)[2][:, own]


def _gpt_reader() -> Callable[[Sequence[str]], np.ndarray]:
    import torch

    module = gpt.load().module
    words = tokenizer(folder_of(EMBEDDED))

    def read(names: Sequence[str]) -> np.ndarray:
        ids = [words.token_to_id(name) or 0 for name in ("[CLS]", *names)]
        with torch.inference_mode():
            return module.states(torch.tensor([ids]))[-1][0, 1:].numpy()

    return read


def _bert_reader(engine: Engine, model: str) -> Callable[[Sequence[str]], np.ndarray]:
    last = engine.info(model).layers - 1
    words = tokenizer(folder_of(model))
    cls, sep = (words.token_to_id(name) for name in ("[CLS]", "[SEP]"))

    def read(names: Sequence[str]) -> np.ndarray:
        ids = (cls, *(words.token_to_id(name) for name in names), sep)
        text = " ".join(["a"] * len(names))  # its ids are replaced, its length counts
        trace = engine.trace(TraceRequest(text, None, model, frozenset({"after_ffn"}), (last,),
                                          input_ids=ids))
        states = trace.layer(last).after_ffn
        assert states is not None
        return np.asarray(states)[0, 1:-1]

    return read
