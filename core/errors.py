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
    """A known model that cannot be loaded now: not cached and no network, or damaged files.

    why : names the reason in the interface catalogue (`why_<why>`), facts are its placeholders
    """

    key = "model_unavailable"

    def __init__(self, model: str, reason: str, why: str = "", **facts: object) -> None:
        sentence = f"The model {model} cannot be loaded: {reason}"
        super().__init__(sentence, model=model, reason=reason, why=why, **facts)

    @classmethod
    def missing(cls, model: str, file: str) -> "ModelUnavailable":
        return cls(model, f"its {file} is missing.", "missing", file=file)

    @classmethod
    def damaged(cls, model: str, file: str) -> "ModelUnavailable":
        return cls(model, f"its {file} is damaged.", "damaged", file=file)

    @classmethod
    def unfitting(cls, model: str) -> "ModelUnavailable":
        """Files that are whole, each by itself, but not of one model."""
        return cls(model, "its files do not fit together.", "unfitting")


class ModelOffline(ModelUnavailable):
    """A hub model that is not on this machine while the hub cannot be reached."""

    key = "model_offline"

    def __init__(self, model: str) -> None:
        super().__init__(model, "it is not on this machine and the model hub cannot be reached.")


class OutOfMemory(InsideBertError):
    """The request alone needs more memory than the machine has left."""

    key = "out_of_memory"

    def __init__(self) -> None:
        super().__init__(
            "There is not enough memory for this: take a shorter text or a smaller model."
        )


class DiskFull(InsideBertError):
    """What had to be written could not be: the disk of the machine is full."""

    key = "disk_full"

    def __init__(self) -> None:
        super().__init__("The server's disk is full: try again when somebody has made room on it.")


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


class TooFewDays(BadInput):
    """Not enough trading days to learn from some and be judged on others."""

    key = "too_few_days"

    def __init__(self, days: int, least: int) -> None:
        super().__init__(
            f"There are {days} trading days; at least {least} are needed.", days=days, least=least
        )


class TooFewTweetDays(BadInput):
    """Enough days, but texts on too few of them."""

    key = "too_few_tweet_days"

    def __init__(self, days: int, of: int, least: int) -> None:
        super().__init__(
            f"Only {days} of {of} trading days have texts; at least {least} are needed: take a "
            "longer period, another ticker, or days without texts too.",
            days=days, of=of, least=least,
        )


class OneDirection(BadInput):
    """All days to learn from went the same way, so there is nothing to tell apart."""

    key = "one_direction"

    def __init__(self, days: int, up: bool) -> None:
        way = "up" if up else "down"
        super().__init__(
            f"All {days} days to learn from went {way}: no classifier can learn from one class.",
            days=days, way=way,
        )


class UnknownTicker(BadInput):
    """A ticker that the source has nothing about."""

    key = "unknown_ticker"

    def __init__(self, ticker: str, source: str = "") -> None:
        where = f" {source}" if source else " this source"
        super().__init__(f"The ticker {ticker!r} is not in{where}.", ticker=ticker, source=source)


class UnknownZone(BadInput):
    """A time zone that is not in the tz database."""

    key = "unknown_zone"

    def __init__(self, zone: str) -> None:
        super().__init__(
            f"No time zone is called {zone!r}: write one like America/New_York or UTC.", zone=zone
        )


class MixedExchanges(BadInput):
    """Tickers of several time zones in one request: their days close at different times."""

    key = "mixed_exchanges"

    def __init__(self, zones: Sequence[str]) -> None:
        names = ", ".join(zones)
        super().__init__(
            f"The tickers are traded in several time zones ({names}): take those of one.",
            zones=names,
        )


class DataMissing(BadInput):
    """A folder without the prices or tweets that are read from it."""

    key = "data_missing"

    def __init__(self, folder: object, name: str) -> None:
        super().__init__(f"{folder} has no {name}.", folder=folder, name=name)


class UploadTooLarge(BadInput):
    """A file over the limit, refused before it is read."""

    key = "upload_too_large"

    def __init__(self, size: int, limit: int) -> None:
        megabytes, most = -(-size // 10**6), limit // 10**6
        super().__init__(
            f"The file has {megabytes} MB; at most {most} MB are read: cut it.",
            size=megabytes,
            limit=most,
        )


class TooManyTexts(BadInput):
    """More texts than are read for one learner."""

    key = "too_many_texts"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"There are {count} texts; at most {limit} are read here: take a shorter period.",
            count=count,
            limit=limit,
        )


class NotATable(BadInput):
    """A file that is no CSV: empty, binary or a workbook."""

    key = "not_a_table"

    def __init__(self, kind: str) -> None:
        super().__init__(f"The file is no CSV table (found: {kind}): save it as CSV.", kind=kind)


class BrokenTable(BadInput):
    """A CSV that stops making sense at a line, as with a quote never closed."""

    key = "broken_table"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"The table cannot be read from line {line} on: is a quote left open?", line=line
        )


class MissingColumn(BadInput):
    """No column, or none of that name, holds what is needed."""

    key = "missing_column"

    def __init__(self, role: str, columns: Sequence[str]) -> None:
        names = ", ".join(columns[:20])
        super().__init__(
            f"Choose the column that holds {role}; there are: {names}.", role=role, columns=names
        )


class BadColumn(BadInput):
    """A column of which most values are not what it is said to hold."""

    key = "bad_column"

    def __init__(self, role: str, column: str, value: str) -> None:
        value = value if len(value) <= 40 else value[:39] + "…"
        super().__init__(
            f"The column {column!r} does not hold {role}: its first value not understood is "
            f"{value!r}.",
            role=role,
            column=column,
            value=value,
        )


class QuotesUnavailable(InsideBertError):
    """The live source gave nothing usable; other sources still do."""

    key = "quotes_unavailable"

    def __init__(self, sentence: str = "Yahoo Finance gives no prices now.", **facts: object):
        super().__init__(sentence, **facts)


class QuotesOffline(QuotesUnavailable):
    """Yahoo cannot be reached, or not in time."""

    key = "quotes_offline"

    def __init__(self) -> None:
        super().__init__(
            "Yahoo Finance cannot be reached: check the network, or use another source."
        )


class QuotesLimited(QuotesUnavailable):
    """Yahoo refuses further requests for a while."""

    key = "quotes_limited"

    def __init__(self) -> None:
        super().__init__(
            "Yahoo Finance takes no more requests from this address for now: try again in some "
            "minutes, or use another source."
        )


class QuotesEmpty(QuotesUnavailable):
    """A ticker that Yahoo knows, without one daily price in the time asked for."""

    key = "quotes_empty"

    def __init__(self, ticker: str) -> None:
        super().__init__(
            f"Yahoo Finance sent no daily prices of {ticker} for this time.", ticker=ticker
        )


class QuotesUnreadable(QuotesUnavailable):
    """An answer that is no data: an error page, HTML, or a shape never seen."""

    key = "quotes_unreadable"

    def __init__(self) -> None:
        super().__init__(
            "Yahoo Finance answered with something that is no data (an error page, for example): "
            "try again later, or use another source."
        )
