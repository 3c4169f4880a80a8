"""A Chromium and a server for each file of browser tests, a fresh page for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from bench.chromium import browser
from bench.server import Server, served

PATIENTLY = 60_000  # ms; a machine that is busy with something else is slow, not wrong

expect.set_options(timeout=PATIENTLY)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    try:
        with browser() as running:
            yield running
    except Error as error:
        if "Executable doesn't exist" not in error.message:
            raise
        pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served() as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A desktop page; an error that its scripts do not catch fails the test."""
    tab = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    tab.set_default_timeout(PATIENTLY)
    uncaught: list[str] = []
    tab.on("pageerror", lambda error: uncaught.append(str(error)))
    yield tab
    tab.close()
    assert uncaught == []
