"""The server's settings, the bounds of uploads, and models that a link may not name."""

import ast
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine.stub import FOLDER
from core.live.csv_file import MAX_BYTES
from core.models.registry import EMBEDDED, offered
from pages.capstone.stocks_source import MEGABYTES
from pages.ui.catalogue import LANGUAGES, strings, translate
from pages.ui.course import stop_of

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
SERVER = CONFIG["server"]


def test_requests_of_other_sites_are_refused():
    assert SERVER["enableXsrfProtection"] is True
    assert SERVER["enableCORS"] is True
    assert "corsAllowedOrigins" not in SERVER


def test_nothing_is_told_that_is_nobodys_business():
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert SERVER["enableStaticServing"] is False
    assert "enableAgentApi" not in SERVER


def uploaders() -> list[tuple[str, dict[str, ast.expr], int]]:
    """Every st.file_uploader of the pages: where, its named arguments, how many unnamed."""
    return [
        (f"{path.name}:{node.lineno}", {k.arg or "": k.value for k in node.keywords},
         len(node.args))
        for path in sorted((ROOT / "pages").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("file_uploader", "chat_input", "camera_input", "audio_input")
    ]


def test_every_upload_names_its_types_and_its_size():
    assert len(uploaders()) == 2
    for where, named, unnamed in uploaders():
        assert "type" in named or unnamed >= 2, where
        assert "max_upload_size" in named, where


def test_the_server_takes_no_more_than_the_page_that_takes_most():
    assert max(MEGABYTES, MAX_BYTES // 2**20) == SERVER["maxUploadSize"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bounds_stand_beside_the_box_in_both_languages(language):
    assert f"{MEGABYTES} MB" in translate(language, "stocks", "file_bounds", most=MEGABYTES)
    assert f"{MAX_BYTES // 2**20} MB" in strings(language, "train")["upload_how"]


@pytest.mark.parametrize("model", [
    str(FOLDER), "../" * 9 + "etc", "file:///etc/passwd", "evil/bert", "https://evil.test/model",
    "google-bert/bert-base-uncased/../../evil", "EMBEDDED", "embedded\x00", "",
])
def test_a_link_opens_no_model_that_the_server_does_not_offer(model):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["model"] = model
    app.query_params["lang"] = "en"
    app.switch_page(str(stop_of("wordpiece").file.relative_to(ROOT)))
    app.run()
    assert not app.exception
    assert app.session_state["_model"] == EMBEDDED
    assert app.selectbox(key="model").value == EMBEDDED
    assert model not in [entry.id for entry in offered()]
