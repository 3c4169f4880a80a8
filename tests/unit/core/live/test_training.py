"""What a training changes, what it leaves, and that what it leaves is what it was."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from core.errors import OutOfRange
from core.live import tuning
from core.live.download import FILE, parcel, snippet
from core.live.plan import MODES, Plan
from core.live.training import LENGTH
from core.models import files
from core.tasks.registry import WEIGHTS
from core.trace.recompute import softmax
from lessons.train import material, sizes
from lessons.train.held import held_out
from lessons.train.plane import plane

PLAN = Plan("lora", rank=2, epochs=3, rate=5e-3, batch=4, held_out=0.34, seed=1)
PATIENTLY = 280


def trained(pool, lines, plan, model, owner="test"):
    job = tuning.start(pool, lines, plan, model=model, owner=owner)
    assert pool.wait(job, PATIENTLY).state == "done"
    return job, tuning.outcome(pool, job)


def own_parts(folder: Path) -> set[str]:
    return {name for name in load_file(folder / WEIGHTS) if not name.startswith("head.")}


def moved(folder: Path) -> set[str]:
    return {name for name, a in load_file(folder / WEIGHTS).items() if np.any(a)} - {
        "head.weight", "head.bias"}


def test_the_head_alone_leaves_the_encoder_as_it_is(pool, lines, bert):
    job, found = trained(pool, lines, replace(PLAN, mode="head", epochs=20), bert)
    assert own_parts(pool.folder(job)) == set()
    np.testing.assert_array_equal(found.before, found.after)
    assert found.trained == found.weight.size + found.bias.size == 2 * 16 + 2


def test_the_last_layer_alone_moves_the_last_layer_alone(pool, lines, bert):
    job, found = trained(pool, lines, replace(PLAN, mode="last", last=1, rate=1e-3), bert)
    assert all(name.startswith("encoder.layer.1.") for name in moved(pool.folder(job)))
    assert "encoder.layer.1.output.dense.weight" in moved(pool.folder(job))
    assert np.abs(found.after - found.before).max() > 1e-4


def test_lora_moves_every_linear_map_by_a_product_of_low_rank(pool, lines, bert):
    job, _ = trained(pool, lines, PLAN, bert)
    arrays = load_file(pool.folder(job) / WEIGHTS)
    ups = [name for name in arrays if name.endswith(".up")]
    assert len(ups) == 6 * 2 and all(arrays[name].shape[1] == 2 for name in ups)


def test_everything_moves_the_embeddings_too(pool, lines, bert):
    job, _ = trained(pool, lines, replace(PLAN, mode="all", rate=1e-3), bert)
    names = moved(pool.folder(job))
    assert "embeddings.word_embeddings.weight" in names
    assert "encoder.layer.0.attention.self.query.weight" in names
    assert not any("pooler" in name for name in names)


@pytest.mark.parametrize("mode", MODES)
def test_the_page_counts_what_is_free_as_the_training_does(pool, lines, bert, mode):
    plan = replace(PLAN, mode=mode, last=1, epochs=1)
    _, found = trained(pool, lines, plan, bert)
    assert sizes.free(files.info(bert), 2, plan) == found.trained


def test_a_point_stands_before_the_first_step_and_after_each_epoch(pool, lines, bert):
    _, found = trained(pool, lines, PLAN, bert)
    steps = -(-8 // 4)  # eight of twelve lines to learn from, four a step
    assert [p.epoch for p in found.curve] == [0, 1, 2, 3]
    assert [p.step for p in found.curve] == [0, steps, 2 * steps, 3 * steps]
    assert len(found.losses) == found.steps == 3 * steps and not found.stopped
    assert found.curve[0].train_loss == pytest.approx(np.log(2), abs=0.1)


def test_lines_that_differ_are_learned(pool, lines, bert):
    _, found = trained(pool, lines, replace(PLAN, mode="all", epochs=25, rate=3e-3), bert)
    assert found.curve[-1].train_accuracy == found.curve[-1].held_accuracy == 1.0
    assert found.curve[-1].train_loss < 0.5 * found.curve[0].train_loss


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(pool, lines, bert):
    _, first = trained(pool, lines, PLAN, bert)
    _, again = trained(pool, lines, PLAN, bert)
    _, other = trained(pool, lines, replace(PLAN, seed=2), bert)
    assert first.losses == again.losses
    np.testing.assert_array_equal(first.scores, again.scores)
    np.testing.assert_array_equal(first.after, again.after)
    assert first.losses != other.losses


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("mode", ["head", "lora", "last"])
def test_a_held_out_line_typed_again_gets_the_same_scores(pool, lines, bert, mode, pooling):
    plan = replace(PLAN, mode=mode, pooling=pooling)
    job, found = trained(pool, lines, plan, bert)
    said = tuning.say(pool, job, lines.items[found.held_line[0]].text)
    np.testing.assert_allclose(said.logits[0], found.scores[0], atol=1e-4)
    np.testing.assert_allclose(
        said.vectors[0], found.after[found.held_line[0]], atol=1e-4
    )


def test_tags_are_judged_word_by_word(pool, tagged, bert):
    plan = replace(PLAN, mode="all", epochs=120, batch=2, rate=3e-3)
    job, found = trained(pool, tagged, plan, bert)
    said = tuning.say(pool, job, "Ada went to Rome on day 3.")
    words = ["Ada", "went", "to", "Rome", "on", "day", "3", "."]
    assert [("Ada went to Rome on day 3.")[a:b] for a, b in said.spans] == words
    tags = [found.labels[i] for i in said.logits.argmax(-1)]
    assert tags == ["B-PER", "O", "O", "B-LOC", "O", "O", "O", "O"]
    held = held_out(tagged, found)
    assert len(held.judged) == len(words) * 2  # a third of six lines
    assert held.names is not None and held.names.f1 == 1.0 and held.accuracy == 1.0


def test_the_confusion_matrix_counts_every_held_out_line_once(pool, lines, bert):
    _, found = trained(pool, lines, PLAN, bert)
    held = held_out(lines, found)
    shares = softmax(found.scores.astype(np.float64))
    right = [lines.items[i].label == int(row.argmax())
             for i, row in zip(found.held_line, shares, strict=True)]
    assert held.confusion.sum() == 4 and held.accuracy == np.mean(right)
    assert held.majority == 0.5  # both classes alike on both sides
    assert len(held.mistakes) == 4 - sum(right)


@pytest.mark.parametrize("fit", ["before", "both"])
def test_the_plane_shows_the_share_of_variance_that_it_says(pool, lines, bert, fit):
    _, found = trained(pool, lines, replace(PLAN, mode="all", rate=3e-3), bert)
    seen = plane(found, fit)
    for points, vectors, share in ((seen.before, found.before, seen.share_before),
                                   (seen.after, found.after, seen.share_after)):
        spread = points.var(0).sum() / vectors.astype(np.float64).var(0).sum()
        assert share == pytest.approx(spread)
    if fit == "before":  # as scikit-learn finds it
        from sklearn.decomposition import PCA
        own = PCA(2, svd_solver="full").fit(found.before.astype(np.float64))
        assert seen.share_before == pytest.approx(own.explained_variance_ratio_.sum())


@pytest.mark.parametrize("mode, kind", [("lora", "sentence"), ("last", "sentence"),
                                        ("head", "sentence"), ("lora", "tags")])
def test_the_downloaded_file_with_its_program_says_the_same(
    pool, lines, tagged, bert, tmp_path, mode, kind
):
    given = lines if kind == "sentence" else tagged
    plan = replace(PLAN, mode=mode, rate=1e-3, pooling="mean" if mode == "last" else "cls")
    job, found = trained(pool, given, plan, bert)
    text = "the sun at night"
    (tmp_path / FILE).write_bytes(parcel(pool.folder(job), found))
    with safe_open(tmp_path / FILE, "np") as file:
        facts = file.metadata()
    assert facts["whole"] == "true" and facts["base"] == found.base and facts["kind"] == kind
    (tmp_path / "ask.py").write_text(snippet(found, text, bert), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "ask.py"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    rows = [eval(line, {"__builtins__": {}}) for line in done.stdout.splitlines()]
    said = softmax(tuning.say(pool, job, text).logits)
    if kind == "tags":  # the program says it of every piece, [CLS] and [SEP] too
        rows = rows[1:-1]
    assert len(rows) == len(said)
    for row, ours in zip(rows, said, strict=True):
        assert list(row) == list(found.labels)
        np.testing.assert_allclose(list(row.values()), ours, atol=1e-4)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"epochs": 201}, {"last": 3}, {"rank": 0}])
def test_a_plan_out_of_range_is_refused_before_it_waits(pool, lines, bert, wrong):
    with pytest.raises(OutOfRange):
        tuning.start(pool, lines, replace(PLAN, mode="last", **wrong), model=bert, owner="test")


def test_the_page_tells_of_a_cut_where_the_training_cuts():
    assert material.LENGTH == LENGTH
