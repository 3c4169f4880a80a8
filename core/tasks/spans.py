"""The best valid spans under score S.T_i + E.T_j. No torch.

Source: Devlin et al. 2019, sections 4.2 and 4.3.
"""

from collections.abc import Sequence

import numpy as np

from core.contract import AnswerSpan, Encoded, SpanWindow

LONGEST = 30  # pieces of an answer


def allowed(encoded: Encoded) -> np.ndarray:
    """bool[n]: the pieces a span may begin and end at, those of the paragraph."""
    return np.array(
        [segment == 1 and word is not None
         for segment, word in zip(encoded.segments, encoded.word_index, strict=True)]
    )


def span_scores(
    start: np.ndarray, end: np.ndarray, may: np.ndarray, longest: int = LONGEST
) -> np.ndarray:
    """float64[m, min(longest, m)]: start[i] + end[i + k] for the pieces in `may`, a row each i.

    -inf beyond the last piece.
    """
    own = np.flatnonzero(may)  # (m,)
    s, e = start[own].astype(np.float64), end[own].astype(np.float64)
    count = len(own)
    scores = np.full((count, min(longest, count)), -np.inf)
    for k in range(scores.shape[1]):
        scores[: count - k, k] = s[: count - k] + e[k:]
    return scores


def best_spans(
    windows: Sequence[SpanWindow], paragraph: str, *, top: int = 5, longest: int = LONGEST
) -> tuple[tuple[AnswerSpan, ...], float]:
    """The highest valid spans of all windows, best first, and the score of "no answer".

    A stretch of text that two windows share is counted once, by its better score.
    """
    tables = [span_scores(w.start_logits, w.end_logits, allowed(w.encoded), longest)
              for w in windows]
    nothing = min(float(w.start_logits[0]) + float(w.end_logits[0]) for w in windows)
    high = max([nothing, *(t.max() for t in tables if t.size)])
    total = np.exp(nothing - high) + sum(np.exp(t - high).sum() for t in tables)
    found: dict[tuple[int, int], AnswerSpan] = {}
    for number, (window, table) in enumerate(zip(windows, tables, strict=True)):
        own = np.flatnonzero(allowed(window.encoded))
        for flat in np.argsort(-table, axis=None, kind="stable")[: top * 2]:
            i, k = np.unravel_index(flat, table.shape)
            score = float(table[i, k])
            if score == -np.inf:
                break
            span = _span(window, number, int(own[i]), int(own[i + k]), score, paragraph,
                         float(np.exp(score - high) / total))
            known = found.get((span.start, span.end))
            if known is None or known.score < score:
                found[span.start, span.end] = span
    ranked = sorted(found.values(), key=lambda span: -span.score)
    return tuple(ranked[:top]), nothing


def _span(
    window: SpanWindow, number: int, first: int, last: int, score: float, paragraph: str,
    probability: float,
) -> AnswerSpan:
    spans = window.encoded.spans
    start, end = spans[first][0] + window.offset, spans[last][1] + window.offset
    return AnswerSpan(
        paragraph[start:end], start, end, first, last, number,
        float(window.start_logits[first]), float(window.end_logits[last]), score, probability,
    )
