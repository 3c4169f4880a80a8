"""Which lessons answer on the command line, and what each is asked. The one place to add one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from core.engine import Engine
from core.errors import BadInput
from core.tasks.registry import NAMES as TASK_NAMES


@dataclass(frozen=True)
class Option:
    """One question put to a lesson.

    name : field of the request, key of a batch line, and --name with dashes
    kind : str or int; choices : the only values allowed, if any; about : one line of help
    """

    name: str
    kind: type
    about: str
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


TEXT = Option("text", str, "the sentence")
TEXT_B = Option("text_b", str, "a second sentence, segment B")
DOCUMENTS = Option("text", str, "documents, one a line")
QUERY = Option("query", str, "a sentence to be read with the documents")
TOPICS = Option("topics", int, "how many topics pLSA and LDA look for")
CUT = Option("cut", str, "how Chinese becomes words", ("auto", "bigrams", "characters", "spaces"))
FUNCTION_WORDS = Option("function_words", str, "leave the, of, is ... out or in", ("out", "in"))
WINDOW = Option("window", int, "TextRank's window, in words")
SIZE = Option("size", int, "directions that LSA keeps")
CLASSES = Option("classes", int, "how many word classes")
STEPS = Option("steps", int, "EM steps of pLSA")
WORD = Option("word", str, "the word to compare, in both sentences")
LAYER = Option("layer", int, "encoder layer, from 0")
HEAD = Option("head", int, "attention head, from 0")
MASK = Option("mask", str, "who may look at whom", ("bidirectional", "causal"))
TOP_K = Option("top_k", int, "how many words for each [MASK]")
OFF = Option("off", str, "heads to switch off, as layer.head: 0.3,4.7, a range 1.0-5, a layer 2.*")
BLANK = Option("blank", int, "which [MASK], from 0")
FOLLOWED = Option("word", str, "whose probability to follow, a single word piece")
QUANTITY = Option("quantity", str, "which number: q, weight, z, ffn_inner, mlm_logit ...")
ROW = Option("row", int, "of which word piece, from 0")
COLUMN = Option("column", int, "which coordinate, or which piece is looked at, from 0")
DEPTH = Option("depth", int, "after how many layers the masked-LM head reads")
WHICH_WORD = Option("word", str, "of which word piece, for logits and probabilities")
PATH = Option("path", str, "the factors opened below it: a to e, 17 or 17r, joined by dots")
SEED = Option("seed", int, "fixes the draw")
TASK = Option("task", str, "what the text is asked for", TASK_NAMES)
WHICH = Option("word", str, "the word to look at")
NTH = Option("nth", int, "which of its occurrences, from 1")
MODEL = Option("model", str, "embedded (default), a hub id, or a folder in hub layout")
WATCH = Option("watch", str, "what is judged: the word at the first [MASK], or IsNext",
               ("mlm", "nsp"))
LOOKED = Option("attention", str, "attention of the last layer, of all, rolled out, of one head",
                ("last", "mean", "rollout", "head"))
PULLED = Option("gradient", str, "gradient x input, or integrated gradients",
                ("gradient", "integrated"))
BASELINE = Option("baseline", str, "where integrated gradients start", ("masked", "zero"))
STEPS = Option("steps", int, "points at which integrated gradients are taken")
LEFT_OUT = Option("leaving", str, "how a piece is left out", ("masked", "hidden", "deleted"))
RANKED = Option("order", str, "ranked by the size of a mark, or by its sign too",
                ("size", "signed"))
JUDGED = Option("pieces", str, "which pieces are judged: all, or not [CLS] and [SEP]",
                ("words", "all"))
LINES = Option("lines", str, "labelled lines to learn from: a label, a tab and a text each")
KIND = Option("kind", str, "one label a line, or a tag for each word", ("sentence", "tags"))
FREED = Option("mode", str, "what may change", ("head", "lora", "last", "all"))
LAST = Option("last", int, "how many layers learn, for the mode last")
RANK = Option("rank", int, "rank of the change, for the mode lora")
READ = Option("pooling", str, "the vector that a sentence's head reads", ("cls", "mean"))
EPOCHS = Option("epochs", int, "how often each line is seen")
TICKER = Option("ticker", str, "one, several with commas, or all (default)")
SOURCE = Option("source", str, "embedded (default), or StockNet's folder")
START = Option("start", str, "first day, as 2014-01-01")
END = Option("end", str, "last day")
WINDOWS = Option("windows", str, "days of input: 1,3 (default)")
FEATURES = Option("features", str, "of sentiment,vectors,prices,market, with commas")
LABELS = Option("labels", str, "which move is up: any, or StockNet's 0.55 % and -0.5 %",
                ("direction", "stocknet"))
SPLIT = Option("split", str, "how days are held out; random leaks, to be seen",
               ("walk-forward", "stocknet", "random"))
POOL = Option("pool", str, "one model for all tickers, or one a sector", ("all", "sector"))
SHUFFLED = Option("shuffled", int, "1: labels dealt out anew, what noise looks like")
CONSTANT = Option("constant", int, "1: every feature the same")
EVERY = Option("every", int, "1: days without texts too")
DEVICE = Option("device", str, "where the forward pass runs", ("auto", "cpu", "cuda", "mps"))


@dataclass(frozen=True)
class Command:
    """A lesson on the command line.

    module : holds its Request, its to_json, and the function called `run` that to_json takes
    """

    name: str
    module: str
    about: str
    options: tuple[Option, ...]
    required: tuple[Option, ...] = (TEXT,)
    run: str = "run"

    @property
    def all_options(self) -> tuple[Option, ...]:
        return (*self.options, MODEL, DEVICE)

    def answer(self, engine: Engine, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The lesson's JSON object. Raises `InsideBertError`."""
        for option in self.required:
            if asked.get(option.name) is None:
                raise BadInput(f"{self.name} needs a {option.name} ({option.flag}).")
        lesson = import_module(self.module)
        request = lesson.Request(**{k: v for k, v in asked.items() if k != DEVICE.name})
        run: Callable[..., Any] = getattr(lesson, self.run)
        result: dict[str, Any] = lesson.to_json(run(engine, request))
        return result


COMMANDS = (
    Command("wordpiece", "lessons.wordpiece.lesson", "text to word pieces, step by step", (TEXT,)),
    Command("embeddings", "lessons.embeddings.lesson",
            "token + segment + position, and their LayerNorm", (TEXT, TEXT_B)),
    Command("attention", "lessons.attention.lesson",
            "q, k, v, scores, weights and z of one head", (TEXT, TEXT_B, LAYER, HEAD, MASK)),
    Command("encoder", "lessons.layer.encoder",
            "every layer's attention, and its vectors after attention and after the FFN",
            (TEXT, TEXT_B)),
    Command("mlm", "lessons.mlm.lesson", "words for every [MASK]", (TEXT, TOP_K)),
    Command("mask-recipe", "lessons.mlm.recipe", "one draw of the 80/10/10 recipe", (TEXT, SEED),
            run="draw"),
    Command("nsp", "lessons.nsp.lesson", "does the second sentence follow the first?",
            (TEXT, TEXT_B), (TEXT, TEXT_B)),
    Command("surgery", "lessons.surgery.lesson",
            "the words for a [MASK] and P(IsNext) with heads off",
            (TEXT, TEXT_B, OFF, BLANK, FOLLOWED, TOP_K)),
    Command("judges", "lessons.judges.lesson",
            "word pieces ranked by attention, by gradient and by leaving them out",
            (TEXT, TEXT_B, WATCH, FOLLOWED, LOOKED, LAYER, HEAD, PULLED, BASELINE, STEPS,
             LEFT_OUT, RANKED, JUDGED)),
    Command("trace", "lessons.trace.lesson",
            "one number with the formula and the factors it was made of",
            (TEXT, TEXT_B, QUANTITY, LAYER, HEAD, ROW, COLUMN, DEPTH, WHICH_WORD, MASK, PATH),
            (TEXT, QUANTITY)),
    Command("classic", "lessons.classic.lesson",
            "one-hot, TF-IDF, TextRank, LSA, pLSA and LDA of some documents",
            (DOCUMENTS, QUERY, CUT, FUNCTION_WORDS, WINDOW, SIZE, CLASSES, TOPICS, STEPS, SEED),
            (DOCUMENTS,)),
    Command("compare", "lessons.compare.lesson",
            "one word in two sentences: word2vec, GloVe, ELMo and BERT", (WORD, TEXT, TEXT_B),
            (WORD, TEXT, TEXT_B)),
    Command("tasks", "lessons.tasks.lesson",
            "a fine-tuned head: a class, answer spans, or a tag a word", (TASK, TEXT, TEXT_B),
            (TASK, TEXT)),
    Command("layers", "lessons.layers.lesson",
            "a word's vector in every layer, and summed and concatenated",
            (TEXT, WHICH, TEXT_B, NTH), (TEXT, WHICH)),
    Command("train", "lessons.train.lesson",
            "train on labelled lines, then ask about a sentence",
            (TEXT, LINES, KIND, FREED, LAST, RANK, READ, EPOCHS, SEED), (TEXT, LINES)),
    Command("stocks", "lessons.stocks.lesson",
            "a stock's next day: classifiers judged on days they have not seen",
            (TICKER, SOURCE, START, END, WINDOWS, FEATURES, LABELS, SPLIT, POOL,
             SHUFFLED, CONSTANT, EVERY, SEED), ()),
)


def find(name: str) -> Command:
    """The command of that name. Raises `BadInput`."""
    for command in COMMANDS:
        if command.name == name:
            return command
    names = ", ".join(command.name for command in COMMANDS)
    raise BadInput(f"No lesson is called {name!r}; there are: {names}.")
