"""The few errors a learner can cause or meet. Pages turn each into one translated sentence."""

from collections.abc import Sequence


class InsideBertError(Exception):
    """Base of all errors that carry a sentence for the user.

    `key` names the sentence in the interface catalogue (`errors.<key>`); `facts` are its
    placeholders. `str(error)` is the English sentence for the command line.
    """

    key = "unknown"

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.facts = facts


class BadInput(InsideBertError):
    """The request cannot be answered as it stands; the sentence says what to change."""

    key = "bad_input"


class EmptyText(BadInput):
    """Nothing but white space was given where a text is needed."""

    key = "empty_text"

    def __init__(self) -> None:
        super().__init__("The text is empty: type a sentence.")


class NoMask(BadInput):
    """A masked-LM request without a [MASK]."""

    key = "no_mask"

    def __init__(self) -> None:
        super().__init__("The text has no [MASK]: write [MASK] in place of at least one word.")


class TextTooLong(BadInput):
    """More characters than the server accepts."""

    key = "text_too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"The text has {length} characters; at most {limit} are accepted.",
            length=length,
            limit=limit,
        )


class OutOfRange(BadInput):
    """A layer, head or count outside what the model in use has."""

    key = "out_of_range"

    def __init__(self, name: str, value: object, low: int, high: int) -> None:
        super().__init__(
            f"{name} is {value}; it must be a whole number from {low} to {high}.",
            name=name,
            value=value,
            low=low,
            high=high,
        )


class UnknownModel(BadInput):
    """A model name that is neither in the registry nor a folder in hub layout."""

    key = "unknown_model"

    def __init__(self, model: str) -> None:
        super().__init__(f"No model is called {model!r}.", model=model)


class WordUnknown(BadInput):
    """A word that a model with a fixed word list has no vector for."""

    key = "word_unknown"

    def __init__(self, word: str, model: str) -> None:
        super().__init__(f"{model} does not know the word {word!r}.", word=word, model=model)


class TooFewWords(BadInput):
    """A text too short for what is to be shown with it."""

    key = "too_few_words"

    def __init__(self, count: int, least: int) -> None:
        super().__init__(
            f"At least {least} different words are needed here; the text has {count}.",
            count=count,
            least=least,
        )


class NoNeighbours(BadInput):
    """A text in which no word stands beside a different one: windows find nothing to predict."""

    key = "no_neighbours"

    def __init__(self) -> None:
        super().__init__("Type at least two different words in one sentence.")


class WordNotShared(BadInput):
    """The word to compare is missing in at least one of the two texts."""

    key = "word_not_shared"

    def __init__(self, word: str) -> None:
        super().__init__(f"{word!r} does not stand in both texts.", word=word)


class WordMissing(BadInput):
    """A word to look at that the text does not have."""

    key = "word_missing"

    def __init__(self, word: str) -> None:
        super().__init__(f"{word!r} does not stand in the text as a whole word.", word=word)


class WordNotOnePiece(BadInput):
    """A word to watch that is not one entry of the vocabulary."""

    key = "word_not_one_piece"

    def __init__(self, word: str, pieces: int) -> None:
        super().__init__(
            f"{word!r} is no single entry of the vocabulary ({pieces} pieces): take another word.",
            word=word,
            pieces=pieces,
        )


class TooManyPieces(BadInput):
    """A text that would keep the machine busy for too long with what is asked here."""

    key = "too_many_pieces"

    def __init__(self, pieces: int, limit: int) -> None:
        super().__init__(
            f"The text has {pieces} word pieces; with this model at most {limit} can be used here.",
            pieces=pieces,
            limit=limit,
        )


class UnknownTask(BadInput):
    """A task name that no head was trained for."""

    key = "unknown_task"

    def __init__(self, task: str, known: Sequence[str]) -> None:
        names = ", ".join(known)
        super().__init__(f"No task is called {task!r}; there are: {names}.", task=task, known=names)


class TaskNeedsPair(BadInput):
    """A pair or question task with one text only."""

    key = "task_needs_pair"

    def __init__(self, task: str) -> None:
        super().__init__(
            f"The task {task} needs two texts: the second is missing or empty.", task=task
        )


class QuestionTooLong(BadInput):
    """A question so long that no room is left for the paragraph."""

    key = "question_too_long"

    def __init__(self, pieces: int, limit: int) -> None:
        super().__init__(
            f"The question has {pieces} word pieces; at most {limit} can be asked.",
            pieces=pieces,
            limit=limit,
        )


class TaskNeedsModel(BadInput):
    """A task's adapter asked for with a model that it does not fit."""

    key = "task_needs_model"

    def __init__(self, task: str, model: str) -> None:
        super().__init__(
            f"The head for {task} was trained on the embedded model and does not fit {model}.",
            task=task,
            model=model,
        )


class ModelUnavailable(InsideBertError):
    """A known model that cannot be loaded now: not cached and no network, or damaged files."""

    key = "model_unavailable"

    def __init__(self, model: str, reason: str) -> None:
        sentence = f"The model {model} cannot be loaded: {reason}"
        super().__init__(sentence, model=model, reason=reason)


class ModelOffline(ModelUnavailable):
    """A hub model that is not on this machine while the hub cannot be reached."""

    key = "model_offline"

    def __init__(self, model: str) -> None:
        super().__init__(model, "it is not on this machine and the model hub cannot be reached.")


class DeviceUnavailable(InsideBertError):
    """A device was asked for that this machine has not."""

    key = "device_unavailable"

    def __init__(self, device: str) -> None:
        super().__init__(f"This machine has no device {device}.", device=device)


class MissingHead(InsideBertError):
    """The checkpoint has no MLM or NSP head."""

    key = "missing_head"

    def __init__(self, model: str, head: str) -> None:
        super().__init__(f"The model {model} has no {head} head.", model=model, head=head)


class EngineUnavailable(InsideBertError):
    """The engine that runs elsewhere cannot be reached or does not answer."""

    key = "engine_unavailable"

    def __init__(self, address: str) -> None:
        super().__init__(f"The engine at {address} does not answer.", address=address)


class Busy(InsideBertError):
    """The queue is full or the deadline passed; the same request may succeed later."""

    key = "busy"

    def __init__(self) -> None:
        super().__init__("The server is busy: try again in a moment.")


class Cancelled(InsideBertError):
    """Somebody stopped the work; what was done so far is kept where it can be."""

    key = "cancelled"

    def __init__(self) -> None:
        super().__init__("Stopped. Start it again to go on.")
