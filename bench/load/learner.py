"""What a student does: a lesson script with its pauses, in one session from the first to the last.

`script` goes through several lessons, as a class does in an hour: open the page, move its
sliders, choose, type a sentence nobody has typed, go to the next. Pauses of 3 to 8 s.
`wave` stays with self-attention: of ten actions eight move the layer slider, one is a new
sentence of 32 word pieces, one another page and back. Pauses of about 10 s.
`plain` is the wave of a page that stands alone, without its step to others.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from websockets.exceptions import WebSocketException

from bench.load.tally import Tally
from bench.swarm import Session
from pages.ui.catalogue import translate

WORDS = (
    "river", "mountain", "teacher", "window", "garden", "winter", "letter", "music", "engine",
    "market", "bridge", "soldier", "animal", "station", "doctor", "village", "morning", "kitchen",
    "forest", "island", "captain", "history", "machine", "paper",
)  # each is one word piece
BUSY = translate("en", "common", "errors_busy")
Act = Callable[[], Awaitable[tuple[str, float]]]  # what kind of action, how long it took


@dataclass(frozen=True)
class Lesson:
    """What is done on one page.

    choices : segmented controls and toggles
    clicks : a component of our own, the event that it tells, and its possible values
    """

    page: str
    sliders: tuple[str, ...]
    choices: tuple[str, ...] = ()
    clicks: tuple[str, str, tuple[str | int, ...]] | None = None


LESSONS = (
    Lesson("attention", ("layer", "head"), ("show",)),
    Lesson("wordpiece", ("step",), (), ("words", "clicked", (1, 2, 3, 4))),
    Lesson("layer", ("layer", "coord"), ("measure",), ("layer_tokens", "clicked", (1, 2, 3, 4))),
    Lesson("heads", ("layer", "coordinate"), ("projection", "hunt_show")),
    Lesson("mlm", ("seed", "left", "right")),
    Lesson("tasks", (), (), ("task_cards", "task", ("sentiment", "spam", "pos"))),
)
MOVES = 6  # between two pages, beside one new sentence
PAUSES = {"script": (3.0, 8.0), "wave": (5.0, 15.0), "plain": (5.0, 15.0)}  # seconds


def sentence(dice: random.Random, words: int = 10) -> str:
    """Some 3 word pieces for each of the words, with [CLS] and [SEP] 32 for ten; in no cache."""
    return "The " + " and the ".join(dice.choices(WORDS, k=words)) + "."


def blank(dice: random.Random) -> str:
    """A sentence with a gap."""
    return sentence(dice, 5)[:-1] + " and the [MASK]."


class Learner:
    """One session that follows a script, and tells `tally()` what it saw."""

    def __init__(self, url: str, number: int, tally: Callable[[], Tally]) -> None:
        self._dice = random.Random(number)
        self._number, self._tally = number, tally
        self.inside = asyncio.Event()  # the first page stands there, or will not
        self._places: dict[str, float] = {}  # of the sliders
        self.session = Session(url, "", {"lang": "en"})

    async def follow(self, mode: str, until: Callable[[], bool], arrival: float = 0.0) -> None:
        """Act and pause until told; any failure ends the session, and is counted."""
        await asyncio.sleep(self._dice.uniform(0, arrival))
        try:
            async for act in {"script": self._script, "wave": self._wave,
                              "plain": self._plain}[mode]():
                await self._done(act)
                self.inside.set()
                if until():
                    break
                await asyncio.sleep(self._dice.uniform(*PAUSES[mode]))
                if until():
                    break
        except (TimeoutError, OSError, WebSocketException):
            self._tally().lost += 1
        finally:
            self.inside.set()
            await self.session.close()

    async def _done(self, act: Act) -> None:
        kind, seconds = await act()
        tally, session = self._tally(), self.session
        tally.add(kind, seconds)
        if session.exceptions:
            tally.errors["exception"] += session.exceptions
            session.exceptions = 0
        if session.errors:
            tally.errors["error box"] += 1
        if BUSY in session.warnings:
            tally.busy += 1
        elif session.warnings:
            tally.errors["warning box"] += 1

    async def _script(self) -> AsyncIterator[Act]:
        """Through the lessons, everybody from another one on."""
        at = self._number
        yield partial(self._opened, LESSONS[at % len(LESSONS)].page)
        while True:
            lesson = LESSONS[at % len(LESSONS)]
            types = self._dice.randrange(MOVES)
            for n in range(MOVES):
                yield partial(self._moved, lesson)
                if n == types:
                    yield partial(self._typed, lesson)
            at += 1
            yield partial(self._turned, LESSONS[at % len(LESSONS)].page)

    async def _wave(self) -> AsyncIterator[Act]:
        first = LESSONS[0]
        yield partial(self._opened, first.page)
        while True:
            dice = self._dice.randrange(10)
            if dice == 0:
                yield partial(self._typed, first)
            elif dice == 1:
                yield partial(self._turned, self._dice.choice(LESSONS[1:]).page)
                yield partial(self._turned, first.page)
            else:
                yield partial(self._slid, "layer")

    async def _plain(self) -> AsyncIterator[Act]:
        """The wave of a page that has no others."""
        page = Lesson("", ("layer",))
        yield partial(self._opened, page.page)
        while True:
            yield partial(self._moved if self._dice.randrange(10) else self._typed, page)

    async def _opened(self, page: str) -> tuple[str, float]:
        self.session.page = page
        return "page", await self.session.open()

    async def _turned(self, page: str) -> tuple[str, float]:
        return "page", await self.session.goto(page)

    async def _typed(self, lesson: Lesson) -> tuple[str, float]:
        text = (blank if lesson.page == "mlm" else sentence)(self._dice)
        return "sentence", await self.session.write("text", text)

    async def _moved(self, lesson: Lesson) -> tuple[str, float]:
        """One of the page's controls that are on screen; two of three times a slider."""
        there = self.session.widgets
        sliders = [name for name in lesson.sliders if name in there]
        choices = [name for name in lesson.choices if name in there]
        clicks = lesson.clicks if lesson.clicks and lesson.clicks[0] in there else None
        if sliders and (self._dice.randrange(3) or not (choices or clicks)):
            return await self._slid(self._dice.choice(sliders))
        if choices:
            return await self._chosen(self._dice.choice(choices))
        if clicks:
            name, event, values = clicks
            return "click", await self.session.click(name, event, self._dice.choice(values))
        return "again", await self.session.again()  # the page was cut short: try again

    async def _chosen(self, name: str) -> tuple[str, float]:
        widget = self.session.widgets[name]
        if widget.kind == "checkbox":
            return "choice", await self.session.switch(name, bool(self._dice.randrange(2)))
        return "choice", await self.session.choose(name, self._dice.choice(widget.options))

    async def _slid(self, name: str) -> tuple[str, float]:
        """To another place than before."""
        if name not in self.session.widgets:
            return "again", await self.session.again()
        widget = self.session.widgets[name]
        before = self._places.get(widget.id, widget.low)
        value = self._dice.randint(int(widget.low), int(widget.high) - 1)
        value += value >= before
        self._places[widget.id] = value
        return "slider", await self.session.slide(name, value)


async def warm_up(url: str) -> None:
    """Until the model is in memory and every lesson of the script has been seen once."""
    session = Session(url, "attention", {"lang": "en"})
    await session.open()
    await session.write("text", "One sentence to be sure that the model is loaded.")
    for lesson in LESSONS:
        await session.goto(lesson.page)
    await session.close()

