"""Where the days come from: the shipped table, StockNet's folder, Yahoo today, or two files."""

import hashlib
from functools import partial

import streamlit as st

from core.stocks.calendar import NEW_YORK
from core.stocks.csvs import Table, open_table
from core.stocks.mapping import NEEDED, ROLES, Kind, guess
from core.stocks.source import Finding, Prices, Tweets
from core.stocks.upload import Upload, read_prices, read_tweets
from core.stocks.watch import Tell
from lessons.stocks import sources
from lessons.stocks.lesson import EMBEDDED
from lessons.stocks.sources import Opened
from pages import ui
from pages.capstone.stocks_desk import begin, desk, working
from pages.ui import LessonPage

FIRST = "AAL"
SHOWN_FINDINGS = 6
UPLOAD = "_stocks_upload"  # the key of the files read last
MEGABYTES = 10  # of an uploaded file; server.maxUploadSize holds whatever a browser says
TYPES = ("csv", "tsv", "txt")


def opened(page: LessonPage, source: str) -> tuple[Opened | None, str]:
    """The source's days, None while it is not open, and a name for just these data."""
    st.caption(_says(page, source))
    if source == "stocknet":
        found, name = _stocknet(page)
    elif source == "live":
        found, name = _live(page)
    elif source == "upload":
        found, name = _upload(page)
    else:
        return _embedded(page), EMBEDDED
    if found is not None:
        _tell(page, found.findings)
    return found, name


def _says(page: LessonPage, source: str) -> str:
    if source != EMBEDDED:
        return page.t(f"source_says_{source}")
    try:
        table = sources.embedded().table
    except ui.InsideBertError:
        return ""
    return page.t("source_says_embedded", tickers=len(table.tickers()),
                  start=table.date.min(), end=table.date.max())


def _embedded(page: LessonPage) -> Opened | None:
    try:
        return sources.embedded()
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/inventory_2:")
        return None


def _stocknet(page: LessonPage) -> tuple[Opened | None, str]:
    folder = sources.folder()
    assert folder is not None
    key = ("opened", "stocknet", str(folder))
    found: Opened | None = desk(key).value(key)
    if found is None and not working(page, key):
        do = partial(sources.stocknet, page.engine, folder)
        st.button(page.t("open_folder"), icon=":material/folder_open:", type="primary",
                  on_click=begin, args=(page, key, _told(do)))
    same = found is not None and found.table is sources.embedded().table
    return found, EMBEDDED if same else str(folder)  # of the same days everything is known


def _told(do: partial[Opened]) -> "partial[Opened]":
    """The same, taking `tell` as its only argument."""
    return partial(_with_tell, do)


def _with_tell(do: partial[Opened], tell: Tell) -> Opened:
    return do(tell=tell)


def _live(page: LessonPage) -> tuple[Opened | None, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        asked = page.control_line("symbols", page.t("symbols"), FIRST)
        symbols = tuple(dict.fromkeys(
            s.strip().lstrip("$").upper() for s in asked.replace("，", ",").split(",") if s.strip()
        ))
        key = ("opened", "live", symbols)
        found: Opened | None = desk(key).value(key)

        def fetch() -> None:
            desk(key).forget(key)
            begin(page, key, _told(partial(sources.live, page.engine, symbols)))

        st.button(page.t("fetch"), icon=":material/cloud_download:", on_click=fetch,
                  type="secondary" if found else "primary", disabled=not symbols)
    working(page, key)
    if found is None:
        return None, "live"
    table = found.table
    texts = len(found.tweets) if found.tweets else 0
    return found, f"live {','.join(symbols)} {table.date.max()} {len(table)} {texts}"


def _upload(page: LessonPage) -> tuple[Opened | None, str]:
    left, right = st.columns(2)
    with left:
        prices = _file(page, "prices")
    with right:
        texts = _file(page, "texts")
    if prices is not None:
        told = repr((prices[1:], texts and texts[1:]))
        key = ("opened", "upload", hashlib.sha256(told.encode()).hexdigest()[:16])
        if desk(key).value(key) is not None:
            st.session_state[UPLOAD] = key
        elif not working(page, key):
            do = partial(_read, page, prices[:2], texts[:2] if texts else None)
            st.button(page.t("read_files"), icon=":material/play_arrow:", type="primary",
                      on_click=begin, args=(page, key, do))
    last = st.session_state.get(UPLOAD)  # what was read stays when the files are off screen
    found: Opened | None = desk(last).value(last) if last else None
    return found, f"upload {last[2]}" if last else "upload"


Mapped = tuple[Table, tuple[tuple[str, str], ...]]


def _read(page: LessonPage, prices: Mapped, texts: Mapped | None, tell: Tell) -> Opened:
    """The two files as a source, the texts read by the model."""
    asked = dict(prices[1])
    found, notes = read_prices(
        prices[0], asked, ticker=asked["_ticker"], zone=asked["_zone"],
        order=asked["_order"],  # type: ignore[arg-type]
    )
    tweets, more = Tweets.empty(), ()  # type: tuple[Tweets, tuple[Finding, ...]]
    if texts is not None:
        mapped = dict(texts[1])
        tweets, more = read_tweets(
            texts[0], mapped, ticker=_one(mapped["_ticker"], found), zone=mapped["_zone"],
            order=mapped["_order"],  # type: ignore[arg-type]
        )
    return sources.read(page.engine, Upload(found, tweets, (*notes, *more)), (), tell)


def _one(named: str, prices: Prices) -> str:
    """Whose texts are meant where no column and nobody says: those of the only ticker."""
    return named or (prices.tickers()[0] if len(prices.tickers()) == 1 else "")


def _file(page: LessonPage, kind: Kind) -> tuple[Table, tuple[tuple[str, str], ...], str] | None:
    """An uploaded table, what its columns hold, and its checksum."""
    st.markdown(f"**{page.t(f'file_{kind}')}**")
    file = st.file_uploader(page.t(f"file_{kind}"), TYPES, key=f"_stocks_file_{kind}",
                            label_visibility="collapsed", max_upload_size=MEGABYTES)
    st.caption(page.t("file_bounds", most=MEGABYTES))
    if file is None:
        return None
    try:
        data = file.getvalue()
        table = open_table(data)
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return None
    st.caption(page.t("file_found", encoding=table.encoding, columns=len(table.columns),
                      delimiter={"\t": "Tab"}.get(table.delimiter, table.delimiter)))
    return table, _mapping(page, table, kind), hashlib.sha256(data).hexdigest()


def _mapping(page: LessonPage, table: Table, kind: Kind) -> tuple[tuple[str, str], ...]:
    """Which column holds what: guessed, and changed by the learner."""
    guessed = guess(table, kind)
    known = all(guessed[role] for role in NEEDED[kind])
    options = ["", *table.columns]
    found: dict[str, str] = {}
    with st.expander(page.t("columns"), expanded=not known, icon=":material/view_column:"):
        for role in ROLES[kind]:
            found[role] = st.selectbox(
                page.t(f"role_{role}"), options, options.index(guessed[role]),
                key=f"_stocks_{kind}_{role}_{hash(table.columns)}",
                format_func=lambda c: c or page.t("no_column"),
            )
        found["_ticker"] = ""
        if not found["ticker"]:
            found["_ticker"] = st.text_input(
                page.t("one_ticker"), FIRST if kind == "prices" else "",
                key=f"_stocks_{kind}_ticker", max_chars=15,
            )
        found["_zone"] = st.text_input(
            page.t(f"zone_{kind}"), NEW_YORK if kind == "prices" else "UTC",
            key=f"_stocks_{kind}_zone", max_chars=40,
        )
        found["_order"] = st.segmented_control(
            page.t("order"), ["auto", "month", "day"], default="auto", required=True,
            format_func=lambda o: page.t(f"order_{o}"), key=f"_stocks_{kind}_order",
        )
    return tuple(sorted(found.items()))


def _tell(page: LessonPage, findings: tuple[Finding, ...]) -> None:
    """What is odd about the data, in sentences."""
    if not findings:
        return
    sentences = [
        page.t(f"stocks_found_{f.code}",
               **{name: ui.escape_markdown(str(fact)) for name, fact in f.facts})
        for f in findings[:SHOWN_FINDINGS]
    ]
    st.info("\n".join(f"- {sentence}" for sentence in sentences), icon=":material/info:")
