"""What the app's code may not do: run what it was given, unpickle, or ask a shell."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = [ROOT / "app.py", *(f for part in ("core", "lessons", "pages") for f in
                          sorted((ROOT / part).rglob("*.py")))]
SCRIPTS = sorted((ROOT / "assets" / "components").glob("*.js")) + sorted(
    (ROOT / "assets" / "bertviz").glob("*.js")
)
NEVER = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load",
    "pickle.loads", "pickle.Unpickler", "cPickle.loads", "dill.load", "dill.loads", "joblib.load",
    "marshal.loads", "marshal.load", "shelve.open", "cloudpickle.load", "cloudpickle.loads",
    "yaml.load", "yaml.unsafe_load", "subprocess.getoutput", "subprocess.getstatusoutput",
    "pd.read_pickle", "pandas.read_pickle", "torch.hub.load", "runpy.run_path", "runpy.run_module",
    "code.interact", "tempfile.mktemp",
}
STARTED = {"core/live/process.py", "core/stocks/accelerated.py"}
"""Files that start a program: Python itself, with a module of ours, no shell between."""
OF_OURS = {"subprocess.Popen", "subprocess.run", "subprocess.call", "subprocess.check_call",
           "subprocess.check_output"}


def name_of(call: ast.Call) -> str:
    """The dotted name that is called, "" for anything else."""
    parts: list[str] = []
    at: ast.expr = call.func
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    return ".".join([at.id, *reversed(parts)]) if isinstance(at, ast.Name) else ""


def calls(path: Path) -> Iterator[tuple[str, ast.Call, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            where = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
            yield name_of(node), node, where


def given(call: ast.Call) -> dict[str, object]:
    return {word.arg: getattr(word.value, "value", word.value) for word in call.keywords
            if word.arg}


def offences(path: Path) -> Iterator[str]:
    file = path.relative_to(ROOT).as_posix()
    for name, call, where in calls(path):
        said = given(call)
        if name in NEVER:
            yield f"{where}: {name}"
        if said.get("shell") not in (None, False):
            yield f"{where}: a shell"
        if name == "torch.load" and said.get("weights_only") is not True:
            yield f"{where}: torch.load without weights_only=True"
        if name in ("np.load", "numpy.load") and said.get("allow_pickle", False) is not False:
            yield f"{where}: np.load with pickles"
        if said.get("trust_remote_code", False) is not False:
            yield f"{where}: code of a model's author"
        if "unsafe_allow_html" in said or "unsafe_allow_javascript" in said:
            yield f"{where}: {name} with raw HTML"
        if name in OF_OURS and file not in STARTED:
            yield f"{where}: starts a program"
        if name.endswith("from_pretrained") and file.startswith("core/models/") and (
            said.get("use_safetensors") is not True or said.get("local_files_only") is not True
        ):
            yield f"{where}: weights in another form than safetensors, or from the network"


@pytest.mark.parametrize("part", ["app.py", "core", "lessons", "pages"])
def test_nothing_given_is_run_unpickled_or_handed_to_a_shell(part):
    files = [f for f in APP if f.relative_to(ROOT).parts[0] == part]
    assert files
    assert [told for file in files for told in offences(file)] == []


@pytest.mark.parametrize("line", [
    "import pickle\npickle.load(f)", "eval('1')", "import os\nos.system('ls')",
    "import subprocess\nsubprocess.run('ls', shell=True)", "torch.load('x')",
    "np.load('x', allow_pickle=True)", "st.markdown(text, unsafe_allow_html=True)",
    "AutoModel.from_pretrained(x, trust_remote_code=True)", "yaml.load(text)",
])
def test_the_look_itself_sees_each_of_these(tmp_path, monkeypatch, line):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "bad.py").write_text(line)
    assert list(offences(tmp_path / "core" / "bad.py"))


def test_modules_that_unpickle_are_not_even_imported_by_the_app():
    found = [
        (path.relative_to(ROOT).as_posix(), name.name)
        for path in APP for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom) for name in (
            node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")]
        )
        if name.name.split(".")[0] in {"pickle", "dill", "marshal", "shelve", "joblib", "yaml"}
    ]
    assert found == []


MAKES_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|"
    r"setTimeout\(\s*[\"'`]|DOMParser|createContextualFragment|\.srcdoc\s*="
)


def test_components_build_what_they_show_node_by_node():
    """The one exception hands a whole document to a frame that has no origin."""
    found = [
        f"{path.name}: {match.group()}"
        for path in SCRIPTS for match in MAKES_MARKUP.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == ["sandbox.js: .srcdoc ="]


OF_TEXT = re.compile(
    r"""["'](scattergl|scatterpolargl|heatmapgl|parcoords|splom)["']|\bgo\.(Scattergl|Splom|Parcoords)"""
    r"|st\.(vega_lite_chart|altair_chart|line_chart|bar_chart|area_chart|scatter_chart)"
)


def test_no_chart_is_drawn_by_code_that_the_browser_makes_of_text():
    """Plotly's WebGL kinds and Vega would need 'unsafe-eval' in the policy."""
    assert [path.name for path in APP if OF_TEXT.search(path.read_text(encoding="utf-8"))] == []


HTML = re.compile(r"st\.html\(")
WRITERS = {  # what stands in their HTML: our own strings, escaped, and numbers
    "pages/capstone/stocks_pipeline.py", "pages/capstone/stocks_table.py", "pages/start/home.py",
    "pages/start/status.py",
    "pages/ui/lesson_page.py", "pages/ui/shell.py", "pages/ui/strip.py",
}


def test_only_reviewed_files_write_html():
    """A new one belongs in docs/security.md, with a look at what it writes, before it does here."""
    found = {path.relative_to(ROOT).as_posix() for path in APP
             if HTML.search(path.read_text(encoding="utf-8"))}
    assert found <= WRITERS
