"""One word in two sentences: static tables say 1, models that read say less, errors are told."""

import json

import numpy as np
import pytest

from core.engine import local_engine
from core.engine.stub import StubEngine
from core.errors import BadInput, EmptyText, ModelUnavailable, WordNotShared
from core.vectors import elmo, senses, static
from core.vectors.words import split
from lessons.compare import chinese, figures, finding, lesson, measures, pool, scatter
from lessons.compare.lesson import Request, default_request, places, run, to_json
from lessons.text import presets
from lessons.theme import LIGHT

RIVER, MONEY = "She sat on the bank of the river.", "He put his money in the bank."
WORDS = ("the", "bank", "river", "money", "apple", "bat")


class Reader:
    """A stand-in for ELMo: layer 0 from the word alone, higher ones mix in its neighbours."""

    def states(self, words):
        letters = np.stack(
            [np.random.default_rng(list(w.encode())).normal(size=12) for w in words]
        )
        before = letters.cumsum(axis=0)
        return np.stack([letters, letters + before, before]).astype(np.float32)  # (3, n, 12)


@pytest.fixture
def tables(monkeypatch):
    """Small random tables in place of the trained ones, and the reader in place of ELMo."""
    vectors = np.random.default_rng(0).normal(size=(len(WORDS), 100)).astype(np.float16)
    table = static.StaticVectors("skipgram", WORDS, np.arange(60, 0, -10), vectors)
    monkeypatch.setattr(static, "load", lambda name: table)
    monkeypatch.setattr(elmo, "load", Reader)


@pytest.fixture
def nothing_trained(monkeypatch):
    def missing(*_):
        raise ModelUnavailable("it", "not here")

    monkeypatch.setattr(static, "load", missing)
    monkeypatch.setattr(elmo, "load", missing)


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def stub():
    return StubEngine()


def test_a_table_gives_exactly_one_and_readers_less(engine, tables):
    shown = to_json(run(engine, Request(RIVER, MONEY, "bank")))
    assert shown["word2vec"] == 1.0 and shown["glove"] == 1.0
    assert shown["elmo"] < 1 and shown["bert"] < 1
    assert shown["elmo"] == shown["elmo_by_layer"][-1]
    assert shown["bert"] == shown["bert_by_layer"][-1]
    assert len(shown["elmo_by_layer"]) == 3 and len(shown["bert_by_layer"]) == 7
    assert shown["missing"] == {} and shown["pieces"] == [["bank"], ["bank"]]
    json.dumps(shown, allow_nan=False)


def test_elmos_letters_cannot_differ(engine, tables):
    assert run(engine, Request(RIVER, MONEY, "bank")).elmo.cosines[0] == pytest.approx(1)


def test_at_the_same_place_berts_input_is_the_same_and_its_output_is_not(engine, tables):
    found = run(engine, Request("The bank of the river.", "The bank lent him money.", "bank"))
    assert found.bert.cosines[0] == pytest.approx(1)
    assert found.bert.top < 0.99


def test_the_same_sentence_twice_is_one_everywhere(engine, tables):
    found = run(engine, Request(RIVER, RIVER, "bank"))
    assert found.bert.cosines == pytest.approx([1] * 7)
    assert found.elmo.cosines == pytest.approx([1] * 3)


def test_the_cosine_is_that_of_the_engines_own_hidden_states(engine, tables):
    from core.contract import TraceRequest

    vectors = []
    for text in (RIVER, MONEY):
        trace = engine.trace(TraceRequest(text, keep=frozenset({"after_ffn"})))
        vectors.append(trace.layer(4).after_ffn[0, trace.encoded.tokens.index("bank")])
    a, b = vectors
    expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert run(engine, Request(RIVER, MONEY)).bert.cosines[5] == pytest.approx(expected, abs=1e-5)


def test_the_proof_holds(engine, tables):
    proof = run(engine, Request(RIVER, MONEY)).proof
    assert [c.name for c in proof.checks] == ["BERT layers", "BERT cosine", "ELMo cosine"]
    assert proof.holds


def test_a_word_of_several_pieces_is_their_mean(engine, tables):
    texts = ("The embeddings are small.", "She learned embeddings.")
    found = run(engine, Request(*texts, "embeddings"))
    assert len(found.pieces[0]) > 1
    assert "".join(found.piece_names(0)).replace("##", "") == "embeddings"
    assert found.static[0].cosine is None and found.static[0].why == "word_unknown"
    assert found.bert.top is not None and found.elmo.top is not None


def test_without_trained_tables_bert_still_answers(engine, nothing_trained):
    shown = to_json(run(engine, Request(RIVER, MONEY)))
    assert shown["word2vec"] is None and shown["glove"] is None and shown["elmo"] is None
    assert shown["missing"] == dict.fromkeys(("word2vec", "glove", "elmo"), "model_unavailable")
    assert 0 < shown["bert"] < 1


@pytest.mark.parametrize("word", ["zebra", "river", "", "ban", "on the bank"])
def test_a_word_that_is_not_in_both_is_said_so(stub, word):
    with pytest.raises(WordNotShared):
        places(stub, Request(RIVER, MONEY, word))


def test_a_word_beyond_the_models_limit_is_not_found(stub):
    with pytest.raises(WordNotShared):
        places(stub, Request("word " * 600 + "bank", MONEY))


def test_an_empty_text_is_refused(stub):
    with pytest.raises(EmptyText):
        run(stub, Request(" ", MONEY))


@pytest.mark.parametrize(
    "text, word, found",
    [
        ("The Bank is open.", "bank", "Bank"),
        ("A riverbank and a bank.", "bank", "bank"),
        ("The bank's door.", "bank", "bank"),
        ("a bank-note at the bank", "bank", "bank"),
        ("我吃苹果。", "苹果", "苹果"),
        ("an embankment", "bank", None),
    ],
)
def test_a_whole_word_is_found_and_a_part_of_one_is_not(text, word, found):
    span = finding.span_of(text, word)
    assert (span and text[slice(*span)]) == found
    if span and not finding.is_chinese(word):
        tokens, places = finding.tokens_at(text, word)
        assert [tokens[i] for i in places] == [word]


def test_shared_words_begin_with_those_that_have_sentences():
    assert finding.shared_words(RIVER, MONEY)[0] == "bank"
    assert finding.shared_words("她吃苹果。", "苹果很红。")[0] == "苹果"
    assert finding.shared_words("one", "two") == ()


def test_every_english_preset_compares_a_word_that_is_there(stub):
    for preset in presets("compare"):
        request = default_request(preset, "embedded")
        if finding.is_chinese(request.word):
            assert all(request.word in text for text in (request.text, request.text_b))
            assert senses.find(request.word)
        else:
            places(stub, request)


def test_neighbours_are_other_words_in_their_sentences(engine, tables):
    around = pool.run(engine, pool.Request("bert"))
    found = run(engine, Request(RIVER, MONEY))
    near = pool.nearest(around, found.bert.vectors[6, 0], 6, 8, word="bank", texts=(RIVER,))
    assert len({n.word for n in near}) == 8 and "bank" not in {n.word for n in near}
    cosines = [n.cosine for n in near]
    assert cosines == sorted(cosines, reverse=True)
    assert all(n.word in split(n.sentence) for n in near)
    at = next(i for i, w in enumerate(around.words) if w == near[0].word
              and around.sentences[around.home[i]] == near[0].sentence)
    expected = static.cosine(around.vectors[6, at], found.bert.vectors[6, 0])
    assert near[0].cosine == pytest.approx(expected, abs=2e-3)


def test_the_pool_holds_one_sentence_a_sense_for_elmo_too(stub, tables):
    around = pool.run(stub, pool.Request("elmo"))
    assert len(around.sentences) == sum(len(w.senses) for w in senses.senses("en"))
    assert around.vectors.shape[:2] == (3, len(around.words))


def test_a_sentence_of_the_learners_own_lends_no_neighbours(stub, tables):
    around = pool.run(stub, pool.Request("elmo"))
    own = around.sentences[0]
    vector = around.vectors[1, 0]
    assert pool.nearest(around, vector, 1, 1)[0].sentence == own
    assert own not in {n.sentence for n in pool.nearest(around, vector, 1, 5, texts=(own,))}


def test_the_baseline_is_the_mean_over_all_pairs_of_different_words():
    rows = np.random.default_rng(1).normal(size=(5, 7))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [rows[i] @ rows[j] for i in range(5) for j in range(i)]
    assert pool.mean_cosine(rows) == pytest.approx(np.mean(pairs))


def test_apart_is_zero_for_one_vector_and_one_at_the_baseline():
    assert pool.apart(1.0, 0.3) == 0 and pool.apart(0.3, 0.3) == 1
    assert pool.apart(0.65, 0.3) == pytest.approx(0.5)


def test_a_table_puts_all_sentences_on_one_point(stub, tables):
    cloud = scatter.run(stub, scatter.Request("bank", "word2vec"))
    plane = scatter.plane(cloud, 0, cloud.vectors[0, :2])
    assert len(cloud.sentences) == 20 and cloud.vectors.shape == (1, 20, 100)
    assert plane.agree is None and not plane.points.any() and not plane.own.any()


def test_twenty_sentences_are_one_cloud_in_every_layer(engine):
    cloud = scatter.run(engine, scatter.Request("bank"))
    assert cloud.vectors.shape == (7, 20, 384) and cloud.sense == (0,) * 10 + (1,) * 10
    alone = lesson.run(engine, Request(cloud.sentences[0], cloud.sentences[1])).bert.vectors
    np.testing.assert_allclose(cloud.vectors[:, :2], alone, atol=1e-5)  # batched or not


def test_the_plane_is_the_library_pca():
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(2)
    vectors, own = rng.normal(size=(1, 12, 6)), rng.normal(size=(2, 6))
    cloud = scatter.Cloud("x", tuple("abcdefghijkl"), (0, 1) * 6, vectors.astype(np.float32))
    plane = scatter.plane(cloud, 0, own)
    theirs = PCA(2).fit(cloud.vectors[0])
    np.testing.assert_allclose(np.abs(plane.points),
                               np.abs(theirs.transform(cloud.vectors[0])), atol=1e-5)
    np.testing.assert_allclose(np.abs(plane.own), np.abs(theirs.transform(own)), atol=1e-5)
    assert plane.shares == pytest.approx(theirs.explained_variance_ratio_, abs=1e-5)


def test_sentences_agree_when_their_nearest_has_their_sense():
    angles = np.radians([0, 5, 90, 96, 50])  # the last is nearer to 90 than to 5
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)[None].astype(np.float32)
    cloud = scatter.Cloud("x", tuple("abcde"), (0, 0, 1, 1, 0), vectors)
    own = np.array([[1.0, 0.0], [0.0, 1.0]])
    plane = scatter.plane(cloud, 0, own, ("a", "z"))
    assert plane.agree == 4
    assert plane.nearest == (1, 2)  # the first learner's sentence is "a" itself


def test_chance_is_agreement_with_another_drawn_at_random():
    cloud = scatter.Cloud("x", ("",) * 20, (0,) * 10 + (1,) * 10, np.zeros((1, 20, 2)))
    assert scatter.by_chance(cloud) == 9  # 20 * 9/19 = 9.5, rounded to even: 9 or 10
    assert len(scatter.large()) == 10


def test_a_word_without_sentences_has_no_map(stub):
    with pytest.raises(BadInput):
        scatter.run(stub, scatter.Request("zebra"))


def test_a_chinese_word_asks_for_the_chinese_model(monkeypatch):
    monkeypatch.setattr(chinese, "is_here", lambda model: False)
    assert chinese.model_for("苹果", "embedded") is None
    assert chinese.model_for("bank", "embedded") == "embedded"
    assert chinese.model_for("苹果", "/models/own") == "/models/own"
    monkeypatch.setattr(chinese, "is_here", lambda model: True)
    assert chinese.model_for("苹果", "embedded") == chinese.CHINESE


def test_a_chinese_word_has_a_cloud_where_a_model_reads_it(stub):
    cloud = scatter.run(stub, scatter.Request("苹果", "bert", chinese.CHINESE))
    assert len(cloud.sentences) == 10 and cloud.vectors.shape[1] == 10


def measured(tmp_path):
    context = {
        "accuracy": 0.5, "low": 0.45, "high": 0.55, "mean_cosine_same": 1.0,
        "mean_cosine_different": 1.0, "pairs": 462, "words": 77, "thresholds": [None, None],
    }
    rho = {"rho": 0.6, "pairs": 300, "of": 353}
    alike = {"model": "glove", "layer": None, "wordsim353": rho, "simlex999": rho}
    rows = [{"model": "glove", "layer": None, **context}] + [
        {"model": "bert", "layer": n, **context, "accuracy": 0.5 + n / 20} for n in range(7)
    ]
    analogies = {"model": "glove", "correct": 30, "covered": 100, "total": 200, "sections": []}
    path = tmp_path / "measures.json"
    path.write_text(json.dumps({
        "neutral": "The word is {}.", "word_in_context": rows, "similarity": [alike],
        "analogies": [analogies],
    }))
    return path


def test_stored_measures_are_read_and_drawn(tmp_path):
    assert measures.load(tmp_path / "none.json") is None
    found = measures.load(measured(tmp_path))
    assert found.models == ("glove", "bert") and found.analogies[0].share == 0.3
    drawn = figures.accuracies(found, "layer", "chance", LIGHT)
    assert list(drawn.data[-1].y) == [0.5 + n / 20 for n in range(7)]


@pytest.mark.skipif(not measures.FILE.is_file(), reason="the measures have not been made")
def test_the_shipped_measures_can_be_read():
    found = measures.load()
    assert {"skipgram", "glove", "elmo", "bert"} <= set(found.models)
    for name in ("skipgram", "glove"):
        assert found.rows_of(name)[0].accuracy == 0.5


def test_figures_show_the_numbers_and_no_markup_of_a_learner(engine, tables):
    found = run(engine, Request(RIVER, MONEY))
    drawn = figures.by_layer(found, {"bert": [0.1] * 7}, "layer", "different", LIGHT)
    by_name = {line.name: line for line in drawn.data}
    assert list(by_name["word2vec"].y) == [1.0, 1.0]
    assert by_name["BERT"].y == found.bert.cosines
    cloud = scatter.run(engine, scatter.Request("bank"))
    plane = scatter.plane(cloud, 6, found.bert.vectors[6])
    drawn = figures.cloud(cloud, plane, ("a", "b"), [("1", "<b>x"), ("2", MONEY)], LIGHT)
    assert [len(trace.x) for trace in drawn.data] == [10, 10, 1, 1]
    assert drawn.data[2].customdata == ("&lt;b&gt;x",)
    flat = scatter.run(engine, scatter.Request("bank", "glove"))
    one = scatter.plane(flat, 0, flat.vectors[0, :2])
    drawn = figures.cloud(flat, one, ("a", "b"), [("1", RIVER), ("2", MONEY)], LIGHT)
    assert [star.name for star in drawn.data[2:]] == ["1 = 2"]
