"""A game: find the head that links a verb to its object. The scores are stored ones."""

import streamlit as st

from core.heads import measured
from core.heads.arcs import DIRECTIONS
from core.heads.measured import Hunt, Share
from core.models.registry import EMBEDDED
from lessons.heads.hunting import Game, game
from lessons.theme import percent
from pages import ui
from pages.inside import heads_atlas as atlas
from pages.ui import LessonPage


@st.fragment
def hunt(page: LessonPage) -> None:
    """Relation and guess, then the scores of all heads, the atlas, and the learner's sentence."""
    found = measured.hunt() if page.model == EMBEDDED else None
    page.section("hunt")
    if found is None:
        st.info(page.t("no_figures" if page.model == EMBEDDED else "only_embedded"),
                icon=":material/info:")
        return
    played, revealed = _play(page, found)
    with st.expander(page.t("hunt_rule_title"), icon=":material/rule:"):
        page.prose("hunt-rule", dev=f"{found.sentences['dev']:,}",
                   test=f"{found.sentences['test']:,}", example=atlas.offset(page, played.offset))
        st.caption(made(page, found))
    if not revealed:
        st.caption(f":material/lock: {page.t('hunt_locked')}")
        return
    atlas.live(page, played)
    atlas.specialities(page, found)
    page.prose("caution")


def made(page: LessonPage, found: Hunt) -> str:
    return page.t("hunt_made", date=found.date, command=found.command,
                  scored=f"{found.scored['test']:,}", annotated=f"{found.annotated['test']:,}")


def _play(page: LessonPage, found: Hunt) -> tuple[Game, bool]:
    """The round as the learner chose it, and whether its answer is on screen."""
    relation = page.control_choice(
        "relation", page.t("relation"), list(found.relations), "obj",
        lambda name: f"{name} · {atlas.gloss(page, name).replace('*', '')}",
    )
    direction = page.control_choice("direction", page.t("direction"), list(DIRECTIONS),
                                    DIRECTIONS[0], lambda d: page.t(f"direction_{d}"))
    st.markdown(f"**{relation}**: {atlas.gloss(page, relation)}")
    played = game(found, found.relations.index(relation), DIRECTIONS.index(direction))
    key = f"g_{atlas.code(relation)}_{direction}"
    options = [f"{la}.{h}" for la, row in enumerate(played.accuracy) for h in range(len(row))]
    mine = page.value(key, page.t("hunt_yours"), ["none", *options], "none")
    show = page.control_toggle("hunt_show", page.t("hunt_show"))
    if mine == "none" and not show:
        _blank_board(page, played, key, relation)
        return played, False
    guess = None if mine == "none" else (int(mine.split(".")[0]), int(mine.split(".")[1]))
    _scores(page, played, guess)
    _board(page, played, key, guess)
    if guess is not None:
        st.button(page.t("hunt_again"), icon=":material/replay:", on_click=page.put,
                  args=(key, "none"))
    _top(page, played)
    return played, True


def _blank_board(page: LessonPage, played: Game, key: str, relation: str) -> None:
    st.markdown(f":material/touch_app: {page.t('hunt_prompt', relation=relation)}")
    cells = [
        [ui.Cell(value=f"{layer}.{head}", about=page.t("hunt_blank", layer=layer, head=head))
         for head in range(len(row))]
        for layer, row in enumerate(played.accuracy)
    ]
    _take(page, key, ui.board("hunt_blank", cells, label=page.t("hunt_label"),
                              corner=page.t("layer_corner")))


def _board(page: LessonPage, played: Game, key: str, guess: tuple[int, int] | None) -> None:
    cells = [
        [
            ui.Cell(
                value=f"{100 * share.value:.0f}", color=page.theme.query,
                strength=0.04 + 0.8 * share.value,
                badge="best" if (layer, head) == played.best else "",
                about=_about(page, layer, head, share),
            )
            for head, share in enumerate(row)
        ]
        for layer, row in enumerate(played.accuracy)
    ]
    _take(page, key, ui.board("hunt_board", cells, selected=guess, label=page.t("hunt_label"),
                              corner=page.t("layer_corner")))


def _take(page: LessonPage, key: str, clicked: tuple[int, int] | None) -> None:
    if clicked:
        page.put(key, f"{clicked[0]}.{clicked[1]}")
        st.rerun(scope="fragment")


def _about(page: LessonPage, layer: int, head: int, share: Share) -> str:
    low, high = (percent(end) for end in share.interval)
    return page.t("hunt_about", layer=layer, head=head, accuracy=percent(share.value), low=low,
                  high=high)


def _scores(page: LessonPage, played: Game, guess: tuple[int, int] | None) -> None:
    """The learner's head, the best one, and the opponent, with intervals."""
    shown = [
        (page.t("hunt_best"), atlas.where(page, played.best), played.of(played.best)),
        (page.t("hunt_offset"), atlas.offset(page, played.offset), played.baseline),
    ]
    if guess is not None:
        shown.insert(0, (page.t("hunt_yours"), atlas.where(page, guess), played.of(guess)))
    for column, (title, who, share) in zip(st.columns(len(shown)), shown, strict=True):
        low, high = (percent(end) for end in share.interval)
        with column, st.container(border=True):
            st.metric(f"{title}: {who}", percent(share.value))
            st.caption(page.t("hunt_accuracy", right=share.right, n=share.n, low=low, high=high))
    if guess is not None:
        st.markdown(page.t("hunt_hit") if guess == played.best else page.t(
            "hunt_rank", rank=played.rank(guess), all=played.heads
        ))
    st.markdown(page.t("hunt_beats", points=f"{played.points:.1f}") if played.beats
                else page.t("hunt_even"))


def _top(page: LessonPage, played: Game) -> None:
    with st.expander(page.t("top_heads")):
        first = played.ranking[:10]
        scores = [played.of(head) for head in first]
        st.table({
            page.t("layer"): [layer for layer, _ in first],
            page.t("head"): [head for _, head in first],
            page.t("accuracy"): [f"**{percent(s.value)}**" for s in scores],
            page.t("interval"): [
                f"{percent(s.interval[0])} – {percent(s.interval[1])}" for s in scores
            ],
        })
