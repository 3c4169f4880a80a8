"""The best spans of a question with "no answer" among them."""

from dataclasses import dataclass

from core.contract import TaskResult


@dataclass(frozen=True)
class Row:
    """A candidate: its text, None for "no answer", and the two numbers its score sums."""

    text: str | None
    start: float
    end: float


def ranked(answer: TaskResult) -> tuple[Row, ...]:
    """Spans and "no answer", highest score first.

    The score of "no answer" is the least over the windows; its two parts are that window's.
    """
    rows = [Row(span.text, span.start_logit, span.end_logit) for span in answer.spans]
    parts = [(float(w.start_logits[0]), float(w.end_logits[0])) for w in answer.windows]
    if parts:
        rows.append(Row(None, *min(parts, key=sum)))
    return tuple(sorted(rows, key=lambda row: -(row.start + row.end)))
