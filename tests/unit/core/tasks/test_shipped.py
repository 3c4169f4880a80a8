"""The adapters in assets/tasks: they fit the embedded model, reach their goals, make sense."""

import pytest
from safetensors.numpy import load_file

from core.contract import TaskRequest
from core.engine import LocalEngine
from core.models import files
from core.tasks.adapter import facts, read
from core.tasks.registry import CARD, MAX_BYTES, TASKS, WEIGHTS
from lessons.tasks.lesson import Request, run, to_json
from lessons.text import presets

REACHED = (
    ("sentiment", "test", "accuracy", 0.86),
    ("sentiment", "dev", "accuracy", 0.92),
    ("spam", "test", "accuracy", 0.98),
    ("spam", "test", "f1_spam", 0.95),
    ("pos", "test", "accuracy", 0.93),
)
CLASSES = (
    ("sentiment", "A warm, funny and deeply moving film.", None, "positive"),
    ("sentiment", "Not a single joke lands, and the plot makes no sense.", None, "negative"),
    ("tweets", "Operating profit fell to EUR 3 million from 8 million a year earlier.", None,
     "negative"),
    ("tweets", "$AAPL great quarter, sales rose by 20 percent!", None, "positive"),
    ("spam", "Buy these pills", None, "spam"),
    ("spam", "Win cash prizes", None, "spam"),
    ("spam", "Dear Mr. Atreides, please find attached...", None, "ham"),
    ("nli", "A man is playing a guitar.", "A man is playing an instrument.", "entailment"),
    ("nli", "A man is playing a guitar.", "There is no man playing a guitar.", "contradiction"),
    ("nli", "A man is playing a guitar.", "A woman is slicing an onion.", "neutral"),
)


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    return LocalEngine("cpu")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_adapter_is_small_fits_the_embedded_model_and_has_a_card(task):
    assert (task.folder / WEIGHTS).stat().st_size <= MAX_BYTES
    said, adapter = facts(task.folder), read(task.folder)
    assert said["base"]["checksum"] == files.checksum("embedded")
    assert tuple(said["labels"]) == task.labels
    assert adapter.weight.shape == (len(task.labels), files.info("embedded").hidden)
    assert said["adapter"]["parameters"] == adapter.parameters
    stored = load_file(task.folder / WEIGHTS)
    assert {str(t.dtype) for n, t in stored.items() if not n.startswith("head.")} == {"float16"}
    card = (task.folder / CARD).read_text(encoding="utf-8")
    assert "Published for BERT-base" in card and "Licence" in card and "{{" not in card


@pytest.mark.parametrize("name, where, figure, least", REACHED)
def test_the_held_out_figures_are_no_worse_than_they_were(name, where, figure, least):
    task = next(task for task in TASKS if task.name == name)
    assert facts(task.folder)["evaluation"][where][figure] >= least


@pytest.mark.parametrize("name, text, text_b, label", CLASSES)
def test_plain_sentences_get_the_class_anyone_would_give_them(engine, name, text, text_b, label):
    assert engine.task(TaskRequest(name, text, text_b)).label == label


def test_a_plain_sentence_is_tagged_as_in_school(engine):
    words = engine.task(TaskRequest("pos", "She didn't read the old book in Paris.")).words
    assert [word.tag for word in words] == [
        "PRON", "AUX", "PART", "VERB", "DET", "ADJ", "NOUN", "ADP", "PROPN", "PUNCT"]


def test_names_are_found_with_their_kinds(engine):
    found = engine.task(TaskRequest("ner", "Barack Obama met Angela Merkel in Berlin.")).entities
    assert {(name.text, name.label) for name in found} >= {
        ("Barack Obama", "PER"), ("Berlin", "LOC")}


def test_a_question_is_answered_from_its_paragraph(engine):
    paragraph = ("Warsaw is the capital of Poland. It stands on the Vistula River. Its population "
                 "is about 1.7 million. The city was rebuilt after the war.")
    found = to_json(run(engine, Request("On which river does Warsaw stand?", paragraph, "qa")))
    assert any("Vistula" in span["text"] for span in found["spans"])


@pytest.mark.parametrize("preset, answer", [
    ("graupel", "graupel"), ("cloud", "within a cloud"), ("gravity", "gravity"),
])
def test_squads_own_example_is_answered_or_the_answer_ranks_high(engine, preset, answer):
    asked = next(p for p in presets("tasks") if p.id == preset)
    spans = engine.task(TaskRequest("qa", asked.text, asked.text_b)).spans
    if preset == "gravity":  # the head prefers what falls to what makes it fall
        assert any(answer in span.text for span in spans[:4])
    else:
        assert spans[0].text == answer
