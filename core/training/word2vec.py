"""Train word2vec with gensim: CBOW or skip-gram, negative sampling.

    python -m core.training.word2vec --data DIR --method skipgram
    python -m core.training.word2vec --data DIR --method cbow

Run the same command again to go on after a stop. Every pass over the text is made in parts;
after each part the loss on fixed windows is written down, of training text and of held-out
articles. One thread gives the same vectors every time; with more, gensim's threads write to
shared vectors without locks, so two runs differ in small ways.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import gensim
import numpy as np
from gensim.models import Word2Vec
from tqdm import tqdm

from core.training.negative_sampling import Windows, draw_windows, loss
from core.training.static_export import corpus_facts, export
from core.training.word_corpus import WORK as WORDS_WORK
from core.training.word_corpus import WordCorpus, lines, load_words
from core.vectors.static import FOLDER
from core.vectors.words import Vocabulary

METHODS = ("cbow", "skipgram")
EPOCHS = {"cbow": 20, "skipgram": 12}
FIRST_RATE = {"cbow": 0.05, "skipgram": 0.025}  # those of the word2vec program
LAST_RATE = 1e-4
MEASURED_WINDOWS = 10_000


@dataclass(frozen=True)
class Settings:
    """Everything that decides the outcome of a run but the text."""

    method: str
    epochs: int
    dimensions: int = 100
    window: int = 5
    negatives: int = 5
    sample: float = 1e-4
    parts: int = 10
    seed: int = 1
    threads: int = 2

    @property
    def steps(self) -> int:
        return self.epochs * self.parts

    def rate(self, step: int) -> float:
        """The learning rate when a step begins: from the first to the last in a straight line."""
        first = FIRST_RATE[self.method]
        return first + (LAST_RATE - first) * step / self.steps


class Run:
    """One training run: the gensim model, its place in the text, its loss curve."""

    def __init__(
        self, settings: Settings, vocabulary: Vocabulary, train: WordCorpus,
        held_out: WordCorpus, work: Path,
    ) -> None:
        self.settings, self.vocabulary, self.train, self.work = settings, vocabulary, train, work
        self.checkpoint = work / f"{settings.method}.npz"
        self.model = self._new_model()
        self.measured = [self._measured(side) for side in (train, held_out)]
        self.step, self.seconds, self.seen = 0, 0.0, 0
        self.curve = [self._point()]
        if self.checkpoint.exists():
            self._resume()

    def _new_model(self) -> Word2Vec:
        s = self.settings
        model = Word2Vec(
            vector_size=s.dimensions, window=s.window, sg=int(s.method == "skipgram"), hs=0,
            negative=s.negatives, sample=s.sample, min_count=1, sorted_vocab=0, seed=s.seed,
            workers=s.threads,
        )
        counted = zip(self.vocabulary.words, self.vocabulary.counts.tolist(), strict=True)
        model.build_vocab_from_freq(dict(counted), corpus_count=len(self.train))
        assert model.wv.index_to_key == list(self.vocabulary.words)
        return model

    def _measured(self, side: WordCorpus) -> Windows:
        s = self.settings
        windows = draw_windows(
            side, self.vocabulary.counts, MEASURED_WINDOWS, window=s.window,
            negatives=s.negatives, sample=s.sample, seed=s.seed,
        )
        return windows.pairs() if s.method == "skipgram" else windows

    def _point(self) -> tuple[float, float, float]:
        """Words seen so far, loss on training windows, loss on held-out windows."""
        of_train, of_held_out = (
            loss(windows, self.model.wv.vectors, self.model.syn1neg) for windows in self.measured
        )
        return float(self.seen), of_train, of_held_out

    def _resume(self) -> None:
        with np.load(self.checkpoint, allow_pickle=False) as stored:
            if json.loads(str(stored["settings"])) != asdict(self.settings):
                raise SystemExit(f"{self.checkpoint} is of other settings: remove it first")
            self.model.wv.vectors[:], self.model.syn1neg[:] = stored["inputs"], stored["outputs"]
            self.step, self.seconds = int(stored["step"]), float(stored["seconds"])
            self.curve = [(a, b, c) for a, b, c in stored["curve"].tolist()]
            self.seen = int(self.curve[-1][0])

    def _save(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        fresh = self.checkpoint.with_name(f"fresh.{self.checkpoint.name}")
        np.savez(
            fresh, settings=json.dumps(asdict(self.settings)), step=self.step,
            seconds=self.seconds, curve=np.array(self.curve), inputs=self.model.wv.vectors,
            outputs=self.model.syn1neg,
        )
        fresh.replace(self.checkpoint)

    def to_the_end(self, last: int | None = None) -> None:
        """Train up to step `last` (exclusive; None: all of them), saving after every step."""
        s = self.settings
        stop = s.steps if last is None else min(last, s.steps)
        with tqdm(total=s.steps, initial=self.step, desc=s.method, unit=" parts") as bar:
            while self.step < stop:
                began = time.perf_counter()
                self._train_part()
                self.seconds += time.perf_counter() - began
                self.step += 1
                self.curve.append(self._point())
                self._save()
                bar.set_postfix_str("loss {1:.3f}, held out {2:.3f}".format(*self.curve[-1]))
                bar.update()

    def _train_part(self) -> None:
        """The next part of this pass; each pass has its own order of sentences."""
        s = self.settings
        epoch, part = divmod(self.step, s.parts)
        order = np.random.default_rng([s.seed, epoch]).permutation(len(self.train))
        chosen = np.array_split(order, s.parts)[part]
        self.work.mkdir(parents=True, exist_ok=True)
        text = self.work / f"{s.method}.part.txt"
        with open(text, "w", encoding="utf-8") as out:
            out.writelines(lines(self.train, self.vocabulary.words, chosen))
        words = int((self.train.start[chosen + 1] - self.train.start[chosen]).sum())
        self.model.random = np.random.RandomState([s.seed, self.step])
        self.model.train(
            corpus_file=str(text), total_examples=len(chosen), total_words=words, epochs=1,
            start_alpha=s.rate(self.step), end_alpha=s.rate(self.step + 1),
        )
        text.unlink()
        self.seen += words

    def facts(self) -> dict[str, object]:
        """What the model card says of this run."""
        seen, of_train, of_held_out = np.array(self.curve).T
        return asdict(self.settings) | {
            "program": f"gensim {gensim.__version__}", "exactly_repeatable":
            self.settings.threads == 1, "first_rate": FIRST_RATE[self.settings.method],
            "last_rate": LAST_RATE, "minutes": round(self.seconds / 60, 1),
            "loss_windows": len(self.measured[1].centre),
            "loss": {
                "words": seen.astype(int).tolist(), "train": of_train.round(4).tolist(),
                "held_out": of_held_out.round(4).tolist(),
            },
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the corpus")
    parser.add_argument("--method", choices=METHODS, required=True)
    parser.add_argument("--epochs", type=int, help="passes over the text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("build/word2vec"))
    parser.add_argument("--words", type=Path, default=WORDS_WORK, help="cache of the text")
    parser.add_argument("--target", type=Path, default=FOLDER)
    args = parser.parse_args()
    vocabulary, train, held_out = load_words(args.data, args.words)
    settings = Settings(
        args.method, args.epochs or EPOCHS[args.method], seed=args.seed, threads=args.threads
    )
    run = Run(settings, vocabulary, train, held_out, args.work)
    run.to_the_end()
    facts = corpus_facts(train, held_out) | run.facts()
    size = export(args.target, args.method, vocabulary, run.model.wv.vectors, facts)
    _, of_train, of_held_out = run.curve[-1]
    print(f"{args.method}: {size:,} bytes, loss {of_train:.3f}, held out {of_held_out:.3f}")


if __name__ == "__main__":
    main()
