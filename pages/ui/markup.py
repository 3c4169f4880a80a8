"""Makes learner text safe to stand inside Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])")


def escape_markdown(text: str) -> str:
    """The text with every character that Markdown, LaTeX or HTML would read as markup escaped."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", " ")
