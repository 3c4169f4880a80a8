"""Golden pieces and ids of the `tokenizers` library.

`python -m tests.golden.wordpiece` rewrites them.

Each line of wordpiece.jsonl is one input with what the library made of it, for the shipped
vocabulary with lower-casing ("uncased") and without ("cased").
"""

import json
import tempfile
from pathlib import Path

from core.models.registry import ASSETS
from core.wordpiece.encoder import encode, tokenizer

GOLDEN = Path(__file__).with_suffix(".jsonl")
EMBEDDED = ASSETS / "models" / "embedded"
INPUTS = (
    "The BERT tokenizer cuts unbelievable words into pieces.",
    "bert tokenizer",
    "naïve café, São Paulo, Crème Brûlée, Ångström, İstanbul, ΑΣ",
    "北京大学的学生在学习自然语言处理。 東京 ひらがな 한국어",
    "[MASK] a[MASK]b [CLS] [mask] [MA\u200bSK] [UNK]",
    "$AAPL to the moon 🚀👩‍👩‍👧 #stocks @trader http://t.co/x1Yz",
    "مرحبا بالعالم שלום हिन्दी ไทย",
    "a\x00b\tc\x07d\u00a0e\u2028f\ufffdg\u200dh\u00adi",
    "don't—stop… ½ ﬁ ² ™ 3.14 1,000,000 ````",
    "x" * 100 + " " + "x" * 101,
    "<script>alert('1')</script> &amp; <b>bold</b>",
    "electroencephalography antidisestablishmentarianism",
    "e\u0301 \u0301 o\u0323\u0302 \U00011938 \U00010d50",
    "   ",
)


def cased_folder(folder: Path) -> Path:
    """A checkpoint folder with the shipped vocabulary, read without lower-casing."""
    vocabulary = tokenizer(EMBEDDED).get_vocab()
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}', encoding="utf-8")
    return folder


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folders = {"uncased": EMBEDDED, "cased": cased_folder(Path(temporary))}
        rows = [
            {"casing": casing, "text": text, "tokens": found.tokens, "ids": found.ids}
            for casing, folder in folders.items()
            for text in INPUTS
            for found in [encode(folder, text)]
        ]
    GOLDEN.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


if __name__ == "__main__":
    main()
