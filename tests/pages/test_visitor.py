"""What a page computes is asked by its session, in slow work beside the page too."""

import time

from streamlit.testing.v1 import AppTest

from core.engine.asker import NOBODY, asker
from pages.ui.visitor import visitor

HEARD: list[str] = []


def hears(engine, request):
    HEARD.append(asker())
    return request


def hears_beside(engine, request, tell):
    return hears(engine, request)


def in_sight():
    from pages.ui import open_page
    from tests.pages.test_visitor import hears

    page = open_page("home")
    page.run(hears, "in sight", needs_model=False)


def in_the_background():
    from pages.ui import beside, open_page
    from tests.pages.test_visitor import hears_beside

    page = open_page("home")
    beside.run_beside(page, hears_beside, "beside", says="?", button="go", icon=":material/send:")


def ran(touched):
    page = touched.run()
    assert not page.exception
    return page


def test_a_result_is_asked_for_by_the_session_and_nobody_asks_afterwards():
    HEARD.clear()
    ran(AppTest.from_function(in_sight))
    assert len(HEARD) == 1 and HEARD[0] != NOBODY
    assert asker() == NOBODY == visitor()


def test_slow_work_is_asked_for_by_the_session_that_began_it():
    HEARD.clear()
    page = ran(AppTest.from_function(in_the_background))
    assert not HEARD
    ran(page.button[0].click())
    end = time.monotonic() + 30
    while not HEARD:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert HEARD[0] != NOBODY
