"""The first half of the page: the word, its four cosines, and the cosines layer by layer."""

import streamlit as st

from core.vectors import senses
from lessons.compare import chinese, figures, finding, pool
from lessons.compare.lesson import Contextual, Request, Result, Static, places, run
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
LABELS = {"word2vec": "word2vec", "glove": "GloVe", "elmo": "ELMo", "bert": "BERT"}
OFFERED = 12  # shared words shown to choose from


def word_of(page: LessonPage) -> str:
    """The word in its box, without drawing it again."""
    return str(st.session_state.get("word", Request.word)).strip()


def asked(page: LessonPage) -> Request | None:
    """What to compare, or None after saying why it cannot be."""
    both = finding.shared_words(page.text, page.text_b)
    default = both[0] if both and Request.word not in both else Request.word
    word = page.control_line("word", page.t("word"), default).strip()
    model = chinese.model_for(word, page.model)
    if chinese.needed(word, page.model):
        _tell_chinese(page, word, model)
    if model is None:
        return None
    request = Request(page.text, page.text_b, word, model)
    try:
        places(page.engine, request)
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        _offer(page, both)
        return None
    return request


def _offer(page: LessonPage, both: tuple[str, ...]) -> None:
    """Words that would do; one click takes one."""

    def take() -> None:
        if chosen := st.session_state.get("_shared_word"):
            page.put("word", chosen)

    if both:
        st.pills(page.t("in_both"), both[:OFFERED], key="_shared_word", on_change=take,
                 format_func=ui.escape_markdown)


def _tell_chinese(page: LessonPage, word: str, model: str | None) -> None:
    with st.container(border=True):
        page.section("chinese", word=ui.escape_markdown(word))
        if model:
            st.success(page.t("chinese_used"), icon=":material/translate:")
            return
        st.warning(page.t("chinese_offline"), icon=":material/cloud_off:")
        page.prose("chinese-missing")
        _sentences(page, word)


def _sentences(page: LessonPage, word: str) -> None:
    """The Chinese sentences of a word, a column a meaning."""
    known = senses.find(word)
    if known is None:
        return
    page.prose("chinese-sentences")
    for column, sense in zip(st.columns(2), known.senses, strict=True):
        with column:
            st.markdown(f"**{sense.name[page.lang]}**")
            st.markdown("\n".join(f"- {sentence}" for sentence in sense.sentences))


def answer(page: LessonPage, request: Request) -> Result | None:
    """Four cosines in large type, then by layer; None while the learner still guesses."""
    page.section("answer")
    guess = page.guess("lowest", page.t("guess_question"), list(LABELS.values()))
    if guess is None:
        return None
    result: Result = page.run(run, request)
    for encoded in result.encoded:
        page.tell_cut(encoded)
    if guess:
        st.markdown(f"**{page.t('guess_yours')}: {guess}**")
    _cards(page, result)
    _about_word(page, result)
    _layers(page, result, request.model)
    return result


def _cards(page: LessonPage, result: Result) -> None:
    answers: tuple[Static | Contextual, ...] = (*result.static, result.elmo, result.bert)
    columns = st.container(key="cosines").columns(4)
    for column, label, one in zip(columns, LABELS.values(), answers, strict=True):
        value = one.cosine if isinstance(one, Static) else one.top
        with column, st.container(border=True):
            st.metric(label, page.t("no_answer") if value is None else f"{value:.2f}")
            st.caption(_beneath(page, one, result.word))


def _beneath(page: LessonPage, one: Static | Contextual, word: str) -> str:
    if one.why:
        return page.t(f"why_{one.why}", word=ui.escape_markdown(word))
    if isinstance(one, Static):
        return page.t("same_always")
    last = len(one.cosines) - 1
    return page.t("last_layer", layer=last, last=last)


def _about_word(page: LessonPage, result: Result) -> None:
    word = ui.escape_markdown(result.word)
    names = result.piece_names(0)
    if result.unknown:
        st.warning(page.t("pieces_unknown", word=word), icon=":material/help:")
    elif len(names) > 1:
        shown = " ".join(f"`{name}`" for name in names)
        st.caption(page.t("pieces_many", word=word, pieces=shown))
    else:
        st.caption(page.t("pieces_one", word=word))
    if count := result.static[0].count:
        st.caption(page.t("counted", word=word, count=f"{count:,}"))


def _layers(page: LessonPage, result: Result, model: str) -> None:
    with st.spinner(page.t("preparing"), show_time=False):
        pools = {kind: pool_of(page, kind, result.word, model) for kind in ("elmo", "bert")
                 if getattr(result, kind).cosines}
    words = len(set(pools["bert"].words))
    page.section("layers", words=f"{words:,}")
    baselines = {kind: found.baseline for kind, found in pools.items()}
    st.plotly_chart(
        figures.by_layer(result, baselines, page.t("layer_axis"), page.t("baseline"), page.theme),
        config=PLAIN, key="by_layer", alt=page.t("layers_alt"),
    )
    moved = {
        kind: percent(pool.apart(getattr(result, kind).cosines[-1], baselines[kind][-1]))
        if kind in baselines else page.t("no_answer") for kind in ("elmo", "bert")
    }
    page.section("apart", word=ui.escape_markdown(result.word), **moved)


def pool_of(page: LessonPage, kind: str, word: str, model: str) -> pool.Pool:
    """The words to find neighbours among, read once and then shared by all sessions."""
    language = "zh" if finding.is_chinese(word) else "en"
    found: pool.Pool = page.run(
        pool.run, pool.Request(kind, model if kind == "bert" else "", language)
    )
    return found
