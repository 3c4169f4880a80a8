"""The derivation as a small notebook: the same number with plain torch and transformers."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from core.derive import Node
from lessons.theme import LIGHT
from lessons.trace.formulas import derivation
from lessons.trace.lesson import Request, Result

DEFAULT_FOLDER = "assets/models/embedded"

_IN_LAYER = {
    "q": "q, k, v = (split(part(x)) for part in (inner.query, inner.key, inner.value))",
    "score": "score = q @ k.transpose(1, 2)  # (A, n, n)",
    "scaled": "scaled = score / d_k**0.5",
    "masked": "masked = scaled + mask",
    "weight": "weight = masked.softmax(-1)",
    "z": "z = weight @ v  # (A, n, d_k)",
    "joined": "joined = z.transpose(0, 1).flatten(1)  # (n, H)",
    "attention_output": "attention_output = layer.attention.output.dense(joined)",
    "attention_residual": "attention_residual = attention_output + x",
    "after_attention": "after_attention = layer.attention.output.LayerNorm(attention_residual)",
    "ffn_inner": "ffn_inner = layer.intermediate.dense(after_attention)  # (n, 4H)",
    "ffn_activation": "ffn_activation = torch.nn.functional.gelu(ffn_inner)",
    "ffn_output": "ffn_output = layer.output.dense(ffn_activation)",
    "ffn_residual": "ffn_residual = ffn_output + after_attention",
    "after_ffn": "after_ffn = layer.output.LayerNorm(ffn_residual)",
}
_EMBEDDINGS = (
    "table = model.bert.embeddings",
    "token = table.word_embeddings(ids)[0]  # (n, H)",
    "segment = table.token_type_embeddings(segments)[0]",
    "position = table.position_embeddings(torch.arange(n))",
    "sum = token + segment + position",
    "normalized = table.LayerNorm(sum)",
)


def notebook(request: Request, result: Result, words: dict[str, str]) -> str:
    """The notebook's JSON.

    words : "title", "setup", "text", "number" and "result", what stands above the cells, in the
    learner's language. The text itself stands in code alone, as a string literal.
    """
    node = result.nodes[0]
    formula = f"$${derivation(node, LIGHT)}$$"
    cells = [
        new_markdown_cell(f"# {words['title']}\n\n{formula}"),
        new_markdown_cell(words["setup"]),
        new_code_cell(_setup(request)),
        new_markdown_cell(words["text"]),
        new_code_cell(_reading(request, result)),
        new_markdown_cell(words["number"]),
        new_code_cell(_computing(request, node)),
        new_markdown_cell(words["result"]),
        new_code_cell(f"print(float({_element(node)}))"),
    ]
    for at, cell in enumerate(cells):
        cell["id"] = f"cell-{at}"  # the same notebook for the same number
    book = new_notebook(cells=cells)
    book.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python"
    }
    nbformat.validate(book)
    return nbformat.writes(book)


def _setup(request: Request) -> str:
    model = DEFAULT_FOLDER if request.model == "embedded" else request.model
    return "\n".join((
        "import torch",
        "from transformers import AutoTokenizer, BertForPreTraining",
        "",
        f"MODEL = {model!r}  # a model id, or the path of a folder",
        "tokenizer = AutoTokenizer.from_pretrained(MODEL)",
        "model = BertForPreTraining.from_pretrained(",
        '    MODEL, dtype=torch.float32, attn_implementation="eager").eval()',
        "torch.set_grad_enabled(False)",
        "A = model.config.num_attention_heads",
        "d_k = model.config.hidden_size // A",
    ))


def _reading(request: Request, result: Result) -> str:
    if result.encoded.dropped:  # cut to the model's limit: the pieces themselves are given
        lines = [f"ids = torch.tensor([{list(result.encoded.ids)}])",
                 f"segments = torch.tensor([{list(result.encoded.segments)}])"]
    else:
        texts = repr(request.text)
        if request.text_b.strip():
            texts += f", {request.text_b!r}"
        lines = [f'inputs = tokenizer({texts}, return_tensors="pt")',
                 'ids, segments = inputs["input_ids"], inputs["token_type_ids"]']
    lines += ["n = ids.shape[1]"]
    if request.mask == "causal":
        lines.append("mask = torch.full((n, n), torch.finfo(torch.float32).min).triu(1)")
    else:
        lines.append("mask = torch.zeros(n, n)")
    return "\n".join([*lines, "print(tokenizer.convert_ids_to_tokens(ids[0]))"])


def _stream(depth: str) -> list[str]:
    """x after so many layers, through the library's own modules."""
    return [
        "x = model.bert.embeddings(ids, segments)",
        f"for layer in model.bert.encoder.layer[:{depth}]:",
        "    x = layer(x, mask[None, None])",
        "    x = x[0] if isinstance(x, tuple) else x",
        "x = x[0]  # (n, H)",
    ]


def _computing(request: Request, node: Node) -> str:
    name, of = node.address.quantity, node.address.named()
    if "layer" in of:
        return "\n".join([
            *_stream(str(of["layer"])),
            f"layer = model.bert.encoder.layer[{of['layer']}]",
            "inner = layer.attention.self",
            "split = lambda states: states.view(n, A, d_k).transpose(0, 1)  # (A, n, d_k)",
            *_up_to(name),
        ])
    if name.startswith(("mlm", "lens")):
        depth = str(of["depth"]) if "depth" in of else "None"
        return "\n".join([
            *_stream(depth), "logits = model.cls.predictions(x)  # (n, V)",
            "# float64: over so many words torch's float32 softmax is off in the fifth decimal",
            "probabilities = logits.double().softmax(-1)",
        ])
    if name.startswith(("pooled", "nsp")):
        return "\n".join([
            *_stream("None"), "pooled = model.bert.pooler(x[None])[0]  # (H,)",
            "logits = model.cls.seq_relationship(pooled)  # (2,)",
            "probabilities = logits.softmax(-1)",
        ])
    return "\n".join(_EMBEDDINGS)


def _up_to(name: str) -> list[str]:
    wanted = "q" if name in ("q", "k", "v") else name
    names = list(_IN_LAYER)
    return [_IN_LAYER[n] for n in names[: names.index(wanted) + 1]]


def _element(node: Node) -> str:
    """The Python expression of this one number."""
    name, of = node.address.quantity, node.address.named()
    if "word" in of:
        what = "logits" if name.endswith("logit") else "probabilities"
        return f"{what}[{of['row']}, {of['word']}]"
    if name.startswith("nsp"):
        return f"{'logits' if name == 'nsp_logit' else 'probabilities'}[{of['column']}]"
    indices = [index for axis, index in of.items() if axis != "layer"]
    return f"{name}[{', '.join(map(str, indices))}]"
