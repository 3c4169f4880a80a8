"""Every head off, one at a time: the map of effects on one prediction."""

import streamlit as st

from lessons.surgery import board, effects, figures
from lessons.surgery.effects import HARDLY, Request, Result, light, run
from lessons.theme import percent
from pages import ui
from pages.inside.surgery_views import PLAIN, Case, p_of, points
from pages.ui import LessonPage
from pages.ui.beside import run_beside


@st.fragment
def every_head(page: LessonPage, case: Case) -> None:
    """The sweep: all heads, then all layers."""
    page.section("effects", all=page.info.layers * page.info.heads)
    watched = [name for name, is_there in (("mlm", case.blank is not None), ("nsp", case.pair))
               if is_there]
    if not watched:
        st.info(page.t("nothing_to_watch"), icon=":material/touch_app:")
        return
    watch = watched[0]
    if len(watched) > 1:
        watch = page.control_choice(
            "watch", page.t("watch"), watched, "mlm", lambda w: page.t(f"watch_{w}")
        )
    request = Request(page.text, page.text_b, page.model, watch, case.index, case.word)
    result = _result(page, request)
    if result is None or not _guessed(page, result):
        return
    _map(page, result)
    _layers(page, result)
    page.prose("literature", **effects.PUBLISHED)
    page.prove(result.proof)


def _result(page: LessonPage, request: Request) -> Result | None:
    """With a long text or a large model the learner decides whether to wait."""
    if light(page.engine, request):
        found: Result = page.run(run, request)
        return found
    says = page.t("long_sweep", passes=page.info.layers * page.info.heads)
    return run_beside(page, run, request, says=says, button=page.t("make_map"),
                      icon=":material/play_arrow:")


def _guessed(page: LessonPage, result: Result) -> bool:
    """Guess: in which layer is the head that matters most?"""
    layers = [f"{page.t('layer')} {n}" for n in range(len(result.heads))]
    mine = page.guess(
        "effects", page.t("ask_layer", what=p_of(page, result.word)), layers, switch=False
    )
    if mine:
        layer, head = result.strongest
        st.markdown(page.t("your_guess", mine=mine,
                           models=page.t("layer_head", layer=layer, head=head)))
    return mine is not None


def _map(page: LessonPage, result: Result) -> None:
    what, (layers, heads) = p_of(page, result.word), result.heads.shape
    st.markdown(f"**{page.t('map_title', what=what)}**")
    clicked = ui.heat(
        "effects", 100 * result.change, [f"{page.t('layer')} {n}" for n in range(layers)],
        [str(n) for n in range(heads)], scale="diverging", selected=result.strongest,
        label=page.t("map_label"), row_height=36, cell=78,
    )
    st.caption(page.t("map_click"))
    if clicked:
        _switch(page, clicked)
    down, up = result.extreme(-1), result.extreme(1)
    page.prose(
        "effects-result", what=what, hardly=len(result.idle), all=layers * heads,
        threshold=f"{100 * HARDLY:g}", intact=percent(result.intact),
        down=page.t("layer_head", layer=down[0], head=down[1]),
        down_p=percent(float(result.heads[down])),
        up=page.t("layer_head", layer=up[0], head=up[1]), up_p=percent(float(result.heads[up])),
        together=percent(result.together), change=points(result.intact, result.together),
        sum=points(0.0, result.added_up),
    )


def _switch(page: LessonPage, clicked: tuple[int, int]) -> None:
    """A click on the map switches that head on the board above."""
    info = page.info
    code = str(st.session_state.get("off") or "")
    off = board.clicked(board.heads_of(code, info.layers, info.heads), *clicked, info.heads, "one")
    page.put("off", board.code_of(off, info.heads))
    st.rerun()


def _layers(page: LessonPage, result: Result) -> None:
    what = p_of(page, result.word)
    worst = int(result.layers.argmin())
    st.markdown(f"**{page.t('layers_title', what=what)}**")
    st.plotly_chart(
        figures.without_layers(
            result.layers.tolist(), result.intact,
            (page.t("layer_off"), page.t("nothing_off")), page.theme,
        ),
        config=PLAIN, key="layers_off", alt=page.t("layers_title", what=what),
    )
    lower = float(result.layers[worst]) < result.intact
    st.markdown(page.t(
        "say_layer" if lower else "say_layer_spared", layer=worst, what=what,
        intact=percent(result.intact), share=percent(float(result.layers[worst])),
    ))
