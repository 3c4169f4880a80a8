"""What ships in assets/heads: of these weights, complete, and with a card that says so."""

import json

import numpy as np
import pytest

from core.engine import local_engine
from core.heads import measured
from core.heads.arcs import OFFSETS
from core.heads.measured import FOLDER, Hunt, Share
from core.heads.roles import ROLES
from core.models.files import checksum
from core.training.head_records import card


@pytest.mark.parametrize("name", ["roles.json", "hunt.json"])
def test_the_shipped_figures_are_of_the_shipped_weights(name):
    record = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert record["model"] == checksum("embedded")
    assert record["command"].startswith("python -m core.training.head_") and record["date"]


def test_roles_cover_every_head_and_are_shares():
    info, found = local_engine().info("embedded"), measured.roles()
    assert found.measures.shape == (len(ROLES), info.layers, info.heads)
    assert np.all((found.measures >= 0) & (found.measures <= 1))
    assert found.windows == 500 and np.all(found.rows > 0)


def test_the_hunt_covers_every_head_and_no_count_exceeds_its_arcs():
    info, found = local_engine().info("embedded"), measured.hunt()
    for heads, offsets, arcs in (
        (found.dev_heads, found.dev_offsets, found.dev_arcs),
        (found.test_heads, found.test_offsets, found.test_arcs),
    ):
        assert heads.shape == (len(found.relations), 2, info.layers, info.heads)
        assert offsets.shape == (len(found.relations), len(OFFSETS))
        assert np.all(heads <= arcs[:, None, None, None])
        assert np.all(offsets.sum(axis=1) <= arcs)
    assert found.scored["test"] == found.test_arcs.sum() <= found.annotated["test"]
    assert {"obj", "nsubj", "det", "amod", "case"} <= set(found.relations)


def test_the_card_is_written_from_the_figures():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == card(FOLDER)


def test_figures_of_other_weights_are_not_used(tmp_path):
    record = json.loads((FOLDER / "roles.json").read_text(encoding="utf-8"))
    (tmp_path / "roles.json").write_text(json.dumps(record | {"model": "0" * 16}))
    assert measured.roles(tmp_path) is None
    assert measured.hunt(tmp_path) is None


@pytest.fixture
def toy():
    """Two relations, one layer of two heads, 100 arcs each."""
    dev = np.zeros((2, 2, 1, 2), np.int64)
    dev[0, 0, 0] = (80, 20)
    dev[1, 1, 0] = (90, 30)
    test = dev - 10 * (dev > 0)
    offsets = np.zeros((2, len(OFFSETS)), np.int64)
    offsets[0, OFFSETS.index(1)] = 40
    offsets[1, OFFSETS.index(-2)] = 85
    arcs = np.array([100, 100])
    return Hunt(("obj", "det"), dev, offsets, arcs, test, offsets - 5 * (offsets > 0), arcs,
                {}, {}, {}, 100, "", "")


def test_head_and_offset_are_chosen_on_dev_and_scored_on_test(toy):
    assert toy.best_head(0, 0) == (0, 0)
    assert toy.test(0, 0, 0, 0) == Share(70, 100)
    assert toy.best_offset(0) == (1, Share(35, 100))
    assert toy.best_offset(1) == (-2, Share(80, 100))


def test_a_heads_speciality_is_where_it_leads_most_not_where_it_scores_most(toy):
    found, able = toy.specialities()
    # head 0: obj leads by 80 - 40, det by 90 - 85; head 1 finds a third of neither
    assert found[:, 0, 0].tolist() == [0, 0]
    assert able.tolist() == [[True, False]]
