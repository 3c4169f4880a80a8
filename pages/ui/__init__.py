"""What page scripts use: `ui.open_lesson`, the canvas components, and text that is safe."""

from core.errors import InsideBertError
from pages.ui.components.head_grid import head_grid
from pages.ui.components.heat import heat
from pages.ui.components.tokens import tokens
from pages.ui.lesson_page import LessonPage, open_lesson, open_page
from pages.ui.markup import escape_markdown

__all__ = [
    "InsideBertError",
    "LessonPage",
    "escape_markdown",
    "head_grid",
    "heat",
    "open_lesson",
    "open_page",
    "tokens",
]
