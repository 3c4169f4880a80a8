"""BertViz on the page of all heads: closed until asked for, three views, sizes, the limit told."""

from functools import partial

import pytest

from core.engine import local_engine
from lessons.text import LANGUAGES
from lessons.views.bertviz import VIEWS, elements, heaviest, most_pieces
from pages.ui.catalogue import translate
from tests import visit

TEXT = "The river ran past the bank."
HOSTILE = "</script><img src=x onerror=alert(1)> & <!--"


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/inside/views.py", text=TEXT)


def test_bertviz_stays_closed_until_it_is_asked_for():
    page = opened()
    label = translate("en", "views", "bv_size")
    assert label not in [metric.label for metric in page.metric]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_tells_what_it_costs_beside_ours(view, language):
    page = opened(language, bv_on="true", bv=view, text=HOSTILE)
    sizes = {
        metric.label: float(metric.value.split()[0].replace(",", "")) for metric in page.metric
    }
    whole, part, ours = (
        sizes[translate(language, "views", key)]
        for key in ("bv_size", "bv_size_weights", "bv_size_ours")
    )
    assert whole > part > ours


def test_a_text_beyond_the_limit_is_told_with_the_measured_reason():
    info = local_engine().info("embedded")
    most = most_pieces("model", info)
    text = "river " * most  # and [CLS] and [SEP]
    page = opened(bv_on="true", bv="model", text=text, bv_from="1")
    measured = heaviest("model")
    sentence = translate(
        "en", "views", "bv_limit", n=most + 2, limit=most, pieces=measured.pieces,
        elements=f"{elements('model', info, most + 2):,}", measured=f"{measured.elements:,}",
        draw=f"{measured.draw:.1f}", answer=f"{measured.answer:.1f}",
    )
    assert sentence in [item.value for item in page.info]
