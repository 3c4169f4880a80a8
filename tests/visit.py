"""A page of the app as a learner opens it, by its address, without a browser.

    opened = partial(visit.opened, "pages/inside/judges.py", text="The cat sat.")
    page = opened("zh", top_k="5")
    ran(page.button(key="go").click())
"""

import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.ui.catalogue import translate

APP = Path(__file__).parents[1] / "app.py"
PATIENCE = 180  # seconds, on a busy machine


def ran(touched):
    """The page after a run, whether of itself or of a control that was touched."""
    page = touched.run()
    assert [f"{e.message} {''.join(e.stack_trace)}" for e in page.exception] == []
    return page


def ran_well(touched):
    """The same, and it says of nothing that it went wrong."""
    page = ran(touched)
    assert not page.error
    return page


def opened(script, language="en", check=ran, **query):
    page = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    for name, value in {"lang": language, **query}.items():
        page.query_params[name] = value
    page.switch_page(script)
    return check(page)


def settled(page, seconds=120.0):
    """The page once no work is under way any more."""
    end = time.monotonic() + seconds
    while any((button.key or "").startswith("_stop_") for button in page.button):
        assert time.monotonic() < end
        time.sleep(0.2)
        page = ran(page)
    return page


def written(page):
    """All that it says in words."""
    parts = (*page.markdown, *page.caption, *page.info, *page.warning, *page.success, *page.error)
    return "\n".join(part.value for part in parts)


def say(slug, key, language="en", **facts):
    """An interface string of a lesson."""
    return translate(language, slug, key, **facts)
