"""What a text must satisfy before any model sees it; the browser's own limits are not trusted."""

from core.contract import MAX_CHARACTERS, Encoded, ModelInfo, Surgery
from core.errors import BadInput, EmptyText, OutOfRange, TextTooLong


def check_text(text: str) -> str:
    """The text itself. Raises `EmptyText`, `TextTooLong`."""
    if not text.strip():
        raise EmptyText
    if len(text) > MAX_CHARACTERS:
        raise TextTooLong(len(text), MAX_CHARACTERS)
    return text


def check_optional(text: str | None) -> str | None:
    """None for a missing or blank second text. Raises `TextTooLong`."""
    return check_text(text) if text and text.strip() else None


def check_index(name: str, value: int, size: int) -> int:
    """The value itself when 0 <= value < size. Raises `OutOfRange`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < size:
        raise OutOfRange(name, value, 0, size - 1)
    return value


def check_head(info: ModelInfo, layer: int, head: int) -> None:
    """Raises `OutOfRange` for a layer or head that the model has not."""
    check_index("layer", layer, info.layers)
    check_index("head", head, info.heads)


def check_surgery(info: ModelInfo, encoded: Encoded, surgery: Surgery) -> None:
    """Raises `OutOfRange` for a layer or head that the model has not, `BadInput` for an order
    that does not fit the text or moves [CLS] or [SEP]."""
    for layer, head in surgery.heads_off:
        check_head(info, layer, head)
    for layer in (*surgery.layers_off, *surgery.attention_off, *surgery.ffn_off):
        check_index("layer", layer, info.layers)
    if surgery.order is None:
        return
    if len(surgery.order) != len(encoded):
        raise BadInput(
            f"order has {len(surgery.order)} places where the text has {len(encoded)} pieces."
        )
    for place, piece in enumerate(surgery.order):
        if place != piece and None in (encoded.word_index[place], encoded.word_index[piece]):
            raise BadInput(f"order moves {encoded.tokens[piece]}, which must keep its place.")
