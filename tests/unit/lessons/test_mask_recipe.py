"""The 80/10/10 recipe on a learner's text, and the loss of that very draw."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.contract import TraceRequest
from core.engine import local_engine
from core.errors import EmptyText
from lessons.mlm import recipe
from lessons.mlm.recipe import Request, draw, run, shares, to_json

TEXT = "The quick brown fox jumps over the lazy dog while the small cat sleeps in the warm sun."
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def engine():
    return local_engine()


def test_the_same_seed_gives_the_same_draw_and_another_seed_another(engine):
    assert draw(engine, Request(TEXT, 7)) == draw(engine, Request(TEXT, 7))
    assert draw(engine, Request(TEXT, 7)) != draw(engine, Request(TEXT, 8))


def test_fifteen_per_cent_of_the_pieces_are_chosen(engine):
    """19 pieces without [CLS] and [SEP]: round(0.15 * 19) = round(2.85) = 3."""
    rolled = draw(engine, Request(TEXT))
    assert len(rolled.encoded) == 21
    assert sum(rolled.chosen) == round(0.15 * 19) == 3


@pytest.mark.parametrize("seed", range(1, 30))
def test_each_piece_is_read_and_labelled_as_its_action_says(engine, seed):
    rolled = draw(engine, Request(TEXT, seed))
    encoded = rolled.encoded
    for i, action in enumerate(rolled.action):
        if action == "not chosen":
            assert rolled.labels[i] == -100 and rolled.input_ids[i] == encoded.ids[i]
        else:
            assert rolled.chosen[i] and rolled.labels[i] == encoded.ids[i]
        if action == "mask":
            assert rolled.input_tokens[i] == "[MASK]"
        if action == "keep":
            assert rolled.input_tokens[i] == encoded.tokens[i]


def test_special_pieces_are_never_chosen_also_where_they_were_typed(engine):
    for seed in range(40):
        rolled = draw(engine, Request("[CLS] one [SEP] two [MASK] three", seed))
        chosen = {rolled.encoded.tokens[i] for i, c in enumerate(rolled.chosen) if c}
        assert chosen <= {"one", "two", "three"}


def test_where_nothing_can_be_chosen_the_loss_is_zero(engine):
    result = run(engine, Request("[MASK]"))
    assert not any(result.draw.chosen)
    assert result.loss == 0.0 and result.unchosen_loss == 0.0 and result.proof.holds


def test_the_loss_is_the_mean_over_chosen_positions_of_minus_log_p(engine):
    result = run(engine, Request(TEXT, 3))
    rolled = result.draw
    logits = engine.trace(
        TraceRequest(TEXT, keep=frozenset({"mlm"}), layers=(), input_ids=rolled.input_ids)
    ).mlm_logits[0].astype(np.float64)
    by_hand = []
    for i, label in enumerate(rolled.labels):
        if label != -100:
            p = math.exp(logits[i, label]) / sum(math.exp(z) for z in logits[i])
            assert result.probability[i] == pytest.approx(p, rel=1e-9)
            by_hand.append(-math.log(p))
    assert result.loss == pytest.approx(sum(by_hand) / len(by_hand), rel=1e-9)
    assert result.losses[~np.array(rolled.chosen)].sum() == 0


def test_the_librarys_loss_with_the_same_labels_is_the_same(engine):
    """torch's cross_entropy with ignore_index = -100, as in pretraining."""
    for seed in (1, 2, 3):
        assert run(engine, Request(TEXT, seed)).proof.difference < 1e-5


def test_many_rolls_come_near_80_10_10(engine):
    """400 rolls of 3 pieces are 1,200 choices: within four standard deviations of each share."""
    found = shares(engine, Request(TEXT))
    assert found.chosen == pytest.approx(3 / 19)
    assert found.mask + found.random + found.keep == pytest.approx(1.0)
    for share, expected in ((found.mask, 0.8), (found.random, 0.1), (found.keep, 0.1)):
        assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / 1200)


def test_the_json_names_the_fields_of_the_design(engine):
    found = to_json(draw(engine, Request(TEXT, 5)))
    n = len(found["tokens"])
    assert len(found["action"]) == len(found["input"]) == len(found["labels"]) == n
    assert {a for a in found["action"] if a} <= {"mask", "keep", "random"}
    assert all(found["action"][i] for i in found["chosen"])
    assert sum(a is not None for a in found["action"]) == len(found["chosen"])


def test_an_empty_text_is_refused(engine):
    with pytest.raises(EmptyText):
        draw(engine, Request("  "))


def test_a_vocabulary_smaller_than_the_published_ones_can_be_rolled(engine, tmp_path):
    import torch
    from transformers import BertConfig, BertForMaskedLM

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )
    BertForMaskedLM(config).save_pretrained(tmp_path)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "."]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    for seed in range(20):
        result = recipe.run(engine, Request("the cat sat.", seed, str(tmp_path)))
        assert result.proof.holds


def test_rolling_the_dice_needs_no_torch():
    code = (
        "import sys; from core.engine import local_engine; from lessons.mlm import recipe; "
        "recipe.draw(local_engine(), recipe.Request('The cat sat.')); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
