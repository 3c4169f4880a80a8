"""Machines for rooms: measured rooms stand as they are, larger ones are several of them."""

import pytest

from bench.load.sizing import table


def step(sessions, cores, megabytes, met=True):
    return {"sessions": sessions, "cores_used": cores, "resident_mb": megabytes, "met": met,
            "error_count": 0, "lost": 0}


RAMP = {"bench": "load_ramp", "mode": "wave",
        "steps": [step(120, 0.3, 1040), step(200, 0.5, 1100), step(500, 1.6, 1300, met=False)]}
MEMORY = {"bench": "load_memory", "mb_a_session": 0.5}


def rows(*found):
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in table(list(found)).splitlines()[2:]]


def test_a_room_twice_the_measured_one_is_two_processes_with_their_memory():
    found = {int(cells[0]): cells[2:] for cells in rows(RAMP, MEMORY)}
    # a process holds 1100 - 0.5 * 200 = 1000 MB without visitors
    assert found[200] == ["1", "0.5", "2", "1.1", "measured"]
    assert found[500] == ["3", "1.2", "4", "3.2", "extrapolated"]  # 3 * 1000 + 500 * 0.5 MB
    assert found[120][-1] == "measured" and found[30][-1] == "extrapolated"


def test_a_room_that_missed_its_goals_is_none_to_build_on():
    failed = RAMP | {"steps": [step(30, 0.1, 1000, met=False)]}
    with pytest.raises(SystemExit):
        table([failed, MEMORY])
    with pytest.raises(SystemExit):
        table([RAMP])
