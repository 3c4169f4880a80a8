"""The best valid span, against trying every pair; windows over a long paragraph."""

from itertools import product

import numpy as np
import pytest

from core.contract import Encoded, SpanWindow
from core.engine.stub import FOLDER
from core.errors import QuestionTooLong
from core.tasks.spans import LONGEST, allowed, best_spans, span_scores
from core.tasks.windows import STRIDE, windows
from core.wordpiece.encoder import encode

QUESTION = "Where does rain form?"
PARAGRAPH = "Rain forms within a cloud. Then it falls under gravity, as graupel or as snow."


def random_window(encoded: Encoded, seed: int, offset: int = 0) -> SpanWindow:
    rng = np.random.default_rng(seed)
    start, end = rng.normal(size=(2, len(encoded))).astype(np.float32)
    return SpanWindow(encoded, offset, start, end)


def every_pair(window: SpanWindow, longest: int) -> dict[tuple[int, int], float]:
    own = [i for i, may in enumerate(allowed(window.encoded)) if may]
    return {
        (i, j): float(window.start_logits[i]) + float(window.end_logits[j])
        for i, j in product(own, own)
        if i <= j < i + longest
    }


@pytest.mark.parametrize("longest", [1, 3, LONGEST])
@pytest.mark.parametrize("seed", range(5))
def test_the_best_spans_are_those_of_trying_every_pair(seed, longest):
    window = random_window(encode(FOLDER, QUESTION, PARAGRAPH), seed)
    spans, nothing = best_spans([window], PARAGRAPH, longest=longest)
    pairs = every_pair(window, longest)
    ranked = sorted(pairs, key=lambda pair: -pairs[pair])
    assert [(span.first, span.last) for span in spans] == ranked[:5]
    high = np.array([*pairs.values(), nothing])
    total = np.exp(high - high.max()).sum()
    for span in spans:
        score = pairs[span.first, span.last]
        assert span.score == pytest.approx(score)
        assert span.score == pytest.approx(span.start_logit + span.end_logit)
        assert span.probability == pytest.approx(np.exp(score - high.max()) / total)
        assert span.text == PARAGRAPH[span.start : span.end]


def test_no_span_touches_the_question_or_a_special_piece():
    encoded = encode(FOLDER, QUESTION, PARAGRAPH)
    may = allowed(encoded)
    assert not may[0] and not may[-1] and not may[: encoded.tokens.index("[SEP]") + 1].any()
    assert may.sum() == len(encode(FOLDER, PARAGRAPH)) - 2


def test_no_answer_is_the_score_of_cls_alone():
    window = random_window(encode(FOLDER, QUESTION, PARAGRAPH), 1)
    _, nothing = best_spans([window], PARAGRAPH)
    assert nothing == pytest.approx(float(window.start_logits[0]) + float(window.end_logits[0]))


def test_a_table_of_scores_has_minus_infinity_beyond_the_end():
    scores = span_scores(np.array([1.0, 2, 3]), np.array([10.0, 20, 30]), np.ones(3, bool), 2)
    assert scores.tolist() == [[11, 21], [22, 32], [33, -np.inf]]


def test_a_paragraph_without_pieces_has_no_span():
    encoded = encode(FOLDER, QUESTION, "\u200b")
    spans, _ = best_spans([random_window(encoded, 0)], "\u200b")
    assert spans == ()


def test_windows_together_cover_the_paragraph_and_overlap_by_the_stride():
    paragraph = " ".join(f"word{i} unbelievably long." for i in range(400))
    found = windows(FOLDER, QUESTION, paragraph, 384)
    assert len(found) > 3
    whole = encode(FOLDER, paragraph, None, 10**6)
    covered: set[int] = set()
    starts = {start for start, _ in whole.spans[1:-1]}
    for window in found:
        assert len(window.encoded) <= 384
        own = [s + window.offset for (s, _), b, w in zip(
            window.encoded.spans, window.encoded.segments, window.encoded.word_index, strict=True
        ) if b == 1 and w is not None]
        assert set(own) <= starts
        if covered:
            assert STRIDE - 8 <= len(covered & set(own)) <= STRIDE + 8  # cut between words
        covered |= set(own)
    assert covered == starts


def test_a_paragraph_that_fits_is_one_window_as_the_model_would_read_it():
    (window,) = windows(FOLDER, QUESTION, PARAGRAPH, 384)
    assert window.encoded == encode(FOLDER, QUESTION, PARAGRAPH) and window.offset == 0


def test_the_same_answer_seen_by_two_windows_is_listed_once():
    paragraph = " ".join(f"w{i}" for i in range(600))
    found = windows(FOLDER, QUESTION, paragraph, 384)
    curves = []
    for window in found:
        start, end = np.full((2, len(window.encoded)), -5.0, np.float32)
        for place, (left, _) in enumerate(window.encoded.spans):
            at = left + window.offset
            if window.encoded.segments[place] == 1 and at == paragraph.find("w160"):
                start[place] = end[place] = 5.0
        curves.append(SpanWindow(window.encoded, window.offset, start, end))
    spans, _ = best_spans(curves, paragraph)
    assert len({(span.start, span.end) for span in spans}) == len(spans)
    assert spans[0].start == paragraph.find("w160")


def test_a_question_that_leaves_no_room_is_refused():
    with pytest.raises(QuestionTooLong, match="at most 128"):
        windows(FOLDER, "why " * 200, PARAGRAPH, 384)
