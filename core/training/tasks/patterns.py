"""Grammatical questions from sentences of two plain patterns.

"X is a Y."                     What is X?            a Y
"X was founded in 1901 ..."     When was X founded?   1901
"X was written by Y ..."        Who was X written by? Y
"X is caused by Y ..."          What is X caused by?  Y
"""

import re
from dataclasses import dataclass

_SUBJECT = r"(?P<subject>(?:The |A |An |This |These |Its |Their )?[\w'’-]+(?: [\w'’-]+){0,4})"
_BE = r"(?P<be>is|are|was|were)"
_END = (
    r"(?=[.,;:()]| (?:and|but|which|that|who|where|when|while|because|although|after|before|"
    r"using|by|as|to|for|with)\b|$)"
)
_IS_A = re.compile(
    rf"^{_SUBJECT}(?: \([^)]*\))? {_BE} "
    rf"(?P<answer>(?:an?|the|one of the) [\w'’ -]{{3,60}}?\w){_END}"
)
_PASSIVE = re.compile(
    rf"(?:^|(?<=[,;] )){_SUBJECT} {_BE} (?:(?:\w+ly|often|also) )?"
    r"(?P<verb>\w+ed|made|known|built|found|held|written|born|given|taken|seen|led|sold|used|lost|"
    r"won|drawn|grown|spoken|worn|shown|sent|put) "
    rf"(?P<preposition>in|on|at|by|from|to|into|for|with|under|as|of|through|between|near|"
    r"within|inside|during) "
    rf"(?P<answer>[\w'’%-][\w'’,.% -]{{1,50}}?[\w%]){_END}"
)
_PRONOUNS = {"it", "he", "she", "they", "this", "these", "there", "which", "who", "that", "we",
             "i", "you", "what", "one", "others", "some", "its", "their", "each", "today", "all",
             "many", "most", "both", "another", "among", "also", "not", "if", "as", "and", "or"}
_YEAR = re.compile(r"\b\d{4}\b|century|January|February|March|April|May|June|July|August|"
                   r"September|October|November|December")


@dataclass(frozen=True)
class Asked:
    """A question and where its answer stands in the sentence it was made from."""

    question: str
    start: int
    end: int


def asked_of(sentence: str) -> list[Asked]:
    """Every question that the patterns find in a sentence."""
    found = []
    if match := _IS_A.search(sentence):
        subject = match["subject"]
        if _is_thing(subject):
            person = len(subject.split()) > 1 and subject.istitle() and "born" in sentence[:80]
            word = "Who" if person else "What"
            found.append(Asked(f"{word} {match['be']} {_inside(subject)}?", *match.span("answer")))
    for match in _PASSIVE.finditer(sentence):
        if _is_thing(match["subject"]):
            found.append(Asked(_passive(match), *match.span("answer")))
    return found


def _passive(match: re.Match[str]) -> str:
    answer, preposition = match["answer"], match["preposition"]
    middle = f"{match['be']} {_inside(match['subject'])} {match['verb']}"
    if preposition in ("in", "on", "at") and _YEAR.search(answer):
        return f"When {middle}?"
    if preposition in ("in", "at", "near", "between", "on") and answer[0].isupper():
        return f"Where {middle}?"
    if preposition == "by" and answer[0].isupper():
        return f"Who {middle} by?"
    return f"What {middle} {preposition}?"


def _is_thing(subject: str) -> bool:
    return subject.split()[0].lower() not in _PRONOUNS and not subject.split()[0].isdigit()


def _inside(subject: str) -> str:
    """A subject as it is written within a sentence."""
    first, *rest = subject.split()
    return " ".join([first.lower() if first in ("The", "A", "An") else first, *rest])
