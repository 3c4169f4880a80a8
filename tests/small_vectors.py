"""Small random stand-ins for the shipped ELMo and GPT: the same classes, other weights."""

import torch

from core.models.files import folder_of
from core.vectors.bilm import BiLM
from core.vectors.bilm import Shape as ElmoShape
from core.vectors.causal import CausalTransformer
from core.vectors.causal import Shape as GptShape
from core.vectors.elmo import Elmo
from core.vectors.gpt import Gpt
from core.vectors.words import Vocabulary
from core.wordpiece.encoder import tokenizer

WORDS = ("the", ".", "of", "a", "man", "river", "bank", "money", "closed", "sat", "in", "he")
COUNTS = (60, 50, 40, 30, 9, 5, 4, 8, 3, 2, 20, 12)


def random_elmo(seed: int = 3) -> Elmo:
    """A biLM of 12 known words; wide enough weights that its probabilities differ."""
    torch.manual_seed(seed)
    shape = ElmoShape(words=len(WORDS) + 1, character=6, filters=((1, 4), (3, 8)), hidden=20,
                      projection=8)
    module = BiLM(shape).eval().requires_grad_(False)
    for weight in module.parameters():
        weight.mul_(2)
    return Elmo(module, Vocabulary(WORDS, COUNTS), {})


def random_gpt(seed: int = 4) -> Gpt:
    """A left-to-right Transformer on the embedded model's word pieces."""
    torch.manual_seed(seed)
    pieces = tokenizer(folder_of("embedded"))
    size = pieces.get_vocab_size()
    shape = GptShape(layers=2, heads=2, hidden=16, inner=32, positions=64, vocabulary=size)
    module = CausalTransformer(shape, torch.randn(size, 16)).eval().requires_grad_(False)
    for name, weight in module.named_parameters():
        torch.nn.init.normal_(weight, 1.0 if name.endswith("norm.weight") else 0.0, 0.3)
    return Gpt(module, pieces, {})
