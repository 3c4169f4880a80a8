"""Sentiment without a fine-tuned head: a blank is put behind the sentence, the masked LM fills it.

Source: Schick and Schuetze 2021, Exploiting Cloze Questions, section 3, for the idea.
"""

from dataclasses import dataclass

import numpy as np

from core.engine.answers import MASK, mask_positions
from core.engine.protocol import Engine
from core.errors import MissingHead
from lessons.mlm.head import log_sum_exp, vocabulary_logits
from lessons.proof import Check, check
from lessons.scores.likelihood import FORMULA, hidden
from lessons.surgery.reading import id_of

TAIL = f"It was {MASK}."
WORDS = ("terrible", "great")


@dataclass(frozen=True)
class Prompt:
    """words : negative, positive; p : P(word) at the blank of `text`, float each"""

    text: str
    words: tuple[str, str]
    p: tuple[float, float]

    @property
    def positive(self) -> float:
        """The share of the positive word of both."""
        return self.p[1] / sum(self.p)


def prompt(engine: Engine, model: str, text: str) -> tuple[Prompt, Check]:
    """Raises `MissingHead` and the errors of `Engine.trace`."""
    info = engine.info(model)
    if not info.has_mlm:
        raise MissingHead(info.label, "masked-LM")
    engine.tokenize(model, text)
    whole = f"{TAIL} {text}"  # in front, so that a long text is cut behind the blank
    encoded = engine.tokenize(model, whole)
    place = mask_positions(encoded)[0]
    log_words, state = hidden(engine, model, whole, encoded.ids, place)
    ids = [word for word in (id_of(engine, model, w) for w in WORDS) if word is not None]
    logits = vocabulary_logits(engine, model, state)
    ours = logits[ids] - log_sum_exp(logits)
    low, high = (float(np.exp(log_words[word])) for word in ids)
    return Prompt(whole, WORDS, (low, high)), check("log P", FORMULA, ours, log_words[ids])
