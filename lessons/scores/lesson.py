"""A GLUE task's question put to the model: by a fine-tuned head where one fits, else without."""

from dataclasses import dataclass
from typing import Any

from core import limits
from core.engine.protocol import Engine
from core.errors import BadInput, MissingHead, TaskNeedsPair
from core.models import files, registry
from core.tasks.adapter import is_here
from core.tasks.windows import windows
from lessons.proof import Proof
from lessons.scores.likelihood import Likelihood, check_length, likelihood
from lessons.scores.prompt import Prompt, prompt
from lessons.scores.published import task, tasks
from lessons.scores.similarity import Similarity, similarity
from lessons.tasks import lesson as fine_tuned
from lessons.text import Preset

WAYS = ("head", "similarity", "likelihood", "prompt")
HEAD_PIECES = 384  # the longest window of a question, as the head reads it


@dataclass(frozen=True)
class Request:
    """glue : a task of `published.tasks`, by its id; text_b : for pairs, and for CoLA a rival"""

    text: str
    text_b: str = ""
    glue: str = "sst2"
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """way : one of `WAYS`; the field of that name is filled

    adapter : whose head answered, "" without one
    likelihood : of sentence A, and of B where there is one
    """

    glue: str
    way: str
    adapter: str
    head: fine_tuned.Result | None
    similarity: Similarity | None
    likelihood: tuple[Likelihood, ...]
    prompt: Prompt | None
    proof: Proof

    @property
    def entailed(self) -> float:
        """RTE's two classes from three: P(entailment), the rest is "not"."""
        assert self.head is not None
        answer = self.head.answer
        return dict(zip(answer.labels, answer.probabilities, strict=True))["entailment"]


def way_of(glue: str, model: str) -> tuple[str, str]:
    """How a task is answered with a model, and by which adapter: (way, adapter or "")."""
    asked = task(glue)
    if asked.adapter and registry.find(model).id == registry.EMBEDDED and is_here(asked.adapter):
        return "head", asked.adapter
    if asked.metric == "matthews":
        return "likelihood", ""
    return ("similarity" if asked.pair else "prompt"), ""


def checked(engine: Engine, request: Request) -> None:
    """What can be refused before a forward pass.

    Raises `BadInput`, `EmptyText`, `TextTooLong`, `TaskNeedsPair`, `QuestionTooLong`,
    `TooManyPieces`, `MissingHead`.
    """
    if request.glue not in {t.id for t in tasks()}:
        raise BadInput(f"GLUE has no {request.glue!r}.")
    asked = task(request.glue)
    way, adapter = way_of(request.glue, request.model)
    limits.check_text(request.text)
    second = limits.check_optional(request.text_b or None)
    if asked.pair and second is None:
        raise TaskNeedsPair(asked.name)
    if adapter == "qa" and second:
        folder = files.folder_of(engine.info(request.model).id)
        windows(folder, *fine_tuned.asked(_head(request, adapter)), HEAD_PIECES)
    if way == "likelihood":
        for text in filter(None, (request.text, second)):
            check_length(engine, request.model, text)
    if way == "prompt" and not engine.info(request.model).has_mlm:
        raise MissingHead(engine.info(request.model).label, "masked-LM")


def _head(request: Request, adapter: str) -> fine_tuned.Request:
    second = request.text_b if task(request.glue).pair else ""
    return fine_tuned.Request(request.text, second, adapter, request.model)


def run(engine: Engine, request: Request) -> Result:
    """One GLUE question on the learner's own text. Raises what `checked` and `trace` raise.

    Source: Wang et al. 2018, section 3, for the tasks.
    """
    checked(engine, request)
    way, adapter = way_of(request.glue, request.model)
    head, near, likely, cloze = None, None, [], None
    if way == "head":
        head = fine_tuned.run(engine, _head(request, adapter))
        proof = head.proof
    elif way == "similarity":
        near, check = similarity(engine, request.model, request.text, request.text_b)
        proof = Proof((check,))
    elif way == "prompt":
        cloze, check = prompt(engine, request.model, request.text)
        proof = Proof((check,))
    else:
        texts = [text for text in (request.text, request.text_b) if text.strip()]
        found = [likelihood(engine, request.model, text) for text in texts]
        likely = [one for one, _ in found]
        proof = Proof(tuple(check for _, check in found))
    return Result(request.glue, way, adapter, head, near, tuple(likely), cloze, proof)


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, preset.controls.get("glue", "sst2"), model)


def to_json(result: Result) -> dict[str, Any]:
    """glue, way, adapter, and by the way: the head's answer, cosine, log P or the blank's words."""
    found: dict[str, Any] = {"glue": result.glue, "way": result.way, "adapter": result.adapter}
    if result.head is not None:
        return found | fine_tuned.to_json(result.head)
    if result.similarity is not None:
        near = result.similarity
        return found | {"cosine": near.cosine, "layers": list(near.layers),
                        "strangers": list(near.strangers), "shared": near.shared}
    if result.prompt is not None:
        return found | {"text": result.prompt.text,
                        "p": dict(zip(result.prompt.words, result.prompt.p, strict=True))}
    return found | {"sentences": [
        {"tokens": list(one.tokens), "log_p": one.log_p.tolist(), "total": one.total,
         "best": list(one.best)}
        for one in result.likelihood
    ]}
