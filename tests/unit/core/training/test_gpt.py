"""Training the left-to-right model on a few articles, and the arithmetic of its perplexity."""

import json
from math import exp, log
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.training import gpt as training
from core.training.corpus import TokenizedCorpus, articles, is_held_out
from core.training.gpt_export import Perplexity, held_out_words, surprisal
from core.training.sequences import (
    IGNORED,
    batches,
    collate,
    document_sequences,
    keep_share,
    training_pool,
)
from core.training.table_loss import table_loss
from core.vectors import gpt


def corpus_of(*documents: list[list[int]]) -> TokenizedCorpus:
    sentences = [s for document in documents for s in document]
    return TokenizedCorpus(
        np.array([i for s in sentences for i in s], np.uint16),
        np.cumsum([0, *map(len, sentences)]),
        np.cumsum([0, *map(len, documents)]),
    )


def test_whole_sentences_are_joined_and_only_too_long_ones_cut():
    lengths = [3, 4, 5, 12]
    found = document_sequences([np.arange(n) for n in lengths], room=8)
    assert [len(s) for s in found] == [7, 5, 8, 4]  # 3 + 4 | 5 | 12 = 8 + 4


def test_each_position_is_to_say_the_next_piece():
    batch = collate([np.array([7, 8, 9]), np.array([5])], cls=1, pad=0)
    assert batch.ids.tolist() == [[1, 7, 8, 9], [1, 5, 0, 0]]
    assert batch.following.tolist() == [[7, 8, 9, IGNORED], [5, IGNORED, IGNORED, IGNORED]]
    assert batch.pieces == 4


def test_a_share_of_the_positions_is_counted_the_same_for_a_seed():
    batch = collate([np.arange(1, 1001)], cls=1, pad=0)
    kept, again = (keep_share(batch, 0.4, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(kept.following, again.following)
    counted = kept.following != IGNORED
    assert 350 < counted.sum() < 450
    assert np.array_equal(kept.following[counted], batch.following[counted])


def test_an_epoch_reads_every_article_once():
    corpus = corpus_of(*[[[d, d], [d]] for d in range(10, 60)])
    pool = training_pool(
        corpus, 0, seed=1, share=1.0, length=128, batch_pieces=20, cls=1, pad=0
    )
    read = sorted(int(i) for batch in pool for i in batch.ids.flat if i > 1)
    assert read == sorted(corpus.ids.tolist())
    assert all(batch.ids.size <= 20 for batch in pool)
    assert len(batches(corpus, [0, 1], length=128, batch_pieces=99, cls=1, pad=0)) == 1


def test_the_loss_and_its_gradients_are_those_of_cross_entropy():
    generator = torch.Generator().manual_seed(0)
    table = torch.randn(50, 8, generator=generator)
    vectors, bias = torch.randn(300, 8, generator=generator), torch.randn(50, generator=generator)
    gold = torch.randint(50, (300,), generator=generator)
    results = []
    for loss in (table_loss, lambda v, t, b, g: F.cross_entropy(F.linear(v, t, b), g)):
        v, b = vectors.clone().requires_grad_(), bias.clone().requires_grad_()
        value = 3 * loss(v, table, b, gold)
        value.backward()
        results.append((value.detach(), v.grad, b.grad))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_perplexity_of_a_hand_made_distribution():
    """P = 1/2, 1/4, 1/8, 1/8: the pieces 0, 1, 2, 3, 0 cost 1 + 2 + 3 + 3 + 1 = 10 bits."""
    distribution = torch.tensor([1 / 2, 1 / 4, 1 / 8, 1 / 8]).log()
    blind = SimpleNamespace(
        table=torch.zeros(4, 1),
        states=lambda ids: [torch.zeros(*ids.shape, 1)],
        logits=lambda hidden: distribution.expand(len(hidden), 4) + 5,  # softmax ignores the 5
    )
    batch = collate([np.array([0, 1, 2]), np.array([3, 0])], cls=1, pad=0)
    nats, pieces = surprisal(blind, [batch])
    assert pieces == 5
    assert nats == pytest.approx(10 * log(2), rel=1e-6)
    found = Perplexity(nats, pieces, words=4)
    assert found.per_piece == pytest.approx(2 ** (10 / 5))
    assert found.per_word == pytest.approx(2 ** (10 / 4))


def test_the_rate_warms_up_and_falls_to_zero():
    assert training.rate_share(0) < 0.01
    assert training.rate_share(training.WARMUP_SHARE) == 1
    assert training.rate_share((1 + training.WARMUP_SHARE) / 2) == pytest.approx(0.5)
    assert training.rate_share(1) == training.rate_share(1.1) == 0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Articles of which one in a hundred is held out, all saying the same few sentences."""
    text = [f"Town {i} lies on a river. The river flows into the sea." for i in range(300)]
    assert any(map(is_held_out, text))
    (tmp_path / "simplewiki_en.txt").write_text("\n\n".join(text) + "\n")
    return tmp_path


def test_a_run_learns_stops_goes_on_and_stores_what_it_measured(data, tiny, monkeypatch, capsys):
    monkeypatch.setattr(training, "CORPUS", "simplewiki_en.txt")
    monkeypatch.setattr(training, "PEAK", 2e-2)
    options = ["--data", str(data), "--embedded", str(tiny), "--work", str(data / "work"),
               "--target", str(data / "out"), "--batch-pieces", "300", "--device", "cpu"]
    training.main([*options, "--tokens", "3000"])
    half = json.loads((data / "out" / gpt.FACTS).read_text())
    training.main([*options, "--tokens", "12000"])
    facts = json.loads((data / "out" / gpt.FACTS).read_text())
    assert facts["training"]["steps"] > half["training"]["steps"] > 5
    assert facts["evaluation"]["perplexity_per_piece"] < half["evaluation"]["perplexity_per_piece"]

    model = gpt.read(data / "out", tiny)
    held_out = [a for a in articles(data / "simplewiki_en.txt") if is_held_out(a)]
    nats = -sum(float(model.log_probabilities(a)[1].sum()) for a in held_out)
    pieces = sum(len(model.log_probabilities(a)[0]) for a in held_out)
    figures = facts["evaluation"]
    assert figures["pieces"] == pieces
    assert figures["perplexity_per_piece"] == pytest.approx(exp(nats / pieces), rel=1e-2)
    words = held_out_words(data / "simplewiki_en.txt")
    assert figures["words"] == words == 14 * len(held_out)  # 12 words and 2 full stops
    assert figures["perplexity_per_word"] == pytest.approx(exp(nats / words), rel=1e-2)


def test_a_checkpoint_beside_another_table_is_refused(data, tiny, deep, monkeypatch):
    monkeypatch.setattr(training, "CORPUS", "simplewiki_en.txt")
    args = training.parse(["--data", str(data), "--embedded", str(tiny), "--device", "cpu",
                           "--work", str(data)])
    training.Run(args).save()
    args.embedded = deep
    with pytest.raises(ValueError, match="embedded model has changed"):
        training.Run(args)
