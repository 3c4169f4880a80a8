"""Which model answers for a Chinese word, and whether it can."""

from core.models.files import is_here
from core.models.registry import EMBEDDED
from lessons.compare.finding import is_chinese

CHINESE = "google-bert/bert-base-chinese"
ENGLISH = frozenset(
    {EMBEDDED, "google-bert/bert-base-uncased", "google-bert/bert-base-cased",
     "google-bert/bert-large-uncased"}
)


def needed(word: str, model: str) -> bool:
    """True for a Chinese word that the model, trained on English, cannot answer for."""
    return is_chinese(word) and model in ENGLISH


def model_for(word: str, model: str) -> str | None:
    """The model that answers for a word: the given one, bert-base-chinese, or None without it."""
    if not needed(word, model):
        return model
    return CHINESE if is_here(CHINESE) else None
