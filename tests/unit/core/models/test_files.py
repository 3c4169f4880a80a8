"""A checkpoint folder is read, or refused in one clear sentence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import DeviceUnavailable, ModelUnavailable, UnknownModel
from core.models import files
from core.models.loading import load, resolve_device


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may damage."""
    return Path(shutil.copytree(tiny, tmp_path / "own"))


def rewrite_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(config), encoding="utf-8")


def rename_weights(folder: Path, *changes: tuple[str, str]) -> None:
    path = folder / files.WEIGHTS
    renamed = {}
    for name, weight in load_file(path).items():
        for old, new in changes:
            name = name.replace(old, new)
        renamed[name] = weight
    save_file(renamed, path, {"format": "pt"})


def refusal(folder: Path) -> str:
    """The sentence with which the folder is refused, the same for its shape and for loading."""
    said = set()
    for ask in (files.info, load):
        with pytest.raises(ModelUnavailable) as refused:
            ask(str(folder))
        said.add(str(refused.value))
    (sentence,) = said
    return sentence


# What a folder holds


def test_a_folders_shape_comes_from_its_config_and_header(tiny):
    info = files.info(str(tiny))
    assert (info.id, info.label) == (str(tiny), "tiny")
    assert (info.layers, info.heads, info.hidden, info.inner, info.d_k) == (2, 2, 16, 64, 8)
    assert (info.vocabulary, info.max_positions) == (30522, 512)
    assert info.lowercase and info.has_mlm and info.has_nsp


@pytest.mark.parametrize("model", ["embedded", "tiny"])
def test_parameters_are_counted_once_each_as_torch_counts_them(model, tiny):
    name = str(tiny) if model == "tiny" else model
    module = load(name, "cpu")
    assert files.info(name).parameters == sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("model", ["embedded", "tiny"])
def test_every_weight_is_read_as_the_module_has_it(model, tiny):
    name = str(tiny) if model == "tiny" else model
    for key, weight in load(name, "cpu").state_dict().items():
        array = files.parameter(name, key)
        assert array.dtype == np.float32 and not array.flags.writeable
        assert np.array_equal(array, weight.numpy()), key


def test_a_weight_that_is_not_there_is_a_key_error(tiny):
    with pytest.raises(KeyError):
        files.parameter(str(tiny), "bert.encoder.layer.2.output.dense.weight")


def test_a_module_is_loaded_as_float32_with_eager_attention_for_reading_only(folder):
    half = {name: weight.half() for name, weight in load_file(folder / files.WEIGHTS).items()}
    save_file(half, folder / files.WEIGHTS, {"format": "pt"})
    rewrite_config(folder, dtype="float16")
    module = load(str(folder), "cpu")
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    assert module.config._attn_implementation == "eager"
    assert not module.training
    assert not any(p.requires_grad for p in module.parameters())


def test_bfloat16_weights_are_read_without_torch_too(folder):
    """bfloat16 is the upper half of a float32."""
    path = folder / files.WEIGHTS
    name = "bert.pooler.dense.bias"
    half = {key: weight.bfloat16() for key, weight in load_file(path).items()}
    save_file(half, path, {"format": "pt"})
    assert np.array_equal(files.parameter(str(folder), name), half[name].float().numpy())


def test_the_old_names_gamma_and_beta_are_the_layernorm_weights(tiny, folder):
    """Google's own checkpoints still call them so."""
    rename_weights(
        folder, ("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")
    )
    renewed = load(str(folder), "cpu").state_dict()
    for name in ("bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.bias"):
        expected = files.parameter(str(tiny), name)
        assert np.array_equal(files.parameter(str(folder), name), expected)
        assert np.array_equal(renewed[name].numpy(), expected)


def test_an_encoder_alone_has_no_heads_and_the_same_names(tiny, folder):
    encoder = {
        name.removeprefix("bert."): weight
        for name, weight in load_file(folder / files.WEIGHTS).items()
        if name.startswith("bert.")
    }
    save_file(encoder, folder / files.WEIGHTS, {"format": "pt"})
    info = files.info(str(folder))
    assert not info.has_mlm and not info.has_nsp
    name = "bert.encoder.layer.1.output.dense.weight"
    assert np.array_equal(files.parameter(str(folder), name), files.parameter(str(tiny), name))


def test_vocab_txt_alone_is_enough_for_a_tokenizer(folder):
    (folder / "tokenizer.json").unlink()
    assert files.info(str(folder)).lowercase


def test_an_unknown_name_is_not_looked_for_on_the_hub():
    for ask in (files.folder_of, files.info, load):
        with pytest.raises(UnknownModel):
            ask("no-such-model")


# What is refused


def test_pickled_weights_are_not_loaded(folder):
    (folder / files.WEIGHTS).rename(folder / "pytorch_model.bin")
    assert refusal(folder) == (
        "The model own cannot be loaded: it has only pytorch_model.bin; "
        "for safety only safetensors are loaded."
    )


def test_a_folder_without_weights_says_so(folder):
    (folder / files.WEIGHTS).unlink()
    assert refusal(folder).endswith("its model.safetensors is missing.")


@pytest.mark.parametrize("kept", [0, 4, 100, 5_000, -1])
def test_weights_that_were_cut_short_are_damaged(folder, kept):
    path = folder / files.WEIGHTS
    path.write_bytes(path.read_bytes()[:kept])
    assert refusal(folder) == "The model own cannot be loaded: its model.safetensors is damaged."


@pytest.mark.parametrize("header", [b"[]", b'"text"', b'{"a": 1}', b"{}", b"\xff\xfe"])
def test_weights_with_a_strange_header_are_damaged(folder, header):
    (folder / files.WEIGHTS).write_bytes(len(header).to_bytes(8, "little") + header)
    assert refusal(folder).endswith("its model.safetensors is damaged.")


@pytest.mark.parametrize("text", ["", "{", "[]", '"bert"', '{"model_type": "bert"}'])
def test_a_config_that_says_no_shape_is_damaged(folder, text):
    (folder / "config.json").write_text(text, encoding="utf-8")
    assert refusal(folder) == "The model own cannot be loaded: its config.json is damaged."


def test_a_config_in_another_encoding_is_damaged(folder):
    (folder / "config.json").write_bytes(b"\xff\xfe\x00")
    assert refusal(folder).endswith("its config.json is damaged.")


@pytest.mark.parametrize(
    "kind, said", [("roberta", "it is a roberta model"), (None, "it is a nameless model")]
)
def test_a_model_of_another_kind_is_refused_by_name(folder, kind, said):
    rewrite_config(folder, model_type=kind)
    assert refusal(folder) == f"The model own cannot be loaded: {said}, not a BERT."


def test_a_folder_without_a_tokenizer_says_so(folder):
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink()
    assert refusal(folder).endswith("it has neither tokenizer.json nor vocab.txt.")


def test_a_damaged_tokenizer_says_so(folder):
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")
    assert refusal(folder).endswith("its tokenizer files are damaged.")


def test_a_tokenizer_without_the_special_pieces_says_so(folder):
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("[UNK]\na\nb\n", encoding="utf-8")
    assert refusal(folder).endswith("its tokenizer has no [CLS] or no [SEP].")


def test_weights_of_another_shape_than_the_config_do_not_fit(folder):
    rewrite_config(folder, hidden_size=32)
    with pytest.raises(ModelUnavailable, match=r"own cannot be loaded: its files do not fit"):
        load(str(folder))


def test_a_mended_folder_is_read_without_a_restart(folder):
    whole = (folder / files.WEIGHTS).read_bytes()
    (folder / files.WEIGHTS).write_bytes(whole[:1000])
    refusal(folder)
    (folder / files.WEIGHTS).write_bytes(whole)
    assert files.info(str(folder)).layers == 2


# Where it runs


@pytest.fixture
def no_accelerator(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_auto_takes_what_is_there(no_accelerator):
    assert resolve_device("auto") == resolve_device("cpu") == torch.device("cpu")


def test_auto_prefers_cuda(no_accelerator, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto") == torch.device("cuda")


@pytest.mark.parametrize("device", ["cuda", "mps", "tpu"])
def test_a_device_that_is_not_there_is_refused_in_one_sentence(no_accelerator, tiny, device):
    for ask in (lambda: resolve_device(device), lambda: load(str(tiny), device)):
        with pytest.raises(DeviceUnavailable) as refused:
            ask()
        assert str(refused.value) == f"This machine has no device {device}."
        assert refused.value.facts == {"device": device}
