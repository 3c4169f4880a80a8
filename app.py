"""Inside BERT: the frame around every page. Start it with `make run` or `streamlit run app.py`.

The server imports this file once and finds `app`; for every visitor Streamlit runs it again
as a script and finds the page.
"""

from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parent

if __name__ == "__main__":
    from pages.ui.shell import run_app

    st.set_page_config(
        page_title="Inside BERT",
        page_icon=ROOT / "assets" / "images" / "icon.svg",
        layout="wide",
        initial_sidebar_state="auto",
    )
    run_app()
else:
    from starlette.middleware import Middleware

    from pages.ui.failures import tell_failure
    from pages.ui.headers import Headers
    from pages.ui.stopwatch import Stopwatch
    from pages.ui.warmup import lifespan
    from pages.ui.watch import routes

    app = st.App(
        ROOT / "app.py", lifespan=lifespan, routes=routes(),
        middleware=[Middleware(Headers), Middleware(Stopwatch)],
        on_script_error=tell_failure,
    )
