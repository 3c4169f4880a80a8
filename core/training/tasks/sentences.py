"""Readers of single sentences with a class: SST-2, SMS spam, tweets, financial news."""

import csv
import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core.training.tasks.items import Item, Material, held_out_by_hash
from core.training.tasks.questions import SHOPS, subjqa
from core.training.tasks.tagged import conllu_sentences

OFFERS = Path(__file__).with_name("offers.txt")
SPAM_EVERY, ASIDE_EVERY, NEWS_EVERY = 5, 8, 5
LEAST_WORDS, MOST_WORDS, TELLING = 3, 12, 10
REVIEWED, LEAST_REVIEWED, MOST_REVIEWED = 30_000, 4, 40
_SENTENCE_END = re.compile(r"(?<=[.!?])\s*(?=[A-Z])")  # reviews often lack the space
_CLAUSE_END = re.compile(r"(?<=[.!?])\s+")


def sst2(data: Path) -> Material:
    """Train on train.tsv; test.tsv is the development set of GLUE, the usual figure.

    Sentences of SubjQA's reviews have no label: a teacher judges them.
    """
    parts = {name: list(_sst2(data / "sst2" / f"{name}.tsv")) for name in ("train", "dev", "test")}
    return Material(
        parts["train"], {"test": parts["test"], "dev": parts["dev"]},
        unlabelled=review_sentences(data),
    )


def review_sentences(data: Path) -> list[Item]:
    """`REVIEWED` different sentences of SubjQA's reviews, chosen by their hash."""
    reviews = {
        item.text_b or "" for shop in SHOPS for part in ("train", "dev", "test")
        for item in subjqa(data / "subjqa", shop, part)
    }
    found = {
        sentence.strip() for review in reviews for sentence in _SENTENCE_END.split(review)
        if LEAST_REVIEWED <= len(sentence.split()) <= MOST_REVIEWED
    }
    chosen = sorted(found, key=lambda text: hashlib.sha256(text.encode()).digest())[:REVIEWED]
    return [Item(text) for text in chosen]


def _sst2(path: Path) -> Iterator[Item]:
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            natural = row["sentence"].strip().replace(" n't", "n't")  # as people type it
            yield Item(natural, label=int(row["label"]))


def spam(data: Path) -> Material:
    """SMS messages, one in five held out; clauses of spam and sentences of e-mails are added.

    One in eight of the others is set aside: the additions make spam look commoner than it is.

    Messages that differ in digits alone are on the same side, so that a copy of a training
    message is never measured. The additions teach what a phone message does not: that a short
    offer is spam and that a formal letter is not.
    """
    train: list[Item] = []
    held_out: list[Item] = []
    aside: list[Item] = []
    for label, message in _tsv(data / "sms_spam" / "SMSSpamCollection.tsv"):
        item = Item(html.unescape(message), label=int(label == "spam"))
        same = re.sub(r"\W+", " ", re.sub(r"\d", "0", message.lower())).strip()
        if held_out_by_hash(same, SPAM_EVERY):
            held_out.append(item)
        else:
            (aside if held_out_by_hash(f"aside {same}", ASIDE_EVERY) else train).append(item)
    telling = _telling_words(train)
    clauses = [
        Item(clause, label=1)
        for item in train if item.label == 1
        for clause in _clauses(item.text)
        if telling & set(_words(clause))
    ]
    letters = [
        Item(sentence.text, label=0)
        for part in ("train", "dev")
        for sentence in conllu_sentences(data / "ud_ewt" / f"{part}.conllu.xz")
        if sentence.source.startswith("email") and len(sentence.words) > LEAST_WORDS
    ]
    return Material(train + clauses + letters + list(_offers()), {"test": held_out}, aside)


def _offers() -> Iterator[Item]:
    for line in OFFERS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            label, text = line.split("\t")
            yield Item(text, label=int(label == "spam"))


def _telling_words(messages: list[Item]) -> set[str]:
    """Words of at least ten spam messages, and of ten times as large a share of spam as of ham."""
    counts = [Counter(w for m in messages if m.label == label for w in set(_words(m.text)))
              for label in (0, 1)]
    ham, spam_ = (sum(m.label == label for m in messages) for label in (0, 1))
    return {word for word, count in counts[1].items()
            if count >= TELLING and count * ham > TELLING * counts[0][word] * spam_}


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _clauses(message: str) -> Iterator[str]:
    for clause in _CLAUSE_END.split(message):
        if LEAST_WORDS <= len(clause.split()) <= MOST_WORDS and len(clause) < len(message):
            yield clause


def _tsv(path: Path) -> Iterator[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        next(file)
        for line in file:
            yield line.rstrip("\r\n").split("\t", 1)


def tweets(data: Path) -> Material:
    """Tweets and sentences of financial news as negative, neutral, positive.

    Of the tweets the validation file is held out whole, of the news one sentence in five.
    """
    folder, names = data / "tweeteval_sentiment", ("negative", "neutral", "positive")
    train: list[Item] = list(_tweeteval(folder, "test"))
    news: list[Item] = []
    for sentence, label in _phrasebank(data / "phrasebank" / "Sentences_50Agree.txt"):
        item = Item(sentence, label=names.index(label))
        (news if held_out_by_hash(sentence, NEWS_EVERY) else train).append(item)
    return Material(train, {"tweets": list(_tweeteval(folder, "val")), "news": news})


def _tweeteval(folder: Path, part: str) -> Iterator[Item]:
    texts = (folder / f"{part}_text.txt").read_text(encoding="utf-8").split("\n")
    labels = (folder / f"{part}_labels.txt").read_text(encoding="utf-8").split()
    for text, label in zip(texts, labels, strict=False):
        yield Item(html.unescape(text.strip()), label=int(label))


def _phrasebank(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        sentence, found, label = line.rpartition("@")
        if found:
            yield sentence.strip(), label.strip()
