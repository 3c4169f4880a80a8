from pathlib import Path

import streamlit as st

from core.observe.recorder import recorder
from pages import ui
from pages.start import status_views as views
from pages.ui import watch

EVERY = 3.0  # seconds

page = ui.open_page("status")
st.html(Path(__file__).parents[2] / "assets" / "css" / "status.css")
st.title(page.t("title_status"), anchor=False)
if not watch.may_see_status():
    st.info(page.t("locked"), icon=":material/lock:")
    st.stop()


@st.fragment(run_every=EVERY)
def numbers() -> None:
    now = watch.look()
    key, how = views.state_of(now)
    colour = page.theme.good if how == "good" else page.theme.key
    st.html(views.state_line(key, colour, page.t))
    st.html(views.large_numbers(now, page.t))
    st.markdown(f"**{page.t('chart')}**")
    st.plotly_chart(
        views.waits(recorder().timeline(views.SPAN, views.STEP), page.theme, page.t),
        key="waits", config={"displayModeBar": False}, alt=page.t("chart_alt"),
    )
    st.html(views.small_facts(now, page.t))


numbers()
between = "" if page.lang == "zh" else " "
st.caption(between.join([page.t("lead"), page.t("fresh", seconds=int(EVERY))]))
