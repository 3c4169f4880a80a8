"""Readers of questions with answer spans: XQuAD, SubjQA, and questions made by rule."""

import ast
import csv
import json
import lzma
import random
from collections.abc import Iterator
from pathlib import Path

from core.training.tasks.cloze import made_questions
from core.training.tasks.items import Item, Material, held_out_by_hash

EVERY = 5
XQUAD_REPEATS, MADE, SEED = 5, 8000, 1
UNANSWERED_SHARE = 0.4  # of SubjQA's questions without an answer that are read
SHOPS = ("electronics", "grocery", "restaurants", "tripadvisor")
NO_ANSWER = "ANSWERNOTFOUND"


def qa(data: Path) -> Material:
    """Questions to train on: XQuAD five times over, SubjQA, questions made by rule.

    Of XQuAD whole articles are held out, one in five by the hash of the title; of SubjQA its
    test part. Questions put to another paragraph of their article have no answer there.
    """
    rng = random.Random(SEED)
    xquad = _articles(data / "xquad" / "xquad.en.json.xz")
    known = {title: found for title, found in xquad if not held_out_by_hash(title, EVERY)}
    asked = [item for found in known.values() for item in found]
    held = [item for title, found in xquad if title not in known for item in found]
    elsewhere = [_elsewhere(item, found, rng) for found in known.values() for item in found]
    reviews = [
        item for shop in SHOPS for item in subjqa(data / "subjqa", shop, "train")
        if item.answers or rng.random() < UNANSWERED_SHARE
    ]
    made = made_questions(data.parent / "text" / "enwiki_core.txt.xz", MADE, SEED)
    test = [item for shop in SHOPS for item in subjqa(data / "subjqa", shop, "test")]
    return Material(
        asked * XQUAD_REPEATS + elsewhere + reviews + made, {"xquad": held, "subjqa": test}
    )


def _articles(path: Path) -> list[tuple[str, list[Item]]]:
    """The questions of each article of a file in SQuAD's form, the first answer of each."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        data = json.load(file)["data"]
    return [(article.get("title", ""), list(_squad(article))) for article in data]


def _squad(article: dict) -> Iterator[Item]:
    for paragraph in article["paragraphs"]:
        for asked in paragraph["qas"]:
            spans = tuple(
                (a["answer_start"], a["answer_start"] + len(a["text"])) for a in asked["answers"]
            )
            yield Item(asked["question"], paragraph["context"], answers=spans)


def _elsewhere(item: Item, article: list[Item], rng: random.Random) -> Item:
    """The question put to another paragraph of its article, where it has no answer."""
    others = sorted({other.text_b or "" for other in article} - {item.text_b})
    if not others:
        return item
    return Item(item.text, rng.choice(others))


def subjqa(folder: Path, shop: str, part: str) -> Iterator[Item]:
    with lzma.open(folder / f"{shop}_{part}.csv.xz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            review = row["review"].removesuffix(NO_ANSWER)
            span = ast.literal_eval(row["human_ans_indices"])
            if row["human_ans_spans"] == NO_ANSWER:
                yield Item(row["question"], review.rstrip())
            elif span[1] <= len(review) and review[slice(*span)].strip():
                yield Item(row["question"], review.rstrip(), answers=(tuple(span),))


