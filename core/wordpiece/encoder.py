"""Text to `Encoded` with the `tokenizers` library, as BERT's own tokenizer does it."""

import json
from functools import cache
from pathlib import Path

from tokenizers import BertWordPieceTokenizer, Encoding, Tokenizer

from core.contract import MAX_PIECES, Encoded


@cache
def tokenizer(model_folder: Path) -> Tokenizer:
    """The tokenizer of a checkpoint folder, without the truncation a file may have stored.

    Raises FileNotFoundError when the folder holds neither tokenizer.json nor vocab.txt.
    """
    stored = model_folder / "tokenizer.json"
    if stored.exists():
        built = Tokenizer.from_file(str(stored))
    else:
        vocab = model_folder / "vocab.txt"
        if not vocab.exists():
            raise FileNotFoundError(f"{model_folder.name} has neither tokenizer.json nor vocab.txt")
        lowercase = _lowercase_setting(model_folder)
        built = BertWordPieceTokenizer(str(vocab), lowercase=lowercase)._tokenizer
    built.no_truncation()
    built.no_padding()
    return built


def _lowercase_setting(model_folder: Path) -> bool:
    config = model_folder / "tokenizer_config.json"
    if not config.exists():
        return True
    return bool(json.loads(config.read_text(encoding="utf-8")).get("do_lower_case", True))


def without_surrogates(text: str) -> str:
    """Replace lone surrogates, which no encoder accepts, by U+FFFD (BERT removes it)."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode(
    model_folder: Path, text: str, text_b: str | None = None, limit: int = MAX_PIECES
) -> Encoded:
    """[CLS] A [SEP] or [CLS] A [SEP] B [SEP], the longer side cut first to fit `limit`.

    Source: Devlin et al. 2019, section 3 (input representation), figure 2.
    """
    pieces = tokenizer(model_folder)
    first = pieces.encode(without_surrogates(text), add_special_tokens=False)
    second = (
        pieces.encode(without_surrogates(text_b), add_special_tokens=False) if text_b else None
    )
    keep_a, keep_b = _fit(len(first), len(second) if second else 0, limit - (3 if second else 2))
    cls, sep = pieces.token_to_id("[CLS]"), pieces.token_to_id("[SEP]")

    rows: list[tuple[str, int, int, int | None, tuple[int, int]]] = []
    rows.append(("[CLS]", cls, 0, None, (0, 0)))
    rows += _rows(first, keep_a, 0)
    rows.append(("[SEP]", sep, 0, None, (0, 0)))
    if second is not None:
        rows += _rows(second, keep_b, 1)
        rows.append(("[SEP]", sep, 1, None, (0, 0)))
    tokens, ids, segments, words, spans = zip(*rows, strict=True)
    return Encoded(
        tokens, ids, segments, words, spans,
        dropped=len(first) - keep_a + (len(second) - keep_b if second else 0),
        kept_a=_kept(first, keep_a, text),
        kept_b=_kept(second, keep_b, text_b) if second and text_b else 0,
    )


def _rows(
    encoding: Encoding, keep: int, segment: int
) -> list[tuple[str, int, int, int | None, tuple[int, int]]]:
    return [
        (encoding.tokens[i], encoding.ids[i], segment, encoding.word_ids[i], encoding.offsets[i])
        for i in range(keep)
    ]


def _fit(length_a: int, length_b: int, room: int) -> tuple[int, int]:
    """Drop pieces from the end of the longer side until both fit."""
    if length_a + length_b <= room:
        return length_a, length_b
    half = room // 2
    if length_b <= half:
        return room - length_b, length_b
    if length_a <= room - half:
        return length_a, room - length_a
    return room - half, half


def _kept(encoding: Encoding, keep: int, text: str) -> int:
    return len(text) if keep == len(encoding) else encoding.offsets[keep][0]
