"""`python -m lessons`: one JSON object on stdout and nothing else, or one line on stderr."""

import dataclasses
import io
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from lessons.cli import main as command_line
from lessons.cli.table import COMMANDS

ROOT = Path(__file__).parents[3]
KEYS = {
    "wordpiece": {"tokens", "ids", "words"},
    "embeddings": {"tokens", "token", "segment", "position", "sum", "normalized"},
    "attention": {"tokens", "d_k", "q", "k", "v", "scores", "scaled", "weights", "z"},
    "encoder": {"tokens", "layers"},
    "mlm": {"masks"},
    "mask-recipe": {"tokens", "chosen", "action", "input", "labels"},
    "nsp": {"is_next"},
    "surgery": {"tokens", "off", "words", "is_next", "moved"},
    "judges": {"tokens", "position", "word", "p", "judges", "agreement", "gap"},
    "trace": {"quantity", "indices", "value", "float64", "formula", "factors"},
    "classic": {"one_hot", "tfidf", "textrank", "lsa", "plsa", "lda"},
    "compare": {"word2vec", "glove", "elmo", "bert", "elmo_by_layer", "bert_by_layer"},
    "tasks": {"task", "tokens", "tags", "entities"},
    "layers": {"tokens", "word", "pieces", "layers", "last", "second_to_last", "sum_all",
               "sum_last4", "concat_last4"},
    "train": {"labels", "plan", "curve", "held_out", "trained", "label", "probabilities"},
    "stocks": {"rows", "majority", "split"},
}
ASKED = {
    "wordpiece": ["--text", "The bert tokenizer"],
    "embeddings": ["--text", "The cat sat.", "--text-b", "It slept."],
    "attention": ["--text", "The cat sat.", "--layer", "5", "--head", "11", "--mask", "causal"],
    "encoder": ["--text", "The cat sat.", "--text-b", "It slept."],
    "mlm": ["--text", "The capital of France is [MASK].", "--top-k", "3"],
    "mask-recipe": ["--text", "The quick brown fox jumps over the dog.", "--seed", "7"],
    "nsp": ["--text", "He went out.", "--text-b", "It was raining."],
    "surgery": ["--text", "The [MASK] sat.", "--text-b", "It slept.", "--off", "0.3,2.*"],
    "judges": ["--text", "The [MASK] sat.", "--gradient", "integrated", "--steps", "4"],
    "trace": ["--text", "The cat sat.", "--quantity", "z", "--layer", "5", "--row", "2",
              "--path", "3.a.a.a.a.7r"],
    "classic": ["--text", "The cat sat.\nThe dog sat.\nA bag fell.", "--topics", "2"],
    "compare": ["--word", "bank", "--text", "She sat on the bank of the river.",
                "--text-b", "He put his money in the bank."],
    "tasks": ["--task", "pos", "--text", "A warm and funny film."],
    "layers": ["--text", "The cat sat.", "--word", "cat", "--text-b", "A cat."],
    "train": ["--text", "Rain.", "--lines", "a\tIt rains\nb\tA goal\na\tIt snows\nb\tA race",
              "--mode", "head", "--epochs", "2"],
    "stocks": ["--ticker", "AAPL", "--windows", "1", "--features", "prices",
               "--start", "2014-09-01"],
}
BAD = {
    "no lesson": [],
    "unknown lesson": ["decoder", "--text", "x"],
    "unknown option": ["wordpiece", "--text", "x", "--layers", "1"],
    "abbreviated option": ["wordpiece", "--tex", "x"],
    "option of another lesson": ["wordpiece", "--text", "x", "--head", "1"],
    "missing text": ["attention"],
    "missing second text": ["nsp", "--text", "x"],
    "empty text": ["wordpiece", "--text", " \n\t"],
    "empty second text": ["nsp", "--text", "x", "--text-b", ""],
    "unknown model": ["attention", "--text", "x", "--model", "no/such\nmodel"],
    "layer too high": ["attention", "--text", "x", "--layer", "6"],
    "layer below zero": ["attention", "--text", "x", "--layer", "-1"],
    "head too high": ["attention", "--text", "x", "--head", "12"],
    "layer not a number": ["attention", "--text", "x", "--layer", "two"],
    "unknown mask": ["attention", "--text", "x", "--mask", "sideways"],
    "no [MASK]": ["mlm", "--text", "No gap here."],
    "no words asked for": ["mlm", "--text", "a [MASK]", "--top-k", "0"],
    "heads that are none": ["surgery", "--text", "x", "--off", "0.3;4.7"],
    "unknown device": ["attention", "--text", "x", "--device", "tpu"],
    "documents without a word": ["classic", "--text", "...\n!!"],
    "too many topics": ["classic", "--text", "a cat\na dog", "--topics", "9"],
    "word in one text only": ["compare", "--word", "cat", "--text", "A cat.", "--text-b", "A dog."],
    "no word to compare": ["compare", "--text", "A cat.", "--text-b", "A cat."],
    "no quantity to trace": ["trace", "--text", "x"],
    "unknown quantity": ["trace", "--text", "x", "--quantity", "soul"],
    "piece beyond the text": ["trace", "--text", "x", "--quantity", "q", "--row", "3"],
    "no task": ["tasks", "--text", "A film."],
    "unknown task": ["tasks", "--task", "summary", "--text", "A film."],
    "a question without a paragraph": ["tasks", "--task", "qa", "--text", "Why?"],
    "a task with another model": ["tasks", "--task", "pos", "--text", "x", "--model",
                                  "bert-base-uncased"],
    "a word that the text lacks": ["layers", "--text", "The party.", "--word", "art"],
    "an occurrence that the text lacks": ["layers", "--text", "a cat", "--word", "cat",
                                          "--nth", "2"],
    "no word to look at": ["layers", "--text", "a cat"],
    "lines without a label": ["train", "--text", "x", "--lines", "one\ntwo"],
    "too many epochs": ["train", "--text", "x", "--lines", "a\tb\na\tc\nd\te\nd\tf",
                        "--epochs", "999"],
    "unreadable batch": ["wordpiece", "--batch", "no/such/file.jsonl"],
}


def ask(capfd: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = command_line.main(argv)
    out, err = capfd.readouterr()
    return status, out, err


def batch(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, source: bytes, *argv: str
) -> list[dict]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source)))
    status, out, err = ask(capfd, *argv, "--batch", "-")
    assert (status, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def interpreter(*argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *argv]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def refuse_nan(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize("lesson", KEYS)
def test_a_lesson_prints_one_json_object_with_the_documented_keys(capfd, lesson):
    status, out, err = ask(capfd, lesson, *ASKED[lesson], "--json")
    assert (status, err) == (0, "")
    assert out.count("\n") == 1
    found = json.loads(out, parse_constant=refuse_nan)
    assert KEYS[lesson] <= set(found)


def test_every_lesson_of_the_table_is_tested_here():
    assert [command.name for command in COMMANDS] == list(KEYS) == list(ASKED)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_what_a_lesson_may_be_asked_is_what_its_request_holds(command):
    request = import_module(command.module).Request
    fields = {field.name for field in dataclasses.fields(request)}
    assert {option.name for option in command.options} | {"model"} == fields


@pytest.mark.parametrize("lesson", KEYS)
def test_without_json_a_lesson_prints_short_lines_for_people(capfd, lesson):
    status, out, err = ask(capfd, lesson, *ASKED[lesson])
    assert (status, err) == (0, "")
    assert out.splitlines()[0] and not out.startswith("{")


@pytest.mark.parametrize("argv", BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_line_on_stderr_and_status_2(capfd, argv):
    status, out, err = ask(capfd, *argv, *(["--json"] if argv else []))
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and len(err) > len("lessons: .\n")


def test_the_process_itself_keeps_the_promise():
    """Once through a real interpreter, where libraries are loaded and may chatter."""
    command = ["-m", "lessons", "attention", "--text", "Thinking Machines"]
    good = interpreter(*command, "--json")
    assert (good.returncode, good.stderr) == (0, "")
    found = json.loads(good.stdout)
    n, d_k = len(found["tokens"]), found["d_k"]
    assert [len(found[x]) for x in ("q", "k", "v", "z", "scores")] == [n] * 5
    assert len(found["q"][0]) == d_k and len(found["weights"][0]) == n
    bad = interpreter(*command, "--layer", "99")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.count("\n") == 1


def test_wordpiece_does_not_wait_for_torch():
    code = (
        "import sys; from lessons.cli.main import main; "
        "main(['wordpiece', '--text', 'hello', '--json']); "
        "assert not {'torch', 'transformers', 'streamlit'} & set(sys.modules)"
    )
    done = interpreter("-c", code)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_printed_factors_give_the_printed_weights(capfd):
    """scores = q.k, scaled = scores / sqrt(d_k), weights = softmax(scaled), z = weights v."""
    import numpy as np

    _, out, _ = ask(capfd, "attention", "--text", "The cat sat.", "--layer", "2", "--json")
    found = json.loads(out)
    q, k, v = (np.array(found[name]) for name in "qkv")
    scaled = q @ k.T / np.sqrt(found["d_k"])
    weights = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
    assert np.abs(q @ k.T - found["scores"]).max() < 1e-4
    assert np.abs(scaled - found["scaled"]).max() < 1e-5
    assert np.abs(weights - found["weights"]).max() < 1e-5
    assert np.abs(weights @ v - found["z"]).max() < 1e-5


def test_a_causal_mask_leaves_no_weight_on_later_pieces(capfd):
    import numpy as np

    _, out, _ = ask(
        capfd, "attention", "--text", "The cat sat.", "--mask", "causal", "--json"
    )
    weights = np.array(json.loads(out)["weights"])
    assert (np.triu(weights, 1) == 0).all()
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-6)


def test_the_encoder_prints_every_layer_and_each_reads_what_the_one_before_wrote(capfd):
    import numpy as np

    from core.models.files import parameter

    _, out, _ = ask(capfd, "encoder", "--text", "The cat sat.", "--json")
    found = json.loads(out)
    n, layers = len(found["tokens"]), found["layers"]
    assert len(layers) == 6
    for index, layer in enumerate(layers):
        assert set(layer) == {"attention", "after_attention", "after_ffn"}
        assert np.shape(layer["attention"]) == (12, n, n)
        assert np.allclose(np.sum(layer["attention"], axis=-1), 1, atol=1e-5)
        norms = [f"bert.encoder.layer.{index}.{name}.LayerNorm"
                 for name in ("attention.output", "output")]
        for name, norm in zip(("after_attention", "after_ffn"), norms, strict=True):
            states = np.array(layer[name])
            assert states.shape == (n, 384)
            gamma, beta = (parameter("embedded", f"{norm}.{p}") for p in ("weight", "bias"))
            scaled = (states - beta) / gamma  # what a LayerNorm makes: mean 0, variance 1
            assert np.abs(scaled.mean(1)).max() < 1e-3
            assert np.abs(scaled.var(1) - 1).max() < 1e-2


def test_the_pooled_vectors_are_made_of_the_printed_layers(capfd):
    import numpy as np

    _, out, _ = ask(capfd, "layers", "--text", "The kowalczykowa sat.", "--word", "Kowalczykowa",
                    "--json")
    found = json.loads(out)
    assert [layer["layer"] for layer in found["layers"]] == list(range(7))
    layers = np.array([layer["vector"] for layer in found["layers"]])  # (L + 1, H)
    assert layers.shape == (7, 384) and len(found["pieces"]) == len(found["positions"]) > 1
    assert found["last"] == layers[6].tolist() and found["second_to_last"] == layers[5].tolist()
    assert np.allclose(found["sum_all"], layers[1:].sum(0), atol=1e-4)
    assert np.allclose(found["sum_last4"], layers[3:].sum(0), atol=1e-4)
    assert found["concat_last4"] == layers[3:].ravel().tolist()


def test_predictions_come_best_first_and_are_probabilities(capfd):
    _, out, _ = ask(
        capfd, "mlm", "--text", "A [MASK] in the [MASK].", "--top-k", "4", "--json"
    )
    masks = json.loads(out)["masks"]
    assert [mask["position"] for mask in masks] == [2, 5]  # [CLS] a [MASK] in the [MASK] . [SEP]
    for mask in masks:
        shares = [word["p"] for word in mask["predictions"]]
        assert len(shares) == 4 and shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1


def test_a_seed_fixes_the_draw_of_the_recipe(capfd):
    text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    drawn = [
        ask(capfd, "mask-recipe", "--text", text, "--seed", seed, "--json")[1]
        for seed in ("3", "3", "4")
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_batch_answers_line_by_line_and_goes_on_after_a_bad_one(capfd, monkeypatch):
    lines = [
        b'\xef\xbb\xbf{"text": "hello world"}',  # a byte order mark, as PowerShell writes it
        b"not json",
        b"[1, 2]",
        b"",
        b'{"text": 5}',
        b'{"text": "x", "layer": 1}',
        b"\xff\xfe",
        b'{"text": "  "}',
        b'{"text": null}',
        b"[" * 100_000,
        b'{"text": "last"}',
        b"",
        b"",
    ]
    answers = batch(capfd, monkeypatch, b"\n".join(lines), "wordpiece")
    assert len(answers) == 11  # blank lines at the end of a file ask nothing
    assert answers[0]["tokens"] == ["[CLS]", "hello", "world", "[SEP]"]
    assert answers[-1]["tokens"] == ["[CLS]", "last", "[SEP]"]
    assert all(set(answer) == {"error"} for answer in answers[1:-1])


def test_options_before_a_batch_are_its_defaults(capfd, monkeypatch):
    source = b'{"text": "x"}\n{"text": "x", "layer": 9}\n{"text": "x", "layer": true}\n'
    first, second, third = batch(
        capfd, monkeypatch, source, "attention", "--mask", "causal", "--layer", "1"
    )
    assert first["weights"][0][1] == 0
    assert "9" in second["error"] and "whole number" in third["error"]


def test_help_names_every_lesson(capfd):
    status, out, err = ask(capfd, "--help")
    assert (status, err) == (0, "")
    assert all(command.name in out for command in COMMANDS)
