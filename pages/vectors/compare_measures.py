"""The stored table: the four models measured on many words."""

from pages.ui import LessonPage


def measured(page: LessonPage) -> None:
    """Word in context, similarity and analogies, for every model and layer."""
