"""Everything a learner reads is there in both languages, with the same placeholders."""

import re
import tomllib
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from core import errors
from lessons.text import LANGUAGES, presets, quiz, sections
from pages.ui.course import COURSE, LESSONS

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "assets" / "locale"
PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")
NUMBER = re.compile(r"\{\{(\w+)\}\}")
USED = re.compile(r"""\b(?:page\.t|self\.t|say)\(\s*"([a-z_0-9]+)\"""")


def catalogue(language: str, name: str) -> dict[str, str]:
    with open(LOCALE / language / f"{name}.toml", "rb") as file:
        return tomllib.load(file)


NAMES = sorted(path.stem for path in (LOCALE / "en").glob("*.toml"))


def test_each_catalogue_exists_in_every_language():
    for language in LANGUAGES:
        assert sorted(path.stem for path in (LOCALE / language).glob("*.toml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_has_the_same_keys_and_placeholders_in_both_languages(name):
    english, chinese = catalogue("en", name), catalogue("zh", name)
    assert sorted(english) == sorted(chinese)
    for key, text in english.items():
        assert text.strip() and chinese[key].strip()
        found = [sorted(set(PLACEHOLDER.findall(t))) for t in (text, chinese[key])]
        assert found[0] == found[1], key


@pytest.mark.parametrize("stop", COURSE, ids=lambda stop: stop.slug)
def test_every_string_a_page_asks_for_is_in_a_catalogue(stop):
    known = set(catalogue("en", "common")) | set(catalogue("en", stop.slug))
    for path in stop.file.parent.glob(f"{stop.slug}*.py"):
        missing = set(USED.findall(path.read_text(encoding="utf-8"))) - known
        assert not missing, path.name


def test_every_string_the_frame_asks_for_is_in_the_common_catalogue():
    known = set(catalogue("en", "common"))
    for path in (ROOT / "pages" / "ui").glob("*.py"):
        missing = set(USED.findall(path.read_text(encoding="utf-8"))) - known - {"lead"}
        assert not missing, path.name


def test_every_lesson_has_a_title_and_every_group_a_name():
    known = set(catalogue("en", "common"))
    assert {f"title_{stop.slug}" for stop in COURSE} <= known
    assert {f"group_{stop.group}" for stop in COURSE} <= known
    assert {f"station_{stop.station}" for stop in COURSE if stop.station} <= known
    asked = set(catalogue("en", "home"))
    assert {f"asks_{stop.slug}" for stop in LESSONS} <= asked


def test_every_error_has_its_sentence():
    known = set(catalogue("en", "common"))
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.InsideBertError):
            assert f"errors_{kind.key}" in known


@pytest.mark.parametrize("stop", COURSE, ids=lambda stop: stop.slug)
def test_a_text_has_the_same_sections_and_numbers_in_both_languages(stop):
    english, chinese = sections(stop.slug, "en"), sections(stop.slug, "zh")
    assert list(english) == list(chinese)
    for key in english:
        numbers = [sorted(set(NUMBER.findall(s[key].body))) for s in (english, chinese)]
        assert numbers[0] == numbers[1], key


@pytest.mark.parametrize("stop", LESSONS, ids=lambda stop: stop.slug)
def test_a_lesson_has_six_presets_and_three_questions_in_each_language(stop):
    for language in LANGUAGES:
        shown = [preset for preset in presets(stop.slug) if language in preset.languages]
        assert len(shown) >= 6
        assert all(preset.label[language] for preset in shown)
        questions = quiz(stop.slug)
        assert len(questions) >= 3
        for item in questions:
            assert item.question[language] and item.why[language]
            assert 0 <= item.answer < len(item.options)
            assert all(option[language] for option in item.options)


def texts_with_emphasis():
    for language in LANGUAGES:
        for name in NAMES:
            for key, text in catalogue(language, name).items():
                if "**" in text:
                    yield f"{language} {name} {key}", PLACEHOLDER.sub("x", text)
        for stop in COURSE:
            for key, section in sections(stop.slug, language).items():
                yield f"{language} {stop.slug} {key}", NUMBER.sub("7", section.body)
            for number, item in enumerate(quiz(stop.slug) if stop.url_path else ()):
                yield f"{language} {stop.slug} question {number}", item.why[language]


@pytest.mark.parametrize("text", [pytest.param(t, id=i) for i, t in texts_with_emphasis()])
def test_bold_words_are_drawn_bold_and_not_between_stars(text):
    # Chinese full-width brackets beside ** can keep CommonMark from seeing the emphasis
    assert "**" not in MarkdownIt().render(text)
