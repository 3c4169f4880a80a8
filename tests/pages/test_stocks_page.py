"""The stock page: its figures are the lesson's, work is started and stopped, input is answered."""

import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from core.contract import TaskRequest
from core.engine import local_engine
from core.errors import QuotesOffline, UnknownTicker
from core.live.job import WORKERS_SETTING
from core.stocks.table import FACTS, TABLE, write
from lessons.stocks import beforehand, lesson, sources
from lessons.stocks.lesson import Request, answer
from lessons.stocks.sources import Opened
from lessons.text import LANGUAGES
from lessons.theme import percent
from pages.capstone import stocks_desk
from pages.ui.catalogue import translate
from tests import visit
from tests.small_days import small_days
from tests.visit import ran, settled, written

FEW = ("majority", "knn", "svm", "tree", "forest")
ROWS = 2 * len(FEW)


pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A small table in the place of the shipped one, nothing computed beforehand."""
    found = small_days()
    write(found, tmp_path / TABLE)
    (tmp_path / FACTS).write_text('{"source": {}, "companies": {"AAA": "Abc Toys"}}')
    monkeypatch.setattr(lesson, "FOLDER", tmp_path)
    quick = lesson.settings_of
    monkeypatch.setattr(lesson, "settings_of", lambda request, device="cpu": replace(
        quick(request, device), draws=50, folds=2, classifiers=FEW,
    ))
    monkeypatch.setattr(beforehand, "_index", dict)
    caches = (lesson.shipped, lesson.facts_of, sources.embedded)
    for cache in caches:
        cache.cache_clear()
    stocks_desk.desks.clear()
    yield found
    for cache in caches:
        cache.cache_clear()
    stocks_desk.desks.clear()


opened = partial(visit.opened, "pages/capstone/stocks.py", text="$AAA rises")
say = partial(visit.say, "stocks")


def button(page, label):
    return next(b for b in page.button if b.label == label)


def standings(page, language="en"):
    column = say("classifier", language)
    tables = (t.value for t in page.table)
    return next(t for t in tables if column in t and say("p_value", language) in t)


@pytest.mark.parametrize(("language", "workers"), [("en", "0"), ("zh", "1")])
def test_the_first_visit_starts_the_work_and_shows_the_lessons_table(
    table, language, workers, monkeypatch
):
    monkeypatch.setenv(WORKERS_SETTING, workers)  # in the server, or in a process beside it
    page = settled(opened(language))
    expected = answer(table, Request())
    found = standings(page, language)
    assert len(found) == len(expected.report.rows) == ROWS
    for text, row in zip(found[say("measure_accuracy", language)], expected.report.rows,
                         strict=True):
        assert percent(row.scores.accuracy) in text and percent(row.scores.low) in text
    assert say("computed_here", language) in written(page)


def test_other_settings_leave_the_result_on_screen_until_they_are_judged(table):
    page = settled(opened())
    before = standings(page)
    page = ran(page.toggle(key="constant").set_value(True))
    assert say("other_settings") in written(page)
    assert standings(page).equals(before)
    page = settled(ran(button(page, say("judge")).click()))
    assert say("other_settings") not in written(page)
    expected = answer(table, Request(constant=True))
    assert percent(expected.report.rows[4].scores.accuracy) in standings(page).iloc[4, 2]


def test_stopped_work_can_be_started_again(table, monkeypatch):
    from pages.capstone import stocks_work

    def slow(table, request, device, tell, facts):
        from core.stocks.watch import Watch

        watch = Watch("fitting", 1000, tell)
        while True:
            time.sleep(0.02)
            watch.step()

    monkeypatch.setattr(stocks_work, "answer_apart", slow)
    page = opened()
    page = ran(button(page, say("stop")).click())
    assert say("not_judged") in written(page)
    monkeypatch.setattr(stocks_work, "answer_apart", answer)
    page = settled(ran(button(page, say("judge")).click()))
    assert len(standings(page)) == ROWS


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_few_days_are_told_in_a_sentence(table, language):
    page = settled(opened(language, start="2015-01-05", end="2015-02-05"))
    days = len(np.unique(table.between("2015-01-05", "2015-02-05").date))
    assert any(str(days) in w.value for w in page.warning)
    assert page.title[0].value == translate(language, "common", "title_stocks")


def test_nonsense_in_the_link_falls_back_and_says_so(table):
    page = settled(opened(ticker="<b>", split="sideways", features="horoscope", start="yesterday"))
    assert page.session_state["split"] == "walk-forward"
    assert len(standings(page)) == ROWS


def test_a_step_of_the_story_sets_the_controls(table):
    page = settled(opened(step="great"))
    page = ran(button(page, say("next_step", name=say("step_why"))).click())
    assert page.session_state["split"] == "random"
    assert page.session_state["features"] == "market"


def test_a_random_split_is_called_a_leak(table):
    page = settled(opened(split="random"))
    assert any("on the learning side" in e.value for e in page.error)
    assert say("no_leak") in written(settled(opened()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_typed_tweet_is_read_by_the_tweet_head(table, language):
    page = settled(opened(language, text="$AAA beats all expectations"))
    head = local_engine().task(TaskRequest("tweets", "$AAA beats all expectations"))
    shown = [c for c in page.get("plotly_chart") if "tweet_bars" in str(c.proto.id)]
    assert len(shown) == 1
    for p in head.probabilities:
        assert percent(p) in shown[0].proto.spec
    assert any(m.label == say("with_tweet", language) for m in page.metric)


def test_without_a_tweet_the_rest_stays(table):
    page = settled(opened(text=""))
    assert len(standings(page)) == ROWS
    assert translate("en", "common", "errors_empty_text") in written(page)


@pytest.mark.parametrize("classifier", ["knn", "tree", "svm", "forest", "majority"])
def test_each_classifier_shows_what_it_holds(table, classifier):
    page = settled(opened(who=classifier))
    assert f"**{say('classifier_' + classifier)}, {say('one_day')}.**" in written(page)
    if classifier == "knn":
        assert any(say("distance") in t.value for t in page.table)


@pytest.mark.parametrize("error", [QuotesOffline(), UnknownTicker("XQZZ", "Yahoo Finance")],
                         ids=["no network", "unknown ticker"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_yahoo_cannot_give_is_a_sentence_and_the_other_sources_still_work(
    table, monkeypatch, error, language
):
    def fails(engine, symbols, tell=None, session=None):
        raise error

    monkeypatch.setattr(sources, "live", fails)
    page = settled(opened(language))
    page = opened(language, source="live")
    page = settled(ran(button(page, say("fetch", language)).click()))
    assert any(w.value == translate(language, "common", f"errors_{error.key}", **error.facts)
               for w in page.warning)
    assert len(standings(settled(opened(language)), language)) == ROWS


def test_live_prices_are_judged_like_any_others(table, monkeypatch):
    quotes = small_days(3, 120, ("AAL",))
    monkeypatch.setattr(sources, "live", lambda engine, symbols, tell=None, session=None:
                        Opened(quotes))
    page = opened(source="live")
    page = settled(ran(button(page, say("fetch")).click()))
    page = settled(page)
    assert len(standings(page)) == ROWS


def test_the_published_figures_stand_apart_from_ours(table):
    page = settled(opened())
    texts = [t.value.to_string() for t in page.table]
    assert any(say("published_row", name="StockNet") in text and "58.2 %" in text for text in texts)
    assert say("compare_how") in written(page)


def prices_csv(days, close, encoding="utf-8"):
    dates = np.busday_offset("2020-01-06", np.arange(days), roll="forward")
    lines = [f"{day};{price:.2f};Société" for day, price in zip(dates, close, strict=True)]
    return ("\n".join(["Date;Close;Nom", *lines])).encode(encoding)


def texts_csv(days):
    dates = np.busday_offset("2020-01-06", np.arange(days), roll="forward")
    return "\n".join(["date,text", *(f"{day}T10:00:00Z,shares rise" for day in dates)]).encode()


def uploaded(prices, texts=None, language="en", **query):
    page = opened(language, source="upload", **query)
    files = {"prices": prices, "texts": texts}
    for kind, data in files.items():
        if data is not None:
            name = f"{kind}.csv"
            page = ran(page.file_uploader(key=f"_stocks_file_{kind}").set_value(
                (name, data, "text/csv")
            ))
    return page


def walk(days, seed=0):
    return 100 * np.cumprod(1 + np.random.default_rng(seed).normal(0, 0.01, days))


def test_two_files_are_read_and_settled(table):
    page = uploaded(prices_csv(100, walk(100), "latin-1"), texts_csv(100))
    page = settled(ran(button(page, say("read_files")).click()))
    page = settled(page)
    assert len(standings(page)) == ROWS
    assert translate("en", "common", "stocks_found_close_only", column="Close") in written(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(table, language):
    page = uploaded(b"%PDF-1.7 not a table", language=language)
    assert [w.value for w in page.warning] == [
        translate(language, "common", "errors_not_a_table", kind="PDF")
    ]


@pytest.mark.parametrize("close, error", [
    (np.linspace(100, 200, 100), "errors_one_direction"), (walk(30), "errors_too_few_days"),
], ids=["all up", "30 days"])
def test_prices_that_nothing_can_be_learned_from_are_told(table, close, error):
    page = uploaded(prices_csv(len(close), close), every="true")
    page = settled(ran(button(page, say("read_files")).click()))
    page = settled(page)
    start = translate("en", "common", error, days="{days}", least=60).split("{")[0]
    assert any(w.value.startswith(start) for w in page.warning)
    assert page.title[0].value == translate("en", "common", "title_stocks")
