"""The frame around every page: language, sentence, model and links, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import LocalEngine, local_engine
from core.errors import Busy
from core.models.registry import ASSETS, FOLDERS_SETTING, OFFER_SETTING
from lessons.text import LANGUAGES, presets
from pages.ui.catalogue import translate
from pages.ui.course import LESSONS, stop_of

ROOT = Path(__file__).parents[2]
HUB_MODEL = "google-bert/bert-base-cased"


@pytest.fixture(scope="module", autouse=True)
def model() -> None:
    local_engine().warm("embedded")


def arrive(slug: str, **query: str) -> AppTest:
    """A visitor who opens a link."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    return go(app, slug)


def go(app: AppTest, slug: str) -> AppTest:
    if slug != "home":
        app.switch_page(str(stop_of(slug).file.relative_to(ROOT)))
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(item.value for item in (*app.caption, *app.warning, *app.info))


def in_address(app: AppTest) -> dict[str, str]:
    return app.session_state["_address"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_opens_in_its_language_whatever_the_browser_speaks(language):
    app = arrive("wordpiece", lang=language)
    assert app.title[0].value == translate(language, "common", "title_wordpiece")
    assert in_address(app)["lang"] == language


def test_language_and_sentence_survive_a_walk_through_all_lessons():
    app = arrive("wordpiece", lang="zh", text="A quiet zebra.")
    for stop in LESSONS:
        go(app, stop.slug)
        assert app.title[0].value == translate("zh", "common", f"title_{stop.slug}")
        assert app.text_area(key="text").value == "A quiet zebra."
        assert in_address(app)["text"] == "A quiet zebra."


def test_the_sentence_stays_when_the_language_changes():
    app = arrive("attention", text="A quiet zebra.", mask="causal")
    app.button_group(key="lang").set_value("zh").run()
    assert not app.exception
    assert app.title[0].value == translate("zh", "common", "title_attention")
    assert app.text_area(key="text").value == "A quiet zebra."
    assert in_address(app) | {"lang": "zh", "mask": "causal"} == in_address(app)


def test_a_layer_in_the_link_is_shown_and_kept_while_on_another_page():
    app = arrive("attention", layer="3", head="7")
    assert app.slider(key="layer").value == 3
    go(app, "wordpiece")
    assert "layer" not in in_address(app)
    go(app, "attention")
    assert (app.slider(key="layer").value, app.slider(key="head").value) == (3, 7)


@pytest.mark.parametrize("layer", ["6", "-1", "two", "1e3", "<script>", "9" * 40, ""])
def test_a_layer_the_model_has_not_falls_back_and_says_so(layer):
    app = arrive("attention", lang="en", layer=layer)
    assert app.slider(key="layer").value == 0
    assert "the default is used" in said(app)


def test_a_text_too_long_for_a_link_is_shown_but_not_put_into_the_address():
    app = arrive("wordpiece", text="word " * 600)
    assert app.text_area(key="text").value == "word " * 600
    assert "text" not in in_address(app)


def test_an_emptied_box_is_part_of_the_link():
    app = arrive("wordpiece", lang="en", text="")
    assert app.text_area(key="text").value == ""
    assert in_address(app)["text"] == ""


def test_a_preset_fills_the_boxes_and_its_controls():
    app = arrive("attention", lang="en")
    preset = next(p for p in presets("attention") if p.controls.get("mask") == "causal")
    app.button_group(key="_preset_attention").set_value(preset.id).run()
    assert not app.exception
    assert app.text_area(key="text").value == preset.text
    assert in_address(app)["mask"] == "causal"


def test_a_hub_model_that_is_not_here_gets_one_sentence_and_the_app_goes_on(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    app = arrive("attention", lang="en", model=HUB_MODEL, text="A quiet zebra.")
    assert "bert-base-cased is not on this machine" in said(app).replace("\\", "")
    assert app.selectbox(key="model").value == "embedded"
    assert app.text_area(key="text").value == "A quiet zebra."
    assert in_address(app)["model"] == "embedded"


def test_a_class_server_offers_only_its_list(monkeypatch):
    monkeypatch.setenv(OFFER_SETTING, "embedded,bert-base-chinese")
    app = arrive("wordpiece", lang="en")
    assert len(app.selectbox(key="model").options) == 2
    monkeypatch.setenv(OFFER_SETTING, "embedded")
    app = arrive("wordpiece", lang="en", model=HUB_MODEL)
    assert app.selectbox(key="model").value == "embedded"


def test_a_local_folder_is_offered_and_loaded_when_chosen(monkeypatch, tmp_path):
    folder = tmp_path / "of-my-own"
    folder.symlink_to(ASSETS / "models" / "embedded")
    monkeypatch.setenv(FOLDERS_SETTING, str(folder))
    app = arrive("attention", lang="en")
    app.selectbox(key="model").set_value(str(folder.resolve())).run()
    assert not app.exception
    assert in_address(app)["model"] == str(folder.resolve())
    assert local_engine().ready(str(folder.resolve()))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(Busy(), "errors_busy"), (TimeoutError(), "errors_busy"), (OSError("x"), "errors_unknown")],
    ids=["a full queue", "a deadline", "a defect"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_goes_wrong_is_told_in_a_sentence_and_the_text_stays(
    monkeypatch, language, error, sentence
):
    def fail(*args: object, **options: object) -> None:
        raise error

    text = f"Nobody has asked this before: {language} {sentence} {type(error).__name__}."
    with monkeypatch.context() as broken:
        broken.setattr(LocalEngine, "trace", fail)
        app = arrive("attention", lang=language, text=text)
    told = [*app.warning, *app.error]
    assert [item.value for item in told] == [translate(language, "common", sentence)]
    assert app.text_area(key="text").value == text
    if sentence == "errors_busy":
        retry = translate(language, "common", "retry")
        next(button for button in app.button if button.label == retry).click().run()
        assert not [*app.warning, *app.error, *app.exception]


def test_a_guess_comes_before_the_answer():
    app = arrive("nsp", lang="en", guess="true")
    shown = len(app.metric)
    form = next(b for b in app.button if b.label == translate("en", "common", "guess_commit"))
    radio = next(r for r in app.radio if not r.key or not r.key.startswith("_quiz_"))
    radio.set_value(radio.options[0])
    form.click().run()
    assert not app.exception
    assert len(app.metric) > shown


def test_a_quiz_answer_reveals_the_reason():
    app = arrive("attention", lang="en")
    radio = next(r for r in app.radio if r.key.startswith("_quiz_"))
    radio.set_value(0).run()
    assert not app.exception
    assert [*app.success, *app.info]


def test_presenter_mode_is_in_the_link():
    app = arrive("wordpiece", present="true")
    assert app.toggle(key="present").value is True
    assert in_address(app)["present"] == "true"
