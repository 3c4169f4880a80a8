"""What can be wrong with a learner's lines, and what can happen to a job. One sentence each."""

from collections.abc import Sequence

from core.errors import BadInput, InsideBertError


class NoLines(BadInput):
    """Nothing to learn from."""

    key = "no_lines"

    def __init__(self) -> None:
        super().__init__("There are no lines to learn from: write a label, a tab and a text.")


class TooFewLines(BadInput):
    """Not enough to teach and to test with."""

    key = "too_few_lines"

    def __init__(self, count: int, least: int) -> None:
        super().__init__(
            f"There are {count} different lines; at least {least} are needed to teach and to test.",
            count=count, least=least,
        )


class TooManyLines(BadInput):
    """More lines than one training on a shared server may have."""

    key = "too_many_lines"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"There are {count:,} lines; at most {limit:,} are accepted here.",
            count=f"{count:,}", limit=f"{limit:,}",
        )


class Unlabelled(BadInput):
    """A line without a label, or with a label and no text."""

    key = "unlabelled"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Line {line} has no label or no text: write a label, a tab (or a comma) and the text.",
            line=line,
        )


class LineTooLong(BadInput):
    """One line of more characters than are read."""

    key = "line_too_long"

    def __init__(self, line: int, length: int, limit: int) -> None:
        super().__init__(
            f"Line {line} has {length:,} characters; at most {limit:,} are accepted.",
            line=line, length=f"{length:,}", limit=f"{limit:,}",
        )


class OneClass(BadInput):
    """Every line says the same: there is nothing to tell apart."""

    key = "one_class"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"Every line is labelled {label!r}: at least two different labels are needed.",
            label=label,
        )


class RareClass(BadInput):
    """A class that cannot stand on both sides, to learn from and to test with."""

    key = "rare_class"

    def __init__(self, label: str, count: int, least: int) -> None:
        super().__init__(
            f"The label {label!r} has {count} line; at least {least} are needed, one to learn "
            "from and one to test with.",
            label=label, count=count, least=least,
        )


class TooManyClasses(BadInput):
    """More labels than a picture can show; often the text was taken for the label."""

    key = "too_many_classes"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"There are {count} different labels; at most {limit} are possible. Does the label "
            "stand before the text?",
            count=count, limit=limit,
        )


class TagsAndWords(BadInput):
    """A tagged line whose two halves do not match."""

    key = "tags_and_words"

    def __init__(self, line: int, tags: int, words: int) -> None:
        super().__init__(
            f"Line {line} has {tags} tags for {words} words: every word needs exactly one.",
            line=line, tags=tags, words=words,
        )


class BadMark(BadInput):
    """A name marked with a bracket that does not end, or without its kind."""

    key = "bad_mark"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Line {line} has a bracket that is not of the form [name|KIND].", line=line
        )


class NotText(BadInput):
    """A file that is no text: a picture, a spreadsheet, a program."""

    key = "not_text"

    def __init__(self) -> None:
        super().__init__("The file is not text: save the table as CSV and upload that.")


class FileTooLarge(BadInput):
    """A file of more bytes than are read."""

    key = "file_too_large"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"The file has {size:,} bytes; at most {limit:,} are accepted.",
            size=f"{size:,}", limit=f"{limit:,}",
        )


class WrongColumns(BadInput):
    """A table in which no label and no text can be found."""

    key = "wrong_columns"

    def __init__(self, found: Sequence[str]) -> None:
        names = ", ".join(name[:20] for name in found[:8])
        super().__init__(
            f"The file needs a column called label and one called text; it has: {names}.",
            found=names,
        )


class QueueFull(InsideBertError):
    """As many wait as may wait."""

    key = "queue_full"

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} trainings are waiting already: try again in a few minutes.",
            waiting=waiting,
        )


class WorkerDied(InsideBertError):
    """The process that did the work is gone."""

    key = "worker_died"

    def __init__(self) -> None:
        super().__init__("The training process ended unexpectedly: start it once more.")


class TookTooLong(InsideBertError):
    """A job that did not even stop when told to."""

    key = "took_too_long"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The training took longer than {seconds:.0f} seconds and was ended: take fewer "
            "lines or epochs.",
            seconds=f"{seconds:.0f}",
        )


class ResultGone(InsideBertError):
    """A result that was removed to make room."""

    key = "result_gone"

    def __init__(self) -> None:
        super().__init__("This trained model is no longer kept: train it once more.")


class WentWrong(InsideBertError):
    """Something nobody expected, in a worker."""

    key = "went_wrong"

    def __init__(self) -> None:
        super().__init__("Something went wrong during the training: start it once more.")


class Told(InsideBertError):
    """An error that a worker met and told: another process's sentence with its key and facts."""

    def __init__(self, key: str, sentence: str, facts: dict[str, object]) -> None:
        super().__init__(sentence, **facts)
        self.key = key  # type: ignore[misc]
