"""The course: which lessons there are, in order, and where each stands on BERT's path."""

from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parents[1]


@dataclass(frozen=True)
class Stop:
    """A lesson in the navigation. `station` names its place on the path strip, if any."""

    slug: str
    group: str
    icon: str
    station: str = ""

    @property
    def file(self) -> Path:
        return PAGES / self.group / f"{self.slug}.py"

    @property
    def url_path(self) -> str:
        return "" if self.slug == "home" else self.slug


_ALL = (
    Stop("home", "start", ":material/map:"),
    Stop("classic", "vectors", ":material/table_chart:"),
    Stop("word2vec", "vectors", ":material/scatter_plot:"),
    Stop("recurrent", "vectors", ":material/linear_scale:"),
    Stop("compare", "vectors", ":material/compare_arrows:"),
    Stop("three_ways", "vectors", ":material/swap_horiz:"),
    Stop("wordpiece", "inside", ":material/content_cut:", "pieces"),
    Stop("embeddings", "inside", ":material/layers:", "embeddings"),
    Stop("attention", "inside", ":material/hub:", "attention"),
    Stop("views", "inside", ":material/grid_view:", "attention"),
    Stop("heads", "inside", ":material/account_tree:", "attention"),
    Stop("surgery", "inside", ":material/healing:", "attention"),
    Stop("judges", "inside", ":material/gavel:", "attention"),
    Stop("layer", "inside", ":material/view_agenda:", "attention"),
    Stop("stack", "inside", ":material/stacked_line_chart:", "attention"),
    Stop("trace", "inside", ":material/manage_search:"),
    Stop("mlm", "pretraining", ":material/visibility_off:", "mlm"),
    Stop("nsp", "pretraining", ":material/double_arrow:", "nsp"),
    Stop("tasks", "using", ":material/category:"),
    Stop("train", "using", ":material/model_training:"),
    Stop("layers", "using", ":material/filter_list:"),
    Stop("scores", "using", ":material/leaderboard:"),
    Stop("stocks", "capstone", ":material/monitoring:"),
)
COURSE = tuple(s for s in _ALL if s.file.exists())
GROUPS = ("start", "vectors", "inside", "pretraining", "using", "capstone")
LESSONS = tuple(stop for stop in COURSE if stop.slug != "home")


def stop_of(slug: str) -> Stop:
    return next(stop for stop in COURSE if stop.slug == slug)


def neighbours(slug: str) -> tuple[Stop | None, Stop | None]:
    """The lessons before and after, for the links at the foot of a page."""
    at = COURSE.index(stop_of(slug))
    before = COURSE[at - 1] if at else None
    after = COURSE[at + 1] if at + 1 < len(COURSE) else None
    return before, after
