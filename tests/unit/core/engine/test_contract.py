"""What every engine promises, whichever answers."""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from core.contract import ALL_PARTS, TraceRequest
from core.engine import Engine, LocalEngine
from core.engine.stub import StubEngine
from core.errors import (
    BadInput,
    Cancelled,
    EmptyText,
    NoMask,
    OutOfRange,
    TextTooLong,
    UnknownModel,
)
from core.remote.engine import RemoteEngine
from core.remote.service import listening

TEXT = "The [MASK] sat on the [MASK]."
TEXT_B = "Then it slept."


@dataclass(frozen=True)
class Served:
    engine: Engine
    model: str

    def trace(self, text: str = TEXT, text_b: str | None = None, **how: object):
        return self.engine.trace(TraceRequest(text, text_b, self.model, **how))


@pytest.fixture(scope="module", params=["embedded", "folder", "stub", "remote"])
def served(request: pytest.FixtureRequest, tiny) -> Iterator[Served]:
    if request.param == "remote":
        with listening(StubEngine()) as address:
            yield Served(RemoteEngine(address), "embedded")
    elif request.param == "stub":
        yield Served(StubEngine(), "embedded")
    else:
        yield Served(LocalEngine("cpu"), str(tiny) if request.param == "folder" else "embedded")


def test_info_gives_a_shape_that_divides_into_heads(served):
    info = served.engine.info(served.model)
    assert info.id == served.model
    assert info.heads * info.d_k == info.hidden and info.layers >= 1
    assert info.parameters > info.vocabulary * info.hidden


def test_a_model_is_ready_once_something_has_run(served):
    served.trace(keep=frozenset())
    assert served.engine.ready(served.model)


def test_a_trace_has_the_shapes_that_info_and_the_pieces_say(served):
    info, trace = served.engine.info(served.model), served.trace(text_b=TEXT_B)
    n = len(trace.encoded)
    assert trace.info == info and len(trace.layers) == info.layers
    assert trace.encoded == served.engine.tokenize(served.model, TEXT, TEXT_B)
    assert trace.embeddings.normalized.shape == (1, n, info.hidden)
    for layer in trace.layers:
        assert layer.q.shape == (1, info.heads, n, info.d_k)
        assert layer.weights.shape == (1, info.heads, n, n)
        assert layer.ffn_activation.shape == (1, n, info.inner)
        assert layer.after_ffn.shape == (1, n, info.hidden)
    assert trace.mlm_logits.shape == (1, n, info.vocabulary)
    assert trace.nsp_logits.shape == (1, 2)


def test_nothing_that_comes_back_can_be_written(served):
    trace = served.trace()
    weight = served.engine.parameter(served.model, "bert.pooler.dense.weight")
    vectors = served.engine.encode([TEXT], model=served.model)
    arrays = (trace.allowed, trace.pooled, trace.layers[0].weights, weight, vectors)
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_only_what_is_asked_for_comes_back(served):
    trace = served.trace(keep=frozenset({"weights"}), layers=(1,))
    assert [layer.index for layer in trace.layers] == [1]
    assert trace.layers[0].weights is not None and trace.layers[0].q is None
    assert trace.embeddings is None and trace.mlm_logits is None and trace.pooled is None


@pytest.mark.parametrize("part", sorted(ALL_PARTS))
def test_a_part_asked_for_alone_is_the_same_as_among_all(served, part):
    whole, alone = served.trace(), served.trace(keep=frozenset({part}))
    kept = 0
    for one, other in ((alone, whole), *zip(alone.layers, whole.layers, strict=True)):
        for name, array in vars(one).items():
            if isinstance(array, np.ndarray):
                kept += 1
                assert np.array_equal(array, getattr(other, name)), name
    assert kept > 1 or part == "embeddings"


def test_a_weight_is_float32_with_torchs_axes_and_a_wrong_name_a_key_error(served):
    info = served.engine.info(served.model)
    weight = served.engine.parameter(
        served.model, "bert.encoder.layer.0.intermediate.dense.weight"
    )
    assert weight.shape == (info.inner, info.hidden) and weight.dtype == np.float32
    with pytest.raises(KeyError):
        served.engine.parameter(served.model, "bert.no.such.weight")


def test_the_parameters_are_those_the_trace_was_made_with(served):
    trace = served.trace(keep=frozenset({"embeddings"}))
    table = served.engine.parameter(served.model, "bert.embeddings.word_embeddings.weight")
    assert np.array_equal(trace.embeddings.token[0], table[list(trace.encoded.ids)])


def test_mask_fill_is_the_softmax_of_the_traced_logits(served):
    fill = served.engine.mask_fill(TEXT, top_k=7, model=served.model)
    trace = served.trace(keep=frozenset({"mlm"}))
    at = [i for i, token in enumerate(trace.encoded.tokens) if token == "[MASK]"]
    assert [mask.position for mask in fill.masks] == at and len(at) == 2
    for mask in fill.masks:
        logits = trace.mlm_logits[0, mask.position].astype(np.float64)
        p = np.exp(logits - logits.max())
        p /= p.sum()
        assert len(mask.ids) == len(mask.tokens) == 7
        assert logits[list(mask.ids)].tolist() == sorted(logits, reverse=True)[:7]
        assert list(mask.logits) == pytest.approx(logits[list(mask.ids)], abs=1e-5)
        assert list(mask.probabilities) == pytest.approx(p[list(mask.ids)], abs=1e-6)


def test_the_probabilities_of_the_whole_vocabulary_sum_to_one(served):
    size = served.engine.info(served.model).vocabulary
    for mask in served.engine.mask_fill(TEXT, top_k=size, model=served.model).masks:
        assert sum(mask.probabilities) == pytest.approx(1.0)
        assert sorted(mask.ids) == list(range(size))


def test_masks_of_the_second_text_are_filled_too(served):
    fill = served.engine.mask_fill("It sat.", "The [MASK].", top_k=1, model=served.model)
    assert [fill.encoded.segments[mask.position] for mask in fill.masks] == [1]


def test_next_sentence_is_the_softmax_of_two_traced_logits(served):
    """softmax of two numbers: 1 / (1 + exp(b - a))."""
    answer = served.engine.next_sentence(TEXT, TEXT_B, model=served.model)
    a, b = served.trace(text_b=TEXT_B, keep=frozenset({"nsp"})).nsp_logits[0].tolist()
    assert answer.logits == (a, b)
    assert answer.is_next == pytest.approx(1 / (1 + math.exp(b - a)))


def test_encode_gives_one_vector_for_each_text(served):
    vectors = served.engine.encode([TEXT, TEXT_B, TEXT], model=served.model)
    assert vectors.shape == (3, served.engine.info(served.model).hidden)
    assert vectors.dtype == np.float32
    assert np.abs(vectors[0] - vectors[2]).max() < 1e-5
    assert served.engine.encode([], model=served.model).shape == (0, vectors.shape[1])


def test_the_order_of_the_texts_is_kept_and_equal_texts_get_equal_vectors(served):
    texts = [TEXT_B, TEXT * 3, TEXT, TEXT_B]
    vectors = served.engine.encode(texts, model=served.model)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.abs(vector - served.engine.encode([text], model=served.model)[0]).max() < 1e-5
    assert np.array_equal(vectors[0], vectors[3]) and not np.allclose(vectors[1], vectors[2])


@pytest.mark.parametrize("precision", ["float32", "fast"])
def test_a_list_tells_its_progress_up_to_the_last_piece(served, precision):
    """Nothing is cut here: the pieces of all texts are those of `tokenize`."""
    told, texts = [], [f"{TEXT} {i}" for i in range(40)]
    served.engine.encode(texts, model=served.model, precision=precision, progress=told.append)
    pieces = sum(len(served.engine.tokenize(served.model, text)) for text in texts)
    assert (told[0].texts, told[0].pieces, told[0].rate, told[0].seconds_left) == (0, 0, 0, None)
    assert (told[-1].texts, told[-1].pieces, told[-1].seconds_left) == (40, pieces, 0)
    for before, after in pairwise(told):
        assert before.texts < after.texts and before.pieces < after.pieces
        assert before.seconds <= after.seconds
        assert (after.of_texts, after.of_pieces) == (40, pieces)


def test_a_list_that_is_cancelled_stops_and_says_so(served):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        served.engine.encode([TEXT, TEXT_B], model=served.model, cancel=cancel)
    cancel.clear()
    assert served.engine.encode([TEXT], model=served.model, cancel=cancel).any()


@pytest.mark.parametrize("blank", ["", " \n\t", "\u3000"])
def test_an_empty_text_is_refused_everywhere(served, blank):
    engine, model = served.engine, served.model
    for ask in (
        lambda: engine.tokenize(model, blank),
        lambda: served.trace(blank),
        lambda: engine.mask_fill(blank, model=model),
        lambda: engine.next_sentence(blank, TEXT, model=model),
        lambda: engine.next_sentence(TEXT, blank, model=model),
        lambda: engine.encode([TEXT, blank], model=model),
    ):
        with pytest.raises(EmptyText):
            ask()


def test_a_blank_second_text_is_none(served):
    assert served.engine.tokenize(served.model, TEXT, " ") == served.engine.tokenize(
        served.model, TEXT
    )


def test_twenty_thousand_characters_are_read_and_one_more_is_refused(served):
    at_most = "a " * 10_000
    assert served.engine.tokenize(served.model, at_most).dropped == 10_000 - 510
    for texts in ((at_most + "a",), (TEXT, at_most + "a")):
        with pytest.raises(TextTooLong) as refused:
            served.engine.tokenize(served.model, *texts)
        assert refused.value.facts == {"length": 20_001, "limit": 20_000}


def test_six_hundred_pieces_are_cut_to_the_models_limit_and_it_says_so(served):
    """512 places, two of them for [CLS] and [SEP]: 600 - 510 = 90 pieces fall away."""
    encoded = served.trace("a " * 600, keep=frozenset()).encoded
    assert len(encoded) == 512 and encoded.dropped == 90
    assert encoded.tokens[0] == "[CLS]" and encoded.tokens[-1] == "[SEP]"
    assert encoded.kept_a == 2 * 510


@pytest.mark.parametrize(
    "how, error",
    [
        ({"layers": (99,)}, OutOfRange),
        ({"layers": (-1,)}, OutOfRange),
        ({"input_ids": (101, 102)}, BadInput),
        ({"input_ids": (101, *[10**6] * 7, 102)}, OutOfRange),
        ({"input_ids": (101, *[-1] * 7, 102)}, OutOfRange),
    ],
)
def test_a_request_that_does_not_fit_the_model_is_refused(served, how, error):
    assert len(served.engine.tokenize(served.model, TEXT)) == 9
    with pytest.raises(error):
        served.trace(**how)


def test_mask_fill_needs_a_mask_and_a_possible_count(served):
    with pytest.raises(NoMask):
        served.engine.mask_fill("No mask.", model=served.model)
    for top_k in (0, -1, 10**9):
        with pytest.raises(OutOfRange):
            served.engine.mask_fill(TEXT, top_k=top_k, model=served.model)


def test_encode_knows_the_embeddings_and_every_layer_and_no_more(served):
    layers = served.engine.info(served.model).layers
    for layer in (0, layers, -1, -layers - 1):
        assert served.engine.encode([TEXT], model=served.model, layer=layer).any()
    for layer in (layers + 1, -layers - 2):
        with pytest.raises(OutOfRange):
            served.engine.encode([TEXT], model=served.model, layer=layer)


def test_an_unknown_model_is_refused_everywhere(served):
    engine, name = served.engine, "no-such-model"
    for ask in (
        lambda: engine.info(name),
        lambda: engine.ready(name),
        lambda: engine.tokenize(name, TEXT),
        lambda: engine.parameter(name, "bert.pooler.dense.weight"),
        lambda: engine.trace(TraceRequest(TEXT, model=name)),
        lambda: engine.mask_fill(TEXT, model=name),
        lambda: engine.next_sentence(TEXT, TEXT_B, model=name),
        lambda: engine.encode([TEXT], model=name),
    ):
        with pytest.raises(UnknownModel):
            ask()
