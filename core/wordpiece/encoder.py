"""Text to `Encoded` with the `tokenizers` library, as BERT's own tokenizer does it."""

import json
import re
from functools import cache
from pathlib import Path

from tokenizers import AddedToken, Encoding, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from core.contract import MAX_PIECES, Encoded

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_Row = tuple[str, int, int, int | None, tuple[int, int]]


@cache
def tokenizer(model_folder: Path) -> Tokenizer:
    """The tokenizer of a checkpoint folder, without the truncation a file may have stored.

    Raises FileNotFoundError when the folder holds neither tokenizer.json nor vocab.txt.
    """
    stored = model_folder / "tokenizer.json"
    if stored.exists():
        built = Tokenizer.from_file(str(stored))
    else:
        built = _from_vocabulary(model_folder)
    built.no_truncation()
    built.no_padding()
    return built


def _from_vocabulary(model_folder: Path) -> Tokenizer:
    vocab = model_folder / "vocab.txt"
    if not vocab.exists():
        raise FileNotFoundError(f"{model_folder.name} has neither tokenizer.json nor vocab.txt")
    config = model_folder / "tokenizer_config.json"
    settings = json.loads(config.read_text(encoding="utf-8")) if config.exists() else {}
    built = Tokenizer(WordPiece.from_file(str(vocab), unk_token="[UNK]"))
    built.normalizer = BertNormalizer(
        lowercase=settings.get("do_lower_case", True),
        strip_accents=settings.get("strip_accents"),
        handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
    )
    built.pre_tokenizer = BertPreTokenizer()
    known = [name for name in SPECIALS if built.token_to_id(name) is not None]
    built.add_special_tokens([AddedToken(name, normalized=False) for name in known])
    return built


def without_surrogates(text: str) -> str:
    """Replace lone surrogates, which no encoder accepts, by U+FFFD (BERT removes it).

    The length stays the same, so that spans still point into the text as typed.
    """
    return _SURROGATE.sub("\ufffd", text)


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
    length_b = len(second) if second is not None else 0
    specials = 2 if second is None else 3
    keep_a, keep_b = _fit(len(first), length_b, limit - specials)
    cls, sep = pieces.token_to_id("[CLS]"), pieces.token_to_id("[SEP]")

    rows: list[_Row] = [("[CLS]", cls, 0, None, (0, 0)), *_rows(first, keep_a, 0)]
    rows.append(("[SEP]", sep, 0, None, (0, 0)))
    if second is not None:
        rows += _rows(second, keep_b, 1)
        rows.append(("[SEP]", sep, 1, None, (0, 0)))
    tokens, ids, segments, words, spans = zip(*rows, strict=True)
    return Encoded(
        tokens, ids, segments, words, spans,
        dropped=len(first) - keep_a + length_b - keep_b,
        kept_a=_kept(first, keep_a, text),
        kept_b=_kept(second, keep_b, text_b) if second is not None and text_b else 0,
    )


def _rows(encoding: Encoding, keep: int, segment: int) -> list[_Row]:
    columns = (encoding.tokens, encoding.ids, encoding.word_ids, encoding.offsets)
    tokens, ids, words, spans = (column[:keep] for column in columns)
    return [
        (token, id_, segment, word, span)
        for token, id_, word, span in zip(tokens, ids, words, spans, strict=True)
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
