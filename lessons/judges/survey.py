"""The three judges on many sentences, each with one whole word hidden.

    python -m lessons.judges.survey --data ../shared/data/text

Writes assets/judges/survey.json. Sentences are those of held-out articles of Simple English
Wikipedia, which the embedded model was not trained on: one an article, the first with a length
within the bounds. Which articles and which word is hidden: a draw fixed by --seed. The judges
judge as at the start of the page.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.contract import Encoded
from core.engine.answers import MASK
from core.engine.local import LocalEngine
from core.models.registry import EMBEDDED
from core.training.corpus import articles, is_held_out, sentences
from core.training.head_records import origin, write_json
from lessons.judges.lesson import Request, Result, judged
from lessons.judges.measured import FILE
from lessons.mlm.clicks import masked_at

CORPUS = "simplewiki_en.txt.xz"
SOURCE = "Simple English Wikipedia"
SHORTEST, LONGEST = 10, 32  # word pieces, the special ones too


def hidden(text: str, encoded: Encoded, random: np.random.Generator) -> str:
    """The text with one of its words, drawn among those of letters, behind [MASK]."""
    pieces = [
        i for i, word in enumerate(encoded.word_index)
        if word is not None and encoded.tokens[i].isalpha()
    ]
    return masked_at(text, encoded, int(random.choice(pieces))) if pieces else text


def drawn(path: Path, engine: LocalEngine, count: int, seed: int) -> Iterator[str]:
    """At most `count` sentences with a blank, each from another held-out article."""
    random = np.random.default_rng(seed)
    held_out = [article for article in articles(path) if is_held_out(article)]
    found = 0
    for index in random.permutation(len(held_out)):
        for sentence in sentences(held_out[index]):
            encoded = engine.tokenize(EMBEDDED, sentence)
            if not SHORTEST <= len(encoded) <= LONGEST or MASK in sentence:
                continue
            text = hidden(sentence, encoded, random)
            if text != sentence:
                found += 1
                yield text
                break
        if found == count:
            return


def record(results: list[Result]) -> dict[str, object]:
    """What the page shows of them."""
    kendall, same = {}, {}
    for at, judge in enumerate(("attention", "gradient")):
        pairs = [r.agreement(at, 2) for r in results]
        kendall[judge] = [round(a.kendall, 4) for a in pairs if a.kendall is not None]
        same[judge] = sum(a.same_first for a in pairs) / len(pairs)
    return {
        "sentences": len(results), "source": SOURCE, "same_first": same,
        "chance_first": float(np.mean([1 / len(r.rated) for r in results])), "kendall": kendall,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    engine = LocalEngine("auto")
    texts = drawn(asked.data / CORPUS, engine, asked.sentences, asked.seed)
    results = [judged(engine, Request(text)) for text in tqdm(texts, total=asked.sentences)]
    command = (
        f"python -m lessons.judges.survey --data {asked.data} "
        f"--sentences {asked.sentences} --seed {asked.seed}"
    )
    write_json(FILE, origin(command) | record(results))


if __name__ == "__main__":
    main()
