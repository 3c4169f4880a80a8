"""A Chromium, and a page in it, as the browser tests have them."""

from tests.browser.conftest import chromium, page

__all__ = ["chromium", "page"]
