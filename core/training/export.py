"""Turn a pretraining run into the files the app ships.

    python -m core.training.export --work build/pretrain

Writes the weights as float16 safetensors with tokenizer files and training.json, and joins
the run's snapshots into the time-lapse. `--start FOLDER` names the model the run went on
from, if it did, so that its tokens and steps are counted in.
"""

import argparse
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertForPreTraining

from core.training import batches, masking, pretrain
from core.training.timelapse import assemble

ASSETS = Path(__file__).parents[2] / "assets"
TARGET = ASSETS / "models" / "embedded"
TIMELAPSE = ASSETS / "timelapse" / "pretraining.npz"
MAX_WEIGHT_BYTES = 46 * 10**6
MAX_TIMELAPSE_BYTES = 3 * 10**6
RECIPE = {
    "chosen": masking.CHOSEN_RATE,
    "of_those_masked": masking.MASK_SHARE,
    "of_those_random": masking.RANDOM_SHARE,
    "next_sentence_true": 0.5,
    "sequence_length": 128,
    "long_sequence_length": 512,
    "long_every": batches.LONG_EVERY,
    "optimizer": "AdamW, betas 0.9 and 0.98, weight decay 0.01, gradient norm clipped at 1",
    "peak_rate_encoder": pretrain.PEAK_ENCODER,
    "peak_rate_head": pretrain.PEAK_HEAD,
    "warmup_share": pretrain.WARMUP_SHARE,
    "decay_share": pretrain.DECAY_SHARE,
    "dropout": 0.0,
}


def export_weights(state: dict[str, torch.Tensor], config: BertConfig, target: Path) -> int:
    """Write config.json and model.safetensors in float16; returns the file's size in bytes.

    The MLM decoder shares the word embeddings and is stored once.

    Raises ValueError when a weight does not fit float16, RuntimeError when the state is not
    the configuration's.
    """
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    model = BertForPreTraining(config)
    model.load_state_dict(state)
    model.half()
    for name, weight in model.named_parameters():
        if not torch.isfinite(weight).all():
            raise ValueError(f"{name} does not fit float16")
    model.save_pretrained(target)
    weights = target / "model.safetensors"
    weights.chmod(0o644)
    return weights.stat().st_size


def export_tokenizer(base: Path, target: Path) -> None:
    """Copy the tokenizer without the truncation and padding that a sentence encoder stored."""
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    compact = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(compact, encoding="utf-8")
    settings = json.loads((base / "tokenizer_config.json").read_text(encoding="utf-8"))
    settings.pop("name_or_path", None)
    _write_json(target / "tokenizer_config.json", settings)
    for name in ("vocab.txt", "special_tokens_map.json"):
        shutil.copyfile(base / name, target / name)


def training_record(
    progress: dict[str, int], seed: int, start: Path | None, lengths: tuple[int, ...] = ()
) -> dict[str, Any]:
    """What training.json says: how far, from where, by which recipe, when.

    tokens and steps count all runs since the base encoder; `runs` lists them in order.
    lengths : the lengths a run was given one after the other, where it was lengthened after
        its rate had already begun to fall, so that the rate rose once more
    """
    run: dict[str, Any] = {
        "tokens": progress["tokens"], "steps": progress["steps"], "seed": seed
    }
    if lengths:
        run["lengths"] = list(lengths)
    before = []
    if start:
        before = json.loads((start / "training.json").read_text(encoding="utf-8"))["runs"]
    runs = [*before, run]
    return {
        "base": "sentence-transformers/all-MiniLM-L6-v2",
        "base_sha256_starts": pretrain.BASE_SHA256,
        "data": "simplewiki_en.txt.xz",
        "tokens": sum(r["tokens"] for r in runs),
        "steps": sum(r["steps"] for r in runs),
        "runs": runs,
        "recipe": RECIPE,
        "exported": datetime.now(UTC).date().isoformat(),
    }


def export_timelapse(snapshots: Path, target: Path) -> int:
    """Join the snapshots; returns the file's size. Raises ValueError above 3 MB."""
    target.parent.mkdir(parents=True, exist_ok=True)
    assemble(snapshots, target)
    size = target.stat().st_size
    if size > MAX_TIMELAPSE_BYTES:
        raise ValueError(f"{target.name} has {size:,} bytes, over {MAX_TIMELAPSE_BYTES:,}")
    return size


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("build/pretrain"))
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--timelapse", type=Path, default=TIMELAPSE)
    parser.add_argument("--seed", type=int, default=1, help="the seed the run had")
    parser.add_argument("--start", type=Path, help="the model the run went on from, if any")
    parser.add_argument("--lengths", type=int, nargs="*", default=[],
                        help="the --tokens given in turn, if the run was lengthened at its end")
    args = parser.parse_args()
    base = pretrain.base_folder()
    stored = torch.load(args.work / "checkpoint.pt", map_location="cpu", weights_only=True)
    args.target.mkdir(parents=True, exist_ok=True)
    record = training_record(
        stored["progress"], args.seed, args.start, tuple(args.lengths)
    )
    size = export_weights(stored["model"], BertConfig.from_pretrained(base), args.target)
    if size > MAX_WEIGHT_BYTES:
        raise ValueError(f"the weights have {size:,} bytes, over {MAX_WEIGHT_BYTES:,}")
    export_tokenizer(base, args.target)
    _write_json(args.target / "training.json", record)
    print(f"{args.target}: {size:,} bytes after {record['tokens']:,} tokens")
    if args.start:
        print("time-lapse left as it is: it shows the run from the base encoder")
    else:
        size = export_timelapse(args.work / "snapshots", args.timelapse)
        print(f"{args.timelapse}: {size:,} bytes")


if __name__ == "__main__":
    main()
