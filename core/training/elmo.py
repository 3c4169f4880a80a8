"""Train ELMo: a forward and a backward language model over characters.

    python -m core.training.elmo --data DIR

Run the same command again to go on after a stop. The words of the softmax are those of
assets/vectors/words.txt. At the end the weights go to assets/vectors in half precision, with
their held-out perplexity.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tqdm import tqdm

from core.training.elmo_loss import (
    Sampler,
    Spellings,
    backpropagate,
    perplexity,
    tasks_of,
)
from core.training.elmo_text import Batch, ElmoText, batches, load_text, pool_of_batches
from core.training.pretrain import autocast_dtype
from core.training.word_corpus import CORPUS, load_words, save_list
from core.vectors.bilm import BiLM, Shape, spell
from core.vectors.elmo import FACTS, WEIGHTS, WORDS, words_sha256
from core.vectors.words import Vocabulary

WARMUP_SHARE = 0.02
PROBES, PROBE_SEQUENCES = 8, 240


@dataclass
class Progress:
    """Where a run stands; stored with every checkpoint."""

    tokens: int = 0
    steps: int = 0
    pool: int = 0
    batch: int = 0
    seconds: float = 0.0


def rate_share(done: float) -> float:
    """Share of the peak rate: linear warm-up, then linear decay to nothing."""
    if done < WARMUP_SHARE:
        return max(done, 1e-4) / WARMUP_SHARE
    return max(0.0, 1.0 - done) / (1.0 - WARMUP_SHARE)


def softmax_words(data: Path, work: Path, folder: Path) -> tuple[str, ...]:
    """The word list that all models of the chapter share; counted first if it is not there."""
    if not (folder / WORDS).exists():
        save_list(load_words(data, work)[0], folder)
    return Vocabulary.load(folder / WORDS).words


class Run:
    """One training run in one folder: model, optimizer, progress, checkpoint."""

    def __init__(self, args: argparse.Namespace, text: ElmoText, words: tuple[str, ...]) -> None:
        self.args, self.text, self.words = args, text, words
        self.device = torch.device(args.device)
        self.dtype = None if args.float32 else autocast_dtype(self.device)
        self.checkpoint: Path = args.work / "checkpoint.pt"
        torch.manual_seed(args.seed)
        self.model = BiLM(Shape(len(words) + 1, hidden=args.hidden, projection=args.projection))
        targets = text.targets(words)
        self.spellings = Spellings.of(spell(text.spellings), targets)
        counts = np.bincount(targets[text.words], minlength=len(words) + 1)
        with torch.no_grad():  # start from the frequencies
            share = np.maximum(counts, 1) / counts.sum()
            self.model.softmax.bias.copy_(torch.as_tensor(np.log(share)))
        self.model.to(self.device)
        self.sampler = Sampler(counts, args.samples, args.seed, self.device)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=0.0, betas=(0.9, 0.99), fused=True
        )
        self.workers: ThreadPoolExecutor | None = None
        self.progress = Progress()
        if self.checkpoint.exists():
            stored = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            if stored["words"] != words_sha256(words):
                raise ValueError(f"{self.checkpoint} was trained with another list of words")
            self.model.load_state_dict(stored["model"])
            self.optimizer.load_state_dict(stored["optimizer"])
            self.progress = Progress(**stored["progress"])

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
            "words": words_sha256(self.words),
        }
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def step(self, batch: Batch) -> list[float]:
        began = time.monotonic()
        progress = self.progress
        for group in self.optimizer.param_groups:
            group["lr"] = self.args.rate * rate_share(progress.tokens / self.args.tokens)
        characters, tasks = tasks_of(batch, self.spellings, self.device)
        candidates = [self.sampler.draw(progress.steps, task.targets) for task in tasks]
        losses = backpropagate(
            self.model, characters, tasks, candidates, self.dtype, self.workers
        )
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        progress.tokens += batch.tokens
        progress.steps += 1
        progress.batch += 1
        progress.seconds += time.monotonic() - began
        return losses

    def train(self, probe: list[Batch], probe_spellings: Spellings) -> None:
        """Go on to the token budget; on a CPU each direction has half of the threads."""
        threads = torch.get_num_threads()
        if self.device.type != "cpu" or threads == 1:
            self._train(probe, probe_spellings)
            return
        torch.set_num_threads(threads // 2)
        with ThreadPoolExecutor(2) as self.workers:
            self._train(probe, probe_spellings)
        self.workers = None
        torch.set_num_threads(threads)

    def _train(self, probe: list[Batch], probe_spellings: Spellings) -> None:
        total, progress = self.args.tokens, self.progress
        bar = tqdm(total=total, initial=progress.tokens, unit=" words", unit_scale=True)
        log = open(self.args.work / "log.jsonl", "a", buffering=1)
        saved = time.monotonic()
        measured = progress.tokens * PROBES // total
        while progress.tokens < total:
            pool = pool_of_batches(
                self.text, progress.pool, seed=self.args.seed, batch_tokens=self.args.batch_tokens
            )
            for batch in pool[progress.batch :]:
                losses = self.step(batch)
                bar.update(batch.tokens)
                bar.set_postfix(loss="{:.2f} {:.2f}".format(*losses), refresh=False)
                if progress.steps % 20 == 0:
                    log.write(json.dumps({**vars(progress), "loss": losses}) + "\n")
                if progress.tokens * PROBES // total > measured:
                    measured = progress.tokens * PROBES // total
                    figures = perplexity(self.model, probe, probe_spellings, self.device)
                    log.write(json.dumps({**vars(progress), "probe": figures}) + "\n")
                    tqdm.write("{:,} words: perplexity {:.1f} forward, {:.1f} backward".format(
                        progress.tokens, *figures))
                if time.monotonic() - saved > self.args.save_every:
                    self.save()
                    saved = time.monotonic()
                if progress.tokens >= total:
                    break
            else:
                progress.pool += 1
                progress.batch = 0
        self.save()
        bar.close()


def export(run: Run, held_out: ElmoText, folder: Path) -> dict:
    """Write elmo.safetensors (float16) and elmo.json; the figures are those of what is written."""
    half = {name: w.detach().half().cpu().contiguous() for name, w in
            run.model.state_dict().items()}
    run.model.load_state_dict({name: w.float() for name, w in half.items()})
    spellings = Spellings.of(spell(held_out.spellings), held_out.targets(run.words))
    everything = batches(held_out, np.arange(len(held_out)), run.args.batch_tokens, None)
    measured = tqdm(everything, desc="held-out perplexity", unit=" batches")
    forward, backward = perplexity(run.model, measured, spellings, run.device)
    unknown = float(np.mean(spellings.targets[held_out.words] == len(run.words)))
    facts = {
        "shape": vars(run.model.shape),
        "words_sha256": words_sha256(run.words),
        "trained": {
            "corpus": "Simple English Wikipedia",
            "words": run.progress.tokens,
            "steps": run.progress.steps,
            "minutes": round(run.progress.seconds / 60, 1),
            "samples": run.args.samples,
            "seed": run.args.seed,
        },
        "held_out": {
            "words": len(held_out.words),
            "unknown_share": round(unknown, 4),
            "forward_perplexity": round(forward, 2),
            "backward_perplexity": round(backward, 2),
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(half, str(folder / WEIGHTS))
    (folder / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {CORPUS}")
    parser.add_argument("--tokens", type=int, default=30_000_000, help="words to train on")
    parser.add_argument("--batch-tokens", type=int, default=2560)
    parser.add_argument("--samples", type=int, default=2048, help="words of the sampled softmax")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--projection", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("build/elmo"))
    parser.add_argument("--out", type=Path, default=Path("assets/vectors"))
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--float32", action="store_true", help="no bfloat16")
    parser.add_argument("--save-every", type=float, default=240, help="seconds")
    return parser


def main(argv: list[str] | None = None) -> dict:
    args = arguments().parse_args(argv)
    if args.device == "auto":
        args.device = "cuda" if torch.cuda.is_available() else "cpu"
    path = args.data / CORPUS
    text = load_text(path, args.work / "train.npz", held_out=False)
    held_out = load_text(path, args.work / "held_out.npz", held_out=True)
    words = softmax_words(args.data, args.work.parent / "words", args.out)
    print(f"{len(text):,} sequences, {len(text.words):,} words, {len(text.spellings):,} distinct")
    run = Run(args, text, words)
    some = np.random.default_rng(args.seed).permutation(len(held_out))[:PROBE_SEQUENCES]
    probe = batches(held_out, some, args.batch_tokens, None)
    run.train(probe, Spellings.of(spell(held_out.spellings), held_out.targets(words)))
    facts = export(run, held_out, args.out)
    print(json.dumps(facts["held_out"]))
    return facts


if __name__ == "__main__":
    main()
