"""Every page in both languages with every kind of text a class will type."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import local_engine
from lessons.text import LANGUAGES
from pages.ui.catalogue import translate
from pages.ui.course import COURSE, Stop

ROOT = Path(__file__).parents[2]
TEXTS = {
    "normal": "The cat sat on the [MASK] because it was tired.",
    "empty": "",
    "white space": " \n\t ",
    "600 pieces": "word " * 600,
    "emoji": "I ❤️ BERT 👩‍👩‍👧‍👦 so 🤖🤖🤖 much",
    "right to left": "مرحبا بالعالم \u202eשלום עולם",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "only [MASK]": "[MASK]",
    "only masks": "[MASK] [MASK] [MASK]",
    "Chinese": "北京是中国的首都。",
    "Markdown": "# **bold** [link](http://example.org) `code` $x^2$ :red[x] | a | b |",
    "special tokens": "[CLS] a [SEP] b [PAD] [UNK]",
    "control characters": "a\u0000b\u200bc\ufeffd\u00ad",
    "one word of 300 letters": "a" * 300,
}
HTML_OF_A_LEARNER = re.compile(r"<script>alert|<img src=x", re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def model() -> None:
    local_engine().warm("embedded")


def opened(stop: Stop, language: str, **query: str) -> AppTest:
    """The page as a link with this query opens it."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    page.query_params["lang"] = language
    for name, value in query.items():
        page.query_params[name] = value
    if stop.url_path:
        page.switch_page(str(stop.file.relative_to(ROOT)))
    return page.run()


def failures(page: AppTest) -> list[str]:
    return [f"{e.message}\n{''.join(e.stack_trace)}" for e in page.exception]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stop", COURSE, ids=lambda stop: stop.slug)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_page_answers_any_text_without_a_traceback(stop, language, text):
    page = opened(stop, language, text=text, text_b=text)
    assert failures(page) == []
    assert page.session_state["lang"] == language
    if stop.url_path:
        title = translate(language, "common", f"title_{stop.slug}")
        assert [shown.value for shown in page.title] == [title]
    for raw in (*page.markdown, *page.get("html")):
        allows_html = getattr(raw, "allow_html", True)
        body = getattr(raw, "value", None) or getattr(raw.proto, "body", "")
        assert not (allows_html and HTML_OF_A_LEARNER.search(body))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stop", [s for s in COURSE if s.url_path], ids=lambda stop: stop.slug)
def test_an_empty_text_gets_a_sentence_and_not_a_result(stop, language):
    page = opened(stop, language)
    page.text_area(key="text").set_value("").run()
    assert failures(page) == []
    assert page.warning or page.info


@pytest.mark.parametrize("stop", [s for s in COURSE if s.url_path], ids=lambda stop: stop.slug)
def test_the_sentence_travels_to_every_lesson(stop):
    text = "A sentence that [MASK] along."
    page = opened(stop, "en", text=text, text_b="And its neighbour.")
    assert page.text_area(key="text").value == text


@pytest.mark.parametrize(
    "query",
    [
        {"layer": "99", "head": "-3"},
        {"layer": "two", "head": "<script>"},
        {"lang": "xx"},
        {"model": "../../etc"},
        {"mask": "sideways", "guess": "maybe", "top_k": "1e9", "seed": "NaN"},
    ],
    ids=lambda query: next(iter(query)),
)
@pytest.mark.parametrize("stop", COURSE, ids=lambda stop: stop.slug)
def test_nonsense_in_a_link_falls_back_to_the_defaults(stop, query):
    page = opened(stop, **{"language": "en", **{k: v for k, v in query.items() if k != "lang"}})
    if "lang" in query:
        page = opened(stop, query["lang"])
    assert failures(page) == []
