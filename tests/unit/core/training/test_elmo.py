"""ELMo's training: its text, its two tasks, its losses, and a run that can be resumed."""

import lzma
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.training import elmo as training
from core.training.corpus import is_held_out
from core.training.elmo_loss import (
    Candidates,
    Sampler,
    Spellings,
    backpropagate,
    sampled_loss,
    tasks_of,
)
from core.training.elmo_text import (
    Batch,
    ElmoText,
    batches,
    load_text,
    pool_of_batches,
    read_text,
    sequences,
)
from core.vectors import elmo
from core.vectors.bilm import BiLM, Shape, spell

CPU = torch.device("cpu")


def tale(n: int) -> str:
    who = ("cat", "dog", "bird", "horse")[n % 4]
    return f"The {who} {n} saw the river. A {who} sat on the bank of it!\nIt was a good {who}."


TALES = [tale(n) for n in range(900)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with lzma.open(folder / "simplewiki_en.txt.xz", "wt", encoding="utf-8") as file:
        file.write("\n\n".join(TALES))
    return folder


@pytest.fixture(scope="module")
def text(data: Path) -> ElmoText:
    return read_text(data / "simplewiki_en.txt.xz", held_out=False)


def command(data: Path, folder: Path, tokens: int) -> list[str]:
    return [
        "--data", str(data), "--work", str(folder / "elmo"), "--out", str(folder / "out"),
        "--tokens", str(tokens), "--device", "cpu", "--float32",
        "--hidden", "24", "--projection", "12", "--batch-tokens", "200", "--samples", "20",
        "--rate", "0.02",
    ]


def small_model(words: int) -> BiLM:
    torch.manual_seed(5)
    return BiLM(Shape(words, character=4, filters=((1, 4), (2, 4)), hidden=10, projection=6))


def test_sentences_are_joined_while_they_fit_and_a_long_one_is_cut() -> None:
    short = "One two three four five six seven eight nine. "  # 10 words with its full stop
    joined = list(sequences(short * 6 + "\nAnd" + " so" * 90))
    assert [len(s) for s in joined] == [40, 20, 60]
    assert " ".join(joined[0]) == " ".join(["one two three four five six seven eight nine ."] * 4)


def test_the_text_keeps_rare_words_in_their_spelling(text: ElmoText) -> None:
    kept = [n for n in TALES if not is_held_out(n)]
    assert 0 < len(kept) < len(TALES)
    first = [text.spellings[i] for i in text.words[: text.start[1]]]
    assert first[:4] == ["the", "cat", "0", "saw"]
    assert len(text) == len(kept) and len(text.words) == len(kept) * 22
    assert text.targets(["the", "cat"])[:3].tolist() == [0, 1, 2]  # "0" is not listed


def test_the_stored_text_is_the_text(data: Path, text: ElmoText, tmp_path: Path) -> None:
    path, cache = data / "simplewiki_en.txt.xz", tmp_path / "some" / "text.npz"
    for _ in range(2):
        stored = load_text(path, cache, held_out=False)
        assert stored.spellings == text.spellings
        np.testing.assert_array_equal(stored.words, text.words)
        np.testing.assert_array_equal(stored.start, text.start)


def uneven() -> ElmoText:
    lengths = np.random.default_rng(0).integers(2, 30, 3000)
    start = np.concatenate([[0], np.cumsum(lengths)])
    return ElmoText(tuple(map(str, range(start[-1]))), np.arange(start[-1], dtype=np.int32), start)


def test_a_pass_reads_every_word_once_in_batches_of_like_lengths() -> None:
    text = uneven()
    pools = [
        pool_of_batches(text, pool, seed=4, batch_tokens=100, pool_sequences=1000)
        for pool in range(3)
    ]
    seen = np.concatenate([b.words[b.words >= 0] for pool in pools for b in pool])
    assert sorted(seen) == list(range(len(text.words)))
    assert sum(b.tokens for pool in pools for b in pool) == len(text.words)
    places = [b.words.size for pool in pools for b in pool]
    assert max(places) <= 100 and sum(places) < 1.05 * len(text.words)


def test_the_same_seed_gives_the_same_pool_and_the_next_pass_another() -> None:
    text = uneven()
    one, again, later = (
        pool_of_batches(text, pool, seed=4, batch_tokens=100) for pool in (0, 0, 1)
    )
    assert all(np.array_equal(a.words, b.words) for a, b in zip(one, again, strict=True))
    assert not all(
        a.words.shape == b.words.shape and np.array_equal(a.words, b.words)
        for a, b in zip(one, later, strict=False)
    )


def test_each_direction_predicts_every_word_from_what_it_read_before() -> None:
    spellings = Spellings.of(spell(["a", "b", "c"]), np.array([7, 8, 9]))
    words = np.array([[0, 1], [1, 2], [2, -1]], dtype=np.int32)  # "a b c" and "b c"
    characters, (forward, backward) = tasks_of(Batch(words, np.array([3, 2])), spellings, CPU)
    assert characters.shape[0] == 5  # <s>, </s>, a, b, c
    # columns are texts; 0 is <s>, 1 is </s>, then a, b, c
    assert forward.inputs[:, 0].tolist() == [0, 2, 3]
    assert forward.inputs[:2, 1].tolist() == [0, 3]
    assert backward.inputs[:, 0].tolist() == [1, 4, 3]
    assert backward.inputs[:2, 1].tolist() == [1, 4]
    assert forward.targets.tolist() == [7, 8, 8, 9, 9]  # row by row: a b | b c | c
    assert backward.targets.tolist() == [9, 9, 8, 8, 7]
    assert forward.present.tolist() == [[True, True], [True, True], [True, False]]


def test_with_every_word_a_candidate_the_sampled_loss_is_the_full_one() -> None:
    torch.manual_seed(0)
    hidden, weight, bias = torch.randn(5, 4), torch.randn(9, 4), torch.randn(9)
    targets = torch.tensor([3, 0, 8, 3, 1])
    everything = Candidates(torch.arange(9), torch.zeros(9), targets)
    full = F.cross_entropy(hidden @ weight.T + bias, targets)
    torch.testing.assert_close(sampled_loss(hidden, weight, bias, everything), full)


def test_candidates_hold_the_targets_once_and_the_odds_of_being_drawn() -> None:
    counts = np.array([160, 81, 16, 1, 0])
    targets = torch.tensor([1, 1, 3])
    found = Sampler(counts, 2, seed=1, device=CPU).draw(6, targets)
    rows = found.rows.tolist()
    assert rows == sorted(set(rows)) and found.rows[found.place].tolist() == [1, 1, 3]
    flattened = np.array([160, 81, 16, 1, 1]) ** 0.75
    for row, value in zip(rows, found.log_present.tolist(), strict=True):
        expected = 2 * flattened[row] / flattened.sum() + 3 * counts[row] / 258
        assert value == pytest.approx(np.log(1 - np.exp(-expected)), rel=1e-4)


def test_two_threads_leave_the_gradients_of_one_and_of_plain_backpropagation() -> None:
    text, model = uneven(), small_model(words=51)
    spellings = Spellings.of(spell(text.spellings), np.arange(len(text.spellings)) % 51)
    batch = batches(text, np.arange(20), 100, None)[3]
    characters, tasks = tasks_of(batch, spellings, CPU)
    sampler = Sampler(np.ones(51), 30, seed=1, device=CPU)
    candidates = [sampler.draw(0, task.targets) for task in tasks]

    def gradients(workers: ThreadPoolExecutor | None) -> list[torch.Tensor]:
        model.zero_grad()
        backpropagate(model, characters, tasks, candidates, None, workers)
        return [p.grad.clone() for p in model.parameters()]

    with ThreadPoolExecutor(2) as workers:
        threaded = gradients(workers)
    alone = gradients(None)
    model.zero_grad()
    encoded = model.encoder(characters)
    for name, task, among in zip(("forward", "backward"), tasks, candidates, strict=True):
        top = model.layers(name, F.embedding(task.inputs, encoded))[-1][task.present]
        sampled_loss(top, model.softmax.weight, model.softmax.bias, among).backward(
            retain_graph=True
        )
    for parameter, one, two in zip(model.parameters(), alone, threaded, strict=True):
        torch.testing.assert_close(one, two)
        torch.testing.assert_close(one, parameter.grad)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("trained")
    return folder, training.main(command(data, folder, 12_000))


def test_the_stored_model_gives_the_perplexity_that_its_facts_tell(
    trained: tuple[Path, dict], data: Path
) -> None:
    folder, facts = trained
    model = elmo.read(folder / "out")
    assert model.facts["held_out"] == facts["held_out"]
    held_out = read_text(data / "simplewiki_en.txt.xz", held_out=True)
    assert facts["held_out"]["words"] == len(held_out.words) > 20
    total = np.zeros(2)
    for first, stop in zip(held_out.start, held_out.start[1:], strict=False):
        words = [held_out.spellings[i] for i in held_out.words[first:stop]]
        total += [side.sum() for side in model.log_probabilities(words)]
    forward, backward = np.exp(-total / len(held_out.words))
    assert forward == pytest.approx(facts["held_out"]["forward_perplexity"], rel=1e-3)
    assert backward == pytest.approx(facts["held_out"]["backward_perplexity"], rel=1e-3)


def test_a_trained_model_knows_its_sentences(trained: tuple[Path, dict]) -> None:
    folder, facts = trained
    assert facts["held_out"]["forward_perplexity"] < 8  # without learning about 900 words
    gap = elmo.read(folder / "out").fill(["it", "was", "a"], ["dog", "."], 1)
    assert gap.forward[0][0] == gap.backward[0][0] == gap.both[0][0] == "good"


def test_a_stopped_run_goes_on_to_the_same_weights(
    trained: tuple[Path, dict], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, real = 0, training.Run.step

    def step(run: training.Run, batch: Batch) -> list[float]:
        nonlocal steps
        steps += 1
        if steps == 30:
            run.save()
            raise KeyboardInterrupt
        return real(run, batch)

    monkeypatch.setattr(training.Run, "step", step)
    with pytest.raises(KeyboardInterrupt):
        training.main(command(data, tmp_path, 12_000))
    assert training.main(command(data, tmp_path, 12_000))["held_out"] == trained[1]["held_out"]
    stored = [f / "out" / "elmo.safetensors" for f in (tmp_path, trained[0])]
    assert stored[0].read_bytes() == stored[1].read_bytes()


def test_a_checkpoint_of_another_word_list_is_refused(
    trained: tuple[Path, dict], data: Path, tmp_path: Path
) -> None:
    (tmp_path / "elmo").mkdir()
    checkpoint = torch.load(trained[0] / "elmo" / "checkpoint.pt", weights_only=True)
    torch.save({**checkpoint, "words": "another"}, tmp_path / "elmo" / "checkpoint.pt")
    with pytest.raises(ValueError, match="another list"):
        training.main(command(data, tmp_path, 12_000))
