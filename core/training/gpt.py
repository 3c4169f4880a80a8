"""Train the left-to-right language model, from the embedded encoder's weights.

    python -m core.training.gpt --data DIR

Run the same command again to go on after a stop; at the end it measures the perplexity of the
weights as they are stored and writes gpt.safetensors and gpt.json. The word-embedding table
stays the embedded model's: it is neither trained nor stored.
"""

import argparse
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tqdm import tqdm

from core.models import files
from core.models.loading import resolve_device
from core.training.corpus import TokenizedCorpus, load_corpus
from core.training.gpt_export import held_out_perplexity, surprisal, write
from core.training.pretrain import autocast_dtype
from core.training.sequences import IGNORED, Batch, batches, training_pool
from core.training.table_loss import table_loss
from core.vectors.causal import TABLE, CausalTransformer, Shape, weights_of_bert
from core.vectors.gpt import FOLDER, read_table, table_sha256
from core.wordpiece.encoder import tokenizer

CORPUS = "simplewiki_en.txt.xz"
EMBEDDED_FOLDER = FOLDER.parent / "models" / "embedded"
POSITIONS = 128
PEAK, WARMUP_SHARE, WEIGHT_DECAY = 5e-4, 0.03, 0.01
COUNTED_SHARE = 0.4  # of the positions; the softmax over V pieces costs as much as the layers
PROBES, PROBE_DOCUMENTS = 12, 15


@dataclass
class Progress:
    """Where a run stands; stored with every checkpoint. probes : (pieces, perplexity) pairs."""

    pieces: int = 0
    steps: int = 0
    pool: int = 0
    batch: int = 0
    probes: list[tuple[int, float]] = field(default_factory=list)


def start_model(embedded: Path) -> CausalTransformer:
    """The encoder in `embedded` with each piece allowed to look to its left alone."""
    config = json.loads((embedded / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        hidden=config["hidden_size"],
        inner=config["intermediate_size"],
        positions=min(POSITIONS, config["max_position_embeddings"]),
        vocabulary=config["vocab_size"],
        epsilon=config["layer_norm_eps"],
    )
    bert = load_file(embedded / files.WEIGHTS)
    module = CausalTransformer(shape, bert[TABLE])
    module.load_state_dict(weights_of_bert(bert, shape))
    return module


def rate_share(done: float) -> float:
    """Share of the peak rate: linear warm-up, then linear decay to 0."""
    if done < WARMUP_SHARE:
        return max(done, 1e-4) / WARMUP_SHARE
    return max(0.0, 1.0 - done) / (1.0 - WARMUP_SHARE)


def next_piece_loss(
    module: CausalTransformer, batch: Batch, table: torch.Tensor
) -> torch.Tensor:
    """Mean cross-entropy in nats over the positions that the batch counts.

    table : the module's table in the type that matrices are multiplied in
    """
    device = table.device
    ids, following = torch.as_tensor(batch.ids), torch.as_tensor(batch.following)
    counted = (following.flatten() != IGNORED).nonzero()[:, 0].to(device)  # (M,)
    hidden = module.states(ids.to(device))[-1].flatten(0, 1)[counted]  # (M, H)
    vectors = module.expected(hidden).to(table.dtype)
    return table_loss(vectors, table, module.bias, following.flatten().to(device)[counted])


class Run:
    """One training run in one folder: model, optimizer, progress, checkpoint."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.checkpoint: Path = args.work / "checkpoint.pt"
        self.device = resolve_device(args.device)
        pieces = tokenizer(args.embedded)
        self.special = {"cls": pieces.token_to_id("[CLS]"), "pad": pieces.token_to_id("[PAD]")}
        self.table_sha256 = table_sha256(read_table(args.embedded))
        torch.manual_seed(args.seed)
        self.module = start_model(args.embedded).to(self.device).train()
        self.autocast = autocast_dtype(self.device)
        self.table = self.module.table.to(self.autocast or torch.float32)
        weights = list(self.module.parameters())
        groups = [
            {"params": [w for w in weights if w.ndim > 1], "weight_decay": WEIGHT_DECAY},
            {"params": [w for w in weights if w.ndim == 1], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), eps=1e-6, fused=True)
        self.progress = Progress()
        if self.checkpoint.exists():
            self._resume()

    def _resume(self) -> None:
        stored = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if stored["table_sha256"] != self.table_sha256:
            raise ValueError(
                f"the embedded model has changed since {self.checkpoint} was begun: "
                "remove it to train anew"
            )
        self.module.load_state_dict(stored["model"])
        self.optimizer.load_state_dict(stored["optimizer"])
        self.progress = Progress(**stored["progress"])

    def save(self) -> None:
        state = {
            "model": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
            "table_sha256": self.table_sha256,
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def step(self, batch: Batch) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = PEAK * rate_share(self.progress.pieces / self.args.tokens)
        with torch.autocast(self.device.type, self.autocast, enabled=self.autocast is not None):
            loss = next_piece_loss(self.module, batch, self.table)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def probe(self, held_out: list[Batch]) -> None:
        nats, pieces = surprisal(self.module, held_out)
        self.progress.probes.append((self.progress.pieces, float(np.exp(nats / pieces))))

    def train(self, corpus: TokenizedCorpus, held_out: list[Batch]) -> None:
        total, progress = self.args.tokens, self.progress
        bar = tqdm(total=total, initial=progress.pieces, unit=" pieces", unit_scale=True)
        log = open(self.args.work / "log.jsonl", "a", buffering=1)
        saved = time.monotonic()
        while True:
            pool = training_pool(
                corpus, progress.pool, seed=self.args.seed, share=COUNTED_SHARE,
                length=self.module.shape.positions, batch_pieces=self.args.batch_pieces,
                **self.special,
            )
            for batch in pool[progress.batch :]:
                if progress.pieces >= total * len(progress.probes) / PROBES:
                    self.probe(held_out)
                    log.write(json.dumps({"probe": progress.probes[-1]}) + "\n")
                if progress.pieces >= total:
                    self.save()
                    return
                loss = self.step(batch)
                progress.pieces += batch.pieces
                progress.steps += 1
                progress.batch += 1
                bar.update(batch.pieces)
                bar.set_postfix(
                    loss=f"{loss:.2f}", held_out=f"{progress.probes[-1][1]:.1f}", refresh=False
                )
                if progress.steps % 20 == 0:
                    log.write(json.dumps({"pieces": progress.pieces, "loss": loss}) + "\n")
                if time.monotonic() - saved > self.args.save_every:
                    self.save()
                    saved = time.monotonic()
            progress.pool += 1
            progress.batch = 0


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {CORPUS}")
    parser.add_argument("--tokens", type=int, default=9_000_000, help="word pieces to read")
    parser.add_argument("--batch-pieces", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--embedded", type=Path, default=EMBEDDED_FOLDER, help="BERT to start from")
    parser.add_argument("--work", type=Path, default=Path("build/gpt"))
    parser.add_argument("--target", type=Path, default=FOLDER)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--save-every", type=float, default=180, help="seconds")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse(arguments)
    args.work.mkdir(parents=True, exist_ok=True)
    run = Run(args)
    path, pieces = args.data / CORPUS, tokenizer(args.embedded)
    corpus = load_corpus(path, pieces, args.work / "train.npz", held_out=False)
    held_out = load_corpus(path, pieces, args.work / "held_out.npz", held_out=True)
    print(f"{len(corpus):,} training articles, {len(corpus.ids):,} word pieces")
    cut = {"length": run.module.shape.positions, "batch_pieces": 1024, **run.special}
    documents = np.random.default_rng(args.seed).permutation(len(held_out))[:PROBE_DOCUMENTS]
    run.train(corpus, batches(held_out, documents.tolist(), **cut))
    training = {
        "start": "assets/models/embedded", "data": CORPUS, "seed": args.seed,
        "pieces": run.progress.pieces, "steps": run.progress.steps,
        "sequence_length": run.module.shape.positions, "batch_pieces": args.batch_pieces,
        "optimizer": "AdamW, betas 0.9 and 0.98, weight decay 0.01, gradient norm clipped at 1",
        "peak_rate": PEAK, "warmup_share": WARMUP_SHARE, "decay": "linear to 0", "dropout": 0.0,
        "counted_share": COUNTED_SHARE,
        "probes": [(pieces, round(value, 2)) for pieces, value in run.progress.probes],
    }
    write(run.module.cpu(), run.table_sha256, training, args.target)
    everything = batches(held_out, range(len(held_out)), **cut)
    figures = held_out_perplexity(args.target, args.embedded, everything, path)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
