"""Questions made from Wikipedia by rule, where no written ones are to be had.

A plain sentence becomes a grammatical question (`patterns`). From the others there are two ways,
each with the sentence that mentions a span, the span left out:
- the span stands in two sentences of a paragraph: one becomes the question and is taken out
  of the paragraph, the other holds the answer (after Ram et al. 2021, recurring spans);
- the sentence itself is the question, shortened and with words dropped or moved, so that it
  cannot be found by its words alone (after Lewis et al. 2019, noisy cloze).
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from core.training.corpus import articles, is_held_out, sentences
from core.training.tasks.items import Item
from core.training.tasks.patterns import asked_of
from core.vectors.documents import function_words

WORDS = (50, 220)  # of a paragraph
NO_ANSWER_SHARE, RECURRING_SHARE = 0.08, 0.4
CLOZE_SHARE = 0.4  # of the paragraphs that no pattern fits
LEAST_WORDS = 6  # of a question, beside the one that asks
_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
_DATE = re.compile(rf"(?:\d{{1,2}} )?(?:{_MONTH})(?: \d{{1,2}},)? \d{{4}}|\b1\d{{3}}\b|\b20\d\d\b")
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,.]*\d(?: (?:million|billion|percent|km|miles|metres))?")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: (?:of |the |de |von )?[A-Z][\w'’-]+){0,3}")
_CHUNK = re.compile(r"(?<=[a-z,] )[a-z][a-z-]+(?: [a-z][a-z-]+){0,3}(?=[.,;])")
_PLACE = re.compile(r"\b(?:in|at|near|from|to)(?: the)? $")
_AGENT = re.compile(r"\bby(?: the)? $")
_CLAUSE = re.compile(r"[;:()]|, (?:and|but|which|who|while|where|although) ")


def made_questions(path: Path, count: int, seed: int) -> list[Item]:
    """The first `count` questions of a walk through the corpus, the same for a seed."""
    rng, found = random.Random(seed), []
    for article in articles(path):
        if is_held_out(article):
            continue
        paragraphs = [p for p in article.split("\n") if WORDS[0] <= len(p.split()) <= WORDS[1]]
        for paragraph in rng.sample(paragraphs, min(4, len(paragraphs))):
            found += list(_of_paragraph(paragraph, paragraphs, rng))
        if len(found) >= count:
            break
    return found[:count]


def _of_paragraph(paragraph: str, others: list[str], rng: random.Random) -> Iterator[Item]:
    plain = _by_pattern(paragraph, rng)
    yield from plain
    if plain or rng.random() > CLOZE_SHARE:
        return
    spans = list(_spans(paragraph))
    rng.shuffle(spans)
    for start, end, asked in spans:
        item = None
        if rng.random() < RECURRING_SHARE:
            item = _recurring(paragraph, start, end, asked, rng)
        item = item or _own_sentence(paragraph, start, end, asked, rng)
        if item is None:
            continue
        answer = paragraph[start:end]
        away = [p for p in others if answer not in p]
        if away and rng.random() < NO_ANSWER_SHARE:
            item = Item(item.text, rng.choice(away))
        yield item
        return


def _by_pattern(paragraph: str, rng: random.Random) -> list[Item]:
    """Up to two questions that are whole sentences themselves."""
    found, cursor = [], 0
    for sentence in sentences(paragraph):
        at = cursor = paragraph.find(sentence, cursor)
        for asked in asked_of(sentence):
            found.append(
                Item(asked.question, paragraph, answers=((at + asked.start, at + asked.end),))
            )
    return rng.sample(found, min(3, len(found)))


def _spans(paragraph: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and question word of what can be asked for."""
    for match in _DATE.finditer(paragraph):
        yield (*match.span(), "when")
    for match in _NUMBER.finditer(paragraph):
        if not _DATE.match(match[0]):
            yield (*match.span(), "how many")
    for match in _NAME.finditer(paragraph):
        before = paragraph[max(0, match.start() - 12) : match.start()]
        if _PLACE.search(before):
            asked = "where"
        else:
            asked = "who" if _AGENT.search(before) or " " in match[0] else "what"
        yield (*match.span(), asked)
    for match in _CHUNK.finditer(paragraph):
        start, end = _without_function_words(paragraph, *match.span())
        if end - start > 3:
            before = paragraph[max(0, start - 12) : start]
            yield start, end, "where" if _PLACE.search(before) else "what"


def _without_function_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The words of a chunk after its last function word."""
    at = start
    for match in re.finditer(r"[a-z-]+", text[start:end]):
        if match[0] in function_words():
            at = start + match.end() + 1
    return min(at, end), end


def _recurring(
    paragraph: str, start: int, end: int, asked: str, rng: random.Random
) -> Item | None:
    """Ask with another sentence that has the span, and take that sentence out."""
    answer = paragraph[start:end]
    cut = sentences(paragraph)
    holding = [s for s in cut if re.search(rf"\b{re.escape(answer)}\b", s)]
    mine = next((s for s in holding if s in paragraph and
                 paragraph.find(s) <= start < paragraph.find(s) + len(s)), None)
    others = [s for s in holding if s != mine]
    if mine is None or not others:
        return None
    other = rng.choice(others)
    rest = " ".join(s for s in cut if s != other)
    at = rest.find(answer, rest.find(mine))
    question = _question(other, other.find(answer), len(answer), asked, rng)
    return Item(question, rest, answers=((at, at + len(answer)),)) if question else None


def _own_sentence(
    paragraph: str, start: int, end: int, asked: str, rng: random.Random
) -> Item | None:
    cursor = 0
    for sentence in sentences(paragraph):
        at = paragraph.find(sentence, cursor)
        cursor = at + len(sentence)
        if at <= start and end <= cursor:
            question = _question(sentence, start - at, end - start, asked, rng)
            return Item(question, paragraph, answers=((start, end),)) if question else None
    return None


def _question(sentence: str, at: int, length: int, asked: str, rng: random.Random) -> str | None:
    """The clause around the span as a question; None when too little is left of it."""
    before = _CLAUSE.split(sentence[:at])[-1].split()[-rng.randint(5, 12) :]
    after = _CLAUSE.split(sentence[at + length :])[0].split()[: rng.randint(3, 10)]
    if asked in ("when", "where") and before and before[-1].lower() in ("in", "on", "at", "from"):
        before = before[:-1]
    before, after = ([w for w in part if w.strip(",.;\"'")] for part in (before, after))
    if len(before) + len(after) < LEAST_WORDS or set("\"“”[]") & set("".join(before + after)):
        return None
    if asked == "what" and rng.random() < 0.3:
        asked = "which"
    if rng.random() < 0.4:
        words = [*before, asked, *after]
    else:
        rest = [*before, *after] if rng.random() < 0.85 else [*after, *before]
        words = [asked, *_disturbed(rest, rng)]
    text = re.sub(r"\s+([,.;])", r"\1", " ".join(words)).strip(" ,.;")
    return text[0].upper() + text[1:] + "?"


def _disturbed(words: list[str], rng: random.Random) -> list[str]:
    """Some words dropped, some exchanged with their neighbour."""
    kept = [word for word in words if rng.random() > 0.06]
    for i in range(len(kept) - 1):
        if rng.random() < 0.02:
            kept[i], kept[i + 1] = kept[i + 1], kept[i]
    return kept
