"""What every head is best at, and what the best head for a relation does on the sentence."""

import streamlit as st

from core.heads.arcs import DIRECTIONS
from core.heads.measured import Hunt
from lessons.heads import figures, looking
from lessons.heads.hunting import Game, Speciality, clearest, specialities_of
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
WORDS = 24
FAMILIES = {
    "value": ("obj", "nsubj", "nsubj:pass", "xcomp", "ccomp", "obl", "obl:unmarked"),
    "query": ("det", "amod", "nummod", "nmod:poss", "compound", "flat", "appos", "nmod", "acl",
              "acl:relcl"),
    "key": ("case", "mark", "cc", "conj"),
    "token": ("aux", "aux:pass", "cop", "advmod", "advcl", "parataxis", "discourse"),
}


def code(relation: str) -> str:
    """nsubj:pass as a part of a key."""
    return relation.replace(":", "_")


def gloss(page: LessonPage, relation: str) -> str:
    """What a relation is, with an example: the dependent bold, the governor in italics."""
    return page.t(f"rel_{code(relation)}")


def where(page: LessonPage, head: tuple[int, int]) -> str:
    return page.t("layer_head", layer=head[0], head=head[1])


def _colour(page: LessonPage, relation: str) -> str:
    concept = next((c for c, names in FAMILIES.items() if relation in names), "position")
    return str(getattr(page.theme, concept))


def live(page: LessonPage, played: Game) -> None:
    """The learner's sentence through the best head of the chosen relation."""
    page.section("live")
    st.markdown("**" + page.t(
        "live_which", layer=played.best[0], head=played.best[1], relation=played.relation
    ) + "**")
    request = looking.Request(page.text, page.text_b, page.model, *played.best)
    if page.run(looking.word_count, request, needs_model=False) < 2:
        st.info(page.t("live_one_word"), icon=":material/info:")
        return
    words: looking.Words = page.run(looking.words, request)
    start, stop = page.window(len(words.words), WORDS, "words_from")
    st.plotly_chart(
        figures.arcs(words, played.direction, start, stop, page.theme), config=PLAIN,
        key="arcs", alt=page.t("live_alt"),
    )
    names = list(words.words[start:stop])
    with st.expander(page.t("live_rows"), icon=":material/table:"):
        governors = words.governors[played.direction, start:stop]
        st.table({
            page.t("live_word"): [ui.escape_markdown(n) for n in names],
            page.t("live_governor"): [ui.escape_markdown(words.words[g]) for g in governors],
            page.t("live_weight"): [
                percent(float(w)) for w in words.weights[played.direction, start:stop]
            ],
        })
        inside = words.attention[start:stop, start:stop]
        numbered = [f"{n} {name}" for n, name in enumerate(names, start)]
        ui.heat("word_matrix", inside, numbered, numbered, cell=46, selectable=False,
                domain=(0.0, float(inside.max())), label=page.t("live_label"))


def specialities(page: LessonPage, found: Hunt) -> None:
    """The board of all heads with their best relation; a click tells more."""
    rows = specialities_of(found)
    better = sum(bool(one and one.better) for row in rows for one in row)
    page.section("atlas", better=better, all=sum(map(len, rows)))
    options = [f"{la}.{h}" for la, row in enumerate(rows) for h in range(len(row))]
    most = "{}.{}".format(*clearest(rows))
    layer, head = map(int, page.value("atlas_head", page.t("head"), options, most).split("."))
    cells = [
        [_cell(page, one, la, h) for h, one in enumerate(row)] for la, row in enumerate(rows)
    ]
    clicked = ui.board("atlas", cells, selected=(layer, head), wide=True,
                       label=page.t("atlas_label"), corner=page.t("layer_corner"))
    if clicked:
        page.put("atlas_head", f"{clicked[0]}.{clicked[1]}")
        st.rerun(scope="fragment")
    _told(page, rows[layer][head], layer, head)


def _cell(page: LessonPage, one: Speciality | None, layer: int, head: int) -> ui.Cell:
    if one is None:
        return ui.Cell("·", about=page.t("atlas_none", layer=layer, head=head))
    low, high = (percent(end) for end in one.score.interval)
    about = page.t(
        "atlas_about", layer=layer, head=head, relation=one.relation, n=one.score.n,
        accuracy=percent(one.score.value), low=low, high=high,
        baseline=percent(one.baseline.value),
    )
    return ui.Cell(
        one.relation.replace(":", ":\u200b"), f"{100 * one.score.value:.0f} %", about,
        _colour(page, one.relation) if one.better else "", 0.4,
    )


def _told(page: LessonPage, one: Speciality | None, layer: int, head: int) -> None:
    if one is None:
        st.markdown(page.t("atlas_none", layer=layer, head=head))
        return
    low, high = (percent(end) for end in one.score.interval)
    with st.container(border=True):
        st.markdown(page.t(
            "atlas_says", layer=layer, head=head, relation=one.relation,
            gloss=gloss(page, one.relation), n=f"{one.score.n:,}",
            direction=page.t(f"atlas_direction_{DIRECTIONS[one.direction]}"),
            accuracy=percent(one.score.value), low=low, high=high,
            offset=offset(page, one.offset), baseline=percent(one.baseline.value),
        ))

        def hunt_it() -> None:
            page.put("relation", one.relation)
            page.put("direction", DIRECTIONS[one.direction])

        st.button(page.t("atlas_hunt"), icon=":material/search:", on_click=hunt_it)


def offset(page: LessonPage, distance: int) -> str:
    """A fixed offset in words: the next word, 2 words back."""
    if abs(distance) == 1:
        return page.t("offset_plus_one" if distance > 0 else "offset_minus_one")
    return page.t("offset_plus" if distance > 0 else "offset_minus", count=abs(distance))
