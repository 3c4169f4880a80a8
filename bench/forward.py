"""A forward pass with every intermediate kept, beside transformers keeping nothing.

    python -m bench.forward [--rounds 40]

The same weights, the same ids, one torch thread, all ways taken in turn in one run. Each
computes both heads at every position: BertForPreTraining does so by itself, and so does ours
when all parts are kept. The bare pass has the fused attention that transformers picks when it
need not show its weights; asked for attentions and hidden states it has to be eager.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from bench.report import milliseconds, report
from core.contract import ALL_PARTS
from core.models import files
from core.models.loading import load
from core.trace.forward import BatchItem, trace_batch
from core.wordpiece.encoder import encode

MODEL = "embedded"
PIECES = (16, 64, 256)
GOAL_RATIO, GOAL_AT = 1.5, 64
BARE, EAGER = "transformers_bare", "transformers_bare_eager"
OUTPUTS, OURS = "transformers_outputs", "ours_everything_kept"


def text_of(pieces: int) -> str:
    """Words that are one piece each, with room for [CLS] and [SEP]."""
    words = ("the", "river", "ran", "past", "an", "old", "stone", "house")
    return " ".join(words[i % len(words)] for i in range(pieces - 2))


def ways(
    fused: torch.nn.Module, eager: torch.nn.Module, pieces: int
) -> dict[str, Callable[[], object]]:
    """The forward passes over one text of `pieces` word pieces."""
    info = files.info(MODEL)
    encoded = encode(files.folder_of(MODEL), text_of(pieces), None, info.max_positions)
    assert len(encoded) == pieces
    item = BatchItem(encoded, encoded.ids)
    given = {
        "input_ids": torch.tensor([encoded.ids]),
        "token_type_ids": torch.tensor([encoded.segments]),
        "attention_mask": torch.ones(1, pieces, dtype=torch.long),
    }

    @torch.inference_mode()
    def library(model: torch.nn.Module, **asked: bool) -> object:
        return model(**given, **asked)

    return {
        BARE: lambda: library(fused),
        EAGER: lambda: library(eager),
        OUTPUTS: lambda: library(eager, output_attentions=True, output_hidden_states=True),
        OURS: lambda: trace_batch(eager, info, [item], keep=ALL_PARTS),  # type: ignore[arg-type]
    }


def in_turn(functions: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every call; each round calls each function once, in changing order."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    names = list(functions)
    for turn in range(-2, rounds):  # two rounds to warm up
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            start = time.perf_counter()
            functions[name]()
            if turn >= 0:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    fused, eager = load(MODEL, "cpu"), load(MODEL, "cpu")
    fused.set_attn_implementation("sdpa")
    figures, ratios = {}, {}
    for pieces in PIECES:
        seconds = in_turn(ways(fused, eager, pieces), rounds)
        middle = {name: statistics.median(taken) for name, taken in seconds.items()}
        ratios[pieces] = round(middle[OURS] / middle[BARE], 3)
        figures[pieces] = {name: milliseconds(taken) for name, taken in seconds.items()} | {
            "ratio_to_bare": ratios[pieces],
            "ratio_to_outputs": round(middle[OURS] / middle[OUTPUTS], 3),
        }
    report("forward", {
        "what": "forward pass with every part kept, against transformers' BertForPreTraining",
        "threads": torch.get_num_threads(), "pieces": figures,
        "goal_ratio": GOAL_RATIO, "at_pieces": GOAL_AT, "ratio": ratios[GOAL_AT],
        "met": ratios[GOAL_AT] <= GOAL_RATIO, "peer": {"name": "transformers, nothing asked for"},
    })


if __name__ == "__main__":
    main()
