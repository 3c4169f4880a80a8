"""The embedded model's file is damaged: which pages go on, and what the others say."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.engine import local
from core.models import files, registry
from core.models.registry import REGISTRY
from pages.ui.catalogue import translate
from pages.ui.course import stop_of

ROOT = Path(__file__).parents[2]
WHOLE = REGISTRY[0].folder
SAYS = {
    "en": "The model embedded cannot be loaded: its file model.safetensors is damaged.",
    "zh": "无法加载模型 embedded：文件 model.safetensors 已损坏。",
}


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    """The embedded model with half of its weights file, in a server that has just started."""
    assert WHOLE is not None
    folder = Path(shutil.copytree(WHOLE, tmp_path / "embedded"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: 2**20])
    entry = replace(REGISTRY[0], folder=folder)
    monkeypatch.setattr(registry, "REGISTRY", (entry, *REGISTRY[1:]))
    monkeypatch.setattr(local, "_singleton", {})
    _forget()
    yield folder
    _forget()


def _forget() -> None:
    st.cache_resource.clear()
    for kept in (files.folder_of, files.words_folder, files.info, files.checksum, files.parameter):
        kept.cache_clear()


def opened(slug: str, language: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["lang"] = language
    if slug != "home":
        app.switch_page(str(stop_of(slug).file.relative_to(ROOT)))
    app.run()
    return app


def told(app: AppTest) -> list[str]:
    """What stands in boxes on the page, without Markdown's escapes."""
    return [box.value.replace("\\", "") for box in (*app.warning, *app.error)]


def reached_its_end(app: AppTest, language: str) -> bool:
    quiz = translate(language, "common", "quiz")
    return any(heading.value == quiz for heading in app.subheader)


@pytest.mark.parametrize("slug, language", [
    ("wordpiece", "en"), ("classic", "zh"), ("word2vec", "en"), ("scores", "zh"), ("stocks", "en"),
])
def test_a_lesson_that_reads_no_weights_works_to_its_end(damaged, slug, language):
    app = opened(slug, language)
    assert not app.exception
    assert reached_its_end(app, language), told(app)


def test_the_start_page_shows_the_course_and_says_what_is_missing(damaged):
    app = opened("home", "zh")
    assert not app.exception and told(app) == [SAYS["zh"]]


@pytest.mark.parametrize("slug, language", [
    ("embeddings", "en"), ("attention", "zh"), ("mlm", "en"),
])
def test_a_lesson_that_needs_them_says_one_sentence_and_keeps_what_was_typed(
    damaged, slug, language
):
    app = opened(slug, language)
    app.text_area(key="text").set_value("A quiet [MASK] zebra.").run()
    assert not app.exception
    assert told(app) == [SAYS[language]]
    assert app.text_area(key="text").value == "A quiet [MASK] zebra."


def test_the_mended_file_is_used_at_the_next_run_of_the_same_page(damaged):
    app = opened("attention", "en")
    assert told(app) == [SAYS["en"]]
    shutil.copy(WHOLE / "model.safetensors", damaged / "model.safetensors")
    local.local_engine().warm("embedded")  # as the server does beside the pages
    retry = translate("en", "common", "retry")
    next(button for button in app.button if button.label == retry).click().run()
    assert not app.exception and told(app) == []
    assert reached_its_end(app, "en")
