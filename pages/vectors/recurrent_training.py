"""The three small networks: trained in sight, and what is left of their gradients."""

import streamlit as st

from core.vectors import elmo
from lessons.recurrent import figures, lesson
from lessons.recurrent import small as nets
from lessons.recurrent.lesson import Networks
from lessons.recurrent.small import Small
from lessons.theme import number, percent
from pages.ui import InsideBertError, LessonPage
from pages.ui.progress import run_in_sight

PLAIN = {"displayModeBar": False}
USUAL_STEPS = 150


def trained(page: LessonPage) -> Networks:
    """The task, the two sliders, the button, and how each network fared."""
    page.section("remember", width=nets.WIDTH, rows=nets.BATCH)
    left, right = st.columns(2)
    with left:
        length = page.control_integer("rn_length", page.t("length"), nets.SHORTEST, nets.LONGEST,
                                      nets.Request.length)
    with right:
        steps = page.control_integer("rn_steps", page.t("steps"), 0, nets.MOST_STEPS, 0)
    request = nets.Request(page.text, length, steps)
    networks: Networks = run_in_sight(page, lesson.networks, request)
    small = networks.small
    if small.dropped:
        st.caption(page.t("dropped", kept=len(small.words), dropped=small.dropped))
    if not small.trained:
        st.info(page.t("untrained_note"), icon=":material/casino:")
        st.button(page.t("train", steps=USUAL_STEPS), icon=":material/play_arrow:",
                  type="primary", on_click=page.put, args=("rn_steps", USUAL_STEPS))
        return networks
    names = {net: page.t(f"net_{net}") for net in nets.NETS}
    guess = page.guess(f"remember {length} {steps}", page.t("guess_question"),
                       list(names.values()))
    if guess is None:
        return networks
    _results(page, small, names, guess)
    return networks


def _results(page: LessonPage, small: Small, names: dict[str, str], guess: str) -> None:
    if guess:
        best = max(one.right for one in small.learned)
        winners = [names[net] for net, one in zip(nets.NETS, small.learned, strict=True)
                   if one.right == best]
        st.markdown(page.t("guess_answer", guess=guess, winners=" · ".join(winners)))
    for column, net, one in zip(st.columns(3), nets.NETS, small.learned, strict=True):
        column.metric(names[net], percent(one.right), page.t("after_steps", steps=one.steps),
                      delta_color="off", delta_arrow="off", border=True)
    st.caption(page.t("right_note", tested=nets.TESTED, chance=percent(small.chance)))
    st.plotly_chart(
        figures.learning(small, names, (page.t("step_axis"), page.t("guessing")), page.theme),
        config=PLAIN, key="learning", alt=page.t("learning_alt"),
    )


def elmo_is_here() -> bool:
    """Whether ELMo's weights are on this machine."""
    try:
        elmo.load()
    except InsideBertError:
        return False
    return True


def gradient(page: LessonPage, networks: Networks) -> None:
    """d h_n / d x_k back to the first word, for every network there is."""
    page.section("gradient")
    layer = page.control_integer("rn_bert_layer", page.t("bert_layer"), 0, page.info.layers - 1, 0)
    how = page.t("how_trained" if networks.small.trained else "how_untrained")
    lines = [
        ("rnn", f"{page.t('net_rnn')} ({how})", networks.rnn.reach),
        ("lstm", f"{page.t('net_lstm')} ({how})", networks.lstm.reach),
        ("attention", f"{page.t('net_attention')} ({how})", networks.attention),
    ]
    if elmo_is_here():
        request = lesson.Request(page.text)
        lines.append(("elmo", page.t("line_elmo"),
                      page.run(lesson.run, request, needs_model=False).reach))
    bert = lesson.BertRequest(page.text, page.model, layer)
    lines.append(("bert", page.t("line_bert", layer=layer), page.run(lesson.bert_reach, bert)))
    st.plotly_chart(
        figures.reach(lines, page.t("back_axis"), page.theme), config=PLAIN, key="reach",
        alt=page.t("reach_alt"),
    )
    st.table({
        page.t("network"): [name for _, name, _ in lines],
        page.t("units_back"): [str(len(values) - 1) for *_, values in lines],
        page.t("left_at_first"): [number(float(values[0])) for *_, values in lines],
    })
    page.prose("gradient-after")
