"""Makes learner text safe to stand inside Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&=])")
# After the escapes are taken back, bare addresses become links and these names pictures.
_LATE = re.compile(
    r"(https?:(?=//)|www(?=\.)|@(?=[\w-]+\.)|:(?=material[/_]|streamlit:))", re.IGNORECASE
)
_JOINER = "\u2060"  # has no width and lets no line break
_LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


def escape_markdown(text: str) -> str:
    """One line of text in which nothing is markup, be it Markdown's, LaTeX's or HTML's."""
    return _SPECIAL.sub(r"\\\1", _LATE.sub(rf"\1{_JOINER}", _LINES.sub(" ", text)))
