"""A name leads to one model, and a class server narrows what is offered."""

import os

import pytest

from core.errors import UnknownModel
from core.models import registry
from core.models.registry import REGISTRY, find, offered

SHORT = (
    "bert-base-uncased", "bert-base-cased", "bert-large-uncased", "bert-base-chinese",
    "bert-base-multilingual-cased",
)


@pytest.fixture(autouse=True)
def unconfigured(monkeypatch):
    monkeypatch.delenv(registry.OFFER_SETTING, raising=False)
    monkeypatch.delenv(registry.FOLDERS_SETTING, raising=False)


def test_the_embedded_model_comes_first_and_lies_in_the_repository():
    assert REGISTRY[0].id == "embedded" and REGISTRY[0].is_local
    assert (REGISTRY[0].folder / "config.json").is_file()


def test_the_other_models_are_hub_ids_under_their_short_names():
    assert tuple(e.label for e in REGISTRY[1:]) == SHORT
    assert tuple(e.id for e in REGISTRY[1:]) == tuple(f"google-bert/{name}" for name in SHORT)
    assert not any(e.is_local for e in REGISTRY[1:])


@pytest.mark.parametrize("name", SHORT)
def test_a_short_name_and_its_hub_id_are_one_model(name):
    assert find(name) is find(f"google-bert/{name}")


@pytest.mark.parametrize(
    "name",
    ["", "bert", "BERT-base-uncased", "google-bert/", "gpt2", "~nobody-here/model", "/no/folder",
     "nul\0byte", "\ud800", pytest.param("x" * 10_000, id="long")],
)
def test_any_other_name_is_an_unknown_model(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownModel, match="No model is called"):
        find(name)


def test_a_folder_without_a_config_is_an_unknown_model(tmp_path):
    with pytest.raises(UnknownModel):
        find(str(tmp_path))


def test_a_folder_in_hub_layout_is_a_model_by_its_absolute_path(tiny, monkeypatch):
    monkeypatch.chdir(tiny.parent)
    for name in (str(tiny), "tiny", "./tiny/"):
        entry = find(name)
        assert (entry.id, entry.label, entry.folder) == (str(tiny), "tiny", tiny)


def test_everything_in_the_registry_is_offered_where_nothing_is_configured():
    assert offered() == REGISTRY


def test_configured_folders_are_offered_after_the_registry(tiny, deep, monkeypatch):
    monkeypatch.setenv(registry.FOLDERS_SETTING, os.pathsep.join([f"{tiny}", "", f" {deep} "]))
    assert offered()[: len(REGISTRY)] == REGISTRY
    assert [e.id for e in offered()[len(REGISTRY) :]] == [str(tiny), str(deep)]
    assert find("tiny").folder == tiny


@pytest.mark.parametrize(
    "setting, labels",
    [
        ("embedded", ["embedded"]),
        (" bert-base-cased , embedded ", ["embedded", "bert-base-cased"]),
        ("google-bert/bert-base-chinese", ["bert-base-chinese"]),
        ("tiny,embedded", ["embedded", "tiny"]),
        ("nothing-like-it", ["embedded"]),
        (" , ", [*["embedded"], *SHORT, "tiny"]),
    ],
)
def test_a_class_server_offers_only_what_its_setting_names(setting, labels, tiny, monkeypatch):
    monkeypatch.setenv(registry.FOLDERS_SETTING, str(tiny))
    monkeypatch.setenv(registry.OFFER_SETTING, setting)
    assert [entry.label for entry in offered()] == labels


def test_a_list_given_in_code_goes_before_the_setting(monkeypatch):
    monkeypatch.setenv(registry.OFFER_SETTING, "embedded")
    assert [entry.label for entry in offered(["bert-base-cased"])] == ["bert-base-cased"]
    assert offered([]) == REGISTRY
