"""Imports run one way, pages -> lessons -> core, and light pages never wait for torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "core": {"streamlit", "lessons", "pages"},
    "lessons": {"streamlit", "pages"},
}
LIGHT = (
    "pages.ui.lesson_page", "pages.ui.shell", "lessons.wordpiece.lesson",
    "lessons.embeddings.lesson", "lessons.home.lesson", "core.engine", "core.vectors.gpt",
)


def imported(path: Path) -> set[str]:
    """Top-level names of every import in a file, lazy ones too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_nothing_reaches_back(folder):
    for path in (ROOT / folder).rglob("*.py"):
        assert not imported(path) & FORBIDDEN[folder], path.relative_to(ROOT)


@pytest.mark.parametrize("module", LIGHT)
def test_a_page_that_needs_no_forward_pass_imports_no_torch(module):
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'transformers'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_no_page_file_lies_directly_in_the_pages_folder():
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]
