"""The size of a BERT: five numbers, and what they cost."""

from collections.abc import Iterable

import streamlit as st

from core.contract import ModelInfo
from core.models import sizes
from core.models.sizes import NAMED, Shape, counted, memory, parameters, word_work, work
from lessons.stack import figures_size as figures
from lessons.stack.figures_size import bytes_of, short
from lessons.theme import percent
from pages.inside.stack_views import PLAIN
from pages.ui import LessonPage

LAYERS = 48
HIDDEN = ("128", "192", "256", "312", "384", "512", "640", "768", "1024", "1280", "1536", "2048")
FACTORS = ("1", "2", "3", "4", "6", "8")
VOCABULARIES = ("30522", "28996", "21128", "119547")
BATCHES = ("1", "8", "16", "32", "64", "128", "256")
LENGTHS = tuple(range(8, 513, 8))
PARTS = ("embeddings", "attention", "ffn", "heads")


@st.fragment
def sizes_of(page: LessonPage) -> None:
    """Parameters, work and memory of the chosen shape beside the published ones."""
    page.section("size", positions=sizes.POSITIONS, segments=sizes.SEGMENTS)
    known = {"embedded": _embedded(page.engine.info("embedded")), **NAMED}
    _buttons(page, known)
    shape = _shape(page, known["embedded"])
    n, batch = _use(page)
    _parameters(page, shape, known)
    _work(page, shape, n)
    _memory(page, shape, n, batch)
    _table(page, known, shape, n, batch)


def _embedded(info: ModelInfo) -> Shape:
    return Shape(info.layers, info.heads, info.hidden, info.inner, info.vocabulary,
                 info.max_positions)


def _buttons(page: LessonPage, known: dict[str, Shape]) -> None:
    """A click sets all five numbers."""

    def take(shape: Shape) -> None:
        for key, value in (("sz_l", shape.layers), ("sz_h", str(shape.hidden)),
                           ("sz_a", str(shape.heads)), ("sz_f", str(shape.inner // shape.hidden)),
                           ("sz_v", str(shape.vocabulary))):
            page.put(key, value)

    st.markdown(f"**{page.t('size_named')}**")
    with st.container(horizontal=True, gap="small"):
        for name, shape in known.items():
            st.button(_name(page, name), key=f"_size_{name}", on_click=take, args=(shape,))


def _name(page: LessonPage, name: str) -> str:
    return page.t("size_embedded") if name == "embedded" else name


def _shape(page: LessonPage, default: Shape) -> Shape:
    first, second, third = st.columns(3)
    with first:
        layers = page.control_integer("sz_l", page.t("size_layers"), 1, LAYERS, default.layers)
    with second:
        hidden = int(_pick(page, "sz_h", "size_hidden", HIDDEN, str(default.hidden)))
    with third:
        fitting = [str(a) for a in range(1, 33) if hidden % a == 0 and hidden // a >= 8]
        heads = int(_pick(page, "sz_a", "size_heads", fitting, _usual(hidden, fitting, default)))
    left, right = st.columns([2, 3])
    with left:
        factor = int(page.control_choice("sz_f", page.t("size_factor"), list(FACTORS), "4",
                                         lambda f: f"{f}H"))
    with right:
        vocabulary = int(page.control_choice(
            "sz_v", page.t("size_vocabulary"), list(VOCABULARIES), VOCABULARIES[0],
            lambda v: f"{int(v):,}",
        ))
    return Shape(layers, heads, hidden, factor * hidden, vocabulary)


def _usual(hidden: int, fitting: list[str], default: Shape) -> str:
    """As many heads as the published sizes have: 64 dimensions each, or a few more."""
    if hidden == default.hidden:
        return str(default.heads)
    return max((a for a in fitting if int(a) <= max(1, hidden // 64)), key=int)


def _pick(
    page: LessonPage, key: str, label: str, options: Iterable[str], default: str
) -> str:
    return page.control_choice(key, page.t(label), list(options), default)


def _use(page: LessonPage) -> tuple[int, int]:
    left, right = st.columns(2)
    with left:
        n = page.control_integer("sz_n", page.t("size_length"), LENGTHS[0], LENGTHS[-1], 128)
    with right:
        batch = int(_pick(page, "sz_b", "size_batch", BATCHES, "32"))
    return n, batch


def _parameters(page: LessonPage, shape: Shape, known: dict[str, Shape]) -> None:
    count, names = parameters(shape), [page.t(f"part_{part}") for part in PARTS]
    left, right = st.columns(2)
    left.metric(page.t("size_encoder"), f"{count.encoder:,}", border=True)
    right.metric(page.t("size_pretraining"), f"{count.pretraining:,}", border=True)
    st.markdown(f"**{page.t('parts_title')}**")
    st.plotly_chart(figures.parts(count, names, page.theme), config=PLAIN, key="parts",
                    alt=page.t("parts_alt"))
    page.prose("size-heads", encoder=f"{count.encoder:,}", pretraining=f"{count.pretraining:,}")
    if st.button(page.t("count_button"), icon=":material/calculate:"):
        _count(page, shape)
    info = page.info
    if info.has_mlm and info.has_nsp:
        st.caption(page.t("own_file", formula=f"{parameters(_embedded(info)).pretraining:,}",
                          held=f"{info.parameters:,}"))
    st.markdown(f"**{page.t('shares_title')}**")
    rows = {_name(page, name): one for name, one in sorted(
        known.items(), key=lambda item: parameters(item[1]).encoder)}
    st.plotly_chart(
        figures.shares({**rows, page.t("size_mine"): shape}, names, page.theme), config=PLAIN,
        key="shares", alt=page.t("shares_alt"),
    )
    page.prose("size-published", **{
        f"{name}{end}": f"{number / 1e6:.1f} M" if not end else f"{number / 1e6:.0f} M"
        for name in sizes.PUBLISHED
        for end, number in (("_published", sizes.PUBLISHED[name]),
                            ("", parameters(NAMED[name]).pretraining))
    })


def _count(page: LessonPage, shape: Shape) -> None:
    """What the library's own modules hold, beside the formula."""
    ours = parameters(shape)
    encoder, pretraining = counted(shape)
    if (encoder, pretraining) == (ours.encoder, ours.pretraining):
        st.success(page.t("count_same", encoder=f"{encoder:,}", pretraining=f"{pretraining:,}"),
                   icon=":material/verified:")
    else:
        st.error(page.t("count_other", encoder=f"{encoder:,}", pretraining=f"{pretraining:,}",
                        our_encoder=f"{ours.encoder:,}", our_pretraining=f"{ours.pretraining:,}"))


def _work(page: LessonPage, shape: Shape, n: int) -> None:
    found = work(shape, n)
    page.section(
        "work", total=rf"\mathbf{{{found.total:,}}}".replace(",", "{,}"),
        share=percent(found.pairs / found.total), half=f"{2 * shape.hidden + shape.inner:,}"
        .replace(",", "{,}"), word=short(word_work(shape)),
    )
    left, right = st.columns(2)
    left.metric(page.t("size_work"), short(found.total), border=True)
    right.metric(page.t("size_sequence"), short(n * found.total), border=True)
    st.plotly_chart(
        figures.growth({m: work(shape, m) for m in LENGTHS}, n,
                       [page.t(f"work_{part}") for part in ("projections", "ffn", "pairs")],
                       (page.t("work_length"), page.t("work_axis")), page.theme),
        config=PLAIN, key="work", alt=page.t("work_alt"),
    )


def _memory(page: LessonPage, shape: Shape, n: int, batch: int) -> None:
    page.section("memory", n=n, batch=batch)
    found = memory(shape, n, batch)
    names = {name: page.t(f"memory_{name}") for name in (*found.weights, "adam", "activations")}
    st.plotly_chart(figures.needs(found, names, page.theme), config=PLAIN, key="memory",
                    alt=page.t("memory_alt"))


def _table(
    page: LessonPage, known: dict[str, Shape], shape: Shape, n: int, batch: int
) -> None:
    with st.expander(page.t("table_open"), icon=":material/table:"):
        rows = {**{_name(page, name): one for name, one in known.items()},
                page.t("size_mine"): shape}
        counts = [parameters(one) for one in rows.values()]
        needs = [memory(one, n, batch) for one in rows.values()]
        st.dataframe({
            page.t("table_name"): list(rows),
            "L": [one.layers for one in rows.values()],
            "H": [one.hidden for one in rows.values()],
            "A": [one.heads for one in rows.values()],
            "F": [one.inner for one in rows.values()],
            page.t("table_encoder"): [f"{one.encoder:,}" for one in counts],
            page.t("table_pretraining"): [f"{one.pretraining:,}" for one in counts],
            page.t("table_work"): [short(work(one, n).total) for one in rows.values()],
            page.t("table_float32"): [bytes_of(one.weights["float32"]) for one in needs],
            page.t("table_int8"): [bytes_of(one.weights["int8"]) for one in needs],
            page.t("table_adam"): [bytes_of(one.adam) for one in needs],
            page.t("table_activations"): [bytes_of(one.activations) for one in needs],
        }, hide_index=True)
