"""What every head looks at: over the learner's text, and beside it over a corpus."""

import numpy as np
import streamlit as st

from core.heads import measured
from core.heads.roles import BROAD, NONE, ROLES, assign, thresholds
from core.models.registry import EMBEDDED
from lessons.heads import looking
from lessons.heads.lesson import Measured, measure
from lessons.theme import Theme, percent
from pages import ui
from pages.inside.heads_split import start_of
from pages.ui import LessonPage
from pages.ui.components.board import legend

WINDOW = 48
MARKS = {
    "previous": "◀", "next": "▶", "self": "●", "sep": "S", "cls": "C", "punctuation": ",",
    "same_word": "＝", "broad": "▒",
}


def colours(theme: Theme) -> dict[str, str]:
    """One colour a role."""
    shades = (theme.query, theme.key, theme.position, theme.segment, theme.accent, theme.bad,
              theme.value, theme.muted)
    return dict(zip(ROLES, shades, strict=True))


@st.fragment
def roles(page: LessonPage) -> None:
    """Two boards of roles, the chosen head's matrix, and all its measures."""
    corpus = measured.roles() if page.model == EMBEDDED else None
    if corpus is None:
        page.section("roles-alone")
    else:
        page.section("roles", windows=corpus.windows, pieces=f"{corpus.pieces:,}")
    mine: Measured = page.run(measure, start_of(page))
    place_of_boards = st.container()
    share = page.control_integer("bar", page.t("bar"), 20, 90, 50) / 100
    page.prose("rule", share=_whole(share), half=_whole(share / 2), broad=_whole(BROAD))
    head = _chosen(page, mine)
    page.section("one-head")
    place_of_matrix = st.container()
    if _guessed(page, mine, head, share):
        with place_of_boards:
            _boards(page, mine, corpus, head, share)
        _all_measures(page, mine, corpus, head, share)
        if corpus is not None:
            _stands_out(page, corpus)
    with place_of_matrix:  # last: it needs the model, the rest may come from a stored result
        _matrix(page, head)


def _whole(share: float) -> str:
    return f"{100 * share:g}\u00a0%"


def _chosen(page: LessonPage, mine: Measured) -> tuple[int, int]:
    """The head that was clicked; to begin with the one that plays its role most clearly."""
    _, layers, heads = mine.measures.shape
    most = int(np.nan_to_num(mine.measures[:2]).max(axis=0).argmax())
    options = [f"{la}.{h}" for la in range(layers) for h in range(heads)]
    layer, head = page.value("role_head", page.t("head"), options, options[most]).split(".")
    return int(layer), int(head)


def _boards(
    page: LessonPage, mine: Measured, corpus: measured.CorpusRoles | None,
    head: tuple[int, int], share: float,
) -> None:
    shown = {"text": (page.t("board_text"), mine.measures)}
    if corpus is not None:
        label = page.t("board_corpus", windows=corpus.windows)
        shown["corpus"] = (label, corpus.measures)
    clicked = None
    _legend(page)
    for column, (key, (title, measures)) in zip(
        st.columns(len(shown)), shown.items(), strict=True
    ):
        with column:
            st.markdown(f"**{title}**")
            clicked = ui.board(
                f"roles_{key}", _cells(page, measures, share), selected=head,
                label=page.t("board_label"), corner=page.t("layer_corner"),
            ) or clicked
    if corpus is not None:
        st.caption(page.t("corpus_made", date=corpus.date, command=corpus.command))
    else:
        _why_no_corpus(page)
    if clicked and clicked != head:
        page.put("role_head", f"{clicked[0]}.{clicked[1]}")
        st.rerun(scope="fragment")


def _why_no_corpus(page: LessonPage) -> None:
    st.info(page.t("no_figures" if page.model == EMBEDDED else "only_embedded"),
            icon=":material/info:")


def _legend(page: LessonPage) -> None:
    shades = colours(page.theme)
    legend("roles_legend", [
        ui.Legend(shades[role], MARKS[role], page.t(f"role_{role}")) for role in ROLES
    ])


def _cells(page: LessonPage, measures: np.ndarray, share: float) -> list[list[ui.Cell]]:
    roles, shades = assign(measures, share), colours(page.theme)
    measures = np.nan_to_num(measures)
    near = (measures / thresholds(share)[:, None, None]).argmax(axis=0)
    rows = []
    for layer, row in enumerate(roles):
        cells = []
        for head, role in enumerate(row):
            name = ROLES[near[layer, head]]
            value = f"{100 * float(measures[near[layer, head], layer, head]):.0f}"
            about = page.t("about_none" if role == NONE else "about_head", layer=layer,
                           head=head, role=page.t(f"role_{name}"), value=f"{value} %")
            cells.append(
                ui.Cell(value="", about=about) if role == NONE
                else ui.Cell(MARKS[name], value, about, shades[name], 0.45)
            )
        rows.append(cells)
    return rows


def _name(page: LessonPage, role: int) -> str:
    return page.t("role_none" if role == NONE else f"role_{ROLES[role]}")


def _matrix(page: LessonPage, head: tuple[int, int]) -> None:
    found: looking.Pieces = page.run(
        looking.pieces, looking.Request(page.text, page.text_b, page.model, *head)
    )
    names = [f"{n} {t}" for n, t in enumerate(found.encoded.tokens)]
    start, stop = page.window(len(names), WINDOW, "role_from")
    inside = found.weights[start:stop, start:stop]
    ui.heat("role_matrix", inside, names[start:stop], names[start:stop], cell=40,
            domain=(0.0, float(inside.max())), selectable=False, label=page.t("matrix_label"))


def _guessed(page: LessonPage, mine: Measured, head: tuple[int, int], share: float) -> bool:
    """Ask for the role before it is shown; False until the learner commits."""
    options = [page.t(f"role_{role}") for role in ROLES] + [page.t("role_none")]
    layer, number = head
    guess = page.guess(
        f"role {layer} {number}", page.t("guess_question", layer=layer, head=number), options
    )
    if guess:
        left, right = st.columns(2)
        left.metric(page.t("guess_yours"), guess)
        right.metric(page.t("guess_models"), _name(page, assign(mine.measures, share)[head]))
    return guess is not None


def _all_measures(
    page: LessonPage, mine: Measured, corpus: measured.CorpusRoles | None,
    head: tuple[int, int], share: float,
) -> None:
    """The chosen head's measures, each with its bar."""
    layer, number = head
    says = {"layer": layer, "head": number,
            "mine": _name(page, assign(mine.measures, share)[head])}
    if corpus is None:
        st.markdown(page.t("head_says_alone", **says))
    else:
        others = _name(page, assign(corpus.measures, share)[head])
        st.markdown(page.t("head_says", **says, others=others))

    def told(values: np.ndarray) -> list[str]:
        column = values[:, layer, number]
        return [page.t("undefined") if np.isnan(v) else percent(float(v)) for v in column]

    columns = {
        page.t("role"): [f"{MARKS[role]}  {page.t(f'role_{role}')}" for role in ROLES],
        page.t("needs"): [_whole(float(bar)) for bar in thresholds(share)],
        page.t("in_text"): told(mine.measures),
    }
    if corpus is not None:
        columns[page.t("in_corpus")] = told(corpus.measures)
    columns[page.t("looking")] = [f"{n:,}" for n in mine.rows]
    st.table(columns)


def _stands_out(page: LessonPage, corpus: measured.CorpusRoles) -> None:
    """At the documented bar, whatever the slider says."""
    found = assign(corpus.measures)
    count = {role: int((found == n).sum()) for n, role in enumerate(ROLES)}
    page.section(
        "stands-out", named=int((found != NONE).sum()), all=found.size,
        resting=count["cls"] + count["sep"], cls=count["cls"], sep=count["sep"],
    )
