"""The opened number and what is opened under it: cards, indented, and the way back up."""

import numpy as np
import streamlit as st

from core.derive import Address, Node
from lessons.trace.formulas import derivation
from lessons.trace.lesson import SHOWN, Request, Result
from lessons.trace.notebook import notebook
from pages import ui
from pages.inside.trace_data import card, glyph, name_of, place_of, resolved
from pages.ui import LessonPage
from pages.ui.components.derivation import derivation_card, trail

DRAWN = 1600  # numbers of a weight's row that are drawn as a band
BRACKETS = (10, 10_000, 1_000_000)


def guessed(page: LessonPage, result: Result) -> bool:
    """How many weights of the file stand behind this number? False until the learner commits."""
    names = [page.t(f"bracket_{at}", **_ends(at)) for at in range(len(BRACKETS) + 1)]
    root = result.nodes[0].address
    question = page.t("guess_question", name=name_of(root, page.t),
                      parameters=f"{result.parameters:,}")
    guess = page.guess(f"reach {root}", question, names)
    if guess:
        mine = ui.escape_markdown(guess)
        right = names[sum(result.reach > top for top in BRACKETS)]
        left, middle = st.columns(2)
        left.metric(page.t("guess_yours"), mine)
        middle.metric(page.t("guess_models"), right)
    return guess is not None


def _ends(at: int) -> dict[str, str]:
    low = BRACKETS[at - 1] if at else 0
    high = BRACKETS[at] if at < len(BRACKETS) else 0
    return {"low": f"{low + 1:,}", "high": f"{high:,}"}


def reach(page: LessonPage, result: Result) -> None:
    """How much of the model stands behind the number."""
    share = f"{100 * result.reach / result.parameters:.2g} %"
    page.section("reach", reach=f"{result.reach:,}", parameters=f"{result.parameters:,}",
                 share=share)


def tree(page: LessonPage, request: Request, result: Result) -> None:
    """The way down, then the last opened numbers as cards."""
    page.section("tree")
    _trail(page, result)
    first = max(0, len(result.nodes) - SHOWN)
    if first:
        st.caption(page.t("above_hidden", count=first))
    for level, at in enumerate(range(first, len(result.nodes))):
        with st.container(key=f"derive_{level}"), st.container(border=True):
            _card(page, request, result, at)


def _trail(page: LessonPage, result: Result) -> None:
    crumbs = [
        {"symbol": glyph(node.address, page.theme), "value": node.value,
         "words": f"{name_of(node.address, page.t)} · "
                  f"{place_of(node.address, result.encoded, page.model, page.t)}"}
        for node in result.nodes
    ]
    clicked = trail("trail", crumbs, page.t("trail"), page.t("trail_here"))
    if clicked is not None and clicked < len(result.steps):
        _go(page, result.steps[:clicked])


def _go(page: LessonPage, steps: tuple[str, ...]) -> None:
    st.session_state["_next_path"] = ".".join(steps)
    st.rerun(scope="fragment")


def take_click(page: LessonPage) -> None:
    """Apply what was clicked in the tree; before the path is read."""
    if (path := st.session_state.pop("_next_path", None)) is not None:
        page.put("path", path)
        st.session_state["_trace_arrived"] = path


def _card(page: LessonPage, request: Request, result: Result, at: int) -> None:
    node = result.nodes[at]
    name = name_of(node.address, page.t)
    place = place_of(node.address, result.encoded, page.model, page.t)
    st.markdown(f"**{name}** &nbsp; {ui.escape_markdown(place)}")
    st.latex(derivation(node, page.theme))
    st.markdown(page.t(f"say_{node.formula}", count=f"{node.count:,}"))
    last = at == len(result.nodes) - 1
    arrived = str(st.session_state.get("_trace_arrived") or "") if last and at else ""
    open_step = result.steps[at] if at < len(result.steps) else ""
    header, arrays = card(node, open_step, result.encoded, request.model, page.t, page.theme,
                          arrived)
    clicked = derivation_card(f"card_{at}", header, arrays, page.theme)
    if node.address.is_leaf:
        _leaf(page, request, node.address, result)
    if clicked:
        _opened(page, result, at, node, clicked, open_step)


def _opened(
    page: LessonPage, result: Result, at: int, node: Node, clicked: str, open_step: str
) -> None:
    step = resolved(clicked, node, page.model)
    if not step:
        st.caption(f":material/info: {page.t('no_such_term')}")
        return
    above = result.steps[:at]
    _go(page, above if step == open_step else (*above, step))


def _leaf(page: LessonPage, request: Request, address: Address, result: Result) -> None:
    """The row of the weight that the number stands in."""
    if address.quantity != "parameter":
        return
    weight = page.engine.parameter(request.model, address.parameter)
    row = weight if weight.ndim == 1 else weight[address.indices[0]]
    column = address.indices[-1]
    if len(row) > DRAWN:
        return
    extent = float(np.abs(row).max()) or 1.0
    ui.heat(f"leaf_{len(result.steps)}", row[None], [page.t("leaf_row")], scale="diverging",
            domain=(-extent, extent), selected=(0, column), row_height=40, selectable=False,
            label=page.t("leaf_label"))


def export(page: LessonPage, request: Request, result: Result) -> None:
    """The derivation as a notebook."""
    page.section("notebook")
    words = {key: page.t(f"notebook_{key}") for key in ("setup", "text", "number", "result")}
    root = result.nodes[0].address
    words["title"] = name_of(root, page.t)
    words["result"] = page.t("notebook_result", value=f"{result.nodes[0].value:.9g}")
    place = "_".join(map(str, root.indices))
    st.download_button(
        page.t("notebook_download"), lambda: notebook(request, result, words),
        f"{root.quantity}_{place}.ipynb", "application/x-ipynb+json", icon=":material/download:",
        on_click="ignore",
    )
