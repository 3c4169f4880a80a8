"""What page scripts use: `ui.open_lesson`, the canvas components, and text that is safe."""

from core.errors import InsideBertError
from pages.ui.components.attention_view import attention_view
from pages.ui.components.board import Cell, Legend, board
from pages.ui.components.head_grid import head_grid
from pages.ui.components.heat import heat
from pages.ui.components.layer_path import layer_path
from pages.ui.components.tokens import tokens
from pages.ui.lesson_page import LessonPage, open_lesson, open_page
from pages.ui.markup import escape_markdown

__all__ = [
    "Cell",
    "InsideBertError",
    "Legend",
    "LessonPage",
    "attention_view",
    "board",
    "escape_markdown",
    "head_grid",
    "heat",
    "layer_path",
    "open_lesson",
    "open_page",
    "tokens",
]
