"""The lesson on tracing a number: paths, words, formulas, JSON, and the notebook executed."""

import json

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from core.contract import TraceRequest
from core.derive import QUANTITIES, Address
from core.engine import local_engine
from core.errors import BadInput, OutOfRange, WordNotOnePiece
from core.models.registry import ASSETS
from lessons.text import LANGUAGES, presets
from lessons.theme import DARK, LIGHT
from lessons.trace.formulas import PLAIN, derivation, said
from lessons.trace.lesson import (
    OFFERED,
    SHOWN,
    Request,
    child_of,
    default_request,
    float32_gap,
    run,
    to_json,
    word_of,
)
from lessons.trace.notebook import notebook
from lessons.trace.symbols import parameter_kind, symbol
from pages.ui.catalogue import strings

TEXT = "The cat sat on the [MASK]."
WORDS = {key: key for key in ("title", "setup", "text", "number", "result")}


@pytest.fixture(scope="module")
def engine():
    return local_engine()


def ask(engine, **asked):
    return run(engine, Request(TEXT, **asked))


def test_a_path_is_walked_from_the_weight_to_a_row_of_the_token_table(engine):
    # weight = u / U; u = exp(s - m); s = scaled + M; scaled = q.k / sqrt(d_k); q = x W + b
    found = ask(engine, layer=0, head=3, row=2, column=1, path="a.a.a.a.5.17.a.a.a")
    assert [node.address.quantity for node in found.nodes] == [
        "weight", "exponential", "masked", "scaled", "score", "q", "normalized", "sum", "token",
        "parameter",
    ]
    leaf = found.nodes[-1]
    cat = found.encoded.ids[2]
    assert leaf.address == Address(
        "parameter", (cat, 17), "bert.embeddings.word_embeddings.weight"
    )
    table = engine.parameter("embedded", leaf.address.parameter)
    assert leaf.value == leaf.exact == float(table[cat, 17])
    assert found.proof.holds and len(found.proof.checks) == 10


def test_the_root_is_the_number_that_the_trace_holds(engine):
    trace = engine.trace(TraceRequest(TEXT))
    own = trace.layer(4).weights[0, 7, 2, 3]
    assert ask(engine, layer=4, head=7, row=2, column=3).nodes[0].value == float(own)
    inner = trace.layer(5).ffn_inner[0, 3, 1000]
    found = ask(engine, quantity="ffn_inner", layer=5, row=3, column=1000)
    assert found.nodes[0].value == float(inner)


@pytest.mark.parametrize("path", ["z", "a.a.zz", "a.99", "b.999", "a..a", "a.17r"])
def test_a_step_that_leads_nowhere_ends_the_path(engine, path):
    found = ask(engine, path=path)
    assert path.startswith(found.path) and found.path != path
    assert len(found.nodes) == len(found.steps) + 1


def test_either_factor_of_any_term_can_be_opened(engine):
    node = ask(engine, quantity="score", layer=1, row=2, column=3).nodes[0]
    assert child_of(node, "31") == Address("q", (1, 0, 2, 31))
    assert child_of(node, "31r") == Address("k", (1, 0, 3, 31))
    assert child_of(node, "32") is None
    mixed = ask(engine, quantity="z", layer=1, row=2, column=9).nodes[0]
    assert child_of(mixed, "4r") == Address("v", (1, 0, 4, 9))


def test_only_the_last_opened_numbers_carry_their_terms(engine):
    found = ask(engine, layer=0, path="a.a.a.a.5.17")
    assert all(node.terms is None for node in found.nodes[:-SHOWN])
    assert found.nodes[-2].terms is not None


def test_no_word_means_the_likeliest(engine):
    found = ask(engine, quantity="mlm_probability", row=6)
    best = engine.mask_fill(TEXT).masks[0]
    assert found.word == best.tokens[0]
    assert found.nodes[0].value == pytest.approx(best.probabilities[0], abs=1e-5)


def test_the_logit_lens_after_the_last_layer_is_the_masked_lm_head(engine):
    lens = ask(engine, quantity="lens_logit", row=6, depth=6, word="floor").nodes[0]
    head = ask(engine, quantity="mlm_logit", row=6, word="floor").nodes[0]
    assert lens.value == pytest.approx(head.value, abs=1e-4)
    assert lens.exact == head.exact


def test_both_outcomes_of_next_sentence_share_one(engine):
    asked = {"text_b": "It was tired.", "quantity": "nsp_probability"}
    shares = [ask(engine, column=k, **asked).nodes[0].value for k in (0, 1)]
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(
        engine.next_sentence(TEXT, "It was tired.").is_next, abs=1e-6
    )


def test_what_cannot_be_traced_is_refused(engine):
    with pytest.raises(WordNotOnePiece):
        ask(engine, quantity="mlm_logit", word="antidisestablishment")
    with pytest.raises(OutOfRange):
        ask(engine, layer=6)
    with pytest.raises(OutOfRange):
        ask(engine, quantity="lens_logit", depth=7)
    with pytest.raises(BadInput):
        ask(engine, quantity="soul")


@pytest.mark.parametrize("quantity", OFFERED)
def test_a_formula_is_written_with_its_factors_and_ends_in_its_value(engine, quantity):
    node = ask(engine, quantity=quantity, row=6, layer=1).nodes[0]
    for theme in (LIGHT, DARK):
        written = derivation(node, theme)
        assert written.count("{") == written.count("}")
        assert rf"\mathbf{{{said(node.value)}}}" in written
    assert node.formula in PLAIN


def test_every_quantity_every_weight_and_every_formula_has_its_words(engine):
    weights = {
        parameter_kind(name) for name in _names_of_weights()
    }
    for language in LANGUAGES:
        known = set(strings(language, "trace"))
        assert {f"name_{name}" for name in QUANTITIES} <= known
        assert {f"weight_{kind}" for kind in weights} <= known
        assert {f"say_{formula}" for formula in PLAIN} <= known


def _names_of_weights():
    from core.models.files import _header, folder_of

    names = _header("embedded", folder_of("embedded"))
    return [name for name in names if not name.startswith("cls.predictions.decoder")]


def test_two_numbers_never_share_a_symbol(engine):
    """In one derivation the same letters mean the same number."""
    found = ask(engine, layer=1, head=3, row=2, column=1, path="a.a.a.a.5.17.a.a")
    addresses = {node.address for node in found.nodes}
    addresses |= {part.address for node in found.nodes for part in node.parts}
    written = {symbol(address).written(LIGHT) for address in addresses}
    assert len(written) == len(addresses)


def test_numbers_are_written_with_five_digits():
    assert said(0.0) == "0"
    assert said(-12.34567) == "-12.346"
    assert said(0.00012345678) == "0.00012346"
    assert said(2.5e-9) == r"2.5000 \cdot 10^{-9}"


def test_a_float32_has_24_bits():
    assert float32_gap(40) == 2.0 ** (5 - 23)  # 32 <= 40 < 64


def test_the_json_holds_the_number_its_double_and_its_factors(engine):
    shown = json.loads(json.dumps(to_json(ask(engine, quantity="q", layer=2, column=5))))
    assert shown["indices"] == {"layer": 2, "head": 0, "row": 1, "column": 5}
    assert shown["value"] == pytest.approx(shown["float64"], abs=1e-5)
    assert shown["number_of_terms"] == 384 and len(shown["terms"]) == 12
    listed = sum(term["term"] for term in shown["terms"])
    bias = shown["factors"][0]["value"]
    assert listed + shown["other_terms"] + bias == pytest.approx(shown["value"], abs=1e-5)


def test_presets_open_what_they_name(engine):
    for preset in presets("trace"):
        found = run(engine, default_request(preset, "embedded"))
        assert found.nodes[0].address.quantity == preset.controls["quantity"]
        assert found.path == preset.controls["path"] and found.proof.holds


EXPORTED = {
    "weight": {"layer": 3, "head": 2, "column": 4},
    "z": {"layer": 1, "head": 2, "column": 4, "mask": "causal"},
    "mlm_probability": {"row": 6},
}


@pytest.mark.parametrize("quantity", EXPORTED)
def test_the_exported_notebook_prints_the_same_number(engine, quantity):
    asked = Request('The cat "sat" on it\'s [MASK].\n<b>', "It slept.", quantity=quantity,
                    **EXPORTED[quantity])
    found = run(engine, asked)
    book = nbformat.reads(notebook(asked, found, WORDS), as_version=4)
    assert all(not cell.outputs for cell in book.cells if cell.cell_type == "code")
    where = {"metadata": {"path": str(ASSETS.parent)}}
    NotebookClient(book, timeout=240, kernel_name="python3", resources=where).execute()
    printed = float(book.cells[-1].outputs[0].text)
    assert printed == pytest.approx(found.nodes[0].value, abs=1e-5)


def code_of(engine, quantity):
    asked = Request(TEXT, "It slept.", quantity=quantity, layer=1, row=6, depth=2,
                    model=str(ASSETS / "models" / "embedded"))
    found = run(engine, asked)
    book = nbformat.reads(notebook(asked, found, WORDS), as_version=4)
    return found, [cell.source for cell in book.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def set_up(engine):
    """What the notebook's first cell leaves behind."""
    space: dict = {}
    with torch.no_grad():  # the cell switches gradients off; leaving restores them
        exec(code_of(engine, "q")[1][0], space)
    return space


@pytest.mark.parametrize("quantity", OFFERED)
def test_the_exported_code_computes_every_quantity(engine, set_up, quantity):
    """The notebook's own cells without a kernel: quicker than one for each."""
    found, code = code_of(engine, quantity)
    space = dict(set_up)
    with torch.no_grad():
        exec("\n".join([*code[1:-1], code[-1].replace("print(", "answer = (")]), space)
    node = found.nodes[0]
    assert space["answer"] == pytest.approx(node.value, abs=node.tolerance)
    assert sum(len(cell.splitlines()) for cell in code) <= 42


def test_a_text_that_was_cut_is_given_to_the_notebook_as_its_pieces(engine):
    asked = Request("word " * 600, quantity="sum")
    found = run(engine, asked)
    source = notebook(asked, found, WORDS)
    assert "tokenizer(" not in source.replace("tokenizer.", "")
    assert str(list(found.encoded.ids))[:40] in source


def test_words_of_the_vocabulary_have_their_places(engine):
    assert word_of("embedded", engine.tokenize("embedded", "paris").ids[1]) == "paris"
