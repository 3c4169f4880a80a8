"""Fine-tuning on a few sentences: data as items, targets, resuming, export, figures."""

import json
import lzma
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from core.models import files
from core.models.loading import load
from core.tasks.adapter import read
from core.tasks.registry import CARD, FACTS, WEIGHTS, find
from core.training.tasks import __main__ as command
from core.training.tasks import recipes
from core.training.tasks.cloze import made_questions
from core.training.tasks.examples import IGNORED, collate, examples, order
from core.training.tasks.items import Item, Material, held_out_by_hash
from core.training.tasks.losses import cross_entropy, may_answer
from core.training.tasks.measure import Judge, class_figures, entity_figures, figures, word_f1
from core.training.tasks.patterns import asked_of
from core.training.tasks.questions import SHOPS, _squad
from core.training.tasks.run import Run, Settings
from core.training.tasks.schedule import rate_share
from core.training.tasks.sentences import spam, sst2, tweets
from core.training.tasks.tagged import conllu_sentences, iob2_sentences, places, pos
from core.training.tasks.teacher import Teaching, taught
from core.wordpiece.encoder import encode
from tests.random_bert import save_random_bert

LINES = [("a warm and funny film", 1), ("dull and far too long", 0), ("good", 1), ("bad", 0),
         ("a bad, bad joke", 0), ("good company", 1), ("long and dull", 0), ("warm", 1)]
SETTINGS = Settings(epochs=3, batch=2, rate=2e-2, rank=2, alpha=4, length=16)


@pytest.fixture(scope="module")
def bert(tmp_path_factory) -> Path:
    return save_random_bert(
        tmp_path_factory.mktemp("base") / "bert", hidden_size=16, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=32, hidden_dropout_prob=0.1,
    )


@pytest.fixture
def lines() -> list[Item]:
    return [Item(text, label=label) for text, label in LINES]


def run_in(folder: Path, bert: Path, **changed: object) -> Run:
    settings = replace(SETTINGS, **changed)
    return Run(find("sentiment"), settings, bert, folder, fingerprint="abc")


def test_a_stopped_run_ends_where_an_uninterrupted_one_does(tmp_path, bert, lines):
    taught = examples(lines, find("sentiment"), bert, 16)
    straight = run_in(tmp_path / "straight", bert)
    straight.train(taught)
    for stop in (1, 5, 6, None):  # within an epoch, at its end, to the end
        stopped = run_in(tmp_path / "stopped", bert)
        stopped.train(taught, stop_at=stop)
    assert stopped.progress == straight.progress
    assert stopped.progress.steps == 3 * len(LINES) / 2
    for name, weight in straight.model.free().items():
        assert torch.equal(weight, stopped.model.free()[name]), name


def test_a_checkpoint_of_another_recipe_or_base_is_refused(tmp_path, bert, lines):
    run_in(tmp_path, bert).train(examples(lines, find("sentiment"), bert, 16), stop_at=1)
    with pytest.raises(ValueError, match="another base model or recipe"):
        run_in(tmp_path, bert, epochs=4)
    with pytest.raises(ValueError, match="another base model or recipe"):
        Run(find("sentiment"), SETTINGS, bert, tmp_path, fingerprint="def")


def test_a_run_learns_its_few_lines_and_the_figures_say_so(tmp_path, bert, lines):
    task = find("sentiment")
    run = run_in(tmp_path, bert, epochs=25, dropout=0.0)
    run.train(examples(lines, task, bert, 16))
    judge = Judge.of(task, run.model.adapter(), load(str(bert), "cpu"), files.info(str(bert)), bert)
    assert figures(judge, lines)["accuracy"] == 1.0


def test_beginning_from_an_adapter_begins_with_its_changes(tmp_path, bert, lines):
    first = run_in(tmp_path / "first", bert)
    first.train(examples(lines, find("sentiment"), bert, 16))
    adapter = first.model.adapter()
    second = Run(find("spam"), SETTINGS, bert, tmp_path / "second", fingerprint="", start=adapter)
    for name, change in second.model.adapter().changes.items():
        for part, array in vars(change).items():
            if array is not None:
                assert np.allclose(array, getattr(adapter.changes[name], part), atol=1e-6)


def test_a_teachers_opinion_is_a_target_and_counts_as_one(bert):
    task = find("sentiment")
    items = [Item("warm", likely=(0.25, 0.75)), Item("dull and long", likely=(1.0, 0.0))]
    batch = collate(examples(items, task, bert, 16))
    assert batch.target.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    loss = cross_entropy("sentence", torch.tensor([[0.0, 0.0], [2.0, -2.0]]),
                         torch.tensor(batch.target))
    # ln 2 for the even guess, ln(1 + e^-4) for the confident one
    assert loss.item() == pytest.approx((np.log(2) + np.log1p(np.exp(-4))) / 2, abs=1e-6)


def test_without_a_rank_the_whole_encoder_learns_but_for_its_embeddings(tmp_path, bert):
    free = run_in(tmp_path, bert, rank=0).model.free()
    assert "encoder.encoder.layer.0.attention.self.query.weight" in free
    assert not any("embeddings" in name for name in free)


def test_a_teacher_answers_every_text_once_and_its_answers_are_kept(tmp_path, bert, lines):
    task, unlabelled = find("sentiment"), [Item("a warm joke"), Item("far too bad")]
    teaching = Teaching(replace(SETTINGS, rank=0, rate=5e-3, epochs=60, dropout=0.0), 2.0)
    ask = partial(taught, teaching, task, lines, unlabelled, base=bert, fingerprint="abc",
                  work=tmp_path)
    first = ask()
    assert [item.text for item in first] == [item.text for item in (*lines, *unlabelled)]
    assert all(sum(item.likely) == pytest.approx(1) for item in first)
    assert all(
        item.likely[line.label] > 0.5 for item, line in zip(first, lines, strict=False)
    )
    (tmp_path / "checkpoint.pt").unlink()  # what it said is enough
    assert ask() == first


def test_the_command_leaves_an_adapter_its_facts_and_its_card(tmp_path, bert, lines, monkeypatch):
    recipe = recipes.Recipe(lambda data: Material(lines, {"test": lines}), SETTINGS)
    monkeypatch.setitem(recipes.RECIPES, "sentiment", recipe)
    asked = ["sentiment", "--data", str(tmp_path), "--base", str(bert),
             "--work", str(tmp_path / "work"), "--target", str(tmp_path / "target")]
    command.main(asked)
    folder = tmp_path / "target" / "sentiment"
    first = (folder / WEIGHTS).read_bytes()
    facts = json.loads((folder / FACTS).read_text())
    assert facts["labels"] == ["negative", "positive"] and facts["adapter"]["rank"] == 2
    assert facts["evaluation"]["test"]["n"] == len(lines)
    assert facts["base"]["checksum"] == files.checksum(str(bert))
    card = (folder / CARD).read_text()
    assert "{{" not in card and "93.5" in card
    assert read(folder).weight.shape == (2, 16)
    command.main(asked)  # a finished run is only measured again
    assert (folder / WEIGHTS).read_bytes() == first


def test_every_recipe_has_a_card_and_names_its_held_out_sets():
    import tomllib

    from core.training.tasks.export import WORDS

    cards = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    assert set(cards) == set(recipes.RECIPES)
    for card in cards.values():
        assert {"title", "about", "data", "licence", "published", "limits", "sets"} == set(card)


def test_the_rate_warms_up_and_falls_to_nothing():
    assert rate_share(0.03) == pytest.approx(0.5) and rate_share(0.06) == pytest.approx(1.0)
    assert rate_share(1.0) == 0.0 < rate_share(0.99) < 0.02


def test_an_epoch_shows_every_example_once_in_an_order_of_its_own():
    lengths = [int(n) for n in np.random.default_rng(0).integers(3, 90, 333)]
    first, again, second = (order(lengths, e, size=4, seed=1) for e in (0, 0, 1))
    assert sorted(np.concatenate(first)) == list(range(333))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    padded = sum(len(g) * max(lengths[i] for i in g) for g in first)
    assert padded < 1.3 * sum(lengths)


def test_tags_stand_at_first_pieces_and_all_else_is_ignored(bert):
    text = "Embeddings quack"
    item = Item(text, words=((0, 10), (11, 16)), tags=(7, 15))
    (example,) = examples([item], find("pos"), bert, 32)
    assert example.target.tolist() == [IGNORED, 7, *[IGNORED] * 3, 15, IGNORED, IGNORED]
    batch = collate([example, *examples([Item("a", words=((0, 1),), tags=(5,))],
                                        find("pos"), bert, 32)])
    assert batch.target[1].tolist() == [IGNORED, 5, *[IGNORED] * 6]


def test_a_span_example_points_at_the_pieces_of_its_answer(bert):
    paragraph = "Rain falls under gravity. " + "It goes on and on. " * 40
    asked = "What makes rain fall?"
    at = paragraph.find("gravity")
    late = paragraph.rfind("on and on")
    items = [Item(asked, paragraph, answers=((at, at + 7),)), Item(asked, paragraph),
             Item(asked, paragraph, answers=((late, late + 9),))]
    found = examples(items, find("qa"), bert, 64)
    encoded = encode(bert, asked, paragraph)
    first, last = found[0].target
    assert encoded.tokens[first : last + 1] == ("gravity",)
    assert found[1].target.tolist() == [0, 0]
    first, last = found[2].target  # in a later window
    assert last - first == 2 and len(found[2]) <= 64
    batch = collate(found)
    may = may_answer(torch.tensor(batch.segments), torch.tensor(batch.present))
    assert may[0, 0] and not may[0, 1] and may[0].sum() == sum(found[0].segments == 1)


def test_figures_are_those_of_arithmetic():
    found = class_figures(np.array([1, 1, 0, 0]), np.array([1, 0, 0, 0]), ("ham", "spam"))
    assert found["accuracy"] == 0.75 and found["f1_spam"] == pytest.approx(2 / 3)
    assert found["macro_recall"] == pytest.approx((2 / 3 + 1) / 2)
    names = entity_figures([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "I-PER", "B-ORG", "O"]])
    assert names["precision"] == 0.5 and names["recall"] == 0.5 and names["f1"] == 0.5
    assert word_f1("the within a cloud", "within a cloud.") == 1.0
    assert word_f1("a dark cloud", "within a cloud") == pytest.approx(0.5)
    assert word_f1("", "cloud") == 0.0


def test_the_readers_keep_copies_and_articles_on_one_side(tmp_path):
    (tmp_path / "sms_spam").mkdir()
    rows = ["Label\tSMS"] + [f"{'spam' if i % 3 else 'ham'}\tWin prize {i}, call now. Text me back."
                             for i in range(60)] + ["ham\tA different one."]
    (tmp_path / "sms_spam" / "SMSSpamCollection.tsv").write_text("\n".join(rows))
    (tmp_path / "ud_ewt").mkdir()
    block = ("# sent_id = email-enron-1\n# text = Please find it attached.\n"
             "1\tPlease\t_\tINTJ\n2\tfind\t_\tVERB\n3\tit\t_\tPRON\n4\tattached\t_\tVERB\n"
             "5\t.\t_\tPUNCT\n\n")
    for part in ("train", "dev", "test"):
        with lzma.open(tmp_path / "ud_ewt" / f"{part}.conllu.xz", "wt") as file:
            file.write(block)
    material = spam(tmp_path)
    sides = {item.text.startswith("Win prize") for item in material.held_out["test"]}
    assert sides in ({True}, {False}, set())  # digits apart, the sixty are one message
    assert Item("Please find it attached.", label=0) in material.train
    tags = pos(tmp_path).train[0]
    assert tags.words[-1] == (23, 24) and find("pos").labels[tags.tags[0]] == "INTJ"


def test_sst2_and_tweets_are_read_as_people_type_them(tmp_path):
    (tmp_path / "sst2").mkdir()
    for part in ("train", "dev", "test"):
        (tmp_path / "sst2" / f"{part}.tsv").write_text("sentence\tlabel\ndo n't miss it \t1\n")
    (tmp_path / "subjqa").mkdir()
    header = "question,review,human_ans_spans,human_ans_indices\n"
    row = (
        "How is it?,Great food and staff.We loved it! No.ANSWERNOTFOUND,"
        "ANSWERNOTFOUND,\"(0, 0)\"\n"
    )
    for shop in SHOPS:
        for part in ("train", "dev", "test"):
            with lzma.open(tmp_path / "subjqa" / f"{shop}_{part}.csv.xz", "wt") as file:
                file.write(header + row)
    material = sst2(tmp_path)
    assert material.train == [Item("don't miss it", label=1)]
    assert material.unlabelled == [Item("Great food and staff.")]  # the others are too short
    for part in ("test", "val"):
        folder = tmp_path / "tweeteval_sentiment"
        folder.mkdir(exist_ok=True)
        (folder / f"{part}_text.txt").write_text("$AAPL &amp; me \n@user no\n")
        (folder / f"{part}_labels.txt").write_text("2\n0\n")
    (tmp_path / "phrasebank").mkdir()
    (tmp_path / "phrasebank" / "Sentences_50Agree.txt").write_bytes(
        "Profit rose by 5 % , mail a@b.c .@positive\nSales in Äänekoski fell .@negative\n".encode(
            "iso-8859-1"))
    material = tweets(tmp_path)
    assert material.held_out["tweets"] == [Item("$AAPL & me", label=2), Item("@user no", label=0)]
    both = material.train + material.held_out["news"]
    assert Item("Profit rose by 5 % , mail a@b.c .", label=2) in both


def test_words_are_found_in_their_text_in_order(tmp_path):
    assert places(["do", "n't", "do"], "don't do") == ((0, 2), (2, 5), (6, 8))
    assert places(["do", "not"], "don't") is None
    path = tmp_path / "x.iob2"
    path.write_text("# text = In Berlin\n1\tIn\tO\t-\t-\n2\tBerlin\tB-LOC\t-\tx\n\n")
    (sentence,) = iob2_sentences(path)
    assert sentence.tags == ("O", "B-LOC")
    path.write_text("1-2\tdon't\t_\t_\n1\tdo\t_\tAUX\n2\tnot\t_\tPART\n2.1\tx\t_\tX\n")
    (sentence,) = conllu_sentences(path)
    assert sentence.words == ("do", "not") and sentence.text == "do not"


def test_a_questions_answer_is_where_the_file_says():
    article = {"paragraphs": [{"context": "Within a cloud.", "qas": [
        {"question": "Where?", "answers": [{"answer_start": 0, "text": "Within a cloud"}]}]}]}
    assert list(_squad(article)) == [Item("Where?", "Within a cloud.", answers=((0, 14),))]


def test_made_questions_point_at_their_answers_and_leave_them_out(tmp_path):
    sentence = (
        "Berlin has been the capital of Germany since 1990, and about 3.7 million people live in "
        "the city. Many of them moved to Berlin from other parts of Germany after 1990. The river "
        "Spree flows through the middle of the old town, where Albert Einstein taught physics at "
        "the university by Max Planck until 1933, and large forests surround it on all sides."
    )
    path = tmp_path / "text.txt"
    path.write_text("\n\n".join(f"{sentence} Number {i} is here." for i in range(40)))
    found = made_questions(path, 10, seed=1)
    assert found == made_questions(path, 10, seed=1) and len(found) == 10
    for item in found:
        assert item.text.endswith("?") and item.text_b
        for start, end in item.answers:
            assert 0 <= start < end <= len(item.text_b) and item.text_b[start:end].strip()
            assert item.text_b[start:end] not in item.text or len(item.text_b) < len(sentence)


@pytest.mark.parametrize(
    "sentence, question, answer",
    [
        ("The tower was built in 1889 by Eiffel.", "When was the tower built?", "1889"),
        ("The bridge was designed by Ada Hill.", "Who was The bridge designed by?", "Ada Hill"),
        ("Snow is formed in Siberia.", "Where is Snow formed?", "Siberia"),
        ("Hail is formed within clouds, and rain falls.", "What is Hail formed within?", "clouds"),
        ("Rain is often caused by cold air; it is wet.", "What is Rain caused by?", "cold air"),
        ("Graupel is a form of precipitation that falls.", "What is Graupel?",
         "a form of precipitation"),
        ("It was built in 1889.", None, None),
        ("He is a man.", None, None),
    ],
)
def test_plain_sentences_become_whole_questions(sentence, question, answer):
    found = asked_of(sentence)
    if question is None:
        assert found == []
    else:
        (asked,) = found
        assert asked.question.lower() == question.lower()
        assert sentence[asked.start : asked.end] == answer


def test_a_set_is_split_the_same_way_by_anyone():
    keys = [str(i) for i in range(2000)]
    held = sum(held_out_by_hash(key, 5) for key in keys)
    assert 340 < held < 460
    # sha256("1") = 6b86b273..., 0x6b86b273 % 5 = 1803989619 % 5 = 4
    assert not held_out_by_hash("1", 5)
